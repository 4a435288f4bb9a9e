"""The main job, end to end, with the real embedder and the real SmolLM2."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from digest.library.store import NAME
from tests.loopback import LoopbackServer
from tests.sources.test_arxiv import entry, feed

pytestmark = pytest.mark.usefixtures("workspace")


def rows(workspace: Path, query: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(workspace / "index" / NAME)
    found = connection.execute(query).fetchall()
    connection.close()
    return found


def test_a_folder_of_pdfs_becomes_a_digest_that_can_be_searched(digest, papers, workspace):
    result = digest("run", "--source", papers, "--date", "2026-11-20", "--json", "--quiet")
    assert result.exit_code in (0, 4), result.output
    made = json.loads(result.stdout)
    page = Path(made["markdown"]).read_text(encoding="utf-8")
    assert made["folder"] == str(workspace / "digests" / "2026-11-20")
    assert "## 1. Sharp Steps" in page
    assert "扫描 3 篇" in page
    assert "### 核心创新点" in page
    assert "Writing Songs" not in page
    assert Path(made["html"]).read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert "Learning to Deblur" in (workspace / "digests" / "2026-11-20" / "run-report.md").read_text(encoding="utf-8")

    hits = [json.loads(line) for line in digest("search", "flow network that removes blur", "--json").stdout.splitlines()]
    assert hits[0]["title"].startswith("Learning to Deblur")
    assert {"id", "title", "page", "section", "passage", "score"} <= set(hits[0])
    assert 'no passage holds "flow netwrok" word for word' in digest("search", 'blur "flow netwrok"').stderr
    near = [json.loads(line) for line in digest("similar", "Sharp Steps", "--json").stdout.splitlines()]
    assert near[0]["title"].startswith("Learning to Deblur")


def test_the_same_run_again_does_nothing_twice_and_writes_the_same_digest(digest, papers, workspace):
    first = digest("run", "--source", papers, "--date", "2026-11-20", "--quiet")
    analyses = rows(workspace, "SELECT key, created FROM analysis")
    page = (workspace / "digests" / "2026-11-20" / "digest.md").read_text(encoding="utf-8")
    started = time.monotonic()
    second = digest("run", "--source", papers, "--date", "2026-11-20", "--quiet")
    assert first.exit_code == second.exit_code
    if first.exit_code == 0:
        assert rows(workspace, "SELECT key, created FROM analysis") == analyses
    again = (workspace / "digests" / "2026-11-20" / "digest.md").read_text(encoding="utf-8")
    assert _without_time(again) == _without_time(page)
    assert time.monotonic() > started
    assert rows(workspace, "SELECT count(*) FROM digest") == [(1,)]


def test_the_feed_lists_every_edition_and_changes_only_with_them(digest, papers, workspace):
    feed = workspace / "digests" / "feed.xml"
    digest("run", "--source", papers, "--date", "2026-11-19", "--top-k", 1, "--engine", "extractive", "--quiet")
    first = feed.read_bytes()
    digest("run", "--source", papers, "--date", "2026-11-19", "--top-k", 1, "--engine", "extractive", "--quiet")
    assert _without_cost(feed.read_bytes().decode()) == _without_cost(first.decode())
    digest("run", "--source", papers, "--date", "2026-11-20", "--top-k", 1, "--engine", "extractive", "--quiet")
    assert feed.read_bytes().count(b"<entry>") == 2
    feed.unlink()
    digest("render", "2026-11-20")
    assert feed.read_bytes().count(b"<entry>") == 2


def test_a_paper_is_delivered_once_unless_asked_again(digest, papers):
    digest("run", "--source", papers, "--date", "2026-11-19", "--top-k", 1, "--quiet")
    result = digest("run", "--source", papers, "--date", "2026-11-20", "--top-k", 3, "--json", "--quiet")
    assert len(json.loads(result.stdout)["papers"]) == 2
    again = digest("run", "--source", papers, "--date", "2026-11-20", "--top-k", 3, "--again", "--json", "--quiet")
    assert len(json.loads(again.stdout)["papers"]) == 3


def test_one_bad_pdf_costs_only_itself(digest, papers, workspace):
    (papers / "broken.pdf").write_bytes(b"%PDF-1.4 nothing else")
    result = digest("run", "--source", papers, "--date", "2026-11-20", "--top-k", 4, "--quiet")
    assert result.exit_code == 4
    page = (workspace / "digests" / "2026-11-20" / "digest.md").read_text(encoding="utf-8")
    assert "Sharp Steps" in page
    assert "Traceback" not in page
    report = (workspace / "digests" / "2026-11-20" / "run-report.md").read_text(encoding="utf-8")
    assert "broken" in report
    assert "broken" not in page


def test_render_draws_a_past_digest_without_a_model(digest, papers, workspace):
    digest("run", "--source", papers, "--date", "2026-11-20", "--quiet")
    page = workspace / "digests" / "2026-11-20" / "digest.md"
    before = page.read_text(encoding="utf-8")
    page.unlink()
    assert digest("render", "2026-11-20").exit_code == 0
    assert page.read_text(encoding="utf-8") == before
    assert digest("render", "2020-01-01").exit_code == 2


@pytest.mark.disable_socket
def test_offline_opens_no_socket_at_all(digest, papers, socket_disabled):
    assert digest("run", "--source", papers, "--offline", "--top-k", 1, "--quiet").exit_code in (0, 4)
    refused = digest("run", "--source", "arxiv", "--offline", "--quiet")
    assert refused.exit_code == 1
    assert "--offline forbids" in refused.stderr


def test_todays_arxiv_papers_are_asked_for_downloaded_and_digested(digest, papers, workspace):
    with LoopbackServer() as server:
        pdf = server.route("/pdf/2611.00001v1", (papers / "sharp.pdf").read_bytes())
        row = entry("2611.00001v1", published="2026-11-20T10:00:00Z", title="Sharp Steps").replace(
            "https://arxiv.org/pdf/2611.00001v1", pdf
        )
        url = server.route("/api/query", feed(row))
        settings = workspace / "digest.toml"
        settings.write_text(
            settings.read_text() + f'[sources]\narxiv_url = "{url}"\narxiv_rss_url = ""\ndelay_seconds = 0\n', encoding="utf-8"
        )
        result = digest("run", "--date", "2026-11-20", "--json", "--quiet")
    assert result.exit_code in (0, 4), result.stderr
    assert json.loads(result.stdout)["papers"][0]["id"] == "2611.00001v1"
    assert (workspace / "papers" / "2611.00001v1.pdf").read_bytes() == (papers / "sharp.pdf").read_bytes()
    page = (workspace / "digests" / "2026-11-20" / "digest.md").read_text(encoding="utf-8")
    assert "../../papers/2611.00001v1.pdf" in page
    assert "https://arxiv.org/abs/2611.00001v1" in page


def test_the_fallback_is_used_when_nothing_can_be_reached(digest, papers, workspace, unused_port):
    settings = workspace / "digest.toml"
    settings.write_text(
        settings.read_text() + f'[sources]\narxiv_url = "http://127.0.0.1:{unused_port}/api/query"\narxiv_rss_url = ""\n', encoding="utf-8"
    )
    result = digest("run", "--source", "arxiv", "--fallback", papers, "--top-k", 1)
    assert result.exit_code in (0, 4), result.stderr
    assert sum("cannot be reached" in line for line in result.stderr.splitlines()) == 1
    alone = digest("run", "--source", "arxiv")
    assert alone.exit_code == 1


@pytest.mark.parametrize("seconds", [1.5, 4.0, 7.0])
def test_a_killed_run_is_finished_by_the_same_command(digest, papers, workspace, seconds):
    command = [sys.executable, "-m", "digest.cli", "--workspace", str(workspace), "run", "--source", str(papers), "--date", "2026-11-20"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ)
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.wait()
    result = digest("run", "--source", papers, "--date", "2026-11-20", "--quiet")
    assert result.exit_code in (0, 4), result.stderr
    assert rows(workspace, "SELECT count(*), count(DISTINCT id) FROM paper") == [(3, 3)]
    assert rows(workspace, "SELECT count(*) FROM (SELECT 1 FROM passage GROUP BY paper, page, text HAVING count(*) > 1)") == [(0,)]
    assert rows(workspace, "SELECT count(*) FROM delivery") == [(2,)]
    check = digest("index", "check")
    assert check.exit_code == 0, check.output
    assert not list(workspace.rglob("*.partial"))


def _without_cost(feed: str) -> str:
    return re.sub("用时 [^。]*", "", feed)


def _without_time(page: str) -> str:
    return "\n".join(line for line in page.splitlines() if not line.startswith("模型 "))
