"""A month of mornings: whole runs on real days over a network that misbehaves, some killed, with files spoiled between them.

Usage: python -m bench soak [DAYS] [SEED] [CATEGORY] [TOP]   (default: 35 7 cs.LG 10)
One process lives all the days, so that what is not given back shows: it fetches, ranks, downloads, reads, writes (extractive engine)
and publishes each morning. On most days another process, killed at a random moment, begins the same run first. After each
run the library must pass `index check`; on some days something is then spoiled on purpose, which the check must tell and mend.
"""

from __future__ import annotations

import contextlib
import ctypes
import datetime as dt
import functools
import gc
import os
import random
import signal
import sys
import tempfile
import threading
import time
import zlib
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing import Pipe
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.faults import Storm
from bench.memory import held_mb
from bench.spoiling import SPOILERS
from bench.world import Listed, Real, SmallWorld
from digest.cli.common import writing
from digest.embedding.backends import build
from digest.errors import DigestError
from digest.library.embeddings import CachedEmbedder
from digest.library.past import Past
from digest.library.upkeep import check
from digest.pipeline import Order, run
from digest.repair import mend
from digest.sources import download
from digest.sources.http import PoliteClient
from digest.sources.pace import Pace
from digest.wiring import Tools
from digest.workspace import Workspace
from tests.clock import JumpingClock
from tests.loopback import LoopbackServer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from multiprocessing.connection import Connection

    from digest.embedding import Embedder
    from digest.embedding.backends import Model
    from digest.library.upkeep import Fault
    from digest.records import Paper

LAST = dt.date(2026, 3, 5)  # the last day that there are answers of
CATEGORY, TOP_N = "cs.LG", 10  # of arXiv, and papers of HuggingFace a day: 40 and 10 papers a day
CALM = 3  # days at the end
FAULT_SHARES = (0.0, 0.15, 0.4)
_PICKED = 3  # papers a digest
_SILENT_SECONDS, _DEADLINE_SECONDS = 1.0, 3.0
_FILES, _LARGEST_BYTES = 24, 900_000  # real PDFs that stand for those of the listings
_WARM = 7  # days until everything is loaded that is loaded once


@functools.cache
def _loaded(model: Model) -> Embedder:
    return build(model)


class SoakTools(Tools):
    """Tools whose papers lie on loopback; the model is loaded once in a process."""

    host = ""

    @functools.cached_property
    def embedder(self) -> CachedEmbedder:
        """See ``Tools.embedder``."""
        return CachedEmbedder(_loaded(self.embedding_model()), self.store)

    def _near(self, paper: Paper) -> Paper:
        import dataclasses

        return dataclasses.replace(paper, pdf=paper.pdf.replace("https://arxiv.org", self.host))

    def download(self, paper: Paper) -> Path:
        """See ``Tools.download``."""
        return super().download(self._near(paper))

    @contextlib.contextmanager
    def downloading(self, papers: Iterable[Paper]) -> Iterator[None]:
        """See ``Tools.downloading``."""
        with super().downloading(map(self._near, papers)):
            yield


class SoakWorld(SmallWorld):
    """A world whose PDFs are real ones, each with a line more, so that no two are the same file."""

    files: Sequence[bytes] = ()

    def file_of(self, paper: Listed) -> bytes:
        """See ``SmallWorld.file_of``."""
        body = self.files[zlib.crc32(paper.id.encode()) % len(self.files)] if self.files else paper.pdf
        return body + f"% {paper.id}\n".encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evening:
    """What one day left."""

    day: dt.date
    seconds: float
    memory_mb: float  # of its own, once what is free was given back; files that are mapped are the library's
    handles: int
    threads: int
    processes: int  # that were started and not ended
    temporary: int  # files for the time being, in the workspace and outside
    library_mb: float
    faults: int  # that the check found and nobody planted


@dataclass(slots=True)
class Month:
    """What came of it."""

    evenings: list[Evening] = field(default_factory=list)
    kills: int = 0
    storms: Counter[str] = field(default_factory=Counter)
    spoiled: Counter[str] = field(default_factory=Counter)
    editions: int = 0
    papers: int = 0
    texts: int = 0
    missed: int = 0  # mornings without a digest
    wrong: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Reader:
    """One workspace and the process that keeps it."""

    folder: Path
    host: str

    @contextlib.contextmanager
    def tools(self, clock: JumpingClock) -> Iterator[SoakTools]:
        """Tools that give back what they took."""
        tools = SoakTools(Workspace(self.folder / "workspace"))
        tools.host = self.host
        pace = Pace(self.folder / "state", delay_seconds=3.0, clock=clock)
        with PoliteClient(timeout_seconds=_SILENT_SECONDS, deadline_seconds=_DEADLINE_SECONDS, pace=pace) as http:
            tools.__dict__["http"] = http  # what the cached property would hold
            try:
                yield tools
            finally:
                if "readers" in tools.__dict__:
                    tools.readers.close()
                tools.store.close()

    def morning(self, day: dt.date, clock: JumpingClock) -> str:
        """A whole run; what went wrong, or "" ."""
        download._DEADLINE_SECONDS = _DEADLINE_SECONDS
        order = Order(date=day, sources=("arxiv", "hf"), style="daily", top_k=_PICKED, engine="extractive")
        with self.tools(clock) as tools, writing(tools, quiet=True) as progress:
            try:
                run(tools, order, progress)
            except DigestError as error:
                return str(error)
        return ""

    def checked(self, clock: JumpingClock, *, repair: bool = False) -> list[Fault]:
        """What `index check` finds; with *repair* after it did what it can."""
        with self.tools(clock) as tools, tools.workspace.lock():
            found = check(tools.store, tools.workspace)
            if repair:
                found = [mend(tools, fault) for fault in found]
            tools.searcher.sync()
        return found


