from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import SourceError, SourceUnreachable
from digest.sources.huggingface import HuggingFaceSource, papers_of_day
from tests.loopback import Answer, closed_port

if TYPE_CHECKING:
    from digest.records import Paper
    from digest.sources.http import PoliteClient
    from tests.loopback import LoopbackServer

DAY = dt.date(2026, 3, 5)
PATH = "/api/daily_papers"


def item(arxiv_id: str = "2603.00001", **fields: object) -> dict[str, dict[str, object]]:
    return {
        "paper": {"id": arxiv_id, "title": "T", "summary": "S", "upvotes": 1, "authors": [], "publishedAt": "2026-03-04T18:45:21.000Z"}
        | fields
    }


def fetched(server: LoopbackServer, http: PoliteClient, body: object, top_n: int = 10) -> list[Paper]:
    server.route(PATH, body if isinstance(body, Answer) else json.dumps(body))
    return HuggingFaceSource(top_n=top_n, http=http, base_url=server.url).fetch(DAY)


def test_it_asks_for_the_day(server, http):
    fetched(server, http, [])
    assert server.requests[0].query["date"] == "2026-03-05"


def test_most_upvotes_come_first_and_only_the_top(server, http):
    body = [item("2603.00001", upvotes=5), item("2603.00002", upvotes=44), item("2603.00004", upvotes=7), item("2603.00003", upvotes=7)]
    assert [paper.id for paper in fetched(server, http, body, top_n=3)] == ["2603.00002", "2603.00003", "2603.00004"]


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


def test_a_day_without_papers_is_no_error(server, http):
    assert fetched(server, http, []) == []


@pytest.mark.parametrize("body", [{"error": "x"}, None, 7, "papers", [1, 2], [[]], ["{'paper': {'id': '2412.07730'}}"]])
def test_json_of_another_shape_is_an_error_of_the_source(server, http, body):
    with pytest.raises(SourceError, match=r"^hf: "):
        fetched(server, http, body)


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


def test_a_refused_date_is_told(server, http):
    with pytest.raises(SourceError, match="HTTP 400"):
        fetched(server, http, Answer('{"error": "Invalid date"}', status=400))


def test_no_network_is_told_apart(http):
    with pytest.raises(SourceUnreachable):
        HuggingFaceSource(top_n=1, http=http, base_url=f"http://127.0.0.1:{closed_port()}").fetch(DAY)


@pytest.mark.data
def test_every_real_day_is_read_whole(server, http, feeds):
    for path in sorted((feeds / "hf_daily_papers").glob("*.json")):
        items = json.loads(path.read_text(encoding="utf-8"))
        papers = papers_of_day(items)
        assert {paper.id for paper in papers} == {item["paper"]["id"] for item in items}, path.name
        assert all(paper.abstract and paper.authors and paper.published and paper.upvotes is not None for paper in papers), path.name


@pytest.mark.data
def test_a_real_day_arrives_over_http(server, http, feeds):
    papers = fetched(server, http, Answer((feeds / "hf_daily_papers" / "2026-03-05.json").read_bytes()), top_n=3)
    upvotes = [paper.upvotes or 0 for paper in papers]
    assert len(papers) == 3
    assert upvotes == sorted(upvotes, reverse=True)


@pytest.mark.data
def test_a_real_mangled_day_is_an_error_of_the_source(server, http, feeds):
    with pytest.raises(SourceError, match="not one of"):
        fetched(server, http, Answer((feeds / "hf_daily_papers" / "odd" / "2024-12-11.json").read_bytes()))
