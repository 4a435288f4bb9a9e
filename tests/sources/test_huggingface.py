from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import Incomplete, SourceError, SourceUnreachable
from digest.sources.arxiv import ArxivApi
from digest.sources.huggingface import HuggingFaceSource, papers_of_day
from tests.clock import JumpingClock
from tests.loopback import Answer, closed_port
from tests.sources.test_arxiv import entry, feed

if TYPE_CHECKING:
    from digest.library.marks import Marks
    from digest.records import Paper
    from digest.sources.http import PoliteClient
    from tests.loopback import LoopbackServer, Request

DAY = dt.date(2026, 3, 5)
PATH = "/api/daily_papers"


def item(arxiv_id: str = "2603.00001", **fields: object) -> dict[str, dict[str, object]]:
    return {
        "paper": {"id": arxiv_id, "title": "T", "summary": "S", "upvotes": 1, "authors": [], "publishedAt": "2026-03-04T18:45:21.000Z"}
        | fields
    }


def fetched(server: LoopbackServer, http: PoliteClient, memory: Marks, body: object, top_n: int = 10) -> list[Paper]:
    server.route(PATH, body if isinstance(body, Answer) else json.dumps(body))
    return list(HuggingFaceSource(top_n=top_n, http=http, memory=memory, base_url=server.url).fetch(DAY))


@pytest.fixture
def clock() -> JumpingClock:
    """A week after DAY, so that its list is complete."""
    return JumpingClock(dt.datetime(2026, 3, 12, 8, tzinfo=dt.UTC).timestamp())


def by_date(server: LoopbackServer, days: dict[str, list[object] | int]) -> None:
    """Answer each date with its items, or with a status."""

    def answer(request: Request) -> Answer:
        found = days.get(request.query["date"], 400)
        return Answer(status=found) if isinstance(found, int) else Answer(json.dumps(found))

    server.route(PATH, answer)


def dates_asked(server: LoopbackServer) -> list[str]:
    return [request.query["date"] for request in server.asked(PATH)]


def test_a_past_day_is_asked_for_alone(server, http, memory):
    fetched(server, http, memory, [])
    assert dates_asked(server) == ["2026-03-05"]


def test_the_list_of_yesterday_is_asked_for_again_with_that_of_today(server, http, memory, clock):
    by_date(server, {"2026-03-12": [item("2603.00002")], "2026-03-11": [item("2603.00001")]})
    source = HuggingFaceSource(top_n=5, http=http, memory=memory, base_url=server.url)
    assert [paper.id for paper in source.fetch(dt.date(2026, 3, 12))] == ["2603.00002", "2603.00001"]


def test_east_of_greenwich_a_day_is_not_asked_for_before_it_began(server, http, memory):
    by_date(server, {"2026-03-12": [item("2603.00002")], "2026-03-11": []})
    source = HuggingFaceSource(top_n=5, http=http, memory=memory, base_url=server.url)
    assert [paper.id for paper in source.fetch(dt.date(2026, 3, 13))] == ["2603.00002"]


def test_days_that_were_missed_are_asked_for_a_month_at_most(server, http, memory):
    by_date(server, {f"2026-{month:02}-{day:02}": [] for month in (1, 2, 3) for day in range(1, 32)})
    source = HuggingFaceSource(top_n=5, http=http, memory=memory, base_url=server.url)
    memory.reach("hf daily", dt.date(2026, 3, 9))
    memory.keep()
    list(source.fetch(dt.date(2026, 3, 12)))
    assert dates_asked(server) == ["2026-03-12", "2026-03-11", "2026-03-10", "2026-03-09"]
    assert memory.mark("hf daily") == dt.date(2026, 3, 9)
    memory.keep()
    assert memory.mark("hf daily") == dt.date(2026, 3, 12)
    memory._store.connection.execute("UPDATE mark SET day = '2025-01-01'")
    list(source.fetch(dt.date(2026, 3, 12)))
    assert dates_asked(server)[-1] == "2026-02-10"


def test_a_day_that_did_not_answer_is_told_and_asked_for_again(server, http, memory):
    by_date(server, {"2026-03-05": [item("2603.00005")], "2026-03-04": 404})
    source = HuggingFaceSource(top_n=5, http=http, memory=memory, base_url=server.url, since=dt.date(2026, 3, 4))
    papers = source.fetch(DAY)
    assert next(papers).id == "2603.00005"
    with pytest.raises(Incomplete, match="HTTP 404"):
        next(papers)
    memory.keep()
    assert memory.mark("hf daily") is None


def test_arxiv_describes_the_papers_it_knows(server, http, memory):
    by_date(server, {"2026-03-05": [item("2603.00001", upvotes=9, title="Short"), item("own-thing", upvotes=5)]})
    url = server.route("/api/query", feed(entry("2603.00001v2", title="The full title")))
    source = HuggingFaceSource(top_n=5, http=http, memory=memory, base_url=server.url, api=ArxivApi(http, url))
    first, second = source.fetch(DAY)
    assert (first.title, first.version, first.categories, first.comment) == ("The full title", 2, ("cs.CV", "cs.LG"), "8 pages")
    assert (first.upvotes, first.source) == (9, "hf")
    assert second.id == "own-thing"
    assert server.asked("/api/query")[0].query["id_list"] == "2603.00001"