class Killer:
    """A process that forks others and kills them; forked itself before any model or thread was there."""

    def __init__(self, reader: Reader) -> None:
        self._line, its = Pipe()
        self._process = os.fork()
        if self._process == 0:
            self._line.close()
            _kill_on_request(its, reader)
            os._exit(0)
        its.close()

    def kill(self, day: dt.date, now: float, after_seconds: float) -> bool:
        """Begin the run of *day* and kill it; whether it was still at work."""
        self._line.send((day, now, after_seconds))
        return bool(self._line.recv())

    def close(self) -> None:
        """End it."""
        self._line.close()
        os.waitpid(self._process, 0)


def _kill_on_request(line: Connection, reader: Reader) -> None:
    while True:
        try:
            day, now, after_seconds = line.recv()
        except EOFError:
            return
        process = os.fork()
        if process == 0:
            with contextlib.suppress(BaseException):
                reader.morning(day, JumpingClock(now))
            os._exit(0)
        until = time.monotonic() + after_seconds
        while (ended := os.waitpid(process, os.WNOHANG)[0]) == 0 and time.monotonic() < until:
            time.sleep(0.01)
        if not ended:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
        line.send(not ended)


def live(place: Path, days: int, seed: int, *, category: str = CATEGORY, top_n: int = TOP_N) -> Month:
    """*days* mornings up to the last that there is something of, in *place*: papers of *category*, and the first *top_n* of HuggingFace."""
    rng, first, month = random.Random(seed), LAST - dt.timedelta(days=days - 1), Month()
    clock = JumpingClock(dt.datetime.combine(first, dt.time(7), dt.UTC).timestamp())
    world = _world(first, clock, rng, category, top_n)
    storm = Storm(world)
    os.environ["TMPDIR"] = tempfile.tempdir = str(place / "tmp")
    for folder in ("tmp", "workspace"):
        (place / folder).mkdir()
    server = LoopbackServer()
    reader = Reader(place, server.url)
    killer = Killer(reader)
    try:
        with server:
            _settings(place / "workspace", server.url, category, top_n)
            world.serve(server, storm.misbehaving)
            for n in range(days):
                storm.calm(rng.choice(FAULT_SHARES) if n < days - CALM else 0.0)
                _day(reader, killer, month, first + dt.timedelta(days=n), clock, rng)
                server.requests.clear()
    finally:
        killer.close()
    month.storms = world.faults
    print("files for the time being at the end:", sorted(path.name for path in (place / "tmp").iterdir()) or "none")
    _last_words(reader, month, world, first, clock)
    return month


def _world(first: dt.date, clock: JumpingClock, rng: random.Random, category: str, top_n: int) -> SoakWorld:
    world = SoakWorld([], category=category, top_n=top_n, clock=clock, rng=rng)
    earlier = [row for row in world.real.known.values() if first <= row.announced and category in row.categories]
    world.listed = sorted(earlier, key=lambda row: (row.announced, row.id))
    world.papers |= {row.id: row for row in world.listed}
    paths = sorted((Path(__file__).resolve().parents[2] / "shared/data/pdfs").rglob("*.pdf"), key=lambda path: path.stat().st_size)
    world.files = [path.read_bytes() for path in paths if path.stat().st_size < _LARGEST_BYTES][:_FILES]
    return world


def _settings(workspace: Path, url: str, category: str, top_n: int) -> None:
    elsewhere = url.replace("127.0.0.1", "localhost")
    (workspace / "digest.toml").write_text(
        f'[sources]\ncategories = ["{category}"]\narxiv_url = "{url}/api/query"\narxiv_rss_url = "{elsewhere}/rss"\n'
        f'arxiv_oai_url = "{elsewhere}/oai"\nhf_url = "{elsewhere}"\nhf_top = {top_n}\n[reading]\nworkers = 1\n',
        encoding="utf-8",
    )


