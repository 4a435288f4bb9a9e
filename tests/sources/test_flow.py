"""Fetching as a run does it: several sources, the library, and what an outage leaves of it."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import pytest

from digest.errors import Incomplete, Offline, PaperError, SourceError, SourcePaused, UsageError
from digest.publishing.notices import source_notice
from digest.records import Paper
from digest.sources.http import PoliteClient
from digest.sources.pace import Pace
from digest.stages import Silent, Wish, fetch, note_failure, retry_downloads
from digest.wiring import Tools
from digest.workspace import Workspace
from tests.cli.conftest import PAPERS, make_pdf
from tests.loopback import Answer
from tests.sources.test_arxiv import entry, feed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.clock import JumpingClock
    from tests.loopback import LoopbackServer

FRIDAY = dt.date(2026, 1, 30)
SATURDAY = dt.date(2026, 1, 31)


@pytest.fixture
def process(server: LoopbackServer, clock: JumpingClock, tmp_path: Path) -> Iterator[Callable[..., Tools]]:
    """Start a process anew: ``process()``, or ``process(offline=True)``."""
    (tmp_path / "digest.toml").write_text(
        f'[sources]\narxiv_url = "{server.url}/api/query"\narxiv_rss_url = ""\nhf_url = "{server.url.replace("127.0.0.1", "localhost")}"\n',
        encoding="utf-8",
    )
    opened: list[Tools] = []

    def start(*, offline: bool = False) -> Tools:
        tools = Tools(Workspace(tmp_path), offline=offline)
        tools.__dict__["http"] = PoliteClient(timeout_seconds=5, pace=Pace(tmp_path / "state", clock=clock))
        opened.append(tools)
        return tools

    yield start
    for tools in opened:
        tools.http.close()
        tools.store.close()


def fetched(tools: Tools, *sources: str, date: dt.date = FRIDAY) -> tuple[list[Paper], list[SourceError]]:
    fetched = fetch(tools, Wish(date=date, sources=sources), Silent())
    return fetched.papers, fetched.errors


def daily(server: LoopbackServer, *papers: tuple[str, int]) -> None:
    items = [{"paper": {"id": paper_id, "title": "A title", "summary": "S", "upvotes": upvotes}} for paper_id, upvotes in papers]
    server.route("/api/daily_papers", json.dumps(items))


def test_a_paper_of_two_sources_is_one_record_of_all_they_tell(server, process):
    daily(server, ("2601.00001", 44))
    server.route("/api/query", feed(entry("2601.00001v2", title="The full title")))
    for order in (("arxiv", "hf"), ("hf", "arxiv")):
        (paper,), errors = fetched(process(), *order)
        assert errors == []
        assert (paper.title, paper.version, paper.upvotes, paper.comment) == ("The full title", 2, 44, "8 pages")
        assert paper.source == order[0]


def test_papers_fetched_before_stand_in_for_a_source_that_refuses_and_it_is_said_until_when(server, process, clock):
    server.route("/api/query", feed(entry("2601.00001v1")))
    fetched(process(), "arxiv")
    server.route("/api/query", Answer(status=429, headers={"Retry-After": "7200"}))
    for _ in range(2):  # the second process does not even ask
        papers, (error,) = fetched(process(), "arxiv", date=SATURDAY)
        assert [paper.id for paper in papers] == ["2601.00001"]
        assert isinstance(error, SourcePaused)
    assert len(server.requests) == 2
    until = dt.datetime.fromtimestamp(clock.now() + 7200).astimezone()
    assert f"{until:%H:%M} 之后再取" in source_notice(error, "zh", known=True)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (Incomplete("arxiv", "x", left=12), "12 篇新论文"),
        (Incomplete("hf", "x"), "HF Daily 本次未能取全"),
        (SourceError("arxiv", "HTTP 500 <html>"), "arXiv 暂时无法连接，本期不含它的论文"),
    ],
)
def test_a_notice_says_what_is_missing_and_never_what_the_server_said(error, said):
    notice = source_notice(error, "zh", known=False)
    assert said in notice
    assert "HTTP" not in notice


def test_a_run_that_died_before_its_papers_were_kept_has_seen_nothing(server, process):
    server.route("/api/query", feed(entry("2601.00001v1")))
    tools = process()
    for _ in tools.source("arxiv").fetch(FRIDAY):
        pass
    assert tools.store.count("mark") == 0


def test_ids_are_a_source(server, process):
    server.route("/api/query", feed(entry("hep-th/9901001v3", "1999-01-01T00:00:00Z"), entry("2601.00001v1")))
    papers, errors = fetched(process(), "arxiv:2601.00001,hep-th/9901001")
    assert ([paper.name for paper in papers], errors) == (["2601.00001v1", "hep-th/9901001v3"], [])
    with pytest.raises(UsageError, match="not an arXiv id: nonsense"):
        process().source("arxiv:nonsense")


@pytest.fixture
def a_pdf(tmp_path: Path) -> bytes:
    """A paper of one page that can be read."""
    make_pdf(tmp_path / "made.pdf", *PAPERS["sharp"])
    return (tmp_path / "made.pdf").read_bytes()


def test_a_download_that_failed_is_tried_again_when_its_time_has_come_by_whatever_process(server, process, clock, a_pdf):
    url = server.route("/pdf", Answer(status=404), a_pdf)
    paper = Paper(id="2601.00001", version=1, title="T", abstract="A.", pdf=url)
    tools = process()
    tools.store.add_papers([paper], today=FRIDAY)
    note_failure(tools, paper, PaperError("2601.00001v1", "download", "HTTP 503"))
    assert retry_downloads(process(), Silent()) == []
    assert server.requests == []
    clock.time += 3601
    assert len(retry_downloads(process(), Silent())) == 1  # gone: not again by itself
    assert tools.store.failures()[0].next_try is None
    note_failure(tools, paper, PaperError("2601.00001v1", "download", "HTTP 503"))
    assert tools.store.failures()[0].tries == 3
    clock.time += 8 * 3600
    assert retry_downloads(process(), Silent()) == []
    assert len(server.requests) == 1
    clock.time += 2 * 3600
    retry_downloads(process(), Silent())
    assert tools.store.failures() == []
    assert (tools.workspace.papers / "2601.00001v1.pdf").is_file()


def test_a_download_is_not_tried_before_its_host_wants_to_see_us(process, clock):
    tools = process()
    paper = Paper(id="2601.00001", title="T", abstract="A.", pdf="http://127.0.0.1:1/x")
    tools.store.add_papers([paper], today=FRIDAY)
    later = dt.datetime.fromtimestamp(clock.now() + 20 * 3600, dt.UTC)
    note_failure(tools, paper, PaperError("2601.00001", "download", "HTTP 429", not_before=later))
    assert tools.store.failures()[0].next_try == later


def test_offline_opens_no_socket_and_uses_what_is_there(process, tmp_path, monkeypatch, a_pdf):
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    tools = process(offline=True)
    monkeypatch.setattr("socket.socket", refuse)
    known = Paper(id="2601.00001", version=1, title="T", abstract="A.", source="arxiv", pdf="https://arxiv.org/pdf/2601.00001v1")
    tools.store.add_papers([known], today=FRIDAY)
    papers, errors = fetched(tools, "arxiv", "hf", "arxiv:2601.00002")
    assert [paper.id for paper in papers] == ["2601.00001"]
    assert all(isinstance(error, Offline) for error in errors)
    with tools.downloading([known]), pytest.raises(PaperError, match="--offline forbids"):
        tools.download(known)
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "2601.00001v1.pdf").write_bytes(a_pdf)
    assert tools.download(known).is_file()
