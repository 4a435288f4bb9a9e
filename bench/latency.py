"""How long a search takes: from a cold start beside its embedder alone, and warm from eight threads at once.

Usage: python -m bench latency
Processor time, which other work on the machine changes little, stands beside what the clock says. Compiled modules are kept, as those of
an installed program are, even where the environment forbids it (PYTHONDONTWRITEBYTECODE).
The library is that of `python -m bench search`, its abstracts doubled under other ids: some 16,000 beside the full texts.
"""

from __future__ import annotations

import dataclasses
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bench.search import PLACE, questions
from digest.library.store import NAME
from digest.wiring import Tools
from digest.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_THREADS, _ROUNDS, _STARTS = 8, 4, 7
_AS_INSTALLED = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
_EMBEDDER = (
    "import sys; from pathlib import Path; from digest.wiring import Tools; from digest.workspace import Workspace;"
    "tools = Tools(Workspace(Path(sys.argv[1]))); from digest.embedding.backends import build; build(tools.embedding_model()).embed(['a'])"
)


def doubled(place: Path) -> Tools:
    """A copy of the library with every abstract of a list twice."""
    if not (place / "index" / NAME).is_file():
        shutil.copytree(PLACE, place, dirs_exist_ok=True)
        tools = Tools(Workspace(place))
        papers = [paper for paper in tools.store.all_papers() if paper.source == "arxiv"]
        day = papers[0].published
        assert day is not None
        tools.store.add_papers([dataclasses.replace(paper, id=f"copy:{paper.id}") for paper in papers], today=day)
        tools.searcher.sync()
    return Tools(Workspace(place))


class Took(NamedTuple):
    """What a process took, in seconds."""

    clock: float
    processor: float


def _took(command: Sequence[str]) -> Took:
    started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *command], check=True, capture_output=True, env=_AS_INSTALLED)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Took(time.perf_counter() - started, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def main(_arguments: Sequence[str] = ()) -> None:
    """Print the times."""
    if not (PLACE / "index" / NAME).is_file():
        print("no library yet: python -m bench search")
        return
    place = PLACE.with_name("latency")
    tools = doubled(place)
    print(f"{tools.store.count('paper')} papers, {tools.store.count('passage')} passages")
    search = ["-m", "digest.cli", "--workspace", str(place), "search", "diffusion models for image restoration"]
    _took(search)
    pairs = [(_took(["-c", _EMBEDDER, str(place)]), _took(search)) for _ in range(_STARTS)]
    for what in Took._fields:
        alone, whole = (statistics.median(getattr(took, what) for took in column) for column in zip(*pairs, strict=True))
        print(f"cold, {what}: its embedder alone {alone:.2f} s, `digest search` {whole:.2f} s, ratio {whole / alone:.2f} ({_STARTS} times)")
    texts = [question.text for question in questions()] * _ROUNDS

    def timed(text: str) -> float:
        started = time.perf_counter()
        tools.searcher.search(text, top_k=10)
        return (time.perf_counter() - started) * 1e3

    for text in texts[: len(texts) // _ROUNDS]:
        timed(text)
    before = time.process_time()
    for text in texts[: len(texts) // _ROUNDS]:
        timed(text)
    print(f"warm: {(time.process_time() - before) * 1e3 * _ROUNDS / len(texts):.1f} ms of processor time a search")
    for count in (1, _THREADS):
        with ThreadPoolExecutor(count) as threads:
            p50, p99 = np.percentile(list(threads.map(timed, texts)), [50, 99])
        print(f"warm, {count} at once: p50 {p50:.0f} ms, p99 {p99:.0f} ms ({len(texts)} searches)")


if __name__ == "__main__":
    main()
