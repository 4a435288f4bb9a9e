"""Which paper a reader means by an id, or by a part of an id or a title."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.cli.common import today
from digest.errors import UsageError

if TYPE_CHECKING:
    from digest.records import Paper
    from digest.wiring import Tools


def exactly(tools: Tools, name: str) -> Paper | None:
    """The paper of the library with that id, whatever version is named."""
    from digest.sources.metadata import split_arxiv_id

    arxiv_id = split_arxiv_id(name)
    return tools.store.paper(arxiv_id[0] if arxiv_id else name)


def only_match(tools: Tools, name: str) -> Paper:
    """The one paper of the library whose id or title holds *name*.

    Raises:
        UsageError: there is none, or several.
    """
    ids = tools.store.matching_ids(name)
    if len(ids) != 1:
        names = f"{len(ids)} papers match: {', '.join(ids[:5])}" if ids else "no paper of the library matches"
        raise UsageError(f"{name!r}: {names}", hint="digest search WORDS")
    return tools.store.papers(ids)[ids[0]]


def from_arxiv(tools: Tools, arxiv_id: str) -> Paper:
    """The paper with that id, asked of arXiv and kept."""
    paper = tools.arxiv_paper(arxiv_id)
    tools.store.add_papers([paper], today=today())
    return paper
