"""Looking after the library: what is in it, and what a crash or a disk did to it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

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
    faults = [Fault(text, mended=True) for text in vector_faults(workspace.index)]
    if faults:
        remove_index(workspace.index)
    for text in store.faults():
        if text.startswith("the word index"):
            store.rebuild_words()
            faults.append(Fault(text, mended=True))
        else:
            faults.append(Fault(text, mended=False))
    faults += [Fault(f"left over by a killed process: {path}", mended=_removed(path)) for path in _partial_files(workspace)]
    faults += [Fault(f"the PDF of {paper} is gone: {path}", mended=False) for paper, path in store.files() if not Path(path).is_file()]
    return faults


def sweep(workspace: Workspace) -> list[Path]:
    """Remove the half-written files that a killed process left; the caller holds the lock. Says which."""
    left = _partial_files(workspace)
    for path in left:
        path.unlink(missing_ok=True)
    return left


def _partial_files(workspace: Workspace) -> list[Path]:
    folders = (workspace.index, workspace.papers, workspace.models, workspace.digests)
    return sorted(path for folder in folders for path in folder.rglob(".*.partial"))


def _removed(path: Path) -> bool:
    path.unlink(missing_ok=True)
    return True
