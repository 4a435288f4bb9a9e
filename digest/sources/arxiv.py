"""Papers of arXiv: the newest submissions of some categories, or the papers with given ids.

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

from digest.errors import SourceError, UsageError
from digest.records import Paper
from digest.sources.metadata import arxiv_pages, clean, distinct, split_arxiv_id
from digest.text import shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from digest.sources.http import PoliteClient

API_URL = "https://export.arxiv.org/api/query"

_NAME = "arxiv"
_PAGE_SIZE = 200  # the API allows 2,000, but large pages time out and come back empty more often
_IDS_PER_QUERY = 100  # keeps the address under 2,000 characters
_EMPTY_PAGE_RETRIES = 2
# Feeds of 2018 list MSC and ACM classes ("53D10, 53D15", "I.2.10") as categories too.
_CATEGORY = re.compile(r"[a-z][a-z-]*(?:\.[A-Za-z][A-Za-z-]*)?")
_ERROR_ENTRY = re.compile(rb"<id[^>]*>\s*https?://[^<]*/api/errors#([^<]*)</id>(?:.*?<summary[^>]*>([^<]*))?", re.DOTALL)


class ArxivSource:
    """The newest submissions in some categories.

    Args:
        categories: arXiv categories (``cs.CV``); a paper of any of them is taken.
        days: how far back from the digest's day submissions count; arXiv announces up to four days later (weekends).
        max_results: the newest so many at most.
        api_url: the query address.

    Raises:
        UsageError: no category, or one that cannot be one.
    """

    name = _NAME

    def __init__(self, categories: Sequence[str], *, days: int, max_results: int, http: PoliteClient, api_url: str = API_URL) -> None:
        strange = [category for category in categories if not _CATEGORY.fullmatch(category)]
        if strange or not categories:
            raise UsageError(f"not arXiv categories: {', '.join(strange) or '(none given)'}", hint="digest fetch --help")
        self._categories, self._days, self._max_results = tuple(categories), days, max_results
        self._http, self._api_url = http, api_url

    def fetch(self, day: dt.date, /) -> list[Paper]:
        """Return what was first submitted from *days* before *day* to its end (UTC), newest first.

        The window is asked for and checked again here: in November 2025 the API sorted by date wrongly for days.

        Raises:
            SourceError: arXiv refused the query or did not answer with a feed.
            SourceUnreachable: no connection.
        """
        since = day - dt.timedelta(days=self._days)
        categories = " OR ".join(f"cat:{category}" for category in self._categories)
        search = arxiv.Search(
            query=f"({categories}) AND submittedDate:[{since:%Y%m%d}0000 TO {day:%Y%m%d}2359]",
            max_results=self._max_results,
            sort_by=arxiv.SortCriterion.SubmittedDate,
        )
        papers = distinct(_papers(search, self._http, self._api_url))
        return [paper for paper in papers if paper.published is not None and since <= paper.published <= day]


class ArxivIds:
    """The papers with given ids, in the order given.

    Args:
        ids: arXiv ids, with or without version, or addresses of their pages.

    Raises:
        UsageError: one of *ids* is not an arXiv id; asking for it would make arXiv refuse all.
    """

    name = _NAME

    def __init__(self, ids: Iterable[str], *, http: PoliteClient, api_url: str = API_URL) -> None:
        self._wanted: dict[str, str] = {}  # id without version -> as asked for
        for text in ids:
            known = split_arxiv_id(text)
            if known is None:
                raise UsageError(f"not an arXiv id: {text}", hint="digest analyse 2601.20742")
            plain, version = known
            self._wanted[plain] = f"{plain}v{version}" if version else plain
        self._http, self._api_url = http, api_url

    def fetch(self, _day: dt.date, /) -> list[Paper]:
        """Return the papers; the day does not matter.

        Raises:
            SourceError: arXiv does not have one of them, refused the query or did not answer with a feed.
            SourceUnreachable: no connection.
        """
        names = list(self._wanted.values())
        found: dict[str, Paper] = {}
        for start in range(0, len(names), _IDS_PER_QUERY):
            part = names[start : start + _IDS_PER_QUERY]
            search = arxiv.Search(id_list=part, max_results=len(part))
            found |= {paper.id: paper for paper in _papers(search, self._http, self._api_url)}
        missing = [self._wanted[plain] for plain in self._wanted if plain not in found]
        if missing:
            raise SourceError(_NAME, f"no paper with id {', '.join(missing)}")
        return [found[plain] for plain in self._wanted]


def _papers(search: arxiv.Search, http: PoliteClient, api_url: str) -> list[Paper]:
    client = arxiv.Client(page_size=_PAGE_SIZE, delay_seconds=0.0, num_retries=_EMPTY_PAGE_RETRIES)
    client.query_url_format = f"{api_url}?{{}}"
    client._session = _Carrier(http)  # noqa: SLF001 - arxiv 4.0.2 offers no other way to set user agent, time-out and retries
    try:
        return [_paper(result) for result in client.results(search)]
    except arxiv.UnexpectedEmptyPageError:
        problem = f"a later page of the list stayed empty, {_EMPTY_PAGE_RETRIES + 1} times in a row"
        raise SourceError(_NAME, problem, hint="digest run  # in a few minutes") from None
    except ValueError as error:  # the package lets a timestamp that is none through as this
        raise SourceError(_NAME, f"an entry of the feed cannot be read: {error}") from error


def _paper(result: arxiv.Result) -> Paper:
    known = split_arxiv_id(result.entry_id)
    if known is None:
        raise SourceError(_NAME, f"an entry of the feed has no arXiv id but {shorten(result.entry_id, 80)!r}")
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
        source=_NAME,
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
    """Stands where the package keeps its requests session."""

    def __init__(self, http: PoliteClient) -> None:
        self._http = http

    def get(self, url: str, **_: object) -> _Page:
        """Return a page that holds a whole feed without an error entry; raises SourceError for any other."""
        reply = self._http.get(url, source=_NAME)
        problem = _fault(reply.status, reply.body)
        if problem:
            raise SourceError(_NAME, problem)
        return _Page(reply.status, reply.body)


def _fault(status: int, body: bytes) -> str:
    """Why *body* is not a whole feed of papers; "" if it is one."""
    refused = _ERROR_ENTRY.search(body)
    if refused:
        fragment, summary = refused.groups()
        return f"the query was refused: {clean((summary or fragment).decode('utf-8', 'replace'))}"
    if status != 200:
        return f"HTTP {status}"
    if b"http://www.w3.org/2005/Atom" not in body[:1000]:  # the sign-in page of a hotel network, say
        return f"the answer is not a feed: {shorten(body[:1000].decode('utf-8', 'replace'), 120)}"
    if not body.rstrip().endswith(b"</feed>"):  # the package would repair it and lose papers
        return "the feed breaks off"
    return ""
