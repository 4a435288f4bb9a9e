"""One process that analyses: it takes papers from the desk, several at a time, until there are none left.

It serves whoever started it and ends with that: when its input ends, so does it, at once. What it has to say are lines of JSON.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from digest.analyses import Work, analyse_papers
from digest.batch.plan import outcome
from digest.errors import DigestError
from digest.library.queue import Queue
from digest.machine import running_since
from digest.stages import Silent
from digest.wiring import Tools
from digest.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.records import Analysis, Paper
    from digest.stages import Progress

_PATIENCE = 0.2  # seconds until it looks again whether a paper is ready
_PAPERS_ON_GPU = 16  # side by side, where nothing was set or tuned; the engine takes fewer where memory is short


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """What a worker is told."""

    workspace: str
    batch: int
    style: str
    model: str
    engine: str
    offline: bool
    profile: str  # path; "": the workspace's own
    threads: int  # 0: as the settings say
    on_gpu: bool

    def tools(self) -> Tools:
        """What the worker works with: the settings, and its share of the machine."""
        tools, share = self._tools(), dict[str, int]()
        own = tools.settings.analysis
        if self.threads and not own.threads:
            share["threads"] = self.threads
        if self.on_gpu and not own.papers and not tools.engines.tuned(tools.engines.card(self.model)):
            share["papers"] = _PAPERS_ON_GPU
        told = self._tools()
        told.settings = tools.settings.model_copy(update={"analysis": own.model_copy(update=share)})
        return told

    def _tools(self) -> Tools:
        return Tools(Workspace(Path(self.workspace)), offline=self.offline, profile=Path(self.profile) if self.profile else None)


class Desk(Protocol):
    """Where a worker gets its papers and leaves what came of them."""

    def claim(self) -> Work | None:
        """The next paper, now this worker's; None when none is ready."""

    def settle(self, paper: Paper, found: Analysis | DigestError) -> None:
        """That is done."""

    def waiting(self) -> bool:
        """Whether more papers are being made ready."""


class LibraryDesk:
    """The queue of a library that this process can open."""

    def __init__(self, tools: Tools, batch: int, worker: str) -> None:
        self._tools, self._batch, self._worker = tools, batch, worker
        self._queue = Queue(tools.store)

    def claim(self) -> Work | None:
        """See ``Desk``."""
        name = self._queue.claim(self._batch, self._worker)
        return None if name is None else self.work_of(name)

    def work_of(self, name: str) -> Work:
        """The paper of that id, with its body where there is one."""
        store = self._tools.store
        file, paper = store.file_of(name), store.paper(name)
        assert paper, name  # the queue refers to it
        unread = self._queue.problems(self._batch).get(name)
        has_body = file and not (unread and unread.stage != "analyse")
        return Work(paper, store.document(file[0], self._tools.readers.reader) if file and has_body else None)

    def settle(self, paper: Paper, found: Analysis | DigestError) -> None:
        """See ``Desk``."""
        state, problem = outcome(paper, found, self._queue.tries(self._batch, paper.id))
        tokens = 0 if isinstance(found, DigestError) else found.timing.output_tokens
        self._queue.settle(self._batch, paper.id, state, problem=problem, tokens=tokens)

    def waiting(self) -> bool:
        """See ``Desk``."""
        return bool(self._queue.waiting(self._batch))


def work(tools: Tools, duty: Duty, desk: Desk, progress: Progress) -> None:
    """Analyse what the desk has, until nothing more comes.

    Raises:
        DigestError: the engine cannot work at all.
    """
    style, engine = tools.style(duty.style), tools.engine(duty.model, duty.engine)
    while True:
        found = None
        for job, found in analyse_papers(tools, _claims(desk), style, engine, progress, afresh=engine.name == "llama"):
            desk.settle(job.paper, found)
        if found is None:
            if not desk.waiting():
                return
            time.sleep(_PATIENCE)


def _claims(desk: Desk) -> Iterator[Work]:
    while job := desk.claim():
        yield job


class Lines(Silent):
    """Progress as lines of JSON for whoever started this process: the batch has stages of its own, and the queue says how far it is."""

    def say(self, line: str) -> None:
        """See ``stages.Progress``."""
        tell(say=line)


def tell(**facts: object) -> None:
    """Write one line."""
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def name_of(pid: int) -> str:
    """The process of that number, as a claim names it; "" where there is none."""
    began = running_since(pid)
    return f"{pid}@{began:.2f}" if began else ""


def is_gone(worker: str) -> bool:
    """Whether the process of a claim has ended, though its number may be another's by now."""
    process = worker.partition("/")[0]
    return name_of(int(process.partition("@")[0])) != process


def main() -> None:
    """Do the duty that the first argument describes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then ends this process
    threading.Thread(target=_end_with_parent, daemon=True).start()
    duty = Duty(**json.loads(sys.argv[1]))
    try:
        tools = duty.tools()
        work(tools, duty, LibraryDesk(tools, duty.batch, name_of(os.getpid())), Lines())
    except DigestError as error:
        tell(error=str(error), hint=error.hint, exit_code=error.exit_code)
        sys.exit(error.exit_code)


def _end_with_parent() -> None:
    while os.read(0, 4096):
        pass
    os._exit(1)


def arguments(duty: Duty) -> list[str]:
    """The command that does *duty* in a new process."""
    return [sys.executable, "-c", "from digest.batch.worker import main; main()", json.dumps(asdict(duty))]
