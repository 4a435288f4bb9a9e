"""The FAISS index of everything searchable: derived from the database, never the truth.

Two parts. The *base* holds the bulk: exact up to 100,000 vectors, above that an inverted file of 8-bit vectors; either is
mapped from disk, not read into memory. What came since stands in the *tail*, exact and small, so that adding a paper never writes the
base. Ids that were removed from the base are a list. The manifest names the files of both and is replaced in one step after they are
written: a crash leaves the state before it.

Only this file knows FAISS.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import faiss
import numpy as np

from digest.errors import DimensionMismatch
from digest.workspace import replace_file, write_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from digest.embedding import Vectors

    VectorsOf = Callable[[Sequence[int]], Vectors]

MANIFEST = "manifest.json"
_EXACT = 100_000  # vectors up to which all of them are compared: 154 MB of 384 dimensions, some 10 ms a query
_TAIL = 20_000  # vectors of the tail at most
_WORN = 8  # the base is made anew when one in so many of it has been removed
_TRAINED_ON = 64  # vectors a cell that the cells are found from
_PROBED = 40  # one in so many cells is looked into: 0.95 of the true ten at 64, of a million (docs/benchmarks.md)
_FEWEST_PROBED = 24
_BATCH = 16_384
_VERIFIED_BYTES = 256_000_000  # larger files, and those not touched since they were written, are held against their size only

Ids = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One file of the index."""

    file: str
    size_bytes: int
    sha256: str
    changed_ns: int = 0  # when it was, by the file system; 0: not known


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What the index holds, and in which files."""

    embedder: str
    dim: int
    count: int
    position: int  # number of the last change of the database that it holds
    base: Part | None
    tail: Part
    removed: tuple[int, ...]  # ids of the base that are no longer searchable
    trained_on: int  # vectors there were when the cells of the base were found; 0 for an exact base


class VectorIndex:
    """Inner products of unit vectors, by unit id."""

    def __init__(self, folder: Path, *, embedder: str, dim: int) -> None:
        """Open the index in *folder*, or an empty one where there is none that can be read.

        Raises:
            DimensionMismatch: it holds vectors of another model.
        """
        self._folder, self._embedder, self.dim = folder, embedder, dim
        self._stamp = _stamp(folder)
        manifest = read_manifest(folder)
        if manifest and manifest.embedder != embedder:
            raise DimensionMismatch(manifest.embedder, embedder)
        if manifest is None or not self._open(manifest):
            self._base: Any = None
            self._base_part: Part | None = None
            self._tail, self._removed = _exact(dim), set[int]()
            self.position = self._trained_on = 0
        self._sorted_base_ids: Ids | None = None

    def _open(self, manifest: Manifest) -> bool:
        """Take the files that *manifest* names; whether they are what it says."""
        tail = _read(self._folder, manifest.tail, 0)
        mapped = faiss.IO_FLAG_MMAP if manifest.trained_on else faiss.IO_FLAG_MMAP_IFC  # cells; the one table of an exact index
        base = _read(self._folder, manifest.base, mapped) if manifest.base else None
        if tail is None or (manifest.base and base is None):
            return False
        self._base, self._base_part, self._tail = base, manifest.base, tail
        self._removed, self.position, self._trained_on = set(manifest.removed), manifest.position, manifest.trained_on
        return len(self) == manifest.count

    def reopened(self) -> VectorIndex:
        """This index as its files are now, to be changed while others search this one."""
        return VectorIndex(self._folder, embedder=self._embedder, dim=self.dim)

    def is_current(self) -> bool:
        """Whether no other process has written the index since it was opened or saved."""
        return _stamp(self._folder) == self._stamp

    def __len__(self) -> int:
        return int(self._base.ntotal if self._base else 0) + int(self._tail.ntotal) - len(self._removed)

    @property
    def ids(self) -> set[int]:
        """Ids of the vectors held."""
        return (set(self._base_ids().tolist()) - self._removed) | set(_ids_of(self._tail).tolist())

    def holds(self, ids: Sequence[int]) -> set[int]:
        """Those of *ids* whose vectors are held."""
        if not ids:
            return set()  # a search that finds nothing new lists no million ids
        return (_shared(self._base_ids(), ids) - self._removed) | set(_ids_of(self._tail).tolist()).intersection(ids)

    def add(self, ids: Sequence[int], vectors: Vectors) -> None:
        """Add (len(ids), dim) vectors of unit length; an id stands for the same vector for ever."""
        again = self._removed.intersection(ids)
        self._removed -= again
        new = [row for row, unit_id in enumerate(ids) if unit_id not in again]
        self._tail.add_with_ids(np.ascontiguousarray(vectors[new], dtype=np.float32), np.asarray(ids, dtype=np.int64)[new])

    def extend(self, ids: Sequence[int], vectors_of: VectorsOf) -> None:
        """Add the vectors of *ids*, and settle; where most is new, the base is made of all at once and no tail is held in memory."""
        if len(ids) > max(_TAIL, len(self)):
            self.rebuild(sorted(self.ids.union(ids)), vectors_of)
            return
        for start in range(0, len(ids), _BATCH):
            batch = ids[start : start + _BATCH]
            self.add(batch, vectors_of(batch))
        self.settle(vectors_of)

    def remove(self, ids: Sequence[int]) -> None:
        """Forget the vectors of *ids*."""
        self._tail.remove_ids(np.asarray(sorted(ids), dtype=np.int64))
        self._removed |= _shared(self._base_ids(), ids)

    def search(self, vector: Vectors, top_k: int, among: Sequence[int] | None = None) -> list[tuple[int, float]]:
        """(id, inner product) of the *top_k* nearest to *vector* (dim,), *among* the ids given, best first; ties fall to the smaller id."""
        chosen = None if among is None else faiss.IDSelectorBatch(np.asarray(among, dtype=np.int64))
        found: list[tuple[int, float]] = []
        for index, parameters in ((self._base, self._search_parameters(chosen)), (self._tail, _exactly(chosen))):
            if index is None or not min(top_k, index.ntotal):
                continue
            with _one_thread():
                scores, ids = index.search(vector.reshape(1, -1), min(top_k, index.ntotal), params=parameters)
            found += [(int(i), float(score)) for i, score in zip(ids[0], scores[0], strict=True) if i >= 0]
        return sorted(found, key=lambda item: (-item[1], item[0]))[:top_k]

    def settle(self, vectors_of: VectorsOf) -> None:
        """Move a tail that has grown long into the base, or make the base anew where that is due.

        Args:
            vectors_of: gives the (n, dim) vectors of n ids.
        """
        base = self._base.ntotal if self._base else 0
        if self._tail.ntotal <= _TAIL and len(self._removed) * _WORN <= max(base, _TAIL):
            return
        ids = sorted(self.ids)
        if self._trained_on and len(ids) <= 2 * self._trained_on and len(self._removed) * _WORN <= base:
            self._absorb()
        else:
            self.rebuild(ids, vectors_of)

    def save(self, position: int = 0) -> None:
        """Write what changed, then the manifest, which says that the index holds the database up to change *position*."""
        tail = _write(self._folder, "tail", self._tail)
        if self._base is not None and self._base_part is None:
            self._base_part = _write(self._folder, "base", self._base)
        manifest = Manifest(
            embedder=self._embedder,
            dim=self.dim,
            count=len(self),
            position=position,
            base=self._base_part,
            tail=tail,
            removed=tuple(sorted(self._removed)),
            trained_on=self._trained_on,
        )
        write_text(self._folder / MANIFEST, json.dumps(asdict(manifest), indent=1))
        self.position, self._stamp = position, _stamp(self._folder)
        _remove_files(self._folder, keep={part.file for part in (self._base_part, tail) if part})

    # --- the base -----------------------------------------------------------------------------------------------------

    def _absorb(self) -> None:
        """Add the tail to the cells of the base and drop what was removed."""
        part = self._base_part
        base: Any = faiss.read_index(str(self._folder / part.file)) if part else self._base  # what is mapped cannot be changed
        base.remove_ids(np.asarray(sorted(self._removed), dtype=np.int64))
        base.add_with_ids(self._tail.index.reconstruct_n(0, self._tail.ntotal), _ids_of(self._tail))
        self._replace_base(base, self._trained_on)

    def rebuild(self, ids: Sequence[int], vectors_of: VectorsOf) -> None:
        """Make the base of *ids*, in rising order, and nothing else."""
        if len(ids) <= _EXACT:
            base, trained_on = _exact(self.dim), 0
        else:
            cells = 2 ** round(np.log2(4 * np.sqrt(len(ids))))
            base, trained_on = faiss.index_factory(self.dim, f"IVF{cells},SQ8", faiss.METRIC_INNER_PRODUCT), len(ids)
            step = max(1, len(ids) // (cells * _TRAINED_ON))
            base.train(_gathered(ids[::step], vectors_of, self.dim))
        for start in range(0, len(ids), _BATCH):
            batch = ids[start : start + _BATCH]
            base.add_with_ids(_rows(vectors_of(batch)), np.asarray(batch, dtype=np.int64))
        self._replace_base(base, trained_on)

    def _replace_base(self, base: Any, trained_on: int) -> None:
        self._base, self._base_part, self._trained_on = base, None, trained_on
        self._tail, self._removed, self._sorted_base_ids = _exact(self.dim), set(), None

    def _base_ids(self) -> Ids:
        """Ids of the base, removed ones among them, in rising order."""
        if self._sorted_base_ids is None:
            self._sorted_base_ids = np.sort(_ids_of(self._base)) if self._base else np.empty(0, dtype=np.int64)
        return self._sorted_base_ids

    def _search_parameters(self, chosen: Any) -> Any:
        removed = faiss.IDSelectorNot(faiss.IDSelectorBatch(np.asarray(sorted(self._removed), dtype=np.int64))) if self._removed else None
        wanted = faiss.IDSelectorAnd(chosen, removed) if chosen and removed else chosen or removed
        if not self._trained_on:
            return _exactly(wanted)
        # Those chosen may lie in any cell: then all of them are looked into, and few of their vectors compared.
        probed = self._base.nlist if chosen else max(_FEWEST_PROBED, self._base.nlist // _PROBED)
        return faiss.SearchParametersIVF(nprobe=probed, sel=wanted)  # type: ignore[call-arg]  # its stubs know no arguments


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest of the index in *folder*, or None when it is missing or damaged."""
    try:
        values = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return Manifest(
            embedder=str(values["embedder"]),
            dim=int(values["dim"]),
            count=int(values["count"]),
            position=int(values["position"]),
            base=Part(**values["base"]) if values["base"] else None,
            tail=Part(**values["tail"]),
            removed=tuple(map(int, values["removed"])),
            trained_on=int(values["trained_on"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _stamp(folder: Path) -> tuple[int, int] | None:
    """What tells one manifest from the next without reading it."""
    try:
        state = (folder / MANIFEST).stat()
    except OSError:
        return None
    return state.st_mtime_ns, state.st_ino


def faults(folder: Path) -> list[str]:
    """Files of the index that are not what its manifest says; empty when it is sound, or there is none."""
    manifest = read_manifest(folder)
    parts = [part for part in (manifest.base, manifest.tail) if part] if manifest else []
    return [f"the index file {part.file} is damaged or gone" for part in parts if not _is_whole(folder / part.file, part, fully=True)]


def remove_index(folder: Path) -> None:
    """Delete the index files; the manifest first."""
    (folder / MANIFEST).unlink(missing_ok=True)
    _remove_files(folder, keep=set())


def _remove_files(folder: Path, *, keep: Iterable[str]) -> None:
    for path in folder.glob("*.faiss"):
        if path.name not in keep:
            with contextlib.suppress(OSError):  # another process may have it mapped, where that forbids deleting
                path.unlink()


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """One query is not worth a second thread: that one spins, and a query cost 22 ms of processor time instead of 2 (19,418 vectors)."""
    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(threads)


def _exact(dim: int) -> Any:
    return faiss.IndexIDMap2(faiss.IndexFlatIP(dim))


def _exactly(chosen: Any) -> Any:
    return faiss.SearchParameters(sel=chosen) if chosen else None  # type: ignore[call-arg]


def _rows(vectors: Vectors) -> Any:
    return np.ascontiguousarray(vectors, dtype=np.float32)


def _gathered(ids: Sequence[int], vectors_of: VectorsOf, dim: int) -> Any:
    """The vectors of all *ids*, asked for a batch at a time: what they are made of is larger than they are."""
    rows = np.empty((len(ids), dim), dtype=np.float32)
    for start in range(0, len(ids), _BATCH):
        batch = ids[start : start + _BATCH]
        rows[start : start + len(batch)] = vectors_of(batch)
    return rows


def _shared(rising: Ids, ids: Sequence[int]) -> set[int]:
    """Those of *ids* that are among the *rising* ones."""
    if not len(rising):
        return set()
    wanted = np.asarray(ids, dtype=np.int64)
    nearest = rising[np.searchsorted(rising, wanted).clip(max=len(rising) - 1)]
    return set(wanted[nearest == wanted].tolist())


def _ids_of(index: Any) -> Ids:
    if isinstance(index, faiss.IndexIDMap2):
        ids: Ids = faiss.vector_to_array(index.id_map)
        return ids
    lists = index.invlists
    cells = [faiss.rev_swig_ptr(lists.get_ids(cell), lists.list_size(cell)).copy() for cell in range(index.nlist) if lists.list_size(cell)]
    return np.concatenate(cells) if cells else np.empty(0, dtype=np.int64)


def _write(folder: Path, name: str, index: Any) -> Part:
    """Write *index* under a name that holds its hash, so that no file is ever changed; in pieces, so that it is in memory only once."""
    sizes, sha256 = list[int](), hashlib.sha256()

    def measure(piece: bytes) -> None:
        sizes.append(len(piece))
        sha256.update(piece)

    faiss.write_index(index, faiss.PyCallbackIOWriter(measure))  # type: ignore[attr-defined]  # its stubs lag behind
    part = Part(file=f"{name}-{sha256.hexdigest()[:16]}.faiss", size_bytes=sum(sizes), sha256=sha256.hexdigest())
    path = folder / part.file
    if not _is_whole(path, part):
        with replace_file(path) as file:
            faiss.write_index(index, faiss.PyCallbackIOWriter(file.write))  # type: ignore[attr-defined]
    return replace(part, changed_ns=path.stat().st_mtime_ns)


def _read(folder: Path, part: Part, flags: int) -> Any:
    """The index in the file, or None when it is not what *part* says; FAISS itself is shown no damaged file."""
    if not _is_whole(folder / part.file, part):
        return None  # derived data: built again from the database
    return faiss.read_index(str(folder / part.file), flags)


def _is_whole(path: Path, part: Part, *, fully: bool = False) -> bool:
    try:
        found = path.stat()
        if found.st_size != part.size_bytes:
            return False
        if not fully and (part.size_bytes > _VERIFIED_BYTES or found.st_mtime_ns == part.changed_ns):
            return True
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == part.sha256
    except OSError:
        return False
