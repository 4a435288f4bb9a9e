"""The library over time: what it holds week by week, what its papers are about, and the review of a week or a month.

Needs no chat model; one that writes the reader's language adds a few sentences to a review. Topics need the embedding model, and
only of papers that are embedded already: a look back makes nobody wait.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING

from digest.errors import SetupError
from digest.library.past import Past
from digest.publishing.review import Review, charts, name_of, render_review_html, render_review_markdown
from digest.workspace import write_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from digest.glossary import Glossary
    from digest.records import Entry, Topic
    from digest.wiring import Tools

_MOST_PAPERS = 20_000  # that topics are made of, the newest
_FEWEST_PAPERS = 8  # for topics
_TOLD = 12  # papers, the most relevant, that a model looks back on
_BEFORE = 3  # spans before a review's own that its trends are held against


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """What a library holds, in numbers."""

    weeks: dict[dt.date, int]  # papers by the Monday of the week they were published in, or came in
    scores: tuple[int, ...]  # of every paper that was ranked
    topics: tuple[Topic, ...]


def statistics(tools: Tools) -> Statistics:
    """The library of today in numbers."""
    past = Past(tools.store)
    days = past.days()
    counts = Counter(day - dt.timedelta(days=day.weekday()) for day in days.values())
    weeks = {}
    if counts:
        first, last = min(counts), max(counts)
        weeks = {week: counts[week] for week in (first + dt.timedelta(weeks=n) for n in range((last - first).days // 7 + 1))}
    return Statistics(weeks=weeks, scores=tuple(past.scores()), topics=tuple(_topics(tools, days)))


def review(tools: Tools, span: str, day: dt.date) -> Review:
    """The *span*, ``week`` or ``month``, that *day* is in."""
    first, last = bounds(span, day)
    past = Past(tools.store)
    editions = tuple(past.editions(since=first, until=last))
    entries: dict[str, tuple[str, Entry]] = {}
    for folder, digest in editions:
        for entry in digest.entries:
            entries.setdefault(entry.ranked.paper.id, (folder, entry))
    best = sorted(entries.values(), key=lambda item: (-item[1].ranked.score, item[1].ranked.paper.id))
    since = first - _BEFORE * (last - first + dt.timedelta(days=1))
    days = {paper: when for paper, when in past.days().items() if since <= when <= last}
    return Review(
        first=first,
        last=last,
        language=tools.settings.language,
        editions=editions,
        entries=tuple(best),
        liked=tuple(tools.store.papers(past.liked(since=first, until=last)).values()),
        named=_named([entry for _, entry in best]),
        topics=tuple(_topics(tools, days)),
    )


def with_words(tools: Tools, found: Review, *, model: str = "", engine: str = "auto") -> Review:
    """*found* with a few sentences on its papers, held against their analyses, where a model is here that writes the reader's language.

    Raises:
        SetupError: the model or engine named is not there.
    """
    from digest.analysing.style import load_review
    from digest.analysing.summary import summarise

    if not found.entries:
        return found
    try:
        writer = tools.engine(model, engine)
    except SetupError:
        if model or engine != "auto":
            raise
        return found
    entries = [entry for _, entry in found.entries[:_TOLD]]
    seed = tools.settings.analysis.seed
    sections = summarise(entries, load_review(tools.workspace), writer, language=found.language, seed=seed)
    kept = tuple(section for section in sections if section.claims)
    return dataclasses.replace(found, told=kept, model=writer.model.title if kept else "")


def publish_review(tools: Tools, found: Review) -> Path:
    """Write *found* and its pictures beside the digests; return the folder."""
    folder = tools.workspace.digests / name_of(found)
    write_text(folder / "review.html", render_review_html(found))
    write_text(folder / "review.md", render_review_markdown(found))
    for name, svg in charts(found).items():
        write_text(folder / f"{name}.svg", svg)
    return folder


def bounds(span: str, day: dt.date) -> tuple[dt.date, dt.date]:
    """First and last day of the week (from Monday) or the month that *day* is in."""
    if span == "week":
        first = day - dt.timedelta(days=day.weekday())
        return first, first + dt.timedelta(days=6)
    first = day.replace(day=1)
    return first, (first + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)


def _named(entries: Sequence[Entry]) -> dict[str, tuple[tuple[str, int], ...]]:
    """Methods, data and metrics that the facts of two papers or more name."""
    found: dict[str, Counter[str]] = {kind: Counter() for kind in ("dataset", "metric", "method")}
    shown: dict[str, str] = {}
    for entry in entries:
        facts = entry.document.facts if entry.document else ()
        for kind, value in {(fact.kind, fact.value.casefold()): fact.value for fact in facts if fact.kind in found}:
            found[kind][value] += 1
        shown |= {fact.value.casefold(): fact.value for fact in facts if fact.value.casefold() not in shown}
    return {
        kind: tuple((shown[value], n) for value, n in sorted(counts.items(), key=lambda item: (-item[1], item[0])) if n > 1)
        for kind, counts in found.items()
    }


def _topics(tools: Tools, days: dict[str, dt.date]) -> list[Topic]:
    """Topics of the newest of those papers whose abstracts are embedded; none without an embedding model."""
    from digest.ranking.themes import themes

    newest = sorted(days, key=lambda paper: (days[paper], paper), reverse=True)[:_MOST_PAPERS]
    papers = [paper for paper in tools.store.papers(newest).values() if paper.abstract]
    if len(papers) < _FEWEST_PAPERS:
        return []
    try:
        known = tools.embedder.knows([paper.gist for paper in papers])
    except SetupError:
        return []
    papers = [paper for paper, here in zip(papers, known, strict=True) if here]
    if len(papers) < _FEWEST_PAPERS:
        return []
    vectors = tools.embedder.embed([paper.gist for paper in papers])
    found = themes(papers, [days[paper.id] for paper in papers], vectors, tools.glossary.terms)
    return [_in_chinese(topic, tools.glossary) for topic in found] if tools.settings.language == "zh" else found


def _in_chinese(topic: Topic, glossary: Glossary) -> Topic:
    """*topic* in the Chinese of the glossary, where that has its terms."""
    terms = tuple(dict.fromkeys(glossary.chinese(term) or term for term in topic.terms))
    return dataclasses.replace(topic, name="、".join(terms[:2]), terms=terms)
