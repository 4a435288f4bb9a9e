"""``make bench``: a short form of every benchmark, one after the other, into docs/benchmarks.md; ``python -m bench NAME …``: one as it is.

Each runs in a process of its own, so that its memory is its own and one that fails ends no other.
"""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.page import put
from bench.table import HANDED_ON, handed_on
from digest.library.store import NAME

_SHARED = Path(__file__).resolve().parents[2] / "shared"
_PDFS = str(_SHARED / "data" / "pdfs")
_LONGEST_SECONDS = 600
SHORT = {
    "reading": (),
    "pool": (),
    "structure": (),
    "ranking": (),
    "days": (),
    "feedback": (),
    "embedding": (str(_SHARED), "100"),
    "search": (),
    "latency": (),
    "asking": (),
    "library": ("1000", "4000", "16000"),
    "verify": (),
    "claims": (),
    "plan": (),
    "analysis": ("--models", "smollm2", "--paper-tokens", "1024", "--share", "0.2"),
    "width": (),
    "servers": (),
    "workers": (_PDFS, "4", "1", "2"),
    "batch": (_PDFS, "4", "2"),
}

_OF_LIBRARY = {"search", "latency", "asking"}


def main(arguments: list[str]) -> None:
    """Run the one that is named, or all."""
    if arguments:
        sys.argv = arguments
        runpy.run_module(f"bench.{arguments[0]}", run_name="__main__")
        return
    from bench.search import PLACE  # not before: it may be the one that is named

    for name, options in SHORT.items():
        print(f"\n== {name} {' '.join(options)}", flush=True)
        if name in _OF_LIBRARY and not (PLACE / "index" / NAME).is_file():
            print("no library to search yet, and making it takes half an hour: python -m bench search")
        else:
            _short(name, options)


def _short(name: str, options: tuple[str, ...]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        tables, started = Path(folder) / "tables", time.perf_counter()
        command = [sys.executable, "-m", "bench", name, *options]
        try:
            done = subprocess.run(
                command, stdout=subprocess.PIPE, text=True, timeout=_LONGEST_SECONDS, check=True, env=os.environ | {HANDED_ON: str(tables)}
            )
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            print(f"{name} FAILED, and what the page says of it stays: {error}", flush=True)
            return
        print(done.stdout, flush=True)
        if done.stdout.strip() and "skipped" not in done.stdout:
            told = " ".join((name, *options)).replace(_PDFS, "PDFS").replace(str(_SHARED), "DATA")
            put(name, told, handed_on(tables) or done.stdout, time.perf_counter() - started)


if __name__ == "__main__":
    main(sys.argv[1:])
