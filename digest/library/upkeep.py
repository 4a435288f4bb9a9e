"""Looking after the library: what is in it, and what a crash or a disk did to it."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from digest.errors import LibraryError
from digest.library.connection import copy_to
from digest.library.hashes import FileHashes
from digest.library.past import Past
from digest.library.schema import lacking
from digest.library.vectors import faults as vector_faults
from digest.library.vectors import read_manifest, remove_index

if TYPE_CHECKING:
    from digest.library.store import Store
    from digest.workspace import Workspace

_TABLES = {
    "papers": "paper",
    "documents": "document",
    "passages": "passage",
    "embeddings": "embedding",
    "analyses": "analysis",
    "digests": "digest",
    "failures": "failure",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that should not be, and whether it was put right."""

    text: str
    mended: bool
    kind: str = field(default="", compare=False)  # gone, changed, page, orphan: what ``digest.repair`` can do something about
    subject: str = field(default="", compare=False)  # the paper, the folder of the digest, the table


def statistics(store: Store, folder: Path) -> dict[str, object]:
    """What the library holds, by name."""
    manifest = read_manifest(folder)
    return {
        **{name: store.count(table) for name, table in _TABLES.items()},
        "vectors": manifest.count if manifest else 0,
        "embedder": manifest.embedder if manifest else "",
        "database_bytes": store.path.stat().st_size,
    }


def check(store: Store, workspace: Workspace) -> list[Fault]:
    """Every fault found; what is derived or left over is mended on the way.

    A damaged index is removed: ``Searcher.sync``, which is due next, makes it anew and brings it in line with the database.
    """
    if lost := _lost(store, workspace.index):
        return [lost]
    faults = [Fault(text, mended=True) for text in vector_faults(workspace.index)]
    if faults:
        remove_index(workspace.index)
    for text in store.faults():
        if text.startswith("the word index"):
            faults.append(_rebuilt(store, text))
        else:
            faults.append(Fault(text, mended=False))
    faults += [Fault(f"left over by a killed process: {path}", mended=True) for path in sweep(workspace)]
    if not any(fault.text.startswith(str(store.path)) for fault in faults):
        faults += [*_orphans(store), *_pdf_faults(store), *_missing_pages(store, workspace)]
    return faults


def _lost(store: Store, folder: Path) -> Fault | None:
    """What only a backup can put right: parts of the database that are gone, or all of it, a new one having come in its place.

    The vectors stay as they are.
    """
    try:
        if gone := lacking(store.connection):
            return Fault(f"{store.path} has lost its {', '.join(gone)}: put a backup in its place", mended=False)
        manifest = read_manifest(folder)
        if manifest is None or not manifest.count or store.count("paper"):
            return None
    except LibraryError:  # damaged, not empty: told with what else is wrong
        return None
    return Fault(f"{store.path} is empty, and {manifest.count} passages were indexed: put a backup in its place", mended=False)


def _rebuilt(store: Store, text: str) -> Fault:
    """The fault *text* of the word index, mended where the database itself can be read."""
    try:
        store.rebuild_words()
    except LibraryError as error:
        return Fault(str(error), mended=False)
    return Fault(text, mended=True)


def _orphans(store: Store) -> list[Fault]:
    counts = Counter(row[0] for row in store.connection.execute("PRAGMA foreign_key_check"))
    return [Fault(f"{n} rows of {table} belong to nothing", mended=False, kind="orphan", subject=table) for table, n in counts.items()]


def _pdf_faults(store: Store) -> list[Fault]:
    hashes, faults = FileHashes(store), []
    for paper, path in store.files():
        known = store.file_of(paper)
        try:
            changed = known is not None and hashes.of(Path(path)) != known[0]
        except OSError:
            faults.append(Fault(f"the PDF of {paper} is gone: {path}", mended=False, kind="gone", subject=paper))
        else:
            if changed:
                faults.append(Fault(f"the PDF of {paper} changed since it was read: {path}", mended=False, kind="changed", subject=paper))
    return faults


def _missing_pages(store: Store, workspace: Workspace) -> list[Fault]:
    folders = [folder for folder in Past(store).folders() if not (workspace.digests / folder / "digest.md").is_file()]
    return [Fault(f"the pages of digest {folder} are gone", mended=False, kind="page", subject=folder) for folder in folders]


def find_copy(store: Store, sha256: str) -> str:
    """Path of a file with that content, of those that were ever hashed; "" when there is none."""
    hashes = FileHashes(store)
    for (path,) in store.connection.execute("SELECT path FROM hashed WHERE sha256 = ? ORDER BY path", (sha256,)).fetchall():
        if Path(path).is_file() and hashes.of(Path(path)) == sha256:
            return str(path)
    return ""


def remove_orphans(store: Store, table: str) -> None:
    """Delete the rows of *table* that refer to something that is not there."""
    with store.transaction() as db:
        rows = db.execute(f"PRAGMA foreign_key_check('{table}')").fetchall()
        for row in rows:
            column = next(key[3] for key in db.execute(f"PRAGMA foreign_key_list('{table}')").fetchall() if key[0] == row[3])
            parent = f"SELECT {'id' if row[2] in ('paper', 'digest') else column} FROM {row[2]}"  # noqa: S608 names of the schema
            db.execute(f"DELETE FROM {table} WHERE {column} NOT IN ({parent})")  # noqa: S608 names of the schema


def backup(store: Store, target: Path) -> None:
    """Copy the database to *target*, whole or not at all, while others read and write.

    Raises:
        LibraryError: it cannot be written, or the copy is not sound.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        copy_to(store.connection, partial)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def sweep(workspace: Workspace) -> list[Path]:
    """Remove the half-written files that a killed process left; the caller holds the lock. Says which."""
    left = _partial_files(workspace)
    for path in left:
        path.unlink(missing_ok=True)
    return left


def _partial_files(workspace: Workspace) -> list[Path]:
    folders = (workspace.index, workspace.papers, workspace.models, workspace.digests)
    return sorted(path for folder in folders for path in folder.rglob(".*.partial"))
