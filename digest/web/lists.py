"""Pages of many papers: a day's digest, the days, the search, the library."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.exceptions import HTTPException

from digest.errors import DigestError
from digest.library import shelf
from digest.library.excerpt import excerpt
from digest.library.filters import filter_of
from digest.library.query import ANALYSIS, KINDS, STATES, TABLE, Query, parse, taken
from digest.publishing import render_paper_html
from digest.publishing.inline import literal, metadata
from digest.publishing.phrases import fold_authors, scan_line, source_name
from digest.publishing.view import page_view
from digest.text import shorten
from digest.web.desk import Loading
from digest.web.templates import trusted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from digest.library.excerpt import Excerpt
    from digest.library.filters import Filter
    from digest.library.search import Hit
    from digest.publishing.inline import Inline
    from digest.publishing.view import PageView
    from digest.records import Digest, Entry, Paper, Ranked
    from digest.web.asked import Asked
    from digest.web.desk import Desk

_DAYS = 60  # of one page of the list of days
_HITS = 12
_PAPERS = 40  # of one page of the library
_RANKED = 120  # newest papers that are ranked at once
_SHOWN = 420  # characters of a passage around its marked sentence
_QUOTED = {*KINDS} - {ANALYSIS, TABLE}  # whose words stand in the PDF one after the other


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One paper of a list."""

    paper: Paper
    title: Inline
    about: str  # authors, day, categories
    verdict: int
    read: bool
    score: int | None = None
    line: Inline | None = None  # something said of it
    reason: str = ""


# --- a day ------------------------------------------------------------------------------------------------------------


def today(desk: Desk, asked: Asked) -> str:
    """The newest digest; what to do where there is none yet."""
    newest = shelf.editions(desk.store, limit=1)
    return _edition(desk, asked, newest[0].folder) if newest else asked.page("empty")


def day(desk: Desk, asked: Asked) -> str:
    """The digest of a folder."""
    return _edition(desk, asked, str(asked.names["folder"]))


def _edition(desk: Desk, asked: Asked, folder: str) -> str:
    digest = _digest(desk, asked, folder)
    all_days = shelf.editions(desk.store)
    at = next(n for n, edition in enumerate(all_days) if edition.folder == folder)
    own = {"daily": asked.d.daily, "method": asked.d.method}  # a style of the reader's own has the title it was given
    view = page_view(digest, own.get(digest.style, digest.title), asked.d)
    said, read = shelf.marks(desk.store, [entry.ranked.paper.id for entry in digest.entries])
    articles = [
        (entry.ranked.paper, trusted(render_paper_html(_placed(entry), language=asked.language, style=digest.style, number=number)))
        for number, entry in enumerate(digest.entries, 1)
    ]
    return asked.page(
        "day",
        view=view,
        folder=folder,
        lines=_lines(view, [entry.ranked for entry in digest.entries], asked, said, read),
        articles=articles,
        said=said,
        newer=all_days[at - 1] if at else None,
        older=all_days[at + 1] if at + 1 < len(all_days) else None,
        report=scan_line(digest.counts, asked.d),
    )


def _digest(desk: Desk, asked: Asked, folder: str) -> Digest:
    """The digest of *folder*, in the language that was asked for."""
    digest = shelf.edition(desk.store, folder)
    if digest is None:
        raise HTTPException(404)
    return dataclasses.replace(digest, language=asked.language)


def _placed(entry: Entry) -> Entry:
    """*entry* with the room's addresses for what it shows."""
    paper = entry.ranked.paper
    return dataclasses.replace(entry, pdf=f"/pdf/{paper.id}" if entry.pdf else "", figure=f"/overview/{paper.id}" if entry.figure else "")


def order(desk: Desk, asked: Asked) -> str:
    """The papers of a digest in the order that the reader's taste of this moment gives them."""
    digest = _digest(desk, asked, str(asked.names["folder"]))
    papers = [entry.ranked.paper for entry in digest.entries]
    said, read = shelf.marks(desk.store, [paper.id for paper in papers])
    by_id = {item.paper.id: item for item in desk.ranked(papers, wait=False)}
    lines = _lines(page_view(digest, "", asked.d), [by_id[paper.id] for paper in papers], asked, said, read)
    places = list(by_id)
    return asked.page("lines", lines=sorted(lines, key=lambda line: places.index(line.paper.id)), numbered=True)


def _lines(view: PageView, ranked: Sequence[Ranked], asked: Asked, said: Mapping[str, int], read: set[str]) -> list[Line]:
    """The papers of *view*, each with its one line and what *ranked*, in the same order, says of it."""
    return [
        dataclasses.replace(_line(item.paper, asked, said, read, item), line=shown.line.text if shown.line else None)
        for item, shown in zip(ranked, view.papers, strict=True)
    ]


def days(desk: Desk, asked: Asked) -> str:
    """All digests, newest first."""
    number = asked.number("page", most=10_000)
    found = shelf.editions(desk.store, limit=_DAYS + 1, skip=number * _DAYS)
    months: dict[str, list[shelf.Edition]] = {}
    for edition in found[:_DAYS]:
        months.setdefault(f"{edition.date:%Y-%m}", []).append(edition)
    return asked.page("days", months=months, number=number, more=len(found) > _DAYS)


