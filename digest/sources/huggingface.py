"""The papers a community picked: HuggingFace Daily Papers.

``GET /api/daily_papers?date=`` (https://huggingface.co/docs/hub/api). A date is the day of inclusion, not of submission.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from digest.errors import Incomplete, SourceError
from digest.library.identity import merged
from digest.records import Paper
from digest.sources.metadata import arxiv_pages, clean, day_of, distinct, split_arxiv_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from digest.sources import Memory
    from digest.sources.arxiv import ArxivApi
    from digest.sources.http import PoliteClient

BASE_URL = "https://huggingface.co"

_NAME = "hf"
_MARK = "hf daily"
_LIMIT = 100  # the most a page may hold; the fullest day seen until 2026-03 has 44 papers
_CATCH_UP_DAYS = 30


class HuggingFaceSource:
    """The *top_n* papers of each day with the most upvotes, described by arXiv where it knows them.

    Args:
        api: what is asked for version, categories and comment; None: nobody.
        since: the first day, instead of the one after the last that was seen.
    """

    name = _NAME

    def __init__(
        self,
        *,
        top_n: int,
        http: PoliteClient,
        memory: Memory,
        api: ArxivApi | None = None,
        since: dt.date | None = None,
        base_url: str = BASE_URL,
    ) -> None:
        self._top_n, self._http, self._memory, self._api = top_n, http, memory, api
        self._since, self._base_url = since, base_url.rstrip("/")

    def fetch(self, day: dt.date, /) -> Iterator[Paper]:
        """Give the papers of *day* and of the days missed before it, newest day first, in it by upvotes, ties by id.

        The list of a day grows until the day is over, so that of the day before is asked for again, if *day* is today.

        Raises:
            Incomplete: a day's list or arXiv did not answer; what is given is of the others.
            SourceError: no day's answer is a list of papers.
            SourceUnreachable: no connection.
        """
        self.begin(day)
        today, last = self._today(), self._last(day)
        papers: dict[str, Paper] = {}
        problems: list[SourceError] = []
        for date in self._days(last, today):
            try:
                for paper in self._of_day(date):
                    papers[paper.id] = merged(papers[paper.id], paper) if paper.id in papers else paper
            except SourceError as error:
                problems.append(error)
        if problems and not papers:
            raise problems[0]
        try:
            described = self._described(list(papers.values()))
        except SourceError as error:
            problems.append(error)
            described = {}
        yield from (described.get(paper.id, paper) for paper in papers.values())
        if problems:
            raise Incomplete(_NAME, "; ".join(str(error) for error in problems))
        if self._keeps_mark(last):
            self._memory.reach(_MARK, last)

    def begin(self, day: dt.date, /) -> None:
        """See ``Remembering``."""
        last = self._last(day)
        if self._keeps_mark(last) and self._memory.mark(_MARK) is None:
            self._memory.reach(_MARK, last)

    def _today(self) -> dt.date:
        return dt.datetime.fromtimestamp(self._http.clock.now(), dt.UTC).date()

    def _last(self, day: dt.date) -> dt.date:
        """*day*; east of Greenwich a day begins before its list does, and asking for it is an error."""
        return min(day, self._today())

    def _keeps_mark(self, last: dt.date) -> bool:
        return self._since is None and (self._today() - last).days <= 1

    def _days(self, last: dt.date, today: dt.date) -> list[dt.date]:
        """The days to ask for, newest first."""
        growing = last - dt.timedelta(days=1) if (today - last).days <= 1 else last
        mark = self._memory.mark(_MARK) or last
        first = self._since or max(min(mark, growing), last - dt.timedelta(days=_CATCH_UP_DAYS))
        return [last - dt.timedelta(days=n) for n in range((last - first).days + 1)]

    def _of_day(self, day: dt.date) -> list[Paper]:
        params = {"date": day.isoformat(), "limit": str(_LIMIT)}
        items = self._http.get_json(f"{self._base_url}/api/daily_papers", source=_NAME, params=params)
        papers = papers_of_day(items)
        papers.sort(key=lambda paper: (-(paper.upvotes or 0), paper.id))
        return papers[: self._top_n]

    def _described(self, papers: Sequence[Paper]) -> dict[str, Paper]:
        """Those that arXiv is asked about, with what it says."""
        names = [paper.id for paper in papers if split_arxiv_id(paper.id) and not _is_described(self._memory.paper(paper.id))]
        found = self._api.by_id(names) if self._api else {}
        return {paper.id: replace(merged(paper, found[paper.id]), source=_NAME) for paper in papers if paper.id in found}


def _is_described(known: Paper | None) -> bool:
    return known is not None and bool(known.version and known.categories)


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
