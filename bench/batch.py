"""A folder of real PDFs in one batch with the embedded models, beside what its stages cost alone; then the same command again.

Usage: python -m bench batch FOLDER [PAPERS] [SAMPLE]   (default: all papers; 6 of them measured alone)
Style `brief`, a context of 2,048 tokens. On a sample spread over the folder each stage is measured by itself: a page read on all cores,
a paper ranked, a character of a passage embedded, a token analysed. These times what the batch then read, ranked, embedded and analysed is
what it should take; listing, starting processes, gathering and drawing are predicted to take nothing.
"""

from __future__ import annotations

import datetime as dt
import shutil
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from bench.table import Table, tell
from digest.analyses import Work, analyse_papers
from digest.batch.job import Job, run_batch
from digest.errors import PaperError
from digest.library.codec import from_json
from digest.pipeline import Order
from digest.records import Analysis
from digest.stages import Silent, accepted, add_pdf, rank_papers
from digest.wiring import Tools
from digest.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from digest.batch.job import Outcome

_DAY, _MODEL, _STYLE, _ENGINE, _SAMPLE = dt.date(2026, 11, 20), "smollm2-135m", "brief", "llama", 6
_STAGES = {"fetch": "list", "read": "read", "rank": "rank", "index": "embed", "analyse": "analyse"}  # as the program calls them
_LAST = "gather and draw"


class Clock(Silent):
    """How long each stage took: until the next began. Whatever comes after the analyses is the last."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._stage, self._since = "list", time.perf_counter()

    def stage(self, name: str, total: int = 0) -> None:  # noqa: ARG002 as the protocol
        """See ``Progress``."""
        now = time.perf_counter()
        self.seconds[self._stage] += now - self._since
        self._stage, self._since = _LAST if self._stage in ("analyse", _LAST) else _STAGES[name], now

    def say(self, line: str) -> None:
        """See ``Progress``."""
        print(line, file=sys.stderr, flush=True)


def tools_in(folder: Path) -> Tools:
    """The tools of a workspace with this benchmark's settings."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "digest.toml").write_text(f'style = "{_STYLE}"\n[analysis]\ncontext_tokens = 2048\n', encoding="utf-8")
    return Tools(Workspace(folder), offline=True)


def spread(papers: Sequence[Path], count: int) -> list[Path]:
    """*count* of *papers*, evenly; all where there are no more, or it is 0."""
    return list(papers) if not count or count >= len(papers) else [papers[place * len(papers) // count] for place in range(count)]


def copied(papers: Sequence[Path], folder: Path) -> Path:
    """*folder*, with a copy of each of *papers*."""
    folder.mkdir()
    for number, path in enumerate(papers):
        shutil.copy(path, folder / f"{number:03}-{path.name}")
    return folder


# --- what is done, and what it takes ----------------------------------------------------------------------------------


def amounts(tools: Tools) -> dict[str, float]:
    """Pages read, papers ranked, characters embedded, tokens read and written in the library of *tools*."""
    db = tools.store.connection
    pages = db.execute("SELECT total(json_extract(record, '$.pages')) FROM document").fetchone()[0]
    characters = db.execute("SELECT total(length(text)) FROM passage WHERE kind <> 'analysis'").fetchone()[0]
    analyses = [from_json(Analysis, row[0]) for row in db.execute("SELECT record FROM analysis").fetchall()]
    tokens = sum(found.timing.prompt_tokens + found.timing.output_tokens for found in analyses)
    return {"read": pages, "rank": tools.store.count("score"), "embed": characters, "analyse": tokens}


def rates(tools: Tools, sample: Sequence[Path]) -> dict[str, float]:
    """Seconds for one of each, by stages that run alone one after the other; models are loaded before."""
    style, engine = tools.style(_STYLE), tools.engine(_MODEL, _ENGINE)
    _ = engine.count("loaded"), tools.embedder.embed(["loaded"])
    works: list[Work] = []

    def read() -> None:
        for path, document in zip(sample, tools.read_all(sample), strict=True):
            paper = add_pdf(tools, path, _DAY)
            try:
                works.append(Work(paper, accepted(tools, paper, document, path)))
            except PaperError:
                works.append(Work(paper, None))

    stages: dict[str, Callable[[], object]] = {
        "read": read,
        "rank": lambda: rank_papers(tools, [work.paper for work in works], _DAY, Silent()),
        "embed": tools.searcher.sync,
        "analyse": lambda: list(analyse_papers(tools, works, style, engine, Silent())),
    }
    seconds = {name: _timed(stage) for name, stage in stages.items()}
    return {name: seconds[name] / max(1.0, done) for name, done in amounts(tools).items()}


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def run(tools: Tools, folder: Path, clock: Clock) -> Outcome:
    """The batch of all PDFs in *folder*."""
    order = Order(date=_DAY, sources=(str(folder),), style=_STYLE, top_k=0, model=_MODEL, engine=_ENGINE)
    outcome = run_batch(tools, Job(order=order), clock)
    clock.stage("analyse")
    return outcome


def statuses(tools: Tools) -> Counter[str]:
    """What became of each paper, as the library says it, and of the sections of their analyses."""
    rows = tools.store.connection.execute("SELECT state, json_extract(problem, '$.stage'), json_extract(problem, '$.reason') FROM queue")
    return Counter(" ".join(filter(None, (state, stage and f"({stage}: {reason[:40]})"))) for state, stage, reason in rows)


def measured(source: Path, count: int = 0, sample: int = _SAMPLE) -> Table:
    """The stages of the batch beside what they should take, and what became of the papers."""
    with tempfile.TemporaryDirectory() as place:
        papers = spread(sorted(source.rglob("*.pdf")), count)
        folder = copied(papers, Path(place) / "pdfs")
        rate = rates(tools_in(Path(place) / "alone"), spread(sorted(folder.iterdir()), sample))
        tools, clock = tools_in(Path(place) / "batch"), Clock()
        outcome, done = run(tools, folder, clock), amounts(tools)
        told = ", ".join(f"{n} {state}" for state, n in statuses(tools).most_common())
        again = Clock()
        nothing = not run(tools, folder, again).new and amounts(tools) == done
    told = f"{told}; a second start {'did nothing' if nothing else 'DID SOMETHING'} in {sum(again.seconds.values()):.1f} s"
    return Table(title=f"{len(papers)} PDFs, {outcome.standing.line}", columns=_COLUMNS, rows=tuple(_rows(clock, done, rate)), note=told)


_COLUMNS = ("stage", "amount", "predicted, s", "took, s", "ratio")


def _rows(clock: Clock, done: dict[str, float], rate: dict[str, float]) -> Iterator[tuple[str | float, ...]]:
    units = {"read": "pages", "rank": "papers", "embed": "characters", "analyse": "tokens"}
    total = 0.0
    for stage, seconds in clock.seconds.items():
        predicted = rate.get(stage, 0.0) * done.get(stage, 0.0)
        total += predicted
        ratio = round(seconds / predicted, 2) if predicted else ""
        amount = f"{done[stage]:,.0f} {units[stage]}" if stage in done else ""
        yield stage, amount, round(predicted, 1), round(seconds, 1), ratio
    took = sum(clock.seconds.values())
    yield "all", "", round(total, 1), round(took, 1), round(took / total, 2)


def main(arguments: Sequence[str] = ()) -> None:
    """Print what was measured."""
    tell(measured(Path(arguments[0]), *map(int, arguments[1:3])))


if __name__ == "__main__":
    main(sys.argv[1:])