# --- searching --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One hit as it is shown."""

    hit: Hit
    shown: Excerpt
    query: str  # what leads to its page
    others: list[Passage]  # of the same paper


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A paper with its best passage."""

    paper: Paper
    title: Inline
    about: str
    verdict: int
    best: Passage


def search(desk: Desk, asked: Asked) -> str:
    """What answers the words that are typed; they can filter, too."""
    text = asked.text("q")
    query = parse(text)
    hits: list[Hit] = []
    loading, problem = False, ""
    if text:
        try:
            searcher = desk.with_models(wait=False).searcher
            query = searcher.settled(query)
            hits = searcher.search(query, top_k=_HITS)
        except Loading:
            if asked.part:
                raise
            loading = True
        except DigestError as error:
            problem = f"{error} — {error.hint}" if error.hint else str(error)
    misread = [{"piece": piece, "name": piece.partition(":")[0], "values": taken(piece)} for piece in query.misread]
    told = {"misread": misread, "unheld": query.unheld}
    return asked.page("search", query=text, found=_found(desk, asked, hits), number=len(hits), loading=loading, problem=problem, **told)


def _found(desk: Desk, asked: Asked, hits: Sequence[Hit]) -> list[Found]:
    said, _ = shelf.marks(desk.store, [hit.paper.id for hit in hits])
    return [
        Found(
            paper=hit.paper,
            title=metadata(hit.paper.title),
            about=_about(hit.paper, asked),
            verdict=said.get(hit.paper.id, 0),
            best=_passage(hit),
        )
        for hit in hits
    ]


def _passage(hit: Hit) -> Passage:
    shown = excerpt(hit, size=_SHOWN)
    quote = shown.marked.removeprefix(f"{hit.section}: ") if hit.kind in _QUOTED else ""  # papers set labels off in ways of their own
    query = f"?{urlencode({'p': hit.page, 'quote': quote[:300]} if quote else {'p': hit.page})}" if hit.page else ""
    return Passage(hit=hit, shown=shown, query=query, others=[_passage(other) for other in hit.others])


# --- the library ------------------------------------------------------------------------------------------------------


def library(desk: Desk, asked: Asked) -> str:
    """The papers that the filters leave."""
    number = asked.number("page", most=10_000)
    found = shelf.papers_on(desk.store, _filter(asked), title=asked.text("title"), limit=_PAPERS, skip=number * _PAPERS)
    said, read = shelf.marks(desk.store, [paper.id for paper in found.papers])
    categories, sources = shelf.names(desk.store)
    return asked.page(
        "library",
        lines=[_line(paper, asked, said, read) for paper in found.papers],
        total=found.total,
        number=number,
        more=(number + 1) * _PAPERS < found.total,
        categories=[(name, name) for name in categories],
        sources=[(name, source_name(name, asked.d)) for name in sources],
        states=STATES,
        values=_values(asked),
        ranked=_RANKED,
    )


def best(desk: Desk, asked: Asked) -> str:
    """The newest papers that the filters leave, ranked by the reader's taste of this moment."""
    found = shelf.papers_on(desk.store, _filter(asked), title=asked.text("title"), limit=_RANKED)
    said, read = shelf.marks(desk.store, [paper.id for paper in found.papers])
    ranked = desk.ranked(found.papers, wait=False)
    return asked.page("lines", lines=[_line(item.paper, asked, said, read, item) for item in ranked[:_PAPERS]], numbered=False)


def _values(asked: Asked) -> dict[str, str]:
    return {name: asked.text(name) for name in ("title", "category", "source", "state", "since", "until", "sort")}


def _filter(asked: Asked) -> Filter | None:
    values = _values(asked)
    query = Query(
        categories=(values["category"],) if values["category"] else (),
        sources=(values["source"],) if values["source"] else (),
        states=(values["state"],) if values["state"] in STATES else (),
        since=asked.day("since"),
        until=asked.day("until"),
    )
    return filter_of(query, [])


def _line(paper: Paper, asked: Asked, said: Mapping[str, int], read: set[str], ranked: Ranked | None = None) -> Line:
    reasons: Sequence[str] = [reason.interest for reason in ranked.reasons if reason.share > 0] if ranked else []
    return Line(
        paper=paper,
        title=metadata(paper.title),
        about=_about(paper, asked),
        verdict=said.get(paper.id, 0),
        read=paper.id in read,
        score=ranked.score if ranked else None,
        line=literal(shorten(metadata(paper.abstract).plain, 220)) if paper.abstract else None,
        reason=asked.d.listing.join(dict.fromkeys(shorten(name, 40) for name in reasons[:2])),
    )


def _about(paper: Paper, asked: Asked) -> str:
    parts = (
        fold_authors(paper.authors, asked.d, limit=3, shown=2),
        paper.published.isoformat() if paper.published else "",
        asked.d.listing.join(paper.categories[:3]),
    )
    return " · ".join(part for part in parts if part)
