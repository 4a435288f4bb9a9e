"""Full texts brought before they are needed: those of the papers that a run would choose, so that the run itself needs no network."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from digest.errors import PaperError
from digest.pipeline import edition_sources
from digest.selection import choose
from digest.sources.download import downloaded
from digest.sources.metadata import is_withdrawn
from digest.stages import Failed, note_failure, pick_papers, rank_papers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.records import Paper
    from digest.stages import Progress, Wish
    from digest.wiring import Tools


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """How it went; each of the papers is among the files or has failed."""

    files: dict[str, Path]  # by paper
    came: int  # of these, not there before
    failed: list[Failed]  # remembered: later runs try them again


def bring(tools: Tools, papers: Sequence[Paper], wish: Wish, progress: Progress, *, top_k: int) -> Brought:
    """Download the full texts of the *top_k* of *papers* that the digest of that wish would hold.

    Whole files stay and torn ones are gone on with, so that the same call again brings what is missing.
    """
    ranked = rank_papers(tools, [paper for paper in papers if not is_withdrawn(paper)], wish.date, progress)
    style, sources = tools.settings.style, edition_sources(wish.sources, wish.queries)
    chosen, _ = choose(
        ranked,
        pick=lambda good: pick_papers(tools, good, top_k=top_k),
        threshold=tools.settings.ranking.threshold,
        delivered=set(tools.store.delivered(date=wish.date, style=style, sources=sources)),
    )
    return _download(tools, [item.paper for item in chosen], progress)


def _download(tools: Tools, papers: Sequence[Paper], progress: Progress) -> Brought:
    progress.stage("download", len(papers))
    missing = [paper for paper in papers if "://" in paper.pdf and not downloaded(paper, tools.workspace.papers)]
    files, failed = dict[str, Path](), list[Failed]()
    with tools.downloading(missing):
        for paper in papers:
            try:
                files[paper.id] = tools.download(paper)
                tools.store.clear_failure(paper.id, "download")
            except PaperError as error:
                note_failure(tools, paper, error)
                failed.append(Failed(paper, error))
            progress.advance()
    return Brought(files=files, came=sum(paper.id in files for paper in missing), failed=failed)
