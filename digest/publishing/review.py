"""A week or a month looked back on, as Markdown and HTML in the look of a digest. Everything but a few sentences stands in the library."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from markupsafe import Markup

from digest.publishing.charts import draw, topic_map, topic_rows
from digest.publishing.claims import Link, summary_views
from digest.publishing.inline import Inline, clean, literal, metadata
from digest.publishing.labels import labels_for
from digest.publishing.paper import paper_view
from digest.publishing.phrases import anchors, web_link
from digest.publishing.templates import fill

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from digest.publishing.claims import SectionView
    from digest.publishing.labels import Labels
    from digest.publishing.paper import PaperView
    from digest.records import AnalysisSection, Digest, Entry, Paper, Topic

_BEST = 10
_NAMED = 8  # data sets, metrics, methods of one kind
_RISING = 5
_ROSE = 0.26  # logarithm of a share that grew by a fifth


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What is looked back on."""

    first: dt.date
    last: dt.date
    language: str
    editions: tuple[tuple[str, Digest], ...]  # with their folders, the newest first
    entries: tuple[tuple[str, Entry], ...]  # every paper once, with the folder of its newest edition, the most relevant first
    liked: tuple[Paper, ...]
    named: dict[str, tuple[tuple[str, int], ...]]  # by kind of fact: value and number of papers, those of two papers or more
    topics: tuple[Topic, ...]  # of the span and some time before it
    told: tuple[AnalysisSection, ...] = ()  # what a model says of it; its claims name papers
    model: str = ""  # shown name of that model


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperLine:
    """A paper in a list; *link* leads to it in its digest."""

    paper: PaperView
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewView:
    """What the templates draw."""

    title: str
    date: str
    lead: tuple[str, ...]
    told: tuple[SectionView, ...]
    rising: tuple[Inline, ...]
    repeated: tuple[tuple[str, Inline], ...]  # a label and what it lists
    best: tuple[PaperLine, ...]
    liked: tuple[Link, ...]
    days: tuple[Link, ...]
    charts: tuple[tuple[str, str], ...]  # name and SVG


def name_of(review: Review) -> str:
    """The name of its folder: ``review-2026-W08`` or ``review-2026-02``."""
    if (review.last - review.first).days == 6:
        year, week, _ = review.first.isocalendar()
        return f"review-{year}-W{week:02d}"
    return f"review-{review.first:%Y-%m}"


def charts(review: Review) -> dict[str, str]:
    """The review's pictures by name: topics week by week, and their map; none without topics."""
    labels = labels_for(review.language)
    drawn = (topic_rows(review.topics, labels), topic_map(review.topics, labels)) if review.topics else ()
    return {chart.name: draw(chart, labels) for chart in drawn}


def render_review_html(review: Review) -> str:
    """The review as one self-contained page; links lead to the digests beside its folder."""
    labels = labels_for(review.language)
    return fill("review.html.j2", review=_view(review, labels), svg=Markup, t=labels) + "\n"


def render_review_markdown(review: Review) -> str:
    """The same as Markdown; its pictures are files beside it."""
    labels = labels_for(review.language)
    text = fill("review.md.j2", review=_view(review, labels), t=labels)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def _view(review: Review, labels: Labels) -> ReviewView:
    week = (review.last - review.first).days == 6
    listed = list(_listed(review, labels))
    marks = {paper.id: Link(name=str(line.paper.number), href=line.link) for paper, line in listed}
    return ReviewView(
        title=labels.week_review if week else labels.month_review,
        date=f"{review.first.isoformat()} – {review.last.isoformat()}",
        lead=tuple(_lead(review, labels)),
        told=summary_views(review.told, marks, labels),
        rising=tuple(_rising(review.topics, labels)),
        repeated=tuple(_repeated(review, labels)),
        best=tuple(line for _, line in listed[:_BEST]),
        liked=tuple(Link(name=metadata(paper.title).plain, href=web_link(paper.link)) for paper in review.liked),
        days=tuple(
            Link(name=f"{digest.date.isoformat()} {clean(digest.title)}", href=f"../{folder}/digest.html")
            for folder, digest in review.editions
        ),
        charts=tuple(charts(review).items()),
    )


def _lead(review: Review, labels: Labels) -> Iterator[str]:
    scanned = sum(digest.counts.scanned for _, digest in review.editions)
    counted = labels.review_lead.format(editions=len(review.editions), scanned=scanned, papers=len(review.entries))
    yield counted if review.editions else labels.review_empty
    if review.model:
        yield labels.made_with.format(model=clean(review.model)) + labels.stop


def _rising(topics: Sequence[Topic], labels: Labels) -> Iterator[Inline]:
    """The topics whose share grew most, in words."""
    grown = sorted((topic for topic in topics if topic.trend > _ROSE), key=lambda topic: -topic.trend)[:_RISING]
    for topic in grown:
        times = f"{2**topic.trend:.1f}"
        yield literal(
            labels.topic_rose.format(name=clean(topic.name), times=times, n=len(topic.papers), terms=labels.listing.join(topic.terms[2:6]))
        )


def _repeated(review: Review, labels: Labels) -> Iterator[tuple[str, Inline]]:
    """Interests that were met, data, metrics and methods that several papers name, authors of several papers."""
    entries = [entry for _, entry in review.entries]
    interests = Counter(
        reason.interest for entry in entries for reason in entry.ranked.reasons if reason.kind == "interest" and reason.share > 0
    )
    authors = Counter(metadata(author).plain for entry in entries for author in dict.fromkeys(entry.ranked.paper.authors))
    lists = [(labels.interests_met, interests.most_common(_NAMED))]
    lists += [(labels.fact_kinds[kind], list(values[:_NAMED])) for kind, values in review.named.items()]
    lists.append((labels.authors, [(name, n) for name, n in authors.most_common(_NAMED) if n > 1]))
    for label, values in lists:
        if values:
            yield label, literal(labels.listing.join(f"{clean(value)} {n}" for value, n in values))


def _listed(review: Review, labels: Labels) -> Iterator[tuple[Paper, PaperLine]]:
    """Each paper, the most relevant first, numbered."""
    places = {
        folder: dict(zip((e.ranked.paper.id for e in digest.entries), anchors(e.ranked.paper for e in digest.entries), strict=True))
        for folder, digest in review.editions
    }
    named = {paper for section in review.told for claim in section.claims for paper in claim.papers}
    for number, (folder, entry) in enumerate(review.entries, 1):
        paper = entry.ranked.paper
        if number > _BEST and paper.id not in named:
            continue
        anchor = places[folder][paper.id]
        view = paper_view(replace(entry, pdf=""), number, anchor, labels)
        yield paper, PaperLine(paper=view, link=f"../{folder}/digest.html#{anchor}")
