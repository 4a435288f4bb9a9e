"""A workspace that is left alone: one command at a time, a log of each, messages instead of tracebacks."""

from __future__ import annotations

import fcntl
import re
import subprocess
import sys
import threading
from contextlib import contextmanager

import pytest

from digest.cli.journal import LOG, journal
from digest.errors import LibraryError
from digest.workspace import Workspace

HOLDER = """
import sys
from pathlib import Path
from digest.workspace import Workspace
from tests.cli.conftest import PAPERS, make_pdf
sys.argv = ["digest", "run", "--source", "my papers"]
with Workspace(Path(sys.stdin.readline().strip())).lock():
    print("held", flush=True)
    sys.stdin.readline()
"""


@contextmanager
def held(workspace):
    with subprocess.Popen([sys.executable, "-c", HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        print(workspace, file=holder.stdin, flush=True)
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield holder
        print(file=holder.stdin, flush=True)


@pytest.mark.parametrize("command", [["run", "--source", "samples", "--quiet"], ["fetch", "--source", "samples"], ["index", "check"]])
def test_a_second_command_says_who_is_at_work_and_changes_nothing(digest, workspace, command):
    with held(workspace) as holder:
        before = sorted(path for path in workspace.rglob("*") if path.name != "digest.log")
        result = digest(*command)
        assert result.exit_code == 1
        assert re.search(rf"pid {holder.pid} since 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\S*: digest run --source 'my papers'", result.stderr)
        assert "wait for it, or stop it" in result.stderr
        after = [path for path in workspace.rglob("*") if not re.match(r"digest\.log|library\.sqlite", path.name)]
        assert sorted(after) == before
    with Workspace(workspace).lock():
        pass


def test_one_can_search_while_another_command_is_at_work(digest, workspace):
    with held(workspace):
        result = digest("search", "anything")
    assert result.exit_code == 0
    assert "the library is empty" in result.stderr


def test_the_log_tells_what_each_command_did_and_how_it_ended(digest, workspace, papers):
    digest("fetch", "--source", papers, "--quiet")
    digest("fetch", "--source", "hf", "--offline", "--quiet")
    lines = [line.split("] ", 1)[1] for line in (workspace / "index" / "digest.log").read_text(encoding="utf-8").splitlines()]
    assert [line.split(":")[0] for line in lines].count("began") == 2
    assert "fetch: 1" in lines
    assert lines[-1].startswith(("failed: hf", "ended"))


def test_the_log_keeps_the_traceback_of_a_bug_and_turns_over(tmp_path, monkeypatch):
    monkeypatch.setattr("digest.cli.journal._LARGEST_BYTES", 300)
    workspace = Workspace(tmp_path)
    with pytest.raises(ZeroDivisionError), journal(workspace):
        1 / 0  # noqa: B018
    assert "ZeroDivisionError: division by zero" in workspace.log.read_text()
    for _ in range(6):
        with journal(workspace):
            LOG.info("x" * 200)
    assert sorted(path.name for path in workspace.index.iterdir()) == ["digest.log", *(f"digest.log.{n}" for n in (1, 2, 3))]


def test_a_failure_is_told_although_the_log_cannot_be_written(tmp_path):
    workspace = Workspace(tmp_path)
    workspace.index.mkdir()
    workspace.log.symlink_to("/dev/full")
    with pytest.raises(LibraryError, match="the very error"), journal(workspace):
        raise LibraryError("the very error")


def test_a_digest_that_finds_no_room_is_a_message(digest, workspace, papers, monkeypatch):
    monkeypatch.setattr("digest.workspace.os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    result = digest("init", workspace / "new")
    assert result.exit_code == 1
    assert "No space left on device" in result.stderr
    assert not list(workspace.rglob("*.partial"))


def test_what_a_killed_command_left_is_gone_at_the_next_one(digest, workspace, papers):
    left = workspace / "papers" / ".x.pdf.abc.partial"
    left.parent.mkdir()
    left.touch()
    digest("fetch", "--source", papers, "--quiet")
    assert not left.exists()


def test_a_lock_that_a_dead_process_left_to_a_child_is_waited_for(tmp_path):
    workspace = Workspace(tmp_path)
    workspace.index.mkdir()
    with (workspace.index / "lock").open("a+", encoding="utf-8") as left:
        fcntl.flock(left, fcntl.LOCK_EX)
        print("pid 999999999 since yesterday: digest run", file=left, flush=True)
        timer = threading.Timer(0.2, fcntl.flock, (left, fcntl.LOCK_UN))
        timer.start()
        with workspace.lock():
            pass
        timer.join()
