"""Putting right what ``library.upkeep`` found and cannot mend by itself: it takes reading a PDF, or drawing a page."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from digest.editions import publish
from digest.errors import PaperError
from digest.library.past import Past
from digest.library.upkeep import find_copy, remove_orphans
from digest.records import ReadStatus

if TYPE_CHECKING:
    from digest.library.upkeep import Fault
    from digest.wiring import Tools


def mend(tools: Tools, fault: Fault) -> Fault:
    """*fault*, put right where that can be done without the network and without losing anything."""
    mender = {"gone": _moved, "changed": _changed, "page": _page, "orphan": _orphan}.get(fault.kind)
    mended = fault.mended or (mender is not None and mender(tools, fault.subject))
    return dataclasses.replace(fault, mended=mended)


def _moved(tools: Tools, paper_id: str) -> bool:
    """Find the same content elsewhere; a PDF that can be downloaded again is, when it is next needed."""
    known, paper = tools.store.file_of(paper_id), tools.store.paper(paper_id)
    if known is None or paper is None:
        return False
    path = find_copy(tools.store, known[0])
    if path:
        tools.store.connection.execute("UPDATE file SET path = ? WHERE paper = ?", (path, paper_id))
    elif "://" in paper.pdf:
        tools.store.connection.execute("DELETE FROM file WHERE paper = ?", (paper_id,))
    return bool(path) or "://" in paper.pdf


def _changed(tools: Tools, paper_id: str) -> bool:
    """Read the file again: what is searched is what lies there now."""
    known = tools.store.file_of(paper_id)
    if known is None:
        return False
    path = Path(known[1])
    try:
        document = tools.read(path, tools.hashes.of(path))
    except (PaperError, OSError):
        return False
    if document.status is not ReadStatus.OK:
        return False
    tools.store.set_file(paper_id, document, path)
    return True


def _page(tools: Tools, folder: str) -> bool:
    digest = Past(tools.store).edition(folder)
    assert digest, folder  # the check found it
    publish(digest, tools.workspace.digests / folder, tools.workspace.templates)
    return True


def _orphan(tools: Tools, table: str) -> bool:
    remove_orphans(tools.store, table)
    return True
