"""Many requests in flight over several papers, for an engine that answers each question by a call that waits.

A paper's first question goes alone, so that a server that keeps prefixes has read the paper when the others come. Places
that a paper leaves free go to the next one.
"""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.errors import DigestError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from digest.analysing.engine import Completion, Job, Question


@dataclass(slots=True, eq=False)
class _Open:
    """A paper that is being asked about."""

    job: Job
    running: int = 0
    read: bool = False  # its first question was answered
    failed: bool = False

    @property
    def ready(self) -> bool:
        return bool(self.job.questions) and (self.read or not self.running)

    @property
    def over(self) -> bool:
        return not self.running and not self.job.questions


class Dispatcher:
    """Keeps that many calls running at a time."""

    def __init__(self, ask: Callable[[Job, Question], Completion], *, width: int) -> None:
        self._ask, self._width = ask, width
        self._open: list[_Open] = []
        self._running: dict[Future[Completion], _Open] = {}

    def run(self, jobs: Iterator[Job]) -> Iterator[tuple[Job, Completion | DigestError]]:
        """See ``Engine.answer_all``."""
        with ThreadPoolExecutor(self._width) as pool:
            while True:
                self._fill(jobs, pool)
                if not self._running:
                    return
                done, _ = wait(self._running, return_when=FIRST_COMPLETED)
                for future in done:
                    yield from self._taken(future)
                self._open = [one for one in self._open if not one.over]

    def _fill(self, jobs: Iterator[Job], pool: ThreadPoolExecutor) -> None:
        """Start what there is room for, of the papers that came first before others, and draw a paper when none has more to ask."""
        while len(self._running) < self._width:
            one = next((one for one in self._open if one.ready), None)
            if one is None:
                job = next(jobs, None)
                if job is None:
                    return
                self._open.append(_Open(job))
                continue
            one.running += 1
            self._running[pool.submit(self._ask, one.job, one.job.questions.popleft())] = one

    def _taken(self, future: Future[Completion]) -> Iterator[tuple[Job, Completion | DigestError]]:
        one = self._running.pop(future)
        one.running -= 1
        try:
            answer = future.result()
        except DigestError as error:
            one.job.questions.clear()
            if not one.failed:
                one.failed = True
                yield one.job, error
            return
        one.read = True
        if not one.failed:
            yield one.job, answer
