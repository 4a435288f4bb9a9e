"""A large index whose builder is killed: while all of it is made, and while a thousand papers are added.

Usage: python -m bench vectors COUNT --crash
A library of COUNT abstracts with their vectors; a process of its own brings the index up to date and gets SIGKILL, each time later.
After each kill: what SQLite holds, and whether the index opens as it was or as it should be. At the end: whether the next start mends.
"""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from digest.library.embeddings import text_hash
from digest.library.vectors import read_manifest
from digest.records import Paper
from digest.wiring import Tools
from digest.workspace import Workspace

if TYPE_CHECKING:
    from digest.embedding import Vectors

_DAY = dt.date(2026, 3, 6)
_BATCH, _ADDED, _KILLS, _SEARCHED = 10_000, 1_000, 4, 200
_SYNC = (
    "import sys; from pathlib import Path; from digest.wiring import Tools; from digest.workspace import Workspace;"
    "tools = Tools(Workspace(Path(sys.argv[1]))); tools.searcher; print('begins', flush=True); print(tools.searcher.sync(), flush=True)"
)


def add(tools: Tools, vectors: Vectors, first: int, count: int) -> None:
    """Papers *first* and so on, each with its row of *vectors* as the vector of its abstract."""
    for start in range(first, first + count, _BATCH):
        papers = [Paper(id=f"made:{n}", title=f"Made {n}", abstract=f"number{n}") for n in range(start, min(first + count, start + _BATCH))]
        rows = [
            (tools.embedder.id, text_hash(paper.gist), np.asarray(vectors[start + n], dtype="<f4").tobytes())
            for n, paper in enumerate(papers)
        ]
        with tools.store.transaction() as db:
            db.executemany("INSERT OR REPLACE INTO embedding VALUES (?, ?, ?)", rows)
        tools.store.add_papers(papers, today=_DAY)


def synced(place: Path, *, kill_after: float | None) -> float:
    """Seconds that bringing the index up to date took in a process of its own, or until it was killed."""
    with subprocess.Popen([sys.executable, "-c", _SYNC, str(place)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        started = time.perf_counter()
        try:
            process.wait(kill_after)
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
        return time.perf_counter() - started


def state(place: Path) -> str:
    """What is there, as the next command would find it."""
    tools = Tools(Workspace(place))
    manifest = read_manifest(tools.workspace.index)
    held = len(tools.searcher._current())
    files = len(list(tools.workspace.index.glob("*")))
    rows = f"{tools.store.count('paper')} papers, {tools.store.count('passage')} units, {tools.store.count('embedding')} vectors in SQLite"
    tools.store.close()
    return f"{rows}; index opens with {held}, its manifest says {manifest.count if manifest else 'nothing'}; {files} files"


def measure(place: Path, vectors: Vectors, count: int) -> None:
    """Kill, look, and let it end: first the whole, then a thousand more."""
    tools = Tools(Workspace(place))
    started = time.perf_counter()
    add(tools, vectors, 0, count)
    tools.store.close()
    print(f"{count} papers with their vectors kept in {time.perf_counter() - started:.0f} s", flush=True)
    for what, whole in (("the whole", True), ("a thousand more", False)):
        if not whole:
            tools = Tools(Workspace(place))
            add(tools, vectors, count, _ADDED)
            tools.store.close()
        after, growth = (2.0, 3.0) if whole else (0.05, 2.0)
        for _ in range(_KILLS):
            took = synced(place, kill_after=after)
            print(f"{what}: {'killed' if took >= after else 'ended'} after {took:.2f} s: {state(place)}", flush=True)
            after *= growth
        print(f"{what}: not killed: {synced(place, kill_after=None):.2f} s; {state(place)}", flush=True)
    tools = Tools(Workspace(place))
    held, sample = tools.searcher._current(), np.linspace(0, count + _ADDED - 1, _SEARCHED).astype(int)
    units = {row[1]: row[0] for row in tools.store.connection.execute("SELECT id, paper FROM passage")}
    first = sum(held.search(np.asarray(vectors[n]), 1)[0][0] == units[f"made:{n}"] for n in sample)
    print(f"its own vector finds the paper first for {first} of {_SEARCHED}; faults of SQLite: {tools.store.faults() or 'none'}")
