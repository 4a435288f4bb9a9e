"""What is new on arXiv: the submissions of the last days, and what the announcements name besides.

No single list is complete. The query interface lists by day of first submission: it never shows a paper that moderators
held back for longer than the window, nor an older one that was listed in a further category today. The announcement (RSS)
shows both, for one day, and has served an old batch under a new date (2026-08). So both are asked, what they name is told
apart by id alone, and where an announcement was missed the harvesting interface (OAI-PMH), slow but without gaps, fills in.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from digest.errors import Incomplete, SourceError, UsageError
from digest.sources.announced import batch_of, harvest_of, set_of
from digest.sources.arxiv import API_URL, NAME, check_categories

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from digest.records import Paper
    from digest.sources import Memory
    from digest.sources.arxiv import ArxivApi
    from digest.sources.http import PoliteClient

RSS_URL = "https://rss.arxiv.org/rss"
OAI_URL = "https://oaipmh.arxiv.org/oai"

_CATCH_UP_DAYS = 30  # an absence longer than this is a holiday: ask for it with --since
_LATE_DAYS = 60  # how old a first version may be that a harvest still counts as new
_OAI_SILENCE_SECONDS = 120.0  # its first byte took up to 90 s in August 2026
_LARGEST_HARVEST = 50  # pages of about 1,000 records; more is not one absence
_SOON_DAYS = 7  # within which a further version of a paper does not make it old
_COUNTED = 2000  # papers left over that are still counted; beyond, the list is not read to its end


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a reader wants of arXiv."""

    categories: tuple[str, ...] = ()  # a paper of any of them
    queries: tuple[str, ...] = ()  # or one that any of these searches finds (https://info.arxiv.org/help/api/user-manual.html)
    days: int = 3  # how far back from the digest's day submissions count; arXiv announces up to four days later
    since: dt.date | None = None  # instead, if given
    max_new: int = 300  # papers unknown before; the rest is left to later runs

    def __post_init__(self) -> None:
        """Raise UsageError where it asks for nothing, or for what cannot be a category."""
        check_categories(self.categories)
        if not self.categories and not any(query.strip() for query in self.queries):
            raise UsageError("neither a category nor a query to ask arXiv for", hint="digest fetch --help")

    @property
    def query(self) -> str:
        """All of it as one search."""
        parts = [f"cat:{category}" for category in self.categories]
        return " OR ".join(parts + [f"({query})" for query in self.queries])


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where arXiv answers."""

    api: str = API_URL
    rss: str = RSS_URL
    oai: str = OAI_URL


class ArxivSource:
    """The new papers of some categories or searches.

    Args:
        memory: what earlier runs saw; a gap since then is filled, 30 days at most.
        http: also tells what day it is: announcements are asked for only when the digest is of today or yesterday.
    """

    name = NAME

    def __init__(self, wanted: Wanted, *, api: ArxivApi, http: PoliteClient, memory: Memory, at: Addresses | None = None) -> None:
        self._wanted, self._api, self._http, self._memory = wanted, api, http, memory
        self._at = at or Addresses()
        self._submitted_mark = f"arxiv submitted {wanted.query}"
        self._announced_mark = f"arxiv announced {' '.join(sorted(wanted.categories))}"

    def fetch(self, day: dt.date, /) -> Iterator[Paper]:
        """Give the papers new by *day*, submissions first, newest first, each once.

        Where one of the lists does not answer, what the others name is given all the same, and a later run asks again.

        Raises:
            Incomplete: more than ``max_new`` were unknown, or a list did not answer as a whole.
            SourceError: no list brought anything; arXiv refused the query, for example.
            SourceUnreachable: no connection.
        """
        self.begin(day)
        quota = _Quota(self._memory, self._wanted.max_new)
        problems: list[SourceError] = []
        for part in (self._submitted, self._announced):
            try:
                yield from part(day, quota)
            except SourceError as error:
                problems.append(error)
        if problems and not quota.given:
            raise problems[0]
        reasons = [error.problem for error in problems]
        if quota.left:
            reasons.append(f"{quota.left} new papers beyond max_papers ({self._wanted.max_new}) are left for the next run")
        if reasons:
            raise Incomplete(NAME, "; ".join(reasons), left=quota.left)

    def begin(self, day: dt.date, /) -> None:
        """See ``Remembering``."""
        if self._keeps_mark(day) and self._memory.mark(self._submitted_mark) is None:
            self._memory.reach(self._submitted_mark, day)
        if self._asks_announcement(day) and self._memory.mark(self._announced_mark) is None:
            self._memory.reach(self._announced_mark, self._yesterday())

    # --- submissions --------------------------------------------------------------------------------------------------

    def _submitted(self, day: dt.date, quota: _Quota) -> Iterator[Paper]:
        since = self._wanted.since or self._start(day)
        yield from quota.of(self._api.submitted(self._wanted.query, since, day))
        if self._keeps_mark(day) and not quota.left:
            self._memory.reach(self._submitted_mark, day)

    def _start(self, day: dt.date) -> dt.date:
        """The first day of the window: *days* before *day*, or before the day up to which all was seen."""
        mark = min(self._memory.mark(self._submitted_mark) or day, day)
        return max(mark, day - dt.timedelta(days=_CATCH_UP_DAYS)) - dt.timedelta(days=self._wanted.days)

    def _keeps_mark(self, day: dt.date) -> bool:
        return self._wanted.since is None and self._is_current(day)

    def _today(self) -> dt.date:
        return dt.datetime.fromtimestamp(self._http.clock.now(), dt.UTC).date()

    def _yesterday(self) -> dt.date:
        return self._today() - dt.timedelta(days=1)

    def _is_current(self, day: dt.date) -> bool:
        """Whether *day* is now: announcements are of today, and what was seen of a past day says nothing of later ones."""
        return day >= self._yesterday()

    # --- announcements ------------------------------------------------------------------------------------------------

    def _asks_announcement(self, day: dt.date) -> bool:
        return bool(self._wanted.categories and self._at.rss) and self._is_current(day)

    def _announced(self, day: dt.date, quota: _Quota) -> Iterator[Paper]:
        if not self._asks_announcement(day):
            return
        mark = self._memory.mark(self._announced_mark) or self._yesterday()
        batch = batch_of(self._body(f"{self._at.rss}/{'+'.join(self._wanted.categories)}"))
        reached = batch.day or self._today()
        is_old = all(self._memory.paper(paper.id) for paper in batch.papers)  # one that announces nothing new may be old too
        yield from quota.of(self._checked(batch.papers, quota))
        if _skips_one(mark, reached):
            since = max(mark, day - dt.timedelta(days=_CATCH_UP_DAYS))
            yield from quota.of(self._checked(list(self._harvested(since)), quota))
            reached -= dt.timedelta(days=is_old)  # harvested up to yesterday at least
        elif is_old:  # seen before: proves nothing, and the next one tells whether one was missed
            return
        if not quota.left:
            self._memory.reach(self._announced_mark, reached)

    def _checked(self, papers: Sequence[Paper], quota: _Quota) -> Iterator[Paper]:
        """*papers* as the query interface describes them; as they are where they are known, or it does not answer."""
        unknown = [paper.id for paper in papers if quota.wants(paper)]
        problem = None
        try:
            found = self._api.by_id(unknown)
        except SourceError as error:
            found, problem = {}, error
        for paper in papers:
            yield found.get(paper.id) or replace(self._memory.paper(paper.id) or paper, source=NAME)
        if problem:
            raise Incomplete(NAME, f"announced papers could not be looked up: {problem.problem}")

    def _harvested(self, since: dt.date) -> Iterator[Paper]:
        """New papers of the days from *since*; a changed record of an older one is none."""
        earliest, latest = since - dt.timedelta(days=_LATE_DAYS), since - dt.timedelta(days=_SOON_DAYS)
        for record in self._records(since):
            created = record.published
            if created and (created >= latest or (record.updated is None and created >= earliest)):
                yield record

    def _records(self, since: dt.date) -> Iterator[Paper]:
        for category in self._wanted.categories:
            params = {"verb": "ListRecords", "metadataPrefix": "arXiv", "set": set_of(category), "from": since.isoformat()}
            for _ in range(_LARGEST_HARVEST):
                page = harvest_of(self._body(self._at.oai, params))
                yield from page.papers
                if not page.token:
                    break
                params = {"verb": "ListRecords", "resumptionToken": page.token}

    def _body(self, url: str, params: Mapping[str, str] | None = None) -> bytes:
        reply = self._http.get(url, source=NAME, params=params, silence_seconds=_OAI_SILENCE_SECONDS if params else None)
        if reply.status != 200:
            raise SourceError(NAME, f"{url}: HTTP {reply.status}")
        return reply.body


class _Quota:
    """Lets each paper through once, and of those unknown before only so many; it counts the others."""

    def __init__(self, memory: Memory, max_new: int) -> None:
        self._memory, self._max_new = memory, max_new
        self.given: set[str] = set()
        self._new = 0
        self._left: set[str] = set()

    @property
    def left(self) -> int:
        """How many were held back; counting stops at 2,000."""
        return len(self._left)

    def wants(self, paper: Paper) -> bool:
        """Whether it is worth asking for *paper*: neither given yet nor known in full."""
        known = self._memory.paper(paper.id)
        return paper.id not in self.given and paper.id not in self._left and not (known and known.version and known.published)

    def of(self, papers: Iterable[Paper]) -> Iterator[Paper]:
        """Those of *papers* that may pass."""
        for paper in papers:
            if paper.id in self.given:
                continue
            is_new = self._memory.paper(paper.id) is None
            if is_new and self._new == self._max_new:
                self._left.add(paper.id)
                if self.left == _COUNTED:
                    return
                continue
            self._new += is_new
            self.given.add(paper.id)
            yield paper


def _skips_one(mark: dt.date, batch: dt.date) -> bool:
    """Whether an announcement lies between those of two days: there is one each day from Monday to Friday."""
    return any((mark + dt.timedelta(days=n)).weekday() < 5 for n in range(1, (batch - mark).days))
