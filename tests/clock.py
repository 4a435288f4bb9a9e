"""A clock that waits at once: what sleeps moves it."""

from __future__ import annotations

import threading

from digest.sources.pace import Clock


class JumpingClock(Clock):
    """Starts at *now* (seconds since 1970) and moves when somebody sleeps, or when it is set."""

    def __init__(self, now: float = 1_769_767_200.0) -> None:  # 2026-01-30 10:00 UTC, a Friday
        self._lock = threading.Lock()
        self.time = now
        self.slept: list[float] = []

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        with self._lock:
            self.time += seconds
            self.slept.append(seconds)
