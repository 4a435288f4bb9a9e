"""A digest as its templates see it: every decision taken, every word chosen, nothing escaped yet.

Builds the page of any form from the records. Values are plain strings or ``Inline``; none is ever None.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from digest.publishing import phrases
from digest.publishing.claims import Link, SectionView, summary_views
from digest.publishing.inline import Inline, clean, literal, metadata
from digest.publishing.paper import PaperView, paper_view

if TYPE_CHECKING:
    from collections.abc import Mapping

    from digest.publishing.labels import Labels
    from digest.records import Digest, Ranked

RUN_REPORT = "run-report.md"  # beside the digest


@dataclass(frozen=True, slots=True, kw_only=True)
class NearMiss:
    """A paper that was good enough, but not among the chosen."""

    title: Inline
    href: str
    score: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PageView:
    """One edition."""

    title: str
    date: str
    lead: tuple[str, ...]
    report: str  # where the run report is; "" on a page that stands for itself
    notices: tuple[Inline, ...]
    nothing: tuple[str, ...]  # why there are no papers
    summary: tuple[SectionView, ...]  # over all papers; pages of its claims are links to papers
    papers: tuple[PaperView, ...]
    near: tuple[NearMiss, ...]
    foot: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Where a page will lie, as far as its links depend on it."""

    report: str = RUN_REPORT
    pictures: Mapping[str, str] = field(default_factory=dict)  # addresses of figures that are not files beside the page


_BESIDE = Setting()


def page_view(digest: Digest, title: str, labels: Labels, setting: Setting = _BESIDE) -> PageView:
    """*digest* under *title*, in the words of *labels*."""
    retried = sum(skipped.retry for skipped in digest.skipped)
    why = phrases.nothing_new(digest.counts, digest.date, labels, shown=len(digest.entries))
    names = phrases.anchors(entry.ranked.paper for entry in digest.entries)
    placed = list(zip(range(1, len(names) + 1), digest.entries, names, strict=True))
    papers = tuple(paper_view(entry, n, name, labels, picture=setting.pictures.get(entry.figure, "")) for n, entry, name in placed)
    marks = {entry.ranked.paper.id: Link(name=str(n), href=f"#{name}") for n, entry, name in placed}
    lead = (
        why if digest.entries else "",
        phrases.scan_line(digest.counts, labels),
        phrases.body_line([entry.analysis for entry in digest.entries], labels),
        phrases.made_line(digest, labels),
    )
    return PageView(
        title=clean(title),
        date=digest.date.isoformat(),
        lead=tuple(line for line in lead if line),
        report=setting.report,
        notices=tuple(literal(notice) for notice in digest.notices),
        summary=summary_views(digest.summary, marks, labels),
        nothing=() if digest.entries else (why, labels.nothing_hint),
        papers=papers,
        near=tuple(_near_miss(ranked) for ranked in digest.near),
        foot=labels.to_retry.format(n=retried) if retried else "",
    )


def _near_miss(ranked: Ranked) -> NearMiss:
    paper = ranked.paper
    return NearMiss(title=metadata(paper.title), href=phrases.web_link(paper.link), score=ranked.score)
