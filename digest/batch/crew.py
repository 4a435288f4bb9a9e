"""The worker processes of one machine: started, watched, replaced when they die, ended with the batch."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import queue as threads_queue
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from digest.batch.worker import arguments, is_gone, name_of
from digest.errors import DigestError
from digest.library.queue import State

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from digest.batch.worker import Duty
    from digest.library.queue import Batch, Queue
    from digest.stages import Progress

_PACKAGE_PARENT = str(Path(__file__).resolve().parents[2])
_ENDING_SECONDS = 5.0


@dataclass(slots=True)
class _Place:
    """One share of the machine, and the process that has it now."""

    share: Mapping[str, str]
    process: subprocess.Popen[str] | None = None
    ears: threading.Thread | None = None  # that listen to it
    name: str = ""


class Crew:
    """As many processes as there are shares."""

    def __init__(self, duty: Duty, shares: Sequence[Mapping[str, str]], batch: Batch, queue: Queue, progress: Progress) -> None:
        self._duty, self._batch, self._queue, self._progress = duty, batch, queue, progress
        self._places = [_Place(share) for share in shares]
        self._heard: threads_queue.SimpleQueue[dict[str, Any]] = threads_queue.SimpleQueue()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for place in self._places:
            if place.process:
                _end(place.process)
                self._close(place)
        self._queue.release(is_gone)

    def tend(self) -> None:
        """Pass on what was said, give back what the dead had taken, and let each free place have a process where papers are ready.

        Raises:
            DigestError: a worker found that it cannot work at all.
        """
        self._listen()
        for place in self._places:
            if place.process and (code := place.process.poll()) is not None:
                self._close(place)
                self._listen()
                self._bury(place, code)
        ready = self._queue.tally(self._batch).states[State.READY]
        free = [place for place in self._places if place.process is None]
        for place in free[:ready]:
            self._start(place)

    def _bury(self, place: _Place, code: int) -> None:
        lost = self._queue.release(lambda worker: worker == place.name, lost=1)
        if code:
            self._progress.say(f"digest: a worker died ({_cause(code)}); {lost} papers are given to another")
        place.process = place.ears = None

    def _start(self, place: _Place) -> None:
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, [_PACKAGE_PARENT, os.environ.get("PYTHONPATH")]))}
        share = dataclasses.replace(self._duty, threads=int(place.share.get("OMP_NUM_THREADS", 0)))
        place.process = subprocess.Popen(  # noqa: S603 our own interpreter
            arguments(share),
            env={**environment, **place.share},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )
        place.name = name_of(place.process.pid)
        ears = threading.Thread(target=self._hear, args=(place.process,), daemon=True)
        ears.start()
        place.ears = ears

    def _close(self, place: _Place) -> None:
        """Hear the last of a process that has ended, and let go of its lines."""
        process = place.process
        assert process
        assert process.stdin
        assert process.stdout
        process.stdin.close()
        if place.ears:  # none yet where a signal came just now
            place.ears.join()
        process.stdout.close()

    def _hear(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout
        for line in process.stdout:
            with contextlib.suppress(ValueError):  # a library's own words
                self._heard.put(json.loads(line))

    def _listen(self) -> None:
        while not self._heard.empty():
            facts = self._heard.get()
            if "error" in facts:
                error = DigestError(facts["error"], hint=facts["hint"])
                error.exit_code = facts["exit_code"]
                raise error
            self._progress.say(facts["say"])


def _end(process: subprocess.Popen[str]) -> None:
    """Close its line, which ends it; its settled sections are kept."""
    assert process.stdin
    process.stdin.close()
    try:
        process.wait(_ENDING_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _cause(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit status {code}"
