"""Papers over a network that misbehaves: is one lost, doubled or spoiled, and does every run end and say what it could not do?

A small arXiv, HuggingFace and PDF host answer on loopback as the real ones do, and at random as they should not. Each seed is two
stormy weeks of mornings, some of them slept through or cut off, and three calm days. ``python -m bench.chaos 0-499``.
"""

from __future__ import annotations

import datetime as dt
import json
import random
import re
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from digest.errors import PaperError
from digest.sources import arxiv, download
from digest.sources.http import PoliteClient
from digest.sources.pace import Pace
from digest.stages import Wish, fetch, note_failure
from digest.wiring import Tools
from digest.workspace import Workspace
from tests.clock import JumpingClock
from tests.loopback import Answer, LoopbackServer
from tests.sources.arxivfeeds import harvest, item, oai_error, record, rss
from tests.sources.test_arxiv import entry, feed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from digest.records import Paper
    from tests.loopback import Request

FIRST = dt.date(2026, 1, 26)  # a Monday
STORMY, CALM = 12, 3  # days; on a calm one the run is made until it says that nothing is missing
LARGEST_BACKLOG = 40  # runs that may take
LONGEST_RUN_SECONDS = 3600.0  # on the clock of the run, pauses included
SILENT_SECONDS, DEADLINE_SECONDS = 0.1, 0.2  # real ones
FAULT_SHARES = (0.0, 0.15, 0.4, 0.8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A paper of the small world."""

    id: str
    submitted: dt.date
    announced: dt.date
    kind: str  # new, cross, replace: how arXiv announces it; hf: it is on HuggingFace alone
    title: str
    hf_day: dt.date | None = None

    @property
    def pdf(self) -> bytes:
        return b"%PDF-1.7\n" + self.id.encode() * 400 + b"\n%%EOF\n"

    def entry(self) -> str:
        """As the query interface describes it."""
        return entry(f"{self.id}v1", f"{self.submitted}T10:00:00Z", self.title)


@dataclass(slots=True)
class Outcome:
    """What a seed came to."""

    seed: int
    papers: int = 0
    runs: int = 0
    requests: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    told: int = 0  # runs that said something was missing
    longest_seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)


def made_papers(rng: random.Random, titles: list[str]) -> list[Made]:
    """The papers of all the days: on time, held back by moderators, cross-listed, replaced, and on HuggingFace."""
    papers = []
    for day in weekdays(FIRST, STORMY + CALM):
        for number in range(rng.randint(1, 5)):
            kind = rng.choices(["new", "cross", "replace"], [8, 2, 2])[0]
            lag = {"new": rng.choice([1, 1, 1, 3, 20]), "cross": rng.randint(30, 50), "replace": 200}[kind]
            papers.append(
                Made(
                    id=f"{2601 + (day.month > 1)}.{day.day:02}{number:03}",
                    submitted=day - dt.timedelta(days=lag),
                    announced=day,
                    kind=kind,
                    title=rng.choice(titles),
                    hf_day=day if rng.random() < 0.3 else None,
                )
            )
    return papers


def weekdays(first: dt.date, days: int) -> Iterator[dt.date]:
    for n in range(days):
        if (day := first + dt.timedelta(days=n)).weekday() < 5:
            yield day


class SmallWorld:
    """Answers as arXiv, HuggingFace and a host of PDFs do, on the day that its clock shows."""

    def __init__(self, server: LoopbackServer, papers: list[Made], clock: JumpingClock, rng: random.Random) -> None:
        self.papers, self.clock, self.rng, self.server = papers, clock, rng, server
        self.faults: Counter[str] = Counter()
        self.fault_share = 0.0
        for path, answer in {
            "/api/query": self.query,
            "/rss/cs.CV": self.announcement,
            "/oai": self.harvested,
            "/api/daily_papers": self.daily,
            **{f"/pdf/{paper.id}v1": self.pdf_of(paper) for paper in papers},
            **{f"/pdf/{paper.id}": self.pdf_of(paper) for paper in papers},
        }.items():
            server.route(path, self.misbehaving(answer))

    @property
    def today(self) -> dt.date:
        return dt.datetime.fromtimestamp(self.clock.now(), dt.UTC).date()

    def visible(self) -> list[Made]:
        return [paper for paper in self.papers if paper.announced <= self.today]

    def query(self, request: Request) -> Answer:
        if wanted := request.query.get("id_list"):
            plain = {name.partition("v")[0] for name in wanted.split(",")}
            found = [paper for paper in self.visible() if paper.id in plain]
            self.rng.shuffle(found)
            return Answer(self.on_this_host(feed(*(paper.entry() for paper in found), total=len(plain))))
        first, last = re.findall(r"(\d{8})\d{4}", request.query["search_query"])
        listed = [paper for paper in self.visible() if first <= f"{paper.submitted:%Y%m%d}" <= last]
        listed.sort(key=lambda paper: (paper.submitted, paper.id), reverse=True)
        start, count = int(request.query["start"]), int(request.query["max_results"])
        return Answer(self.on_this_host(feed(*(paper.entry() for paper in listed[start : start + count]), total=len(listed))))

    def on_this_host(self, text: str) -> str:
        return text.replace("https://arxiv.org/pdf", f"{self.server.url}/pdf")

    def announcement(self, _: Request) -> Answer:
        days = sorted({paper.announced for paper in self.visible()})
        day = days[-1]
        batch = days[-2] if len(days) > 1 and self.rng.random() < self.fault_share / 3 else day
        if batch != day:
            self.faults["old batch under a new date"] += 1
        items = (item(f"{paper.id}v1", paper.kind, paper.title) for paper in self.visible() if paper.announced == batch)
        return Answer(rss(*items, day=f"{day:%a, %d %b %Y} 00:00:00 -0500"))

    def harvested(self, request: Request) -> Answer:
        first, _, start = request.query.get("resumptionToken", f"{request.query.get('from')}|0").partition("|")
        changed = [paper for paper in self.visible() if paper.announced.isoformat() >= first]
        if not changed:
            return Answer(oai_error("noRecordsMatch"))
        page = changed[int(start) : int(start) + 4]
        updated = {paper.id: paper.announced.isoformat() if paper.kind == "replace" else "" for paper in page}
        records = (record(paper.id, paper.submitted.isoformat(), updated[paper.id], paper.title) for paper in page)
        return Answer(harvest(*records, token=f"{first}|{int(start) + 4}" if int(start) + 4 < len(changed) else ""))

    def daily(self, request: Request) -> Answer:
        items = [
            {"paper": {"id": paper.id, "title": paper.title, "summary": "We show things.", "upvotes": 3, "authors": [{"name": "Ann Lee"}]}}
            for paper in self.visible()
            if paper.hf_day and paper.hf_day.isoformat() == request.query["date"]
        ]
        return Answer(json.dumps(items))

    def pdf_of(self, paper: Made) -> Callable[[Request], Answer]:
        def answer(request: Request) -> Answer:
            start = int((request.headers.get("range", "") or "bytes=0-")[6:-1])
            named = {"ETag": f'"{paper.id}"', "Content-Type": "application/pdf"}
            if not start or request.headers.get("if-range") != named["ETag"]:
                return Answer(paper.pdf, headers=named)
            told = {"Content-Range": f"bytes {start}-{len(paper.pdf) - 1}/{len(paper.pdf)}"}
            return Answer(paper.pdf[start:], status=206, headers=named | told)

        return answer

    def misbehaving(self, well: Callable[[Request], Answer]) -> Callable[[Request], Answer]:
        """*well* most of the time."""

        def answer(request: Request) -> Answer:
            good = well(request)
            if self.rng.random() >= self.fault_share:
                return good
            name, weight = zip(*FAULTS.items(), strict=True)
            fault = self.rng.choices(name, [chance for chance, _ in weight])[0]
            self.faults[fault] += 1
            return FAULTS[fault][1](good, self.rng)

        return answer


def _cut(good: Answer, rng: random.Random) -> bytes:
    body = good.body.encode() if isinstance(good.body, str) else good.body
    return body[: rng.randrange(len(body) + 1)]


def _announced_too_long(good: Answer, rng: random.Random) -> Answer:
    size = len(good.body.encode() if isinstance(good.body, str) else good.body)
    return Answer(_cut(good, rng), status=good.status, headers=good.headers, announced_bytes=size)


def _silent(_: Answer, __: random.Random) -> Answer:
    time.sleep(SILENT_SECONDS * 1.5)
    return Answer(reset=True)


FAULTS: dict[str, tuple[int, Callable[[Answer, random.Random], Answer]]] = {
    "429": (4, lambda _, __: Answer("Rate exceeded.", status=429)),
    "429 for some seconds": (2, lambda _, rng: Answer(status=429, headers={"Retry-After": str(rng.randint(0, 60))})),
    "429 for hours": (1, lambda _, rng: Answer(status=429, headers={"Retry-After": str(rng.randint(61, 20_000))})),
    "406": (2, lambda _, __: Answer(status=406)),
    "500": (3, lambda _, __: Answer("oops", status=500)),
    "503 with a date that is none": (2, lambda _, __: Answer(status=503, headers={"Retry-After": "soon"})),
    "403": (1, lambda _, __: Answer("who are you", status=403)),
    "reset": (4, lambda _, __: Answer(reset=True)),
    "silence": (1, _silent),
    "drip": (1, lambda good, _: Answer(good.body, status=good.status, headers=good.headers, seconds_a_byte=0.02)),
    "less than announced": (4, _announced_too_long),
    "cut without a length": (3, lambda good, rng: Answer(_cut(good, rng), status=good.status, headers=good.headers, announces=False)),
    "a length too short": (3, lambda good, rng: Answer(_cut(good, rng), status=good.status, headers=good.headers)),
    "web page": (3, lambda _, __: Answer("<!DOCTYPE html><html>sign in</html>", headers={"Content-Type": "text/html"})),
    "web page called a PDF": (2, lambda _, __: Answer("<html>robot?</html>", headers={"Content-Type": "application/pdf"})),
    "empty answer": (2, lambda _, __: Answer("")),
    "empty page of a list": (3, lambda _, __: Answer(feed(total=7))),
    "all of it to a request for the rest": (1, lambda good, _: Answer(good.body, headers=good.headers)),
}


class Cut(BaseException):
    """The lid was closed."""


@dataclass(slots=True)
class Morning:
    """Progress of one run, cut off after some steps."""

    steps_left: int

    def stage(self, name: str, total: int) -> None:
        """Nothing to show."""

    def advance(self, steps: int = 1) -> None:
        self.steps_left -= steps
        if self.steps_left <= 0:
            raise Cut

    def say(self, line: str) -> None:
        """Nothing to show."""


def play(seed: int, titles: list[str], folder: Path) -> Outcome:
    """One seed: all its mornings, and what is wrong in the end."""
    rng, outcome = random.Random(seed), Outcome(seed)
    clock = JumpingClock(dt.datetime.combine(FIRST, dt.time(8), dt.UTC).timestamp())
    papers = made_papers(rng, titles)
    with LoopbackServer() as server:
        world = SmallWorld(server, papers, clock, rng)
        elsewhere = server.url.replace("127.0.0.1", "localhost")
        (folder / "digest.toml").write_text(
            f'[sources]\ncategories = ["cs.CV"]\nmax_papers = {rng.choice([2, 5, 300])}\narxiv_url = "{server.url}/api/query"\n'
            f'arxiv_rss_url = "{elsewhere}/rss"\narxiv_oai_url = "{elsewhere}/oai"\nhf_url = "{elsewhere}"\n',
            encoding="utf-8",
        )
        for n in range(STORMY + CALM):
            day = FIRST + dt.timedelta(days=n)
            clock.time = max(clock.time, dt.datetime.combine(day, dt.time(rng.randint(6, 12)), dt.UTC).timestamp())
            stormy = n < STORMY
            world.fault_share = rng.choice(FAULT_SHARES) if stormy else 0.0
            if n and stormy and rng.random() < 0.2:
                continue  # slept through
            for _ in range(1 if stormy else LARGEST_BACKLOG):
                patience = rng.randint(1, 8) if stormy and rng.random() < 0.15 else 10**9
                if morning(folder, day, clock, Morning(patience), outcome, world):
                    break
        outcome.requests, outcome.faults, outcome.papers = len(server.requests), world.faults, len(papers)
    examine(folder, papers, outcome)
    return outcome


def morning(folder: Path, day: dt.date, clock: JumpingClock, progress: Morning, outcome: Outcome, world: SmallWorld) -> bool:
    """One process: fetch what is new, then the full texts, those that failed before included. Whether it missed nothing, as it says."""
    whole = False
    tools = Tools(Workspace(folder))
    pace = Pace(folder / "state", delay_seconds=3.0, clock=clock)
    started, outcome.runs = clock.now(), outcome.runs + 1
    with PoliteClient(timeout_seconds=SILENT_SECONDS, deadline_seconds=DEADLINE_SECONDS, pace=pace) as http:
        tools.__dict__["http"] = http  # what the cached property would hold
        try:
            fetched = fetch(tools, Wish(date=day, sources=("arxiv", "hf")), progress)
            whole = not fetched.errors
            outcome.told += not whole
            if len({paper.id for paper in fetched.papers}) < len(fetched.papers):
                outcome.wrong.append(f"{day}: a paper twice in one run")
            if whole and (missing := shown(world, day) - {paper.id for paper in tools.store.all_papers()}):
                outcome.wrong.append(f"{day}: nothing was said of {missing}")
            download_all(tools, clock, progress)
        except Cut:
            pass
        finally:
            tools.store.close()
    outcome.longest_seconds = max(outcome.longest_seconds, clock.now() - started)
    return whole


def shown(world: SmallWorld, day: dt.date) -> set[str]:
    """What the lists of submissions and of HuggingFace show on *day*."""
    since = day - dt.timedelta(days=3)
    return {paper.id for paper in world.visible() if paper.submitted >= since or paper.hf_day == day}


def download_all(tools: Tools, clock: JumpingClock, progress: Morning) -> None:
    """Every paper without full text: new ones, and those whose time to try again has come."""
    now = dt.datetime.fromtimestamp(clock.now(), dt.UTC)
    failed = {failure.paper for failure in tools.store.failures()}
    waiting = failed - {paper.id for paper in tools.store.due("download", now, 10**6)}
    wanted = [_here(paper, tools) for paper in tools.store.all_papers() if paper.id not in waiting]
    with tools.downloading(wanted):
        for paper in wanted:
            try:
                tools.download(paper)
                if paper.id in failed:
                    tools.store.clear_failure(paper.id, "download")
            except PaperError as error:
                note_failure(tools, paper, error)
            progress.advance()


def _here(paper: Paper, tools: Tools) -> Paper:
    """The paper with its PDF on this host: HuggingFace and announcements name arXiv's own."""
    import dataclasses

    host = tools.settings.sources.arxiv_url.removesuffix("/api/query")
    return dataclasses.replace(paper, pdf=re.sub(r"^https://arxiv\.org", host, paper.pdf))


def examine(folder: Path, papers: list[Made], outcome: Outcome) -> None:
    """Compare the library and the disk with the world."""
    tools = Tools(Workspace(folder))
    kept = {paper.id: paper for paper in tools.store.all_papers()}
    expected = {paper.id: paper for paper in papers if paper.kind != "replace" or paper.hf_day}
    outcome.wrong += [f"lost: {paper_id} ({expected[paper_id].kind})" for paper_id in sorted(expected.keys() - kept.keys())]
    outcome.wrong += [f"not of this world: {paper_id}" for paper_id in sorted(kept.keys() - {paper.id for paper in papers})]
    outcome.wrong += [f"spoiled: {made.id}" for made in papers if made.id in kept and kept[made.id].title != made.title]
    outcome.wrong += [f"still failed: {failure.paper} {failure.reason}" for failure in tools.store.failures()]
    for made in papers:
        path = tools.workspace.papers / f"{kept[made.id].name}.pdf" if made.id in kept else None
        if path and (not path.is_file() or path.read_bytes() != made.pdf):
            outcome.wrong.append(f"no or another PDF: {made.id}")
    if left := [path.name for path in tools.workspace.papers.glob(".*")]:
        outcome.wrong.append(f"left behind: {left}")
    if outcome.longest_seconds > LONGEST_RUN_SECONDS:
        outcome.wrong.append(f"a run took {outcome.longest_seconds:.0f} s")
    tools.store.close()


def titles_of(folder: Path) -> list[str]:
    """Titles of real papers where they are there, LaTeX and all; else a few of our own."""
    found: list[str] = []
    for path in sorted(folder.glob("*.jsonl"))[:3]:
        found += [json.loads(line)["title"] for line in path.read_text(encoding="utf-8").splitlines()[:100]]
    return [" ".join(title.split()) for title in found] or [r"On $\mathcal{O}(n^2)$ & other <things>", "A title", "Über «Bilder»: 图像"]


def one(seed: int, titles: list[str]) -> Outcome:
    """A seed in a workspace of its own."""
    page_size, deadline = arxiv._PAGE_SIZE, download._DEADLINE_SECONDS
    arxiv._PAGE_SIZE, download._DEADLINE_SECONDS = 3, DEADLINE_SECONDS  # small lists have pages, small files are slow early
    memory = Path("/dev/shm")  # thousands of small commits, and no disk is tested here
    try:
        with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
            return play(seed, titles, Path(folder))
    finally:
        arxiv._PAGE_SIZE, download._DEADLINE_SECONDS = page_size, deadline


def main() -> None:
    first, last = (int(text) for text in sys.argv[1].split("-")) if sys.argv[1:] else (0, 19)
    seeds = range(first, last + 1)
    titles = titles_of(Path(__file__).parents[2] / "shared" / "data" / "metadata")
    started = time.monotonic()
    outcomes = [one(seed, titles) for seed in seeds]
    faults = sum((outcome.faults for outcome in outcomes), Counter[str]())
    print(f"{len(seeds)} seeds: {sum(o.papers for o in outcomes)} papers, {sum(o.runs for o in outcomes)} runs,", end=" ")
    print(
        f"{sum(o.requests for o in outcomes)} requests, {faults.total()} faults; {sum(o.told for o in outcomes)} runs said what they missed"
    )
    print(f"longest run {max(o.longest_seconds for o in outcomes):.0f} s by its clock; {time.monotonic() - started:.0f} s in all")
    print(", ".join(f"{name} {n}" for name, n in faults.most_common()))
    for outcome in outcomes:
        for wrong in outcome.wrong:
            print(f"seed {outcome.seed}: {wrong}")
    print(f"{sum(bool(outcome.wrong) for outcome in outcomes)} seeds went wrong")


if __name__ == "__main__":
    main()
