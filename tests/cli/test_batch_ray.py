"""A cluster analyses every paper once, under the keys of one process."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from digest.library.store import NAME
from tests.cli.test_batch import rows

pytest.importorskip("ray")
if not os.environ.get("DIGEST_TEST_RAY"):
    pytest.skip("starting Ray takes half a minute: set DIGEST_TEST_RAY=1", allow_module_level=True)

WRITING = ("--engine", "llama", "--model", "smollm2-135m", "--until", "2026-11-20", "--quiet")


def batch(workspace: Path, papers: Path, *more: str) -> subprocess.Popen[str]:
    settings = workspace / "digest.toml"
    if "temperature" not in settings.read_text(encoding="utf-8"):
        settings.write_text(settings.read_text(encoding="utf-8") + "temperature = 0.0\nthreads = 1\n", encoding="utf-8")
    command = [sys.executable, "-m", "digest.cli", "--workspace", str(workspace), "batch", str(papers), *WRITING, *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def analyses(workspace: Path) -> list[tuple[object, ...]]:
    """Key and record of each, without the time it took."""
    found = rows(workspace, "SELECT key, paper, record FROM analysis ORDER BY key")
    return [(key, paper, re.sub(r'"seconds":[0-9.]+', "", str(record))) for key, paper, record in found]


def _hand_at_work(pid: int) -> psutil.Process | None:
    for process in psutil.Process(pid).children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if "Hand.analyse" in " ".join(process.cmdline()):
                return process
    return None


@pytest.fixture
def alone(workspace, papers):
    process = batch(workspace, papers)
    _, told = process.communicate()
    assert process.returncode in (0, 4), told
    found = analyses(workspace)
    assert len(found) == 3
    for path in (workspace / "index").iterdir():
        path.unlink()
    return found


def test_two_workers_analyse_every_paper_once_even_if_one_is_killed(workspace, papers, alone):
    process = batch(workspace, papers, "--ray", "local", "--workers", "2")
    killed = False
    while process.poll() is None and not killed:
        if (workspace / "index" / NAME).is_file() and rows(workspace, "SELECT 1 FROM sqlite_master WHERE name = 'queue'"):
            busy = rows(workspace, "SELECT 1 FROM queue WHERE state = 'taken'")
            if busy and (hand := _hand_at_work(process.pid)):
                hand.send_signal(signal.SIGKILL)
                killed = True
        time.sleep(0.02)
    _, told = process.communicate()
    assert process.returncode in (0, 4), told
    assert killed
    assert analyses(workspace) == alone  # word for word
    assert sum(lost for (lost,) in rows(workspace, "SELECT lost FROM queue") if isinstance(lost, int)) == 1
