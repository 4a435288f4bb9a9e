"""One paper: its analysis beside its pages, its files, and what the reader says of it. Everything is named by the paper's id."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response

from digest.errors import DigestError, PaperError
from digest.library import shelf
from digest.library.feedback import Feedback
from digest.publishing import render_paper_html
from digest.publishing.inline import literal, metadata
from digest.records import Entry, Ranked
from digest.web.asked import known
from digest.web.templates import trusted
from digest.workspace import safe_name

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from pathlib import Path

    from digest.publishing.inline import Inline
    from digest.records import Box, Document, Figure, Paper
    from digest.web.asked import Asked
    from digest.web.desk import Desk

_PAGE_PIXELS = 1400  # width of the picture of a page
_FIGURE_PIXELS = 1000
_NEAR = 6
_LEAST_COSINE = 0.35


@dataclass(frozen=True, slots=True, kw_only=True)
class Crop:
    """A figure or table to look at."""

    number: int
    page: int
    label: str
    caption: Inline


def paper(desk: Desk, asked: Asked) -> str:
    """The analysis of a paper beside the page it cites."""
    shown = asked.paper(desk)
    entry, ranked = _entry(desk, shown)
    document = desk.document(shown)
    file = desk.pdf(shown)
    entry = dataclasses.replace(
        entry, pdf=f"/pdf/{shown.id}" if file else "", figure="", neighbours=(), document=entry.document or document
    )
    style = entry.analysis.style if entry.analysis else "daily"
    return asked.page(
        "paper",
        paper=shown,
        article=trusted(render_paper_html(entry, language=asked.language, style=style)),
        ranked=ranked,
        said=Feedback(desk.store).of(shown.id),
        pages=document.pages if document and file else 0,
        first=_first_page(entry),
        crops=_crops(document) if document and file else [],
    )


def _entry(desk: Desk, shown: Paper) -> tuple[Entry, bool]:
    """The paper as it was delivered; one that never was, as it would be. And whether it has a score."""
    entry = shelf.delivered_entry(desk.store, shown.id)
    if entry:
        return entry, True
    try:
        ranked, scored = desk.ranked([shown], wait=False)[0], True
    except DigestError:
        ranked, scored = Ranked(paper=shown, score=0, relevance=0.0), False
    return Entry(ranked=ranked, analysis=shelf.newest_analysis(desk.store, shown.id)), scored


def _first_page(entry: Entry) -> int:
    """The first page that the analysis cites."""
    claims = [claim for section in entry.analysis.sections for claim in section.claims] if entry.analysis else []
    return next((page for claim in claims for page in claim.pages), 1)


def _crops(document: Document) -> list[Crop]:
    return [
        Crop(number=number, page=figure.page, label=figure.label, caption=literal(figure.caption))
        for number, figure in enumerate(document.figures)
        if figure.box
    ]


def why(desk: Desk, asked: Asked) -> str:
    """What speaks for the paper now, by the profile and all that the reader has said."""
    return asked.page("why", item=desk.ranked([asked.paper(desk)], wait=False)[0], title=metadata)


def near(desk: Desk, asked: Asked) -> str:
    """The nearest papers of the library."""
    found = desk.with_models(wait=False).searcher.similar(asked.paper(desk), top_k=_NEAR)
    said, read = shelf.marks(desk.store, [other.id for other, _ in found])
    lines = [(other, metadata(other.title), round(100 * cosine), said.get(other.id, 0), other.id in read) for other, cosine in found]
    return asked.page("near", lines=[line for line in lines if line[2] >= 100 * _LEAST_COSINE])


# --- files ------------------------------------------------------------------------------------------------------------


def pdf(desk: Desk, asked: Asked) -> Response:
    """The PDF itself. What it may run is the browser's viewer's business; as a document of this server it may do nothing."""
    shown = asked.paper(desk)
    return FileResponse(
        _file(desk, shown),
        media_type="application/pdf",
        filename=f"{safe_name(shown.name)}.pdf",
        content_disposition_type="inline",
        headers={"Content-Security-Policy": "default-src 'none'; object-src 'self'; frame-ancestors 'none'"},
    )


def page(desk: Desk, asked: Asked) -> bytes:
    """The picture of a page."""
    shown, number = asked.paper(desk), int(asked.names["number"])
    path, document = _file(desk, shown), desk.document(shown)
    if not 1 <= number <= (document.pages if document else 0):
        raise HTTPException(404)
    readers = desk.tools.readers
    key = ("page", document.sha256 if document else "", number)
    return _picture(desk, key, lambda: readers.page(path, number, width_pixels=_PAGE_PIXELS))


def boxes(desk: Desk, asked: Asked) -> dict[str, object]:
    """Where a quoted sentence stands on a page, in points of the page's width and height."""
    shown, number = asked.paper(desk), int(asked.names["number"])
    path, document = _file(desk, shown), desk.document(shown)
    if not 1 <= number <= (document.pages if document else 0):
        raise HTTPException(404)
    try:
        marked = desk.tools.readers.find(path, number, asked.values.get("quote", "")[:2000])
    except PaperError:
        return {"width": 1, "height": 1, "boxes": []}
    return {"width": marked.width, "height": marked.height, "boxes": [_rounded(box) for box in marked.boxes]}


def _rounded(box: Box) -> list[float]:
    return [round(value, 1) for value in box]


def figure(desk: Desk, asked: Asked) -> bytes:
    """The picture of a figure or table."""
    shown, number = asked.paper(desk), int(asked.names["number"])
    document = desk.document(shown)
    if document is None or not 0 <= number < len(document.figures):
        raise HTTPException(404)
    return _crop(desk, shown, document, document.figures[number])


def overview_figure(desk: Desk, asked: Asked) -> bytes:
    """The picture of the figure that shows the method at a glance."""
    from digest.reading import overview

    shown = asked.paper(desk)
    document = desk.document(shown)
    found = overview(document.figures) if document else None
    if document is None or found is None:
        raise HTTPException(404)
    return _crop(desk, shown, document, found)


def _crop(desk: Desk, shown: Paper, document: Document, wanted: Figure) -> bytes:
    path, readers = _file(desk, shown), desk.tools.readers
    key = ("figure", document.sha256, wanted.page, wanted.box)
    return _picture(desk, key, lambda: readers.crop(path, [wanted], width_pixels=_FIGURE_PIXELS)[0])


def _picture(desk: Desk, key: Hashable, draw: Callable[[], bytes]) -> bytes:
    try:
        drawn = desk.drawn(key, draw)
    except PaperError:
        drawn = b""
    if not drawn:
        raise HTTPException(404)
    return drawn


def _file(desk: Desk, shown: Paper) -> Path:
    path = desk.pdf(shown)
    if path is None:
        raise HTTPException(404)
    return path


# --- what the reader says ---------------------------------------------------------------------------------------------


def feedback(desk: Desk, asked: Asked) -> dict[str, object]:
    """Keep a verdict on a paper: 1, -1, or 0 to take it back."""
    said = asked.json()
    name, verdict = said.get("id"), said.get("verdict")
    if not isinstance(name, str) or not isinstance(verdict, int) or verdict not in {-1, 0, 1}:
        raise HTTPException(400, "id and verdict")
    shown = known(desk, name)
    desk.say(shown, verdict)
    return {"id": shown.id, "verdict": verdict}