def _day(reader: Reader, killer: Killer, month: Month, day: dt.date, clock: JumpingClock, rng: random.Random) -> None:
    clock.time = max(clock.time, dt.datetime.combine(day, dt.time(7), dt.UTC).timestamp())
    usual = float(np.median([evening.seconds for evening in month.evenings] or [10.0]))
    for _ in range(rng.choice((0, 1, 1, 2))):
        month.kills += killer.kill(day, clock.time, rng.uniform(0, 2 * usual))  # it loads the model first
    started = time.monotonic()
    if problem := reader.morning(day, clock):
        month.missed += 1
        print(f"   {day}: {problem}", flush=True)
    seconds = time.monotonic() - started
    found = reader.checked(clock)
    month.wrong += [f"{day}: {fault.text}" for fault in found]
    month.evenings.append(_evening(reader.folder, day, seconds, faults=len(found)))
    print(_line(month.evenings[-1]), flush=True)
    if rng.random() < 0.3:
        _spoil(reader, month, day, clock, rng)


def _spoil(reader: Reader, month: Month, day: dt.date, clock: JumpingClock, rng: random.Random) -> None:
    """Damage something; the check must tell it and put it right."""
    name = rng.choice(list(SPOILERS))
    if not SPOILERS[name](reader.folder / "workspace", rng):
        return
    month.spoiled[name] += 1
    found = reader.checked(clock, repair=True)
    month.wrong += [] if found else [f"{day}: nobody noticed: {name}"]
    month.wrong += [f"{day}: {name} was not mended: {fault.text}" for fault in found if not fault.mended]
    month.wrong += [f"{day}: after mending of {name}: {fault.text}" for fault in reader.checked(clock)]


def _evening(folder: Path, day: dt.date, seconds: float, *, faults: int) -> Evening:
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)  # what is free and not given back is no leak
    workspace = folder / "workspace"
    partial = [path for path in workspace.rglob(".*.part*") if path.suffix == ".partial"]
    return Evening(
        day=day,
        seconds=seconds,
        memory_mb=held_mb("RssAnon"),
        handles=len(list(Path("/proc/self/fd").iterdir())),
        threads=threading.active_count(),
        processes=_started_here(folder),
        temporary=len(partial) + sum(1 for _ in (folder / "tmp").iterdir()),
        library_mb=sum(path.stat().st_size for path in (workspace / "index").iterdir()) / 1e6,
        faults=faults,
    )


def _started_here(folder: Path) -> int:
    """Processes that were started with this soak's folder for temporary files: none has it but through us."""
    marker, found = f"TMPDIR={folder / 'tmp'}".encode(), 0
    for path in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            found += marker in path.read_bytes()
    return found


def _last_words(reader: Reader, month: Month, world: SoakWorld, first: dt.date, clock: JumpingClock) -> None:
    with reader.tools(clock) as tools:
        kept = {paper.id for paper in tools.store.all_papers()}
        month.papers, month.texts = len(kept), tools.store.count("file")
        editions = [digest for _, digest in Past(tools.store).editions()]
    month.editions = len(editions)
    delivered = Counter(
        entry.ranked.paper.id for digest in editions for entry in digest.entries if entry.analysis and not entry.analysis.unfinished
    )
    month.wrong += [f"delivered {n} times: {name}" for name, n in delivered.items() if n > 1]
    wanted = {paper.id for paper in world.listed} | world.picked(first, LAST)
    month.wrong += [f"lost: {name}" for name in sorted(wanted - kept)]


def _line(evening: Evening) -> str:
    return (
        f"{evening.day} {evening.seconds:5.1f} s {evening.memory_mb:6.1f} MB {evening.handles:3} handles {evening.threads:2} threads"
        f" {evening.processes} processes {evening.temporary} temporary; library {evening.library_mb:5.1f} MB, {evening.faults} faults"
    )


def growth(month: Month) -> dict[str, float]:
    """What a day more adds to each figure, by least squares over the days after the first week."""
    later = month.evenings[_WARM:]
    days = np.arange(len(later))
    names = ("memory_mb", "handles", "threads", "processes", "temporary", "library_mb")
    return {name: float(np.polyfit(days, [getattr(evening, name) for evening in later], 1)[0]) if len(later) > 1 else 0.0 for name in names}


def main(arguments: Sequence[str] = ()) -> None:
    """Live the month and print what came of it."""
    if not Real.load().rows:
        print("no ../shared/data")
        return
    given = [*arguments, *("35", "7", CATEGORY, str(TOP_N))[len(arguments) :]]
    days, seed, category, top_n = int(given[0]), int(given[1]), given[2], int(given[3])
    before = tempfile.gettempdir()
    with tempfile.TemporaryDirectory(dir=before) as place:
        month = live(Path(place), days, seed, category=category, top_n=top_n)
    print(f"{days} days, {month.kills} runs killed, {month.storms.total()} faults of the network, {month.missed} mornings without a digest")
    print(f"spoiled on purpose: {', '.join(f'{name} {n}' for name, n in month.spoiled.items()) or 'nothing'}")
    print(f"{month.papers} papers, {month.texts} full texts, {month.editions} editions")
    print("a day more adds: " + ", ".join(f"{name} {value:+.2f}" for name, value in growth(month).items()))
    for wrong in month.wrong:
        print(f"wrong: {wrong}")
    print(f"{len(month.wrong)} things went wrong")


if __name__ == "__main__":
    main(sys.argv[1:])
