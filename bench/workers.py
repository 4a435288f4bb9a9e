"""The same papers by one process of one thread, by two, and by the workers of a local Ray cluster: papers an hour, and the same words.

Usage: python -m bench workers FOLDER [PAPERS] [HOW...]   (default: 4 papers spread over FOLDER, HOW of 1 2 ray1 ray2)
SmolLM2 at temperature 0, style `brief`, a context of 2,048 tokens. Only analysing is timed, from the first paper taken to the last settled.
"""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from bench.batch import copied, spread
from bench.table import Table, tell
from digest.library.store import NAME

if TYPE_CHECKING:
    from collections.abc import Sequence

_SETTINGS = 'style = "brief"\n[analysis]\ncontext_tokens = 2048\ntemperature = 0.0\nthreads = 1\n'
_RAY = ("--ray", "local", "--workers")
_WAYS = {"1": ("--workers", "1"), "2": ("--workers", "2"), "ray1": (*_RAY, "1"), "ray2": (*_RAY, "2")}
_NAMES = {"1": "one process", "2": "two processes", "ray1": "Ray, one worker", "ray2": "Ray, two workers"}


def main(arguments: Sequence[str]) -> None:
    """Print the rates, and whether all analyses are the same."""
    source, count = Path(arguments[0]), int(arguments[1]) if len(arguments) > 1 else 4
    ways = arguments[2:] or list(_WAYS)
    with tempfile.TemporaryDirectory() as place:
        folder = copied(spread(sorted(source.rglob("*.pdf")), count), Path(place) / "pdfs")
        found = {way: _analysed(Path(place) / way, folder, _WAYS[way]) for way in ways}
    (first_seconds, first), *_ = found.values()
    rows = tuple(
        (_NAMES[way], round(len(analyses) / seconds * 3600, 1), round(first_seconds / seconds, 2), "yes" if analyses == first else "NO")
        for way, (seconds, analyses) in found.items()
    )
    columns = ("analysed by", "papers an hour", "times the first", "the same, byte for byte")
    tell(Table(title=f"{len(first)} papers, one thread a process", columns=columns, rows=rows))
    curve = tuple((way, row[1]) for way, row in zip(found, rows, strict=True) if way.isdecimal())
    if len(curve) > 1:
        tell(Table(title="Papers an hour by processes", columns=("processes", "papers an hour"), rows=curve, curve="workers"))


def _analysed(workspace: Path, folder: Path, options: Sequence[str]) -> tuple[float, list[tuple[str, str]]]:
    """Seconds of analysing, and key and record of each analysis without its time."""
    workspace.mkdir()
    (workspace / "digest.toml").write_text(_SETTINGS, encoding="utf-8")
    command = [sys.executable, "-m", "digest.cli", "--workspace", str(workspace), "batch", str(folder), *options]
    command += ["--engine", "llama", "--model", "smollm2-135m", "--until", "2026-11-20", "--no-pages", "--quiet"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=os.environ | {"OMP_WAIT_POLICY": "passive"})
    taken = None
    while process.poll() is None:
        taken = taken or (time.perf_counter() if _count(workspace, "state = 'taken'") else None)
        if taken and not _count(workspace, "state NOT IN ('done', 'failed')"):
            break
        time.sleep(0.1)
    seconds = time.perf_counter() - (taken or 0.0)
    if process.wait() not in (0, 4):
        raise SystemExit(f"{' '.join(command)}: exit status {process.returncode}")
    with closing(sqlite3.connect(workspace / "index" / NAME)) as library:
        rows = library.execute("SELECT key, record FROM analysis ORDER BY key").fetchall()
    return seconds, [(key, re.sub(r'"seconds":[0-9.]+', "", record)) for key, record in rows]


def _count(workspace: Path, condition: str) -> int:
    try:
        with closing(sqlite3.connect(f"file:{workspace / 'index' / NAME}?mode=ro", uri=True)) as library:
            return int(library.execute(f"SELECT count(*) FROM queue WHERE {condition}").fetchone()[0])
    except sqlite3.OperationalError:  # not there yet
        return 0


if __name__ == "__main__":
    main(sys.argv[1:])
