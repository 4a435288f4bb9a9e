"""The reading room with eight readers at once: what each waits for a search as it is typed, and for every other page.

Usage: python -m bench serve [READERS] [--typed]   (the latter: only the search as it is typed, four letters a second)
The library is that of `python -m bench search`, filled up to 16,000 abstracts with made-up ones: the first half of one paper's abstract
and the second half of another's, their vector between both. Each reader types questions of `bench/questions.toml`, each
three letters a search, four a second; and once more without a pause. The server has one process, the readers another.
"""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import numpy as np

from bench.search import library, questions
from digest.library.embeddings import text_hash
from digest.text import sentences
from digest.wiring import Tools
from digest.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

PLACE = Path(tempfile.gettempdir()) / "digest-bench" / "serve"
_ABSTRACTS, _READERS, _EACH = 16_000, 8, 60
_TYPED = 3  # letters typed before the room asks, and between two questions to it


def workspace() -> Path:
    """A workspace with 16,000 abstracts and 70 full texts, made once."""
    if not (PLACE / "done").exists():
        shutil.rmtree(PLACE, ignore_errors=True)
        source = library()
        source.store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copytree(source.workspace.root, PLACE)
        _fill_up(Tools(Workspace(PLACE), offline=True))
        (PLACE / "done").touch()
    return PLACE


def _fill_up(tools: Tools) -> None:
    """Add made-up papers, with vectors that lie between those of the two they are made of."""
    papers = [paper for paper in tools.store.all_papers() if paper.abstract]
    vectors = tools.embedder.embed([paper.gist for paper in papers])
    shuffled = random.Random(7)
    made, rows = [], []
    for number in range(_ABSTRACTS - len(papers)):
        a, b = shuffled.sample(range(len(papers)), 2)
        first, second = sentences(papers[a].abstract), sentences(papers[b].abstract)
        abstract = " ".join(first[: len(first) // 2 + 1] + second[len(second) // 2 :])
        made.append(dataclasses.replace(papers[a], id=f"made:{number}", abstract=abstract, aliases=()))
        vector = (vectors[a] + vectors[b]) / np.linalg.norm(vectors[a] + vectors[b])
        rows.append((tools.embedder.id, text_hash(made[-1].gist), vector.astype("<f4").tobytes()))
    with tools.store.transaction() as db:
        db.executemany("INSERT OR REPLACE INTO embedding VALUES (?, ?, ?)", rows)
    tools.store.add_papers(made, today=max(paper.published for paper in papers if paper.published))
    tools.searcher.sync()


@contextlib.contextmanager
def serving(root: Path) -> Iterator[int]:
    """The port of a server of its own process, its models loaded."""
    command = [sys.executable, "-m", "digest.cli", "--workspace", str(root), "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline().rstrip("/\n").rpartition(":")[2])
        while _asked(http.client.HTTPConnection("127.0.0.1", port, timeout=60), "/search?part=1&q=ready")[0] == 503:
            time.sleep(0.2)
        yield port
        process.terminate()


def _asked(connection: http.client.HTTPConnection, path: str) -> tuple[int, float]:
    start = time.perf_counter()
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    return answer.status, time.perf_counter() - start


def measured(port: int, paths: Sequence[str], *, readers: int = _READERS, each: int = _EACH, pause: float = 0.0) -> list[float]:
    """Milliseconds that *readers* at once wait for each of *paths*, in turns, every one with its own beginning."""
    waited: list[float] = []

    def read(reader: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        _asked(connection, "/static/room.css")
        time.sleep(pause * reader / readers)  # people do not press their keys in the same moment
        for n in range(each):
            status, seconds = _asked(connection, paths[(reader * each + n) % len(paths)])
            assert status == 200, (status, paths[(reader * each + n) % len(paths)])
            waited.append(1000 * seconds)
            time.sleep(pause)
        connection.close()

    threads = [threading.Thread(target=read, args=(reader,)) for reader in range(readers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return waited


def typed() -> list[str]:
    """Searches as they are sent while the questions are typed."""
    asked = [question.text for question in questions()]
    return [f"/search?part=1&q={quote(text[:end])}" for text in asked for end in range(_TYPED, len(text) + _TYPED, _TYPED)]


def _pages(root: Path) -> dict[str, Callable[[], list[str]]]:
    tools = Tools(Workspace(root), offline=True)
    read = [quote(paper, safe="") for paper, _ in tools.store.files()]
    known = [quote(paper.id, safe="") for paper in tools.store.all_papers()[::40]]
    tools.store.close()
    return {
        "search as typed, no pause": typed,
        "whole questions": lambda: [f"/search?part=1&q={quote(question.text)}" for question in questions()],
        "nearest papers": lambda: [f"/near/{paper}" for paper in known],
        "paper beside its PDF": lambda: [f"/paper/{paper}" for paper in read],
        "picture of a page, new": lambda: [f"/page/1/{paper}" for paper in read],
        "picture of a page, again": lambda: [f"/page/1/{paper}" for paper in read[:20]],
        "library, filtered": lambda: [f"/library?category=cs.CV&page={n}" for n in range(40)],
        "run status": lambda: ["/run?part=1"],
    }


def main(arguments: Sequence[str] = ()) -> None:
    readers = next((int(argument) for argument in arguments if argument.isdigit()), _READERS)
    root, shuffled = workspace(), random.Random(7)
    with serving(root) as port:
        measured(port, typed(), each=20)  # what is mapped from disk is read
        asked = typed()
        shuffled.shuffle(asked)
        _tell("search as typed, 4 a second", measured(port, asked, readers=readers, pause=0.25), readers)
        if "--typed" in arguments:
            return
        for name, paths in _pages(root).items():
            asked = paths()
            shuffled.shuffle(asked)
            each = min(_EACH, len(asked) // readers) if "new" in name else _EACH
            _tell(name, measured(port, asked, readers=readers, each=each), readers)
            if "new" not in name:
                _tell("", measured(port, asked, readers=1, each=each), 1)


def _tell(name: str, waited: Sequence[float], readers: int) -> None:
    middle, worst = np.percentile(waited, [50, 99])
    print(f"{name:28} {readers} at once: p50 {middle:6.1f} ms, p99 {worst:6.1f} ms, of {len(waited)}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