def test_the_papers_come_when_arxiv_does_not_answer(server, http, memory):
    by_date(server, {"2026-03-05": [item("2603.00001", upvotes=9)]})
    api = ArxivApi(http, server.route("/api/query", Answer(status=429)))
    papers = HuggingFaceSource(top_n=5, http=http, memory=memory, base_url=server.url, api=api).fetch(DAY)
    assert next(papers).upvotes == 9
    with pytest.raises(Incomplete, match="HTTP 429"):
        next(papers)


def test_most_upvotes_come_first_and_only_the_top(server, http, memory):
    body = [item("2603.00001", upvotes=5), item("2603.00002", upvotes=44), item("2603.00004", upvotes=7), item("2603.00003", upvotes=7)]
    assert [paper.id for paper in fetched(server, http, memory, body, top_n=3)] == ["2603.00002", "2603.00003", "2603.00004"]


def test_an_item_becomes_a_paper():
    (paper,) = papers_of_day([item(title="Real\n Time &amp; Video", authors=[{"name": "Li Yuan", "hidden": False}], upvotes=44)])
    assert (paper.title, paper.authors, paper.upvotes, paper.published) == ("Real Time & Video", ("Li Yuan",), 44, dt.date(2026, 3, 4))
    assert (paper.source, paper.link, paper.pdf) == ("hf", "https://arxiv.org/abs/2603.00001", "https://arxiv.org/pdf/2603.00001")


def test_hidden_authors_stay_hidden():
    (paper,) = papers_of_day([item(authors=[{"name": "Seen", "hidden": False}, {"name": "Unseen", "hidden": True}, {"name": "Plain"}])])
    assert paper.authors == ("Seen", "Plain")


def test_all_but_id_and_title_may_be_missing_or_odd():
    (bare,) = papers_of_day([{"paper": {"id": "2603.00001", "title": "T"}}])
    (odd,) = papers_of_day([item(upvotes="many", authors={"name": "x"}, publishedAt="yesterday", summary=None)])
    assert bare == odd
    assert bare.upvotes is None


def test_an_item_that_is_no_paper_does_not_hide_the_others():
    assert [paper.id for paper in papers_of_day([None, {"paper": 7}, item(title=""), item("2603.00002")])] == ["2603.00002"]


def test_a_day_without_papers_is_no_error(server, http, memory):
    assert fetched(server, http, memory, []) == []


@pytest.mark.parametrize("body", [{"error": "x"}, None, 7, "papers", [1, 2], [[]], ["{'paper': {'id': '2412.07730'}}"]])
def test_json_of_another_shape_is_an_error_of_the_source(server, http, memory, body):
    with pytest.raises(SourceError, match=r"^hf: "):
        fetched(server, http, memory, body)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["paper", "id", "title", "authors", "name"]), inner),
    )
)
def test_no_json_at_all_breaks_it(value):
    try:
        papers = papers_of_day(value)
    except SourceError:
        return
    assert all(paper.id and paper.title for paper in papers)


def test_a_refused_date_is_told(server, http, memory):
    with pytest.raises(SourceError, match="HTTP 400"):
        fetched(server, http, memory, Answer('{"error": "Invalid date"}', status=400))


def test_no_network_is_told_apart(http, memory):
    with pytest.raises(SourceUnreachable):
        list(HuggingFaceSource(top_n=1, http=http, memory=memory, base_url=f"http://127.0.0.1:{closed_port()}").fetch(DAY))


@pytest.mark.data
def test_every_real_day_is_read_whole(server, http, memory, feeds):
    for path in sorted((feeds / "hf_daily_papers").glob("*.json")):
        items = json.loads(path.read_text(encoding="utf-8"))
        papers = papers_of_day(items)
        assert {paper.id for paper in papers} == {item["paper"]["id"] for item in items}, path.name
        assert all(paper.abstract and paper.authors and paper.published and paper.upvotes is not None for paper in papers), path.name


@pytest.mark.data
def test_a_real_day_arrives_over_http(server, http, memory, feeds):
    papers = fetched(server, http, memory, Answer((feeds / "hf_daily_papers" / "2026-03-05.json").read_bytes()), top_n=3)
    upvotes = [paper.upvotes or 0 for paper in papers]
    assert len(papers) == 3
    assert upvotes == sorted(upvotes, reverse=True)


@pytest.mark.data
def test_a_real_mangled_day_is_an_error_of_the_source(server, http, memory, feeds):
    with pytest.raises(SourceError, match="not one of"):
        fetched(server, http, memory, Answer((feeds / "hf_daily_papers" / "odd" / "2024-12-11.json").read_bytes()))
