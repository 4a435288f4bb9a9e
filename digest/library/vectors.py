"""The FAISS index of everything searchable: derived from the database, never the truth.

Only this file knows FAISS. The manifest is written last: an index without a matching manifest counts as absent.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import faiss
import numpy as np

from digest.errors import DimensionMismatch
from digest.workspace import replace_file, write_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from digest.embedding import Vectors

FILE, MANIFEST = "passages.faiss", "manifest.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What the index file holds."""

    embedder: str
    dim: int
    count: int
    sha256: str  # of the index file


class VectorIndex:
    """Inner products of unit vectors, exact, by unit id."""

    def __init__(self, folder: Path, *, embedder: str, dim: int) -> None:
        """Open the index in *folder*, or an empty one where there is none that can be read.

        Raises:
            DimensionMismatch: it holds vectors of another model.
        """
        self._folder, self._embedder, self.dim = folder, embedder, dim
        manifest = read_manifest(folder)
        if manifest and manifest.embedder != embedder:
            raise DimensionMismatch(manifest.embedder, embedder)
        self._index = (manifest and _read(folder / FILE, manifest)) or _empty(dim)

    @property
    def ids(self) -> set[int]:
        """Ids of the vectors held."""
        return set(faiss.vector_to_array(self._index.id_map).tolist())

    def add(self, ids: Sequence[int], vectors: Vectors) -> None:
        """Add (len(ids), dim) vectors of unit length."""
        self._index.add_with_ids(np.ascontiguousarray(vectors, dtype=np.float32), np.asarray(ids, dtype=np.int64))

    def remove(self, ids: Sequence[int]) -> None:
        """Forget the vectors of *ids*."""
        self._index.remove_ids(np.asarray(ids, dtype=np.int64))

    def search(self, vector: Vectors, top_k: int) -> list[tuple[int, float]]:
        """(id, inner product) of the *top_k* nearest to *vector* (dim,), best first."""
        top_k = min(top_k, self._index.ntotal)
        if not top_k:
            return []
        scores, ids = self._index.search(vector.reshape(1, -1), top_k)
        found = [(int(i), float(score)) for i, score in zip(ids[0], scores[0], strict=True) if i >= 0]
        return sorted(found, key=lambda item: (-item[1], item[0]))  # FAISS leaves ties in the order of adding

    def save(self) -> None:
        """Write the index, then the manifest that vouches for it."""
        (self._folder / MANIFEST).unlink(missing_ok=True)
        content = faiss.serialize_index(self._index).tobytes()
        with replace_file(self._folder / FILE) as file:
            file.write(content)
        manifest = Manifest(embedder=self._embedder, dim=self.dim, count=self._index.ntotal, sha256=hashlib.sha256(content).hexdigest())
        write_text(self._folder / MANIFEST, json.dumps(asdict(manifest), indent=1))


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest of the index in *folder*, or None when it is missing or damaged."""
    try:
        values = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return Manifest(embedder=str(values["embedder"]), dim=int(values["dim"]), count=int(values["count"]), sha256=str(values["sha256"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def remove_index(folder: Path) -> None:
    """Delete the index files; the manifest first."""
    (folder / MANIFEST).unlink(missing_ok=True)
    (folder / FILE).unlink(missing_ok=True)


def _empty(dim: int) -> Any:
    return faiss.IndexIDMap2(faiss.IndexFlatIP(dim))


def _read(path: Path, manifest: Manifest) -> Any:
    """The index that *manifest* vouches for, or None; FAISS itself is shown no damaged file."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    if hashlib.sha256(content).hexdigest() != manifest.sha256:
        return None  # derived data: built again from the database
    return faiss.deserialize_index(np.frombuffer(content, dtype=np.uint8))
