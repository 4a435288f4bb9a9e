"""A batch killed at random moments and started again, beside one that was left alone.

Usage: python -m bench resume FOLDER [KILLS] [PAPERS] [ENGINE] [SEED]   (default: 10 kills, all papers, extractive, 7)
The engine that quotes makes the moments fall into reading, embedding, analysing and publishing alike; with `llama` SmolLM2 writes, at the
temperature of the settings, and a paper that was being worked on is asked about afresh.
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

from bench.batch import copied, spread
from bench.table import Table, tell
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


def _begin(workspace: Path, papers: Path, engine: str) -> subprocess.Popen[bytes]:
    workspace.mkdir(exist_ok=True)
    (workspace / "digest.toml").write_text('style = "brief"\n[analysis]\ncontext_tokens = 2048\nthreads = 1\n', encoding="utf-8")
    command = [sys.executable, "-m", "digest.cli", "--workspace", str(workspace), "batch", str(papers), "--engine", engine]
    options = ["--until", "2026-11-20", "--quiet", *(("--model", "smollm2-135m") if engine == "llama" else ())]
    return subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL, env=os.environ | {"OMP_NUM_THREADS": "1"})


def _state(workspace: Path) -> dict[str, object]:
    """Everything that counts, without what tells of time."""
    with contextlib.closing(sqlite3.connect(workspace / "index" / NAME)) as library:
        rows: dict[str, object] = {
            name: re.sub(r'"seconds":[0-9.]+', "", repr(library.execute(query).fetchall())) for name, query in _STATE.items()
        }
    page = next(workspace.glob("digests/*/digest.md")).read_text(encoding="utf-8")
    return rows | {"page": re.sub(r"用时.*|\d+(\.\d+)? s\b", "", page)}


def main(arguments: Sequence[str]) -> None:
    """Kill it that many times, one batch through all kills, and print what differs in the end."""
    given = [*arguments[1:], *("10", "0", "extractive", "7")[len(arguments) - 1 :]]
    kills, count, engine, moments = int(given[0]), int(given[1]), given[2], random.Random(int(given[3]))
    with tempfile.TemporaryDirectory() as place:
        folder = copied(spread(sorted(Path(arguments[0]).rglob("*.pdf")), count), Path(place) / "pdfs")
        number, alone, killed = len(list(folder.iterdir())), Path(place) / "alone", Path(place) / "killed"
        started = time.perf_counter()
        _begin(alone, folder, engine).wait()
        seconds = time.perf_counter() - started
        times = 0
        for _ in range(kills):
            process = _begin(killed, folder, engine)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(moments.uniform(1, max(2.0, 2 * seconds / kills)))
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
                times += 1
            process.wait()
        code = _begin(killed, folder, engine).wait()
        first, second = _state(alone), _state(killed)
        rows = tuple((name, "the same" if first[name] == second[name] else "DIFFERS") for name in first)
    note = f"{seconds:.0f} s undisturbed; {times} of {kills} starts killed at work; last exit {code}"
    tell(Table(title=f"{number} PDFs, engine {engine}", columns=("afterwards", ""), rows=rows, note=note))


if __name__ == "__main__":
    main(sys.argv[1:])
