"""The run report's view: counts that add up, and the reason for everything that is not in the digest."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.publishing import phrases
from digest.publishing.changes import change_lines
from digest.publishing.inline import Inline, clean, metadata
from digest.records import SectionStatus

if TYPE_CHECKING:
    from digest.publishing.labels import Labels
    from digest.records import Analysis, Counts, Digest, Entry, Skipped


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A count and what it counts."""

    label: str
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperLine:
    """A paper of the edition and how its reading and analysis ended."""

    title: Inline
    name: str
    score: int
    coverage: str
    states: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """Something that is not in the digest, at which stage, and why."""

    title: Inline
    name: str
    stage: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportView:
    """The whole report."""

    title: str
    date: str
    lead: str
    steps: tuple[Line, ...]
    scanned: int
    why: str  # there is nothing, or nothing new
    origins: tuple[Line, ...]  # of what was fetched
    fetched: int
    sources: tuple[Line, ...]
    papers: tuple[PaperLine, ...]
    retried: tuple[Miss, ...]
    final: tuple[Miss, ...]
    notices: tuple[str, ...]
    changes: tuple[tuple[str, ...], ...]  # lines on each paper that was analysed again


def report_view(digest: Digest, title: str, labels: Labels) -> ReportView:
    """What *digest* says of its own making."""
    failed = tuple(miss for entry in digest.entries for miss in _failed_sections(entry, labels))
    return ReportView(
        title=clean(title),
        date=digest.date.isoformat(),
        lead=phrases.made_line(digest, labels),
        steps=_steps(digest.counts, labels),
        scanned=digest.counts.scanned,
        why=phrases.nothing_new(digest.counts, digest.date, labels, shown=len(digest.entries)),
        origins=_origins(digest.counts, labels),
        fetched=digest.counts.fetched,
        sources=_sources(digest.counts, labels),
        papers=tuple(_paper_line(entry, labels) for entry in digest.entries),
        retried=(*(_miss(skipped, labels) for skipped in digest.skipped if skipped.retry), *failed),
        final=tuple(_miss(skipped, labels) for skipped in digest.skipped if not skipped.retry),
        notices=digest.notices,
        changes=tuple(tuple(change_lines(change, labels)) for change in digest.changes),
    )


def _steps(counts: Counts, labels: Labels) -> tuple[Line, ...]:
    """Where the scanned papers went; what the records leave open gets a line of its own, so that the sum is always the total."""
    rest = counts.scanned - counts.chosen - counts.delivered_before - counts.below - counts.beyond
    steps = [
        (labels.step_chosen, counts.chosen),
        (labels.step_delivered, counts.delivered_before),
        (labels.step_below, counts.below),
        (labels.step_beyond, counts.beyond),
    ]
    return tuple(Line(label=label, n=n) for label, n in [*steps, *([(labels.step_unplaced, rest)] if rest else [])])


def _origins(counts: Counts, labels: Labels) -> tuple[Line, ...]:
    """What the fetched papers were, new or known ones first; their sum is what was fetched."""
    steps = [
        (labels.step_new, counts.new),
        (labels.step_known, counts.known),
        (labels.step_repeated, counts.repeated),
        (labels.step_withdrawn, counts.withdrawn),
        (labels.step_unreadable, counts.unreadable),
    ]
    return tuple(Line(label=label, n=n) for label, n in steps if n)


def _sources(counts: Counts, labels: Labels) -> tuple[Line, ...]:
    lines = [Line(label=phrases.source_name(name, labels), n=n) for name, n in counts.by_source.items()]
    surplus = sum(counts.by_source.values()) - counts.scanned
    return tuple(lines + ([Line(label=labels.repeated, n=-surplus)] if lines and surplus else []))


def _paper_line(entry: Entry, labels: Labels) -> PaperLine:
    paper, analysis = entry.ranked.paper, entry.analysis
    return PaperLine(
        title=metadata(paper.title),
        name=phrases.short_name(paper.name),
        score=entry.ranked.score,
        coverage=phrases.coverage_line(analysis.coverage, labels) if analysis else labels.no_line,
        states=_states(analysis, labels) if analysis else labels.state_failed,
    )


def _states(analysis: Analysis, labels: Labels) -> str:
    names = {
        SectionStatus.OK: labels.state_ok,
        SectionStatus.ABSTRACT_ONLY: labels.abstract_only,
        SectionStatus.NOT_STATED: labels.not_stated,
        SectionStatus.FAILED: labels.state_failed,
    }
    found = Counter(section.status for section in analysis.sections)
    return " · ".join(f"{name} {found[status]}" for status, name in names.items() if found[status])


def _failed_sections(entry: Entry, labels: Labels) -> tuple[Miss, ...]:
    sections = entry.analysis.sections if entry.analysis else ()
    paper = entry.ranked.paper
    return tuple(
        Miss(
            title=metadata(paper.title),
            name=phrases.short_name(paper.name),
            stage=f"{labels.stages['analyse']} · {section.title}",
            reason=section.reason or labels.no_line,
        )
        for section in sections
        if section.status is SectionStatus.FAILED
    )


def _miss(skipped: Skipped, labels: Labels) -> Miss:
    stage = labels.stages.get(skipped.stage, skipped.stage)
    return Miss(title=metadata(skipped.title or skipped.paper), name=phrases.short_name(skipped.paper), stage=stage, reason=skipped.reason)
