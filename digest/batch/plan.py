"""What becomes of a paper that was tried, how many processes work, and how fast it goes: numbers in, numbers out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.analyses import span
from digest.library.queue import State
from digest.records import Analysis, SectionStatus, Skipped

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from digest.errors import DigestError
    from digest.library.queue import Tally
    from digest.records import Paper

_TRIES = 2  # an analysis with failed sections is made again once, with another seed


def outcome(paper: Paper, found: Analysis | DigestError, tries: int) -> tuple[State, Skipped | None]:
    """What a try says of *paper*, that came to an end *tries* times before: whether it is settled, and what is wrong with it."""
    if isinstance(found, Analysis):
        failed = [section.title for section in found.sections if section.status is SectionStatus.FAILED]
        if not failed:
            return State.DONE, None
        reason, retry = f"no usable answer for {', '.join(failed)}", True
    else:
        reason, retry = getattr(found, "reason", str(found)), getattr(found, "retry", True)
    problem = Skipped(paper=paper.name, title=paper.title, stage="analyse", reason=reason, retry=retry)
    return (State.READY if retry and tries + 1 < _TRIES else State.FAILED), problem


def crew_size(engine: str, *, wanted: int, gpus: int, processors: int) -> int:
    """How many processes analyse: one for each GPU; a server takes many requests from one, and quoting needs a core each."""
    return wanted or {"llama": max(1, gpus), "extractive": processors}.get(engine, 1)


def shares(size: int, *, gpus: Sequence[str], processors: int) -> list[dict[str, str]]:
    """The environment of each of *size* processes: a GPU of its own where there is one, else its part of the processors."""
    if gpus:
        return [{"CUDA_VISIBLE_DEVICES": gpus[place % len(gpus)]} for place in range(size)]
    return [{"OMP_NUM_THREADS": str(max(1, processors // size))} for _ in range(size)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a batch is going."""

    total: int
    settled: int
    failed: int
    papers_per_hour: float  # since it was last started
    tokens_per_second: float
    seconds_left: float | None  # None: nothing to tell it from yet

    @property
    def line(self) -> str:
        """The same in words."""
        told = [f"{self.settled}/{self.total} papers"]
        if self.papers_per_hour:
            told.append(f"{self.papers_per_hour:.1f} papers/hour")
        if self.tokens_per_second:
            told.append(f"{self.tokens_per_second:.1f} tokens/s")
        if self.failed:
            told.append(f"{self.failed} failed")
        if self.seconds_left:
            told.append(f"about {span(self.seconds_left)} left")
        return ", ".join(told)


def standing(tally: Tally, begun: dt.datetime, now: dt.datetime, *, unread: int = 0) -> Standing:
    """What *tally* says at *now* of a batch that was last started at *begun*; *unread* more papers could not be taken up at all."""
    total, failed = sum(tally.states.values()) + unread, tally.states[State.FAILED] + unread
    seconds = max(0.001, (now - begun).total_seconds())
    rate = tally.settled / seconds
    return Standing(
        total=total,
        settled=total - tally.left,
        failed=failed,
        papers_per_hour=round(rate * 3600, 1),
        tokens_per_second=round(tally.tokens / seconds, 1),
        seconds_left=round(tally.left / rate) if rate and tally.left else None,
    )
