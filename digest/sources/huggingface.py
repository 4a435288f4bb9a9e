"""The papers a community picked: HuggingFace Daily Papers.

``GET /api/daily_papers?date=`` (https://huggingface.co/docs/hub/api). A date is the day of inclusion, not of submission.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from digest.errors import SourceError
from digest.records import Paper
from digest.sources.metadata import arxiv_pages, clean, day_of, distinct, split_arxiv_id

if TYPE_CHECKING:
    import datetime as dt

    from digest.sources.http import PoliteClient

BASE_URL = "https://huggingface.co"

_NAME = "hf"
_LIMIT = 100  # the most a page may hold; the fullest day seen until 2026-03 has 44 papers


class HuggingFaceSource:
    """The *top_n* papers of a day with the most upvotes."""

    name = _NAME

    def __init__(self, *, top_n: int, http: PoliteClient, base_url: str = BASE_URL) -> None:
        self._top_n, self._http, self._base_url = top_n, http, base_url.rstrip("/")

    def fetch(self, day: dt.date, /) -> list[Paper]:
        """Return the papers of *day*, most upvotes first, ties by id; none on most weekends.

        Raises:
            SourceError: the answer is not a list of papers.
            SourceUnreachable: no connection.
        """
        params = {"date": day.isoformat(), "limit": str(_LIMIT)}
        items = self._http.get_json(f"{self._base_url}/api/daily_papers", source=_NAME, params=params)
        papers = papers_of_day(items)
        papers.sort(key=lambda paper: (-(paper.upvotes or 0), paper.id))
        return papers[: self._top_n]


def papers_of_day(items: object) -> list[Paper]:
    """The papers in a decoded answer, ids distinct, in its order.

    An item without a usable id or title has nothing to show and is passed over.

    Raises:
        SourceError: *items* is not a list, or not one of its items is a paper.
    """
    if not isinstance(items, list):
        raise SourceError(_NAME, f"the answer is not a list but {type(items).__name__}")
    papers = [paper for item in items if (paper := _paper(item)) is not None]
    if items and not papers:
        raise SourceError(_NAME, f"not one of {len(items)} items is a paper")
    return distinct(papers)


def _paper(item: object) -> Paper | None:
    paper = item.get("paper") if isinstance(item, Mapping) else None
    if not isinstance(paper, Mapping):
        return None
    plain, title, upvotes = _text(paper, "id"), _text(paper, "title"), paper.get("upvotes")
    if not plain or not title:
        return None
    known = split_arxiv_id(plain)
    plain, version = known or (plain, None)
    page, pdf = arxiv_pages(plain) if known else (f"{BASE_URL}/papers/{plain}", "")
    return Paper(
        id=plain,
        title=title,
        abstract=_text(paper, "summary"),
        authors=_authors(paper.get("authors")),
        published=day_of(paper.get("publishedAt")),
        version=version,
        source=_NAME,
        link=page,
        pdf=pdf,
        upvotes=upvotes if isinstance(upvotes, int) else None,
    )


def _text(fields: Mapping[object, object], field: str) -> str:
    value = fields.get(field)
    return clean(value) if isinstance(value, str) else ""


def _authors(authors: object) -> tuple[str, ...]:
    """Names in order, without the authors the site hides."""
    shown = [author for author in authors if isinstance(author, Mapping) and not author.get("hidden")] if isinstance(authors, list) else []
    return tuple(name for author in shown if (name := _text(author, "name")))
