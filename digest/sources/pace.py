"""When a host may be asked next, remembered for every process of this user.

Two habits of a good guest: requests to one host start some time apart, and a host that keeps refusing is left alone for a
while, longer each time. Both hold across threads, processes and restarts: one small file for each host, locked while it is
changed. It knows no HTTP, only hosts, turns and failures.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import math
import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from digest.workspace import safe_name

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")
_REFUSAL, _TROUBLE = 2, 1  # what a "not now" (429 and its like) and any other failed try weigh
_TOO_MANY = 6  # so three refusals in a row, or six troubles
_PAUSE_SECONDS = {_REFUSAL: 900.0, _TROUBLE: 300.0}  # doubled with every further pause in a row
_LONGEST_PAUSE_SECONDS = 6 * 3600.0
_LONGEST_WISH_SECONDS = 24 * 3600.0  # of what a server may ask for; more is taken for a mistake


class Clock:
    """The time of day and waiting; tests have one that waits at once."""

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


class HostClosed(Exception):
    """The host is left alone until ``until``, because of ``problem``."""

    def __init__(self, problem: str, until: dt.datetime) -> None:
        super().__init__(problem)
        self.problem, self.until = problem, until


@dataclass(frozen=True, slots=True, kw_only=True)
class _Host:
    """What is remembered of a host; times in seconds since 1970."""

    written: float = 0.0
    next_turn: float = 0.0
    closed_until: float = 0.0
    strikes: int = 0  # weight of the failed tries since the last answer
    pauses: int = 0  # since the last answer
    problem: str = ""

    def at(self, now: float) -> _Host:
        """The same as seen at *now*: a clock that was set back since must not make anybody wait longer."""
        back, latest = max(0.0, self.written - now), now + _LONGEST_WISH_SECONDS
        next_turn, closed_until = min(self.next_turn - back, latest), min(self.closed_until - back, latest)
        return dataclasses.replace(self, written=now, next_turn=next_turn, closed_until=closed_until)


class Pace:
    """Turns and pauses of all hosts.

    Args:
        folder: where they are remembered; None, or a folder that cannot be written: only in this process.
        delay_seconds: least time between the starts of two requests to a host.
    """

    def __init__(self, folder: Path | None = None, *, delay_seconds: float = 3.0, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self._folder, self._delay_seconds = folder, delay_seconds
        self._lock = threading.Lock()
        self._memory: dict[str, _Host] = {}

    def take_turn(self, host: str) -> None:
        """Wait until *host* may be asked.

        Raises:
            HostClosed: it is left alone for now.
        """

        def reserve(state: _Host, now: float) -> tuple[_Host, float]:
            turn = max(now, _open(state, now).next_turn)
            return dataclasses.replace(state, next_turn=turn + self._delay_seconds), turn - now

        wait = self._change(host, reserve)
        if wait > 0:
            self.clock.sleep(wait)
            self._change(host, lambda state, now: (_open(state, now), None))

    def hold_off(self, host: str, seconds: float) -> None:
        """Let nobody ask *host* before *seconds* have passed."""
        self._change(host, lambda state, now: (dataclasses.replace(state, next_turn=max(state.next_turn, now + seconds)), None))

    def worked(self, host: str) -> None:
        """*host* has answered: all is forgiven."""
        self._change(host, lambda state, _: (dataclasses.replace(state, strikes=0, pauses=0, closed_until=0.0, problem=""), None))

    def failed(self, host: str, problem: str, *, refused: bool) -> None:
        """A try failed. After too many in a row the host is closed, and whoever comes next is told so.

        Raises:
            HostClosed: this was one too many.
        """
        weight = _REFUSAL if refused else _TROUBLE

        def strike(state: _Host, now: float) -> tuple[_Host, None]:
            state = dataclasses.replace(state, strikes=state.strikes + weight, problem=problem)
            if state.strikes < _TOO_MANY:
                return state, None
            pause = min(_PAUSE_SECONDS[weight] * 2.0**state.pauses, _LONGEST_PAUSE_SECONDS)
            return _closed(state, now + pause), None

        self._change(host, strike)
        self._tell(host)

    def close(self, host: str, problem: str, seconds: float) -> None:
        """Leave *host* alone for as long as it asked for.

        Raises:
            HostClosed: always.
        """
        wish = min(seconds, _LONGEST_WISH_SECONDS)
        self._change(host, lambda state, now: (_closed(dataclasses.replace(state, problem=problem), now + wish), None))
        self._tell(host)

    def _tell(self, host: str) -> None:
        self._change(host, lambda state, now: (_open(state, now), None))

    def _change(self, host: str, change: Callable[[_Host, float], tuple[_Host, _T]]) -> _T:
        with self._lock:
            if self._folder is not None:
                try:
                    return self._change_file(self._folder / f"{safe_name(host)}.json", change)
                except OSError:  # a read-only home: politeness in this process must do
                    self._folder = None
            now = self.clock.now()
            self._memory[host], result = change(self._memory.get(host, _Host()).at(now), now)
            return result

    def _change_file(self, path: Path, change: Callable[[_Host, float], tuple[_Host, _T]]) -> _T:
        import fcntl

        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            now = self.clock.now()
            state, result = change(_state(file.read()).at(now), now)
            file.truncate(0)
            file.write(json.dumps(dataclasses.asdict(state)))
        return result


def state_folder() -> Path:
    """Where this user's programs keep state (XDG base directories), with a folder of ours."""
    home = os.environ.get("XDG_STATE_HOME", "")
    return (Path(home) if home else Path.home() / ".local" / "state") / "offline-digest" / "hosts"


def _closed(state: _Host, until: float) -> _Host:
    """*state* left alone until then; the first failure afterwards closes it again."""
    return dataclasses.replace(state, closed_until=max(until, state.closed_until), strikes=_TOO_MANY, pauses=state.pauses + 1)


def _open(state: _Host, now: float) -> _Host:
    """*state*, unless it says that the host is left alone."""
    if state.closed_until > now:
        raise HostClosed(state.problem, dt.datetime.fromtimestamp(state.closed_until, dt.UTC))
    return state


def _state(text: str) -> _Host:
    """What the file says; nothing is remembered where it is empty or damaged."""
    try:
        values = json.loads(text)
        return _Host(
            **{name: float(values[name]) for name in ("written", "next_turn", "closed_until") if math.isfinite(values[name])},
            strikes=int(values["strikes"]),
            pauses=min(int(values["pauses"]), 10),
            problem=str(values["problem"]),
        )
    except (ValueError, KeyError, TypeError):
        return _Host()
