"""A batch killed at random moments and started again, beside one that was left alone.

Usage: python -m bench batch FOLDER [KILLS] [SEED]
FOLDER holds PDFs; the engine quotes, so that the moments fall into reading, embedding, analysing and publishing alike.
"""

from __future__ import annotations

import contextlib
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from digest.library.store import NAME

if TYPE_CHECKING:
    from collections.abc import Sequence

_STATE = {
    "papers": "SELECT id, record FROM paper ORDER BY id",
    "documents": "SELECT sha256, reader, record FROM document ORDER BY sha256",
    "analyses": "SELECT key, paper, record FROM analysis ORDER BY key",
    "queue": "SELECT paper, place, state, tries, problem FROM queue ORDER BY place",
    "sections in work": "SELECT key FROM section",
    "passages": "SELECT id, paper FROM passage ORDER BY id",
    "deliveries": "SELECT paper FROM delivery ORDER BY paper",
}


def _begin(workspace: Path, papers: Path) -> subprocess.Popen[bytes]:
    workspace.mkdir(exist_ok=True)
    (workspace / "digest.toml").write_text('style = "brief"\n', encoding="utf-8")
    command = [sys.executable, "-m", "digest.cli", "--workspace", str(workspace), "batch", str(papers)]
    options = ["--engine", "extractive", "--until", "2026-11-20", "--quiet"]
    return subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL, env=os.environ | {"OMP_NUM_THREADS": "1"})


def _state(workspace: Path) -> dict[str, object]:
    """Everything that counts, without what tells of time."""
    with contextlib.closing(sqlite3.connect(workspace / "index" / NAME)) as library:
        rows: dict[str, object] = {
            name: re.sub(r'"seconds":[0-9.]+', "", repr(library.execute(query).fetchall())) for name, query in _STATE.items()
        }
    page = next(workspace.glob("digests/*/digest.md")).read_text(encoding="utf-8")
    return rows | {"page": re.sub(r"用时.*|\d+(\.\d+)? s\b", "", page)}


def main(arguments: Sequence[str] = ()) -> None:
    """Kill it that many times, one batch through all kills, and print what differs in the end."""
    papers = Path(arguments[0])
    kills, seed = int(arguments[1]) if len(arguments) > 1 else 10, int(arguments[2]) if len(arguments) > 2 else 7
    moments = random.Random(seed)
    with tempfile.TemporaryDirectory() as place:
        alone, killed = Path(place) / "alone", Path(place) / "killed"
        started = time.perf_counter()
        _begin(alone, papers).wait()
        seconds = time.perf_counter() - started
        times = 0
        for _ in range(kills):
            process = _begin(killed, papers)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(moments.uniform(1, max(2.0, seconds / 2)))
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
                times += 1
            process.wait()
        code = _begin(killed, papers).wait()
        first, second = _state(alone), _state(killed)
        differ = [name for name in first if first[name] != second[name]]
    print(
        f"{len(list(papers.rglob('*.pdf')))} PDFs, {seconds:.1f} s undisturbed; {times} of {kills} starts killed at work; last exit {code}"
    )
    print(f"differs afterwards: {', '.join(differ) or 'nothing'}")
