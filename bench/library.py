"""A library of many papers: what each thing that is done with it takes, in time, memory and on disk.

Usage: python -m bench library [COUNT...] [STAGE...]   (default: 10,000, all stages; several sizes: how a search grows with them)
The papers and their vectors are made up (``bench/crowd.py``); everything else is the program as it is. The library is kept below
the folder for temporary files, and what is there is not made again; stages can be named to measure them alone. With `texts` every paper
has a full text, put together from those of `python -m bench verify`; `check` then tells that their PDFs are gone.
"""

from __future__ import annotations

import datetime as dt
import re
import sys
import tempfile
import time
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from bench.crowd import LAST_DAY, Crowd, MadeEmbedder, batches
from bench.memory import held_mb
from bench.table import Table, tell
from digest.cli.export import _references
from digest.embedding.backends import build
from digest.export import Choice, chosen_papers
from digest.library.embeddings import CachedEmbedder
from digest.library.upkeep import backup, check, statistics
from digest.retrospect import statistics as over_time
from digest.stages import Silent, rank_papers
from digest.wiring import Tools
from digest.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")
PLACE = Path(tempfile.gettempdir()) / "digest-bench" / "library"
QUERIES = (
    "diffusion models for image restoration",
    "agents that use tools",
    "low light enhancement",
    "graph neural networks robustness",
    "speech recognition with few data",
    "reward hacking",
    "3D Gaussian splatting",
    "channel estimation massive MIMO",
    "retrieval augmented generation hallucination",
    "video question answering",
    "cat:cs.CV transformer quantization",
    "since:2026-02-20 language model safety",
    '"large language models" -vision',
    "author:Wang optimal transport",
    "扩散模型 图像修复",
)
_ROUNDS, _DAY = 4, 250
_HUNDREDTH = 100


class CrowdTools(Tools):
    """Tools with made-up vectors."""

    @cached_property
    def embedder(self) -> CachedEmbedder:
        """See ``Tools.embedder``."""
        return CachedEmbedder(MadeEmbedder(build(self.embedding_model())), self.store, languages=self.embedding_card.languages)


