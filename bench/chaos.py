"""Papers over a network that misbehaves: is one lost, doubled or spoiled, and does every run end and say what it could not do?

The small world of ``bench/world.py`` answers on loopback, with HuggingFace's arrays and arXiv's feeds as they were, and at random
as it should not (``bench/faults.py``). Each seed is two stormy weeks of mornings, some of them slept through or cut off, with a
list of ids asked for now and then and days long past filled in once, and three calm days. ``python -m bench chaos 0-499``.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
import re
import sys
import tempfile
import time
import zlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bench.faults import DEADLINE_SECONDS, SILENT_SECONDS, Storm
from bench.world import BACKFILL, CATEGORIES, FIRST, MISSING, SmallWorld, made_papers, same_words
from digest.errors import PaperError
from digest.sources import arxiv, download
from digest.sources.http import PoliteClient
from digest.sources.pace import Pace
from digest.stages import Silent, Wish, fetch, note_failure
from digest.wiring import Tools
from digest.workspace import Workspace
from tests.clock import JumpingClock
from tests.loopback import LoopbackServer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.records import Paper

STORMY, CALM = 12, 3  # days; on a calm one the run is made until it says that nothing is missing
LARGEST_BACKLOG = 40  # runs that may take
LONGEST_RUN_SECONDS = 3600.0  # on the clock of the run, pauses included
FAULT_SHARES = (0.0, 0.15, 0.4, 0.8)
PDFS = 24  # of a seed's papers, about; the rest is metadata alone
PAGE_SIZE = 20  # of the query interface, so that small lists have pages


@dataclass(slots=True)
class Outcome:
    """What a seed came to."""

    seed: int
    papers: int = 0
    real: int = 0  # of them, those that a file of real answers describes
    runs: int = 0
    requests: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    told: int = 0  # runs that said something was missing
    longest_seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)


class Cut(BaseException):
    """The lid was closed."""


@dataclass(slots=True)
class Morning(Silent):
    """Progress of one run, cut off after some steps."""

    steps_left: int

    def advance(self, steps: int = 1) -> None:
        """See ``stages.Progress``."""
        self.steps_left -= steps
        if self.steps_left <= 0:
            raise Cut


@dataclass(slots=True)
class Life:
    """One reader's workspace in one world."""

    folder: Path
    world: SmallWorld
    storm: Storm
    clock: JumpingClock
    host: str
    wanted: set[str]  # papers whose PDFs are fetched
    outcome: Outcome

    def morning(self, wishes: Sequence[Wish], progress: Morning) -> bool:
        """One process: fetch what is new, then full texts, those that failed before included. Whether it missed nothing, as it says."""
        whole = False
        tools = Tools(Workspace(self.folder))
        pace = Pace(self.folder / "state", delay_seconds=3.0, clock=self.clock)
        started = self.clock.now()
        self.outcome.runs += 1
        with PoliteClient(timeout_seconds=SILENT_SECONDS, deadline_seconds=DEADLINE_SECONDS, pace=pace) as http:
            tools.__dict__["http"] = http  # what the cached property would hold
            try:
                whole = sum(self.fetched(tools, wish, progress) for wish in wishes) == len(wishes)
                self.outcome.told += not whole
                self.download_all(tools, progress)
            except Cut:
                pass
            finally:
                tools.store.close()
        self.outcome.longest_seconds = max(self.outcome.longest_seconds, self.clock.now() - started)
        return whole

    def fetched(self, tools: Tools, wish: Wish, progress: Morning) -> bool:
        """Whether *wish* was fulfilled, as the program says; if it was, nothing may be missing."""
        self.storm.lied = False
        found = fetch(tools, wish, progress)
        if len({paper.id for paper in found.papers}) < len(found.papers):
            self.outcome.wrong.append(f"{wish.date}: a paper twice in one run")
        if not found.errors and not self.storm.lied:
            missing = self.shown(wish) - {paper.id for paper in tools.store.all_papers()}
            self.outcome.wrong += [f"{wish.date}: nothing was said of {missing}"] if missing else []
        return not found.errors

    def shown(self, wish: Wish) -> set[str]:
        """What the lists that *wish* asks for show, seen from outside."""
        first = wish.since or wish.date
        shown = self.world.picked(first, wish.date) if "hf" in wish.sources else set()
        if "arxiv" in wish.sources:
            since = wish.date - dt.timedelta(days=3)
            shown |= {paper.id for paper in self.world.visible() if paper.submitted >= since}
        return shown | {name for source in wish.sources for name in source.partition(":")[2].split(",") if name}

    def download_all(self, tools: Tools, progress: Morning) -> None:
        """Every wanted paper without full text: new ones, and those whose time to try again has come."""
        now = dt.datetime.fromtimestamp(self.clock.now(), dt.UTC)
        failed = {failure.paper for failure in tools.store.failures()}
        waiting = failed - {paper.id for paper in tools.store.due("download", now, 10**6)}
        known = tools.store.papers(sorted(self.wanted - waiting)).values()
        papers = [dataclasses.replace(paper, pdf=paper.pdf.replace("https://arxiv.org", self.host)) for paper in known]
        with tools.downloading(papers):
            for paper in papers:
                try:
                    tools.download(paper)
                    if paper.id in failed:
                        tools.store.clear_failure(paper.id, "download")
                except PaperError as error:
                    note_failure(tools, paper, error)
                progress.advance()


