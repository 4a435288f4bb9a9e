"""Many papers as one batch: stopped at any moment, it goes on."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from digest.library.store import NAME
from tests.analysing.modelserver import Troubled
from tests.cli.conftest import PAPERS, make_pdf

pytestmark = pytest.mark.usefixtures("workspace")
QUOTING = ("--engine", "extractive", "--until", "2026-11-20", "--workers", "1")


def rows(workspace: Path, query: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(workspace / "index" / NAME, timeout=30)
    found = connection.execute(query).fetchall()
    connection.close()
    return found


def started(workspace: Path, papers: Path, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "digest.cli", "--workspace", str(workspace), "batch", str(papers), *QUOTING, "--quiet", *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_folder_becomes_one_digest_and_a_second_start_does_nothing(digest, papers, workspace):
    (papers / "broken.pdf").write_bytes(b"%PDF-1.7 and no more")
    assert digest("batch", "--status").stdout == ""
    result = digest("batch", papers, *QUOTING, "--json", "--quiet")
    assert result.exit_code == 4, result.output  # a file that cannot be read
    told = json.loads(result.stdout)
    assert (told["total"], told["settled"], told["failed"], told["new"]) == (4, 4, 1, True)
    assert [(problem["title"], problem["stage"], problem["retry"]) for problem in told["problems"]] == [("broken", "read", False)]
    page = (Path(told["folder"]) / "digest.md").read_text(encoding="utf-8")
    assert all(title in page for title in ("Sharp Steps", "Deblur", "Songs"))
    assert "broken" in (Path(told["folder"]) / "run-report.md").read_text(encoding="utf-8")

    before = {path: path.stat().st_mtime_ns for path in (workspace / "digests").rglob("*")}
    again = json.loads(digest("batch", papers, *QUOTING, "--json", "--quiet").stdout)
    assert not again["new"]
    assert {path: path.stat().st_mtime_ns for path in (workspace / "digests").rglob("*")} == before
    told = json.loads(digest("batch", "--status", "--json").stdout)
    assert (told["state"], told["settled"], told["states"]["done"]) == ("done", 4, 3)
    first, states, problem = digest("batch", "--status").stdout.splitlines()
    assert "done, 4/4 papers" in first
    assert states == "  3 done"
    assert "broken.pdf" in problem


def test_a_folder_without_one_readable_file_is_told_file_by_file(digest, workspace):
    folder = workspace / "broken"
    folder.mkdir()
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 and no more")
    result = digest("batch", folder, *QUOTING, "--quiet")
    assert result.exit_code == 4
    assert result.stdout.splitlines()[0] == "1/1 papers, 1 failed"
    assert "broken.pdf" in result.stderr
    again = digest("batch", folder, *QUOTING, "--quiet")
    assert (again.exit_code, again.stdout.splitlines()[0]) == (4, "nothing left to do: 1 papers are settled")
    assert [line.strip()[:5] for line in digest("batch", "--status").stdout.splitlines()][1:] == ["file:"]


def test_papers_that_came_since_join_the_batch_of_the_day(digest, papers, workspace):
    (papers / "song.pdf").rename(papers.parent / "song.pdf")
    told = json.loads(digest("batch", papers, *QUOTING, "--limit", "4", "--no-pages", "--json", "--quiet").stdout)
    assert (told["total"], told["folder"]) == (2, None)
    (papers.parent / "song.pdf").rename(papers / "song.pdf")
    told = json.loads(digest("batch", papers, *QUOTING, "--limit", "4", "--no-pages", "--json", "--quiet").stdout)
    assert (told["total"], told["new"]) == (3, True)
    assert len(rows(workspace, "SELECT 1 FROM batch")) == 1


def test_killed_it_goes_on_to_the_same_end(digest, papers, workspace):
    process = started(workspace, papers)
    while process.poll() is None and not _there(workspace, "SELECT 1 FROM queue WHERE state = 'done'"):
        time.sleep(0.01)
    process.kill()
    process.communicate()
    result = digest("batch", papers, *QUOTING, "--json", "--quiet")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["settled"] == 3
    assert rows(workspace, "SELECT state, worker, lost, tries FROM queue") == [("done", None, 0, 1)] * 3
    assert len(rows(workspace, "SELECT 1 FROM analysis")) == 3


def _there(workspace: Path, query: str) -> bool:
    if not (workspace / "index" / NAME).is_file():
        return False
    try:
        return bool(rows(workspace, query))
    except sqlite3.OperationalError:  # no table yet
        return False


def test_sigterm_ends_it_as_ctrl_c_does_and_leaves_no_process(papers, workspace):
    process = started(workspace, papers)
    while process.poll() is None and not _there(workspace, "SELECT 1 FROM queue WHERE state <> 'waiting'"):
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    _, told = process.communicate()
    assert process.returncode in (130, 0), told
    assert process.returncode == 0 or "goes on from here" in told
    assert not rows(workspace, "SELECT 1 FROM queue WHERE state = 'taken'")


def test_a_worker_that_is_killed_costs_only_what_it_had_in_hand(papers, workspace):
    process = started(workspace, papers)
    held = "SELECT worker FROM queue WHERE state = 'taken'"
    while process.poll() is None and not (found := _taken(workspace, held)):
        time.sleep(0.002)
    if process.poll() is None:
        os.kill(int(str(found[0][0]).partition("@")[0]), signal.SIGKILL)
    _, told = process.communicate()
    assert process.returncode == 0, told
    assert {state for (state,) in rows(workspace, "SELECT state FROM queue")} == {"done"}
    assert len(rows(workspace, "SELECT 1 FROM analysis")) == 3


def _taken(workspace: Path, query: str) -> list[tuple[object, ...]]:
    return rows(workspace, query) if _there(workspace, query) else []


def test_a_file_of_ids_is_a_source(digest, tmp_path):
    ids = tmp_path / "ids.txt"
    ids.write_text("2601.20742  # read twice\n\n2601.20743\n", encoding="utf-8")
    result = digest("batch", ids, "--offline")
    assert result.exit_code == 1
    assert "arxiv" in result.stderr
    ids.write_text("# none\n", encoding="utf-8")
    assert digest("batch", ids, "--offline").exit_code == 2


def test_a_model_that_is_missing_is_told_before_anything_is_read(digest, papers):
    result = digest("batch", papers, "--model", "qwen3-4b", "--engine", "llama", "--quiet")
    assert result.exit_code == 3
    assert "digest models pull qwen3-4b" in result.stderr


def test_three_servers_one_slow_one_failing_one_that_dies_and_every_paper_is_analysed_once(digest, papers, workspace):
    for number in range(20):
        title, body = PAPERS[("sharp", "blur")[number % 2]]
        make_pdf(papers / f"more-{number}.pdf", f"{title}, Part {number}", body)
    with Troubled("本文提出了一种扩散模型。", slow_seconds=0.6).serving() as three:
        settings = (workspace / "digest.toml").read_text(encoding="utf-8").replace("1024", "4096")
        (workspace / "digest.toml").write_text(f"{settings}server_urls = {json.dumps(three.urls)}\n", encoding="utf-8")
        result = digest("batch", papers, "--engine", "server", "--until", "2026-11-20", "--no-pages", "--json", "--quiet")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert (told["settled"], told["failed"], told["problems"]) == (23, 0, [])
    assert len(rows(workspace, "SELECT DISTINCT paper FROM analysis")) == len(rows(workspace, "SELECT 1 FROM analysis")) == 23
    assert three.times == {1}
    assert three.load["quick"] > three.load["slow"] > 0