class Library:
    """One library and what is done with it."""

    def __init__(self, count: int, *, texts: bool = False) -> None:
        self.count, folder = count, PLACE / (f"{count}-texts" if texts else str(count))
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "digest.toml").touch()
        self.tools, self.crowd = CrowdTools(Workspace(folder)), Crowd()
        _ = self.tools.embedder.rarity, self.tools.searcher, self.tools.embedder.embed_query("loaded")

    def ingest(self) -> str:
        """Papers into the library, a thousand at once."""
        for first, size in batches(self.count)[self.tools.store.count("paper") // 1000 :]:
            papers = self.crowd.papers(first, size)
            self.tools.store.add_papers(papers, today=papers[0].published or LAST_DAY)
        return f"{self.tools.store.count('paper'):,} papers"

    def texts(self) -> str:
        """A full text for every paper."""
        store = self.tools.store
        for number in range(store.count("file"), self.count):
            document = self.crowd.document(number)
            store.add_document(document)
            store.set_file(self.crowd.paper(number).id, document, Path(f"/nowhere/{number}.pdf"))
        return f"{store.count('passage'):,} passages"

    def index(self) -> str:
        """Vectors kept and the FAISS index made."""
        return f"{self.tools.searcher.sync():,} units"

    def open(self) -> str:
        """A program that starts: its index opened, nothing new found."""
        searcher = CrowdTools(self.tools.workspace).searcher
        return f"{searcher.pending()} pending"

    def search(self) -> str:
        """Questions, one after the other."""
        return _times(lambda text: self.tools.searcher.search(text, top_k=10), QUERIES * _ROUNDS)

    def similar(self) -> str:
        """Nearest papers of sixty."""
        papers = [self.crowd.paper(number) for number in range(0, self.count, self.count // 60)]
        return _times(lambda paper: self.tools.searcher.similar(paper, top_k=5), papers)

    def day(self) -> str:
        """A morning: 250 new papers kept, ranked, indexed."""
        new, day = self.crowd.papers(self.count + _DAY * 3, _DAY), LAST_DAY + dt.timedelta(days=1)
        self.tools.store.add_papers(new, today=day)
        ranked = rank_papers(self.tools, new, day, Silent())
        return f"{len(ranked)} ranked, {self.tools.searcher.sync()} indexed"

    def rank(self) -> str:
        """One in a hundred of all papers ranked anew, by the library's own vectors."""
        papers = [self.crowd.paper(number) for number in range(0, self.count, _HUNDREDTH)]
        return f"{len(rank_papers(self.tools, papers, LAST_DAY, Silent())):,} ranked"

    def export(self) -> str:
        """Every paper as BibTeX."""
        target = self.tools.workspace.root / "all.bib"
        _references(self.tools, chosen_papers(self.tools, Choice(everything=True)), "bibtex", target, files=False)
        return f"{target.stat().st_size / 1e6:.0f} MB"

    def stats(self) -> str:
        """What `digest index stats` and `digest library stats` count."""
        return f"{statistics(self.tools.store, self.tools.workspace.index)['papers']:,}, {len(over_time(self.tools).weeks)} weeks"

    def check(self) -> str:
        """What `digest index check` looks at."""
        return f"{len(check(self.tools.store, self.tools.workspace))} faults"

    def backup(self) -> str:
        """A copy of the database."""
        target = self.tools.workspace.root / "backup.sqlite"
        backup(self.tools.store, target)
        size = target.stat().st_size
        target.unlink()
        return f"{size / 1e6:.0f} MB"


STAGES: tuple[Callable[[Library], str], ...] = (
    Library.ingest,
    Library.texts,
    Library.index,
    Library.open,
    Library.search,
    Library.similar,
    Library.day,
    Library.rank,
    Library.export,
    Library.stats,
    Library.check,
    Library.backup,
)


def _times(ask: Callable[[T], object], asked: Sequence[T]) -> str:
    times = []
    for one in asked:
        started = time.perf_counter()
        ask(one)
        times.append((time.perf_counter() - started) * 1e3)
    p50, p99 = np.percentile(times, [50, 99])
    return f"p50 {p50:.0f} ms, p99 {p99:.0f} ms of {len(times)}"


def peak_mb(*, reset: bool = False) -> float:
    """The most memory this process had resident since the last reset."""
    if reset:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return held_mb("VmHWM")


def measured(count: int, stages: Sequence[str] = ()) -> Table:
    """What each stage takes in a library of *count* papers."""
    library, rows = Library(count, texts="texts" in stages), list[tuple[str | float, ...]]()
    whole = not set(stages) - {"texts"}
    for stage in STAGES:
        if stage.__name__ not in stages and (not whole or stage is Library.texts):
            continue
        before, started, cpu = peak_mb(reset=True), time.perf_counter(), time.process_time()
        said = stage(library)
        seconds, worked = time.perf_counter() - started, time.process_time() - cpu
        rows.append((stage.__name__, round(seconds, 2), round(worked, 2), round(before), round(peak_mb()), said))
        print("  ".join(map(str, rows[-1])), flush=True)
    files = sorted(library.tools.workspace.index.iterdir())
    note = ", ".join(f"{path.name} {size / 1e6:,.0f} MB" for path in files if (size := path.stat().st_size) > 1e6)
    columns = ("stage", "s", "s of processor", "MB before", "MB at most", "")
    return Table(title=f"{count:,} papers", columns=columns, rows=tuple(rows), note=note)


def by_size(sizes: Sequence[int]) -> Table:
    """Milliseconds of a search and of finding the nearest papers, by the size of the library."""
    rows = list[tuple[str | float, ...]]()
    for count in sizes:
        found = {row[0]: str(row[-1]) for row in measured(count, ("ingest", "index", "search", "similar")).rows}
        times = [int(text) for stage in ("search", "similar") for text in re.findall(r"p\d+ (\d+) ms", found[stage])]
        rows.append((f"{count:,}", *times))
    columns = ("papers", "search p50, ms", "search p99", "nearest p50", "nearest p99")
    return Table(title="A search by the size of the library", columns=columns, rows=tuple(rows), curve="searching")


def main(arguments: Sequence[str] = ()) -> None:
    """Do all of it and print what it took; with several sizes, how a search grows with them."""
    sizes = [int(text) for text in arguments if text.isdecimal()] or [10_000]
    stages = [text for text in arguments if not text.isdecimal()]
    tell(by_size(sizes) if len(sizes) > 1 else measured(sizes[0], stages))


if __name__ == "__main__":
    main(sys.argv[1:])
