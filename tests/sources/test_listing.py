"""arXiv's three lists together: what one does not show, another does."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from digest.errors import Incomplete, SourceError, SourcePaused, UsageError
from digest.sources.arxiv import ArxivApi
from digest.sources.listing import Addresses, ArxivSource, Wanted
from tests.loopback import Answer
from tests.sources.arxivfeeds import harvest, item, oai_error, record, rss
from tests.sources.test_arxiv import entry, feed

if TYPE_CHECKING:
    from digest.library.marks import Marks
    from digest.records import Paper
    from digest.sources.http import PoliteClient
    from tests.clock import JumpingClock
    from tests.loopback import LoopbackServer, Request

FRIDAY = dt.date(2026, 1, 30)  # the day that the clock of these tests shows
CATEGORIES = ("cs.CV",)


class World:
    """arXiv with a few papers; each list can be replaced by something else."""

    def __init__(self, server: LoopbackServer, http: PoliteClient, memory: Marks, clock: JumpingClock) -> None:
        self.server, self.http, self.memory, self.clock = server, http, memory, clock
        self.submitted: list[str] = []
        self.by_id: dict[str, str] = {}
        server.route("/api/query", self._query)
        self.announce()
        server.route("/oai", oai_error("noRecordsMatch"))

    def _query(self, request: Request) -> Answer:
        if request.query.get("id_list"):
            return Answer(feed(*(self.by_id[name] for name in request.query["id_list"].split(",") if name in self.by_id)))
        start, count = int(request.query["start"]), int(request.query["max_results"])
        return Answer(feed(*self.submitted[start : start + count], total=len(self.submitted)))

    def announce(self, *items: str, day: str = "Fri, 30 Jan 2026 00:00:00 -0500") -> None:
        self.server.route("/rss/cs.CV", rss(*items, day=day))

    def source(self, max_new: int = 100, since: dt.date | None = None, queries: tuple[str, ...] = ()) -> ArxivSource:
        wanted = Wanted(categories=() if queries else CATEGORIES, queries=queries, since=since, max_new=max_new)
        elsewhere = self.server.url.replace("127.0.0.1", "localhost")  # hosts are left alone one by one
        at = Addresses(rss=f"{elsewhere}/rss", oai=f"{elsewhere}/oai")
        return ArxivSource(wanted, api=ArxivApi(self.http, f"{self.server.url}/api/query"), http=self.http, memory=self.memory, at=at)

    def fetch(self, day: dt.date = FRIDAY, max_new: int = 100) -> tuple[list[Paper], SourceError | None]:
        """One run on *day* that keeps what it finds."""
        self.clock.time = dt.datetime(day.year, day.month, day.day, 10, tzinfo=dt.UTC).timestamp()
        return self.fetch_for(day, max_new)

    def fetch_for(self, day: dt.date, max_new: int = 100) -> tuple[list[Paper], SourceError | None]:
        """The same, whatever day it is."""
        papers: list[Paper] = []
        problem = None
        try:
            for paper in self.source(max_new).fetch(day):
                papers.append(paper)  # noqa: PERF402 - what came before an error counts
        except SourceError as error:
            problem = error
        self.memory._store.add_papers(papers, today=day)
        self.memory.keep()
        return papers, problem

    def windows(self) -> list[str]:
        """The submission windows asked for."""
        queries = [request.query["search_query"] for request in self.server.asked("/api/query") if request.query.get("search_query")]
        return [query.partition("submittedDate:")[2] for query in queries]


@pytest.fixture
def world(server: LoopbackServer, http: PoliteClient, memory: Marks, clock: JumpingClock) -> World:
    return World(server, http, memory, clock)


def ids(papers: list[Paper]) -> list[str]:
    return [paper.id for paper in papers]


def test_papers_that_moderators_held_back_and_cross_lists_come_with_the_announcement(world):
    world.submitted = [entry("2601.00002v1", "2026-01-29T10:00:00Z")]
    world.by_id = {"2512.00007": entry("2512.00007v1", "2025-12-01T10:00:00Z"), "2501.00008": entry("2501.00008v3", "2025-01-01T10:00:00Z")}
    world.announce(item("2601.00002v1"), item("2512.00007v1"), item("2501.00008v3", "cross"), item("2401.00001v2", "replace"))
    papers, problem = world.fetch()
    assert (ids(papers), problem) == (["2601.00002", "2512.00007", "2501.00008"], None)
    assert papers[1].comment == "8 pages"  # as the query interface tells it
    assert [request.query["id_list"] for request in world.server.asked("/api/query")][-1] == "2512.00007,2501.00008"


def test_the_announcement_stands_in_while_the_query_interface_refuses(world):
    world.server.route("/api/query", Answer(status=429))
    world.announce(item("2601.00002v1"), item("2601.00003v1"))
    papers, problem = world.fetch()
    assert ids(papers) == ["2601.00002", "2601.00003"]
    assert isinstance(problem, Incomplete)
    assert "left alone until" in str(problem)


def test_when_nothing_answers_the_error_says_when_it_is_asked_again(world):
    world.server.route("/api/query", Answer(status=429))
    world.server.route("/rss/cs.CV", Answer(status=500))
    papers, problem = world.fetch()
    assert papers == []
    assert isinstance(problem, SourcePaused)


def test_submissions_come_when_the_announcement_does_not(world):
    world.submitted = [entry("2601.00002v1")]
    world.server.route("/rss/cs.CV", "<html>down for maintenance</html>")
    papers, problem = world.fetch()
    assert ids(papers) == ["2601.00002"]
    assert isinstance(problem, Incomplete)


def test_what_is_beyond_the_limit_is_told_and_comes_with_the_next_run(world):
    world.submitted = [entry(f"2601.0000{n}v1") for n in range(7)]
    first, problem = world.fetch(max_new=3)
    assert ids(first) == ["2601.00000", "2601.00001", "2601.00002"]
    assert isinstance(problem, Incomplete)
    assert problem.left == 4
    assert "4 new papers beyond max_papers (3) are left for the next run" in str(problem)
    second, _ = world.fetch(max_new=3)
    third, problem = world.fetch(max_new=3)
    assert {*ids(first), *ids(second), *ids(third)} == {f"2601.0000{n}" for n in range(7)}
    assert problem is None


def test_the_window_reaches_back_to_the_last_whole_list(world):
    world.fetch(dt.date(2026, 1, 20))
    world.fetch(FRIDAY)
    assert world.windows() == ["[202601170000 TO 202601202359]", "[202601170000 TO 202601302359]"]


def test_a_first_run_that_failed_is_made_up_for(world):
    query = world.server._routes["/api/query"]
    world.server.route("/api/query", "<html>hotel</html>")
    world.server.route("/rss/cs.CV", Answer(status=404))
    world.fetch(dt.date(2026, 1, 26))
    world.server.route("/api/query", *query)
    world.announce(item("2601.00005v1"), day="Tue, 27 Jan 2026 00:00:00 -0500")
    world.server.route("/oai", harvest(record("2512.00007", "2025-12-10")))
    papers, _ = world.fetch(dt.date(2026, 1, 30))
    assert world.windows()[-1] == "[202601230000 TO 202601302359]"
    assert ids(papers) == ["2601.00005", "2512.00007"]


def test_a_list_that_was_not_whole_is_asked_for_again(world):
    world.submitted = [entry("2601.00001v1"), entry("2601.00002v1")]
    world.fetch(dt.date(2026, 1, 20), max_new=1)
    world.fetch(FRIDAY)
    world.server.requests.clear()
    world.fetch(dt.date(2026, 1, 31))
    assert world.windows() == ["[202601270000 TO 202601312359]"]


def test_an_absence_is_filled_a_month_at_most(world):
    world.fetch(dt.date(2025, 6, 1))
    world.fetch(FRIDAY)
    assert world.windows()[-1] == "[202512280000 TO 202601302359]"


def test_a_past_day_is_asked_for_by_itself_and_no_announcement_with_it(world):
    world.fetch(FRIDAY)
    world.server.requests.clear()
    world.fetch_for(dt.date(2025, 12, 1))
    assert world.windows() == ["[202511280000 TO 202512012359]"]
    assert world.server.asked("/rss/cs.CV") == []


def test_since_is_the_first_day_and_leaves_the_marks_alone(world, memory):
    list(world.source(since=dt.date(2026, 1, 1)).fetch(FRIDAY))
    memory.keep()
    assert world.windows() == ["[202601010000 TO 202601302359]"]
    assert memory.mark("arxiv submitted cat:cs.CV") is None


def test_a_missed_announcement_is_harvested(world):
    world.announce(item("2601.00001v1"), day="Mon, 26 Jan 2026 00:00:00 -0500")
    world.fetch(dt.date(2026, 1, 26))
    world.announce(item("2601.00005v1"))
    records = (
        record("2512.00007", "2025-12-10"),  # held back
        record("2601.00006", "2026-01-27", "2026-01-28"),  # new, and corrected at once
        record("2301.00001", "2023-01-01", "2026-01-28"),  # an old paper's new version
        record("2301.00002", "2023-01-01"),  # an old paper's new journal reference
    )
    world.server.route("/oai", harvest(*records[:2], token="more"), harvest(*records[2:]))
    world.by_id = {"2512.00007": entry("2512.00007v1", "2025-12-10T10:00:00Z")}
    papers, problem = world.fetch()
    assert (ids(papers), problem) == (["2601.00005", "2512.00007", "2601.00006"], None)
    first, second = world.server.asked("/oai")
    assert (first.query["set"], first.query["from"], second.query["resumptionToken"]) == ("cs:cs:CV", "2026-01-26", "more")


def test_a_weekend_is_no_missed_announcement(world):
    world.announce(item("2601.00001v1"))
    world.fetch(FRIDAY)
    world.announce(item("2602.00001v1"), day="Mon, 02 Feb 2026 00:00:00 -0500")
    world.fetch(dt.date(2026, 2, 2))
    assert world.server.asked("/oai") == []


@pytest.mark.parametrize("second", ["new", "replace"])  # an announcement of nothing new could be anybody's
def test_an_old_batch_under_a_new_date_does_not_hide_the_one_it_stands_for(world, second):
    world.announce(item("2601.00001v1"), day="Wed, 28 Jan 2026 00:00:00 -0500")
    world.fetch(dt.date(2026, 1, 28))
    world.announce(item("2601.00001v1", second), day="Thu, 29 Jan 2026 00:00:00 -0500")
    world.fetch(dt.date(2026, 1, 29))
    assert world.server.asked("/oai") == []
    world.announce(item("2601.00009v1"))
    world.server.route("/oai", harvest(record("2601.00005", "2026-01-28")))
    papers, _ = world.fetch(FRIDAY)
    assert ids(papers) == ["2601.00009", "2601.00005"]


def test_a_harvest_that_fails_is_made_up_for_later(world, memory):
    memory.reach("arxiv announced cs.CV", dt.date(2026, 1, 26))
    memory.keep()
    world.announce(item("2601.00005v1"))
    world.server.route(
        "/oai", Answer(status=503), Answer(status=503), Answer(status=503), Answer(status=503), harvest(record("2601.00004", "2026-01-27"))
    )
    assert isinstance(world.fetch()[1], Incomplete)
    world.announce(item("2602.00001v1"), day="Mon, 02 Feb 2026 00:00:00 -0500")
    papers, problem = world.fetch(dt.date(2026, 2, 2))
    assert (ids(papers), problem) == (["2602.00001", "2601.00004"], None)


def test_a_query_is_asked_as_it_is_and_has_no_announcement(world):
    list(world.source(queries=('ti:"flow matching" AND cat:cs.LG',)).fetch(FRIDAY))
    (request,) = world.server.requests
    assert request.query["search_query"] == '((ti:"flow matching" AND cat:cs.LG)) AND submittedDate:[202601270000 TO 202601302359]'


@pytest.mark.parametrize("values", [{}, {"categories": ("CV",)}, {"queries": (" ",)}])
def test_to_want_nothing_or_no_category_is_refused_before_asking(values):
    with pytest.raises(UsageError):
        Wanted(**values)
