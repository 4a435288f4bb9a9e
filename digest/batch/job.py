"""A batch from the first list to the last page: as a run, but read, embedded and analysed by all that the machine has."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from digest.analyses import kept_analysis
from digest.batch.cluster import Cluster
from digest.batch.crew import Crew
from digest.batch.plan import Standing, crew_size, shares, standing
from digest.batch.worker import Duty, is_gone
from digest.errors import PaperError
from digest.library.codec import from_json, to_json
from digest.library.past import Past
from digest.library.queue import Batch, Queue, State
from digest.machine import gpus, processors
from digest.pipeline import Edition, Making, Order
from digest.publishing import check_templates
from digest.records import Skipped
from digest.selection import Selection
from digest.stages import accepted, note_failure

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from digest.analyses import Work
    from digest.analysing.pace import Pace
    from digest.errors import DigestError
    from digest.records import Analysis, Document, Entry, Paper, Ranked
    from digest.stages import Progress
    from digest.wiring import Tools

_CHUNK = 128  # papers read, embedded and handed over together
_LOOK_SECONDS = 0.2
_TOLD_SECONDS = 300.0  # between two lines that say how it goes


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a batch is to do, and with what."""

    order: Order  # its ``top_k`` is 0 where there is no limit
    threshold: int = 0
    workers: int = 0  # processes that analyse; 0: one for each GPU
    pages: bool = True  # whether a digest is written at the end
    retry: bool = False  # what failed before
    profile: str = ""
    ray: str = ""  # address of a cluster, or "local"; empty: processes of this machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a batch ended."""

    standing: Standing
    edition: Edition | None  # None: no pages were wanted
    problems: tuple[Skipped, ...]
    new: bool  # whether anything had to be done

    @property
    def failed(self) -> bool:
        """Whether a paper has no whole analysis of its full text."""
        return bool(self.problems) or (self.edition is not None and self.edition.failed)


