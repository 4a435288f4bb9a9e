"""Which of several servers is asked next: the one that will be soonest done, and none that is resting from a failure.

Knows no sockets. A server that fails is left alone, each time twice as long; before it is asked again it must say that it is there.
One that is busy gets fewer requests at a time, and slowly more again (additive increase, multiplicative decrease, as TCP does).
"""

from __future__ import annotations

import math
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_REST_SECONDS, _LONGEST_REST_SECONDS = 0.5, 60.0
_MEMORY = 0.3  # weight of the newest answer in what an answer takes


@dataclass(slots=True, eq=False)
class Endpoint:
    """One server."""

    url: str
    window: float  # requests it bears at a time
    running: int = 0
    seconds: float | None = None  # that an answer takes, lately
    failures: int = 0  # since the last answer
    rests_until: float = 0.0

    @property
    def suspect(self) -> bool:
        """Whether its last answer was none: it must be looked at before a question is risked."""
        return self.failures > 0


class Endpoints:
    """The servers of one model, shared by threads."""

    def __init__(self, urls: Sequence[str], *, width: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.all = [Endpoint(url, float(width)) for url in urls]
        self._width, self._clock = width, clock
        self._changed = threading.Condition()
        self._homes: dict[int, Endpoint] = {}

    def take(self, paper: int, *, until: float = math.inf) -> Endpoint | None:
        """The server for a question about *paper*, by any number that stands for it; waits for it, and is None after *until*.

        A paper stays with the server that has read it as long as that one is well and has room. Give it back with ``answered``,
        ``refused``, ``busy`` or ``failed``.
        """
        with self._changed:
            while True:
                now = self._clock()
                if now >= until:
                    return None
                home = self._homes.get(paper)
                if not home or home.suspect or not self._is_free(home, now):
                    home = min(self.all, key=lambda one: self._done_in(one, now))
                if self._is_free(home, now):
                    self._homes[paper] = home
                    home.running += 1
                    return home
                rest = home.rests_until - now
                self._changed.wait(max(0.001, min(until - now, rest if rest > 0 else 1.0)))

    def answered(self, endpoint: Endpoint, seconds: float) -> None:
        """It answered after *seconds*."""
        with self._changed:
            before = endpoint.seconds
            endpoint.seconds = seconds if before is None else before + _MEMORY * (seconds - before)
            endpoint.window = min(float(self._width), endpoint.window + 1 / endpoint.window)
            endpoint.failures = 0
            self._back(endpoint)

    def refused(self, endpoint: Endpoint) -> None:
        """It is well, and will not answer that."""
        with self._changed:
            endpoint.failures = 0
            self._back(endpoint)

    def busy(self, endpoint: Endpoint, wait_seconds: float | None) -> None:
        """It refused for now, perhaps saying for how long."""
        with self._changed:
            endpoint.window = max(1.0, endpoint.window / 2)
            self._rest(endpoint, wait_seconds)

    def failed(self, endpoint: Endpoint) -> None:
        """It did not answer, or not with what was asked for."""
        with self._changed:
            self._rest(endpoint, None)

    def _is_free(self, endpoint: Endpoint, now: float) -> bool:
        return endpoint.rests_until <= now and endpoint.running < (1 if endpoint.suspect else math.floor(endpoint.window))

    def _done_in(self, endpoint: Endpoint, now: float) -> float:
        """Seconds until it would have answered one more; a server that is not known yet counts as the quickest.

        One that failed lately is taken to need twice as many tries with each failure.
        """
        usual = min((one.seconds for one in self.all if one.seconds is not None), default=1.0)
        seconds = usual if endpoint.seconds is None else endpoint.seconds
        return max(0.0, endpoint.rests_until - now) + (endpoint.running + 1) * seconds * 2.0**endpoint.failures

    def _rest(self, endpoint: Endpoint, wait_seconds: float | None) -> None:
        """Several requests that fail together are one failure."""
        now = self._clock()
        if endpoint.rests_until <= now:
            endpoint.failures += 1
            wait = _REST_SECONDS * 2 ** min(endpoint.failures - 1, 10) if wait_seconds is None else wait_seconds
            endpoint.rests_until = now + min(_LONGEST_REST_SECONDS, wait)
        self._back(endpoint)

    def _back(self, endpoint: Endpoint) -> None:
        endpoint.running -= 1
        self._changed.notify_all()
