"""arXiv's query interface: the papers of some categories or of a search, and papers by id.

The only file that knows the ``arxiv`` package (4.0). The package builds queries, turns pages and reads both Atom
formats in the wild; what it asks for is carried by our own client, because on its own it sends ``arxiv.py`` as
user agent, has no time-out, does not know ``Retry-After``, and passes an error entry over with a log line, so
that a refused query looks like a day without papers.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import arxiv

from digest.errors import Incomplete, SourceError, UsageError
from digest.records import Paper
from digest.sources.metadata import arxiv_pages, clean, split_arxiv_id
from digest.text import shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from digest.sources.http import PoliteClient

API_URL = "https://export.arxiv.org/api/query"
NAME = "arxiv"

_PAGE_SIZE = 200  # the API allows 2,000, but large pages time out and come back empty more often
_IDS_PER_QUERY = 100  # keeps the address under 2,000 characters
_EMPTY_PAGE_RETRIES = 2
_WALKS = 2  # how often a list is walked when fewer papers came than it was said to hold
# Feeds of 2018 list MSC and ACM classes ("53D10, 53D15", "I.2.10") as categories too.
_CATEGORY = re.compile(r"[a-z][a-z-]*(?:\.[A-Za-z][A-Za-z-]*)?")
_ERROR_ENTRY = re.compile(rb"<id[^>]*>\s*https?://[^<]*/api/errors#([^<]*)</id>(?:.*?<summary[^>]*>([^<]*))?", re.DOTALL)
_TOTAL = re.compile(rb"totalResults[^>]*>\s*(\d{1,9})\s*<")


class QueryRefused(SourceError):
    """ArXiv understood that it was asked something, and will not answer this question."""


def check_categories(categories: Sequence[str]) -> None:
    """Raise UsageError unless all of *categories* can be arXiv categories."""
    strange = [category for category in categories if not _CATEGORY.fullmatch(category)]
    if strange:
        raise UsageError(f"not arXiv categories: {', '.join(map(repr, strange))}", hint="digest fetch --help")


class ArxivApi:
    """The query interface at *url*."""

    def __init__(self, http: PoliteClient, url: str = API_URL) -> None:
        self._http, self._url = http, url

    def submitted(self, query: str, since: dt.date, until: dt.date) -> Iterator[Paper]:
        """Give what matches *query* and was first submitted from *since* to the end of *until* (UTC), newest first.

        The window is asked for and checked again here: in November 2025 the API sorted by date wrongly for days. So is the
        number of papers against the one the API announces: it may skip entries between two pages.

        Raises:
            Incomplete: fewer papers came than were announced, twice.
            QueryRefused: arXiv does not accept the query.
            SourceError: it did not answer with a feed.
            SourceUnreachable: no connection.
        """
        search = arxiv.Search(
            query=f"({query}) AND submittedDate:[{since:%Y%m%d}0000 TO {until:%Y%m%d}2359]",
            max_results=None,
            sort_by=arxiv.SortCriterion.SubmittedDate,
        )
        seen: dict[str, int] = {}  # id -> version
        for _ in range(_WALKS):
            carrier, known, entries = _Carrier(self._http), len(seen), 0
            for entries, paper in enumerate(self._papers(search, carrier), start=1):  # noqa: B007 - counted for below
                if seen.get(paper.id, -1) < (paper.version or 0):
                    seen[paper.id] = paper.version or 0
                    if paper.published is not None and since <= paper.published <= until:
                        yield paper
            if len(seen) >= carrier.total or (entries >= carrier.total and len(seen) == known):  # a list may name a paper twice
                return
        raise Incomplete(NAME, f"{len(seen)} of {carrier.total} papers came", left=carrier.total - len(seen))

    def by_id(self, names: Sequence[str]) -> dict[str, Paper]:
        """The papers with those ids (with or without version) by plain id; those arXiv does not have are left out.

        Answers come in any order and without the missing ones. One id that arXiv refuses makes it refuse all that are asked
        for together, so these are asked for in halves then.

        Raises:
            SourceError: it did not answer with a feed.
            SourceUnreachable: no connection.
        """
        found: dict[str, Paper] = {}
        for start in range(0, len(names), _IDS_PER_QUERY):
            found |= self._batch(names[start : start + _IDS_PER_QUERY])
        return found

    def _batch(self, names: Sequence[str]) -> dict[str, Paper]:
        search = arxiv.Search(id_list=list(names), max_results=len(names))
        try:
            return {paper.id: paper for paper in self._papers(search, _Carrier(self._http, whole=False))}
        except QueryRefused:
            if len(names) == 1:
                return {}
            half = len(names) // 2
            return self._batch(names[:half]) | self._batch(names[half:])

    def _papers(self, search: arxiv.Search, carrier: _Carrier) -> Iterator[Paper]:
        client = arxiv.Client(page_size=_PAGE_SIZE, delay_seconds=0.0, num_retries=_EMPTY_PAGE_RETRIES)
        client.query_url_format = f"{self._url}?{{}}"
        client._session = carrier  # noqa: SLF001 - arxiv 4.0.2 offers no other way to set user agent, time-out and retries
        try:
            for result in client.results(search):
                yield _paper(result)
        except (arxiv.UnexpectedEmptyPageError, arxiv.HTTPError):
            problem = f"a page of the list stayed empty, {_EMPTY_PAGE_RETRIES + 1} times in a row"
            raise SourceError(NAME, problem, hint="digest run  # in a few minutes") from None
        except ValueError as error:  # the package lets a timestamp that is none through as this
            raise SourceError(NAME, f"an entry of the feed cannot be read: {error}") from error


class ArxivIds:
    """The papers with given ids, in the order given.

    Args:
        ids: arXiv ids, with or without version, or addresses of their pages.

    Raises:
        UsageError: there is none, or one is not an arXiv id; asking for it would make arXiv refuse all.
    """

    name = NAME

    def __init__(self, ids: Iterable[str], *, api: ArxivApi) -> None:
        self._wanted: dict[str, str] = {}  # id without version -> as asked for
        for text in ids:
            known = split_arxiv_id(text)
            if known is None:
                raise UsageError(f"not an arXiv id: {text}", hint="digest run --source arxiv:2601.20742,hep-th/9901001")
            plain, version = known
            self._wanted[plain] = f"{plain}v{version}" if version else plain
        if not self._wanted:
            raise UsageError("no arXiv id was given", hint="digest run --source arxiv:2601.20742,hep-th/9901001")
        self._api = api

    def fetch(self, _day: dt.date, /) -> Iterator[Paper]:
        """Give the papers; the day does not matter.

        Raises:
            Incomplete: arXiv does not have some of them.
            SourceError: it has none, or did not answer with a feed.
            SourceUnreachable: no connection.
        """
        found = self._api.by_id(list(self._wanted.values()))
        yield from (found[plain] for plain in self._wanted if plain in found)
        missing = [self._wanted[plain] for plain in self._wanted if plain not in found]
        if missing:
            problem = f"no paper with id {', '.join(missing)}"
            raise Incomplete(NAME, problem, hint=f"digest run --source arxiv:{','.join(found)}") if found else SourceError(NAME, problem)


def _paper(result: arxiv.Result) -> Paper:
    known = split_arxiv_id(result.entry_id)
    if known is None:
        raise SourceError(NAME, f"an entry of the feed has no arXiv id but {shorten(result.entry_id, 80)!r}")
    plain, version = known
    page, pdf = arxiv_pages(f"{plain}v{version}" if version else plain)
    categories = filter(_CATEGORY.fullmatch, (result.primary_category, *result.categories))
    return Paper(
        id=plain,
        title=clean(result.title),
        abstract=clean(result.summary),
        authors=tuple(clean(author.name) for author in result.authors),
        categories=tuple(dict.fromkeys(categories)),
        published=result.published.date(),
        updated=result.updated.date(),
        version=version,
        source=NAME,
        comment=clean(result.comment or ""),
        link=page,
        pdf=re.sub(r"^http://arxiv\.org/", "https://arxiv.org/", result.pdf_url or pdf),
    )


@dataclass(frozen=True, slots=True)
class _Page:
    """What the package looks at in an answer."""

    status_code: int
    content: bytes


class _Carrier:
    """Stands where the package keeps its requests session, and notes how many papers the list is said to hold.

    Args:
        whole: take a page without entries of a list that is not empty for a failure. A list of ids may be so: the total
            counts those that do not exist.
    """

    def __init__(self, http: PoliteClient, *, whole: bool = True) -> None:
        self._http, self._whole = http, whole
        self.total = 0

    def get(self, url: str, **_: object) -> _Page:
        """Return a page that holds a whole feed without an error entry; raises SourceError for any other."""
        reply = self._http.get(url, source=NAME)
        _check(reply.status, reply.body)
        total = _TOTAL.search(reply.body)
        self.total = max(self.total, int(total[1])) if total else self.total
        # The package takes an empty first page for an empty list; a status of its own makes it ask again.
        flaky = self._whole and self.total and b"<entry" not in reply.body
        return _Page(503 if flaky else reply.status, reply.body)


def _check(status: int, body: bytes) -> None:
    """Raise what is wrong with *body* unless it is a whole feed of papers."""
    refused = _ERROR_ENTRY.search(body)
    if refused:
        fragment, summary = refused.groups()
        raise QueryRefused(NAME, f"the query was refused: {clean((summary or fragment).decode('utf-8', 'replace'))}")
    if status == 400:  # since 2026 for malformed ids, without a feed
        raise QueryRefused(NAME, f"the query was refused: HTTP 400 {shorten(body[:1000].decode('utf-8', 'replace'), 120)}")
    if status != 200:
        raise SourceError(NAME, f"HTTP {status}")
    if b"http://www.w3.org/2005/Atom" not in body[:1000]:  # the sign-in page of a hotel network, say
        raise SourceError(NAME, f"the answer is not a feed: {shorten(body[:1000].decode('utf-8', 'replace'), 120)}")
    if not body.rstrip().endswith(b"</feed>"):  # the package would repair it and lose papers
        raise SourceError(NAME, "the feed breaks off")