def run_batch(tools: Tools, job: Job, progress: Progress) -> Outcome:
    """Do *job*, or what is left of it.

    Raises:
        SourceError: no source answered.
        SetupError: a model is missing.
        UsageError: a template of the workspace is wrong.
    """
    check_templates(tools.workspace.templates)
    ranking = tools.settings.ranking.model_copy(update={"threshold": job.threshold})
    tools.settings = tools.settings.model_copy(update={"ranking": ranking})
    order, queue = job.order, Queue(tools.store)
    style, engine = tools.style(order.style), tools.engine(order.model, order.engine)
    name = _name(tools, job, style.sha256, engine.model.sha256)
    batch = next((known for known in queue.batches(name=name) if known.ended is None), None)
    order = dataclasses.replace(order, date=batch.date) if batch else order
    making = Batching(tools=tools, order=order, progress=progress, style=style, engine=engine, job=job)
    if batch:
        selection = from_json(Selection, batch.record)
    else:
        selection = making.selection()
        title = " ".join((*order.sources, *order.queries))
        batch = queue.begin(name, order.date, title, to_json(selection), [item.paper.id for item in selection.chosen])
    making.batch = batch
    if job.retry:
        queue.again(batch.id)
    if batch.ended and not queue.tally(batch).left:
        return _outcome(tools, making, _edition(tools, selection, order), new=False)
    queue.start(batch.id)
    edition = making.finished(selection)
    queue.end(batch.id)
    return _outcome(tools, making, edition, new=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What can be told of a batch from outside."""

    batch: Batch
    state: str  # "at work", "stopped", "done"
    states: dict[State, int]
    standing: Standing
    problems: tuple[Skipped, ...]


def report(tools: Tools) -> list[Report]:
    """How far each batch is, the newest first; a batch at work is not disturbed."""
    queue, now = Queue(tools.store), dt.datetime.now(dt.UTC)
    found = []
    for batch in queue.batches():
        tally = queue.tally(batch)
        busy = any(not is_gone(worker) for worker in tally.workers)
        state = "done" if batch.ended else "at work" if busy else "stopped"
        until = now if busy else batch.ended or tally.last or batch.begun
        unread, problems = _problems(queue, batch)
        told = standing(tally, batch.begun, until, unread=unread)
        found.append(Report(batch=batch, state=state, states=tally.states, standing=told, problems=problems))
    return found


def _problems(queue: Queue, batch: Batch) -> tuple[int, tuple[Skipped, ...]]:
    """How many papers could not be taken up at all; these, and what is wrong with others."""
    unread = from_json(Selection, batch.record).unread
    return len(unread), (*unread, *queue.problems(batch.id).values())


def _name(tools: Tools, job: Job, *hashes: str) -> str:
    """Hash of all that decides what a batch does: a batch that was stopped goes on only as what it was."""
    order = dataclasses.replace(job.order, date=dt.date.min)
    facts = [repr(order), job.threshold, tools.settings.model_dump_json(), tools.profile.model_dump_json(), *hashes]
    return hashlib.sha256(json.dumps(facts, ensure_ascii=False).encode()).hexdigest()


def _edition(tools: Tools, selection: Selection, order: Order) -> Edition | None:
    """The pages that were written before."""
    folder = tools.store.edition_folder(order.date, order.style, selection.sources)
    found = Past(tools.store).edition(folder)
    return Edition(digest=found, folder=tools.workspace.digests / folder) if found else None


def _outcome(tools: Tools, making: Batching, edition: Edition | None, *, new: bool) -> Outcome:
    queue = Queue(tools.store)
    batch = next(known for known in queue.batches() if known.id == making.batch.id)
    unread, problems = _problems(queue, batch)
    return Outcome(
        standing=standing(queue.tally(batch), batch.begun, batch.ended or batch.begun, unread=unread),
        edition=edition,
        problems=problems,
        new=new,
    )


@dataclass(slots=True, kw_only=True)
class Batching(Making):
    """A run whose papers are worked on before they are gathered."""

    job: Job
    batch: Batch = field(init=False)
    problems: dict[str, Skipped] = field(default_factory=dict)

    def pick(self, good: Sequence[Ranked]) -> list[Ranked]:
        """All that are good enough, up to the limit: a batch is no choice for one morning."""
        return list(good[: self.order.top_k or None])

    def finished(self, selection: Selection) -> Edition | None:
        """Work on what was selected and, where that is wanted, publish it."""
        if self.job.pages:
            return self.made(selection)
        with self.tools.downloading(item.paper for item in selection.chosen):
            self.work([item.paper for item in selection.chosen])
        return None

    def process(self, chosen: Sequence[Ranked], folder: Path) -> list[Entry]:
        """Have all papers read and analysed, then gather what there is of each."""
        self.work([item.paper for item in chosen])
        self.problems = Queue(self.tools.store).problems(self.batch.id)
        return Making.process(self, chosen, folder)

    def read(self, paper: Paper) -> tuple[Document | None, Path | None]:
        """The body as it was read for the batch; what could not be read is not tried again."""
        problem = self.problems.get(paper.id)
        if problem and problem.stage != "analyse":
            self.skipped.append(problem)
            return None, None
        return Making.read(self, paper)

    def analyses(self, works: Iterator[Work], pace: Pace) -> Iterator[tuple[Work, Analysis | DigestError]]:  # noqa: ARG002 as a run's
        """The analyses that the workers kept, or what they say is wrong."""
        for work in works:
            problem = self.problems.get(work.paper.id)
            reason, retry = (problem.reason, problem.retry) if problem else ("not analysed", True)
            kept = kept_analysis(self.tools, work, self.style, self.engine)
            yield work, kept or PaperError(work.paper.name, "analyse", reason, retry=retry)

    # --- work ---------------------------------------------------------------------------------------------------------

    def work(self, papers: Sequence[Paper]) -> None:
        """Read and embed *papers* in large chunks, while workers analyse those that are ready, until all are settled."""
        queue, batch = Queue(self.tools.store), self.batch
        queue.release(is_gone)
        waiting = queue.waiting(batch.id)
        unread = [paper for paper in papers if paper.id in waiting]
        with self.crew(queue) as crew:
            for start in range(0, len(unread), _CHUNK):
                self.prepare(unread[start : start + _CHUNK], queue)
                crew.tend()
            self.watch(crew, queue)

    def crew(self, queue: Queue) -> Crew | Cluster:
        """The processes that this machine bears, or the workers of a cluster."""
        order, job, tools = self.order, self.job, self.tools
        cards = gpus() if self.engine.name == "llama" and _runs_on_gpu() else []
        size = crew_size(self.engine.name, wanted=job.workers, gpus=len(cards), processors=processors())
        duty = Duty(
            workspace=str(tools.workspace.root),
            batch=self.batch.id,
            style=order.style,
            model=order.model,
            engine=self.engine.name,
            offline=tools.offline,
            profile=job.profile,
            threads=0,
            on_gpu=bool(cards),
        )
        if job.ray:
            return Cluster(job.ray, duty, self, size=job.workers)
        return Crew(duty, shares(size, gpus=cards, processors=processors()), self.batch, queue, self.progress)

    def prepare(self, papers: Sequence[Paper], queue: Queue) -> None:
        """Download and read *papers*, on all cores, and embed all their passages at once."""
        self.progress.stage("read", len(papers))
        problems: dict[str, Skipped | None] = {}
        here: list[tuple[Paper, Path]] = []
        for paper in papers:
            try:
                here.append((paper, self.tools.download(paper)))
            except PaperError as error:
                problems[paper.id] = self.unread(paper, error)
        for (paper, path), document in zip(here, self.tools.read_all([path for _, path in here]), strict=True):
            try:
                accepted(self.tools, paper, document, path)
                problems[paper.id] = None
            except PaperError as error:
                problems[paper.id] = self.unread(paper, error)
            self.progress.advance()
        self.index()
        queue.ready(self.batch.id, problems)

    def unread(self, paper: Paper, error: PaperError) -> Skipped:
        """Keep the failure for later runs, and say what it was."""
        note_failure(self.tools, paper, error)
        return Skipped(paper=paper.name, title=paper.title, stage=error.stage, reason=error.reason, retry=error.retry)

    def watch(self, crew: Crew | Cluster, queue: Queue) -> None:
        """Tend the crew until every paper is settled, and tell how it goes."""
        first = queue.tally(self.batch)
        self.progress.stage("analyse", sum(first.states.values()))
        shown, told, begun = 0, time.monotonic(), dt.datetime.now(dt.UTC)
        while True:
            crew.tend()
            tally = queue.tally(self.batch)
            since = dataclasses.replace(tally, settled=tally.settled - first.settled, tokens=tally.tokens - first.tokens)
            state = standing(since, begun, dt.datetime.now(dt.UTC))
            self.progress.advance(state.settled - shown)
            self.progress.note(state.line)
            shown = state.settled
            if not tally.left:
                if state.total:
                    self.progress.say(f"digest: {state.line}")
                return
            if time.monotonic() - told > _TOLD_SECONDS:
                told = time.monotonic()
                self.progress.say(f"digest: {state.line}")
            time.sleep(_LOOK_SECONDS)


def _runs_on_gpu() -> bool:
    from digest.analysing.llama import runs_on_gpu

    return runs_on_gpu()