def wishes_of(day: dt.date, world: SmallWorld, *, fill_in: bool, ask_missing: bool) -> list[Wish]:
    """What a reader asks for on *day*: what is new; with *fill_in* also papers by id, each list a real answer, and days long past."""
    wishes = [Wish(date=day, sources=("arxiv", "hf"))]
    if fill_in:
        lists = tuple(f"arxiv:{','.join(real.entries)}" for real in world.real.feeds)
        lists = (*lists, f"arxiv:{MISSING}") if ask_missing else lists
        wishes += [Wish(date=day, sources=lists), Wish(date=BACKFILL[1], sources=("hf",), since=BACKFILL[0])]
    return [wish for wish in wishes if wish.sources]


def play(seed: int, folder: Path) -> Outcome:
    """One seed: all its mornings, and what is wrong in the end."""
    rng = random.Random(seed)
    clock = JumpingClock(dt.datetime.combine(FIRST, dt.time(8), dt.UTC).timestamp())
    category, top_n = rng.choice(CATEGORIES), rng.choice([3, 10, 30, 100])
    world = SmallWorld(made_papers(rng, category, STORMY + CALM), category=category, top_n=top_n, clock=clock, rng=rng)
    storm, outcome = Storm(world), Outcome(seed)
    with LoopbackServer() as server:
        world.serve(server, storm.misbehaving)
        elsewhere = server.url.replace("127.0.0.1", "localhost")
        (folder / "digest.toml").write_text(
            f'[sources]\ncategories = ["{category}"]\nmax_papers = {rng.choice([10, 40, 300])}\narxiv_url = "{server.url}/api/query"\n'
            f'arxiv_rss_url = "{elsewhere}/rss"\narxiv_oai_url = "{elsewhere}/oai"\nhf_url = "{elsewhere}"\nhf_top = {top_n}\n',
            encoding="utf-8",
        )
        share = max(1, len(expected(world)) // PDFS)
        wanted = {name for name in world.papers if zlib.crc32(f"{seed} {name}".encode()) % share == 0}
        life = Life(folder, world, storm, clock, server.url, wanted, outcome)
        live(life, rng)
        outcome.requests, outcome.faults = len(server.requests), world.faults
    examine(life)
    return outcome


def live(life: Life, rng: random.Random) -> None:
    """The mornings of all days."""
    for n in range(STORMY + CALM):
        day, stormy = FIRST + dt.timedelta(days=n), n < STORMY
        life.clock.time = max(life.clock.time, dt.datetime.combine(day, dt.time(rng.randint(6, 12)), dt.UTC).timestamp())
        life.storm.calm(rng.choice(FAULT_SHARES) if stormy else 0.0)
        if n and stormy and rng.random() < 0.2:
            continue  # slept through
        fill_in = rng.random() < 0.3 if stormy else n == STORMY
        wishes = wishes_of(day, life.world, fill_in=fill_in, ask_missing=stormy and rng.random() < 0.3)
        for _ in range(1 if stormy else LARGEST_BACKLOG):
            patience = rng.randint(1, 12) if stormy and rng.random() < 0.15 else 10**9
            if life.morning(wishes, Morning(patience)):
                break


def expected(world: SmallWorld) -> set[str]:
    """Every paper that must have come in the end."""
    last = FIRST + dt.timedelta(days=STORMY + CALM - 1)
    listed = {paper.id for paper in world.listed if paper.kind != "replace" and paper.announced <= last}
    named = {name for real in world.real.feeds for name in real.entries}
    return listed | named | world.picked(FIRST, last) | world.picked(*BACKFILL)


def examine(life: Life) -> None:
    """Compare the library and the disk with the world."""
    outcome, world, tools = life.outcome, life.world, Tools(Workspace(life.folder))
    kept, wanted = {paper.id: paper for paper in tools.store.all_papers()}, expected(world)
    replaced = {paper.id for paper in world.listed if paper.kind == "replace"}
    outcome.papers, outcome.real = len(wanted), len(wanted - {paper.id for paper in world.listed} | wanted & world.real.known.keys())
    outcome.wrong += [f"lost: {name}" for name in sorted(wanted - kept.keys())]
    outcome.wrong += [f"not asked for: {name}" for name in sorted(kept.keys() - wanted - replaced)]
    outcome.wrong += [f"spoiled: {name}" for name, paper in kept.items() if name in world.papers and not told_truly(world, paper)]
    outcome.wrong += [f"still failed: {failure.paper} {failure.reason}" for failure in tools.store.failures()]
    for name in sorted(life.wanted & kept.keys()):
        path = tools.workspace.papers / f"{kept[name].name}.pdf"
        if not path.is_file() or path.read_bytes() != world.papers[name].pdf:
            outcome.wrong.append(f"no or another PDF: {name}")
    if left := [path.name for path in tools.workspace.papers.glob(".*")]:
        outcome.wrong.append(f"left behind: {left}")
    if outcome.longest_seconds > LONGEST_RUN_SECONDS:
        outcome.wrong.append(f"a run took {outcome.longest_seconds:.0f} s")
    tools.store.close()


def told_truly(world: SmallWorld, paper: Paper) -> bool:
    """Whether title and abstract are those of a source that names it."""
    picks = (pick for day in world.real.days for pick in world.real.picks(day) if pick.id == paper.id)
    sources = [world.papers[paper.id], *picks]
    return any(same_words(paper.title, one.title) for one in sources) and any(same_words(paper.abstract, one.abstract) for one in sources)


def one(seed: int) -> Outcome:
    """A seed in a workspace of its own."""
    page_size, deadline = arxiv._PAGE_SIZE, download._DEADLINE_SECONDS
    arxiv._PAGE_SIZE, download._DEADLINE_SECONDS = PAGE_SIZE, DEADLINE_SECONDS  # small files are slow early
    memory = Path("/dev/shm")  # thousands of small commits, and no disk is tested here
    try:
        with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
            return play(seed, Path(folder))
    finally:
        arxiv._PAGE_SIZE, download._DEADLINE_SECONDS = page_size, deadline


def main(arguments: Sequence[str] = ()) -> None:
    """Play the seeds ``FIRST-LAST`` and print what came of it."""
    first, last = re.fullmatch(r"(\d+)-(\d+)", arguments[0]).groups() if arguments else (0, 19)  # type: ignore[union-attr]
    seeds = range(int(first), int(last) + 1)
    started = time.monotonic()
    outcomes = [one(seed) for seed in seeds]
    faults = sum((outcome.faults for outcome in outcomes), Counter[str]())
    papers, real, runs = (sum(getattr(outcome, name) for outcome in outcomes) for name in ("papers", "real", "runs"))
    print(f"{len(seeds)} seeds: {papers} papers, {real} of them real, {runs} runs, {sum(o.requests for o in outcomes)} requests,", end=" ")
    print(f"{faults.total()} faults; {sum(o.told for o in outcomes)} runs said what they missed")
    print(f"longest run {max(o.longest_seconds for o in outcomes):.0f} s by its clock; {time.monotonic() - started:.0f} s in all")
    print(", ".join(f"{name} {n}" for name, n in faults.most_common()))
    for outcome in outcomes:
        for wrong in outcome.wrong:
            print(f"seed {outcome.seed}: {wrong}")
    print(f"{sum(bool(outcome.wrong) for outcome in outcomes)} seeds went wrong")


if __name__ == "__main__":
    main(sys.argv[1:])
