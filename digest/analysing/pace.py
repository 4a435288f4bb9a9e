"""How far an evening's work is, how long the rest takes, and how deep each paper can be read in the time that is left.

Costs are counted in seconds at the speed that was tuned; what the run itself has needed so far corrects them, so that a machine
that is busy today, a slower long context or a server that answers many requests at once are soon seen.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from digest.analysing.tune import Speed
from digest.errors import BudgetTooSmall

if TYPE_CHECKING:
    from collections.abc import Callable

    from digest.analysing.engine import Completion
    from digest.analysing.style import SectionStyle

_NOMINAL = Speed(reading=100.0, writing=30.0)  # only their ratio matters, until something was seen
_HEAD_TOKENS, _QUESTION_TOKENS = 400, 110  # of the system's words; of each question
_WRITTEN = 0.75  # of the limits of its sections a model writes so much, second answers included; until something was seen
_ENOUGH = 4  # answers after which what they took is believed
_SAFE = 0.9  # of the time that is left may be planned
_LEVELS = (
    (0, 1.0),
    (4096, 1.0),
    (2048, 1.0),
    (2048, 0.75),
    (2048, 0.5),
    (1024, 0.5),
)  # tokens of the paper (0: all that fit), share of sections


@dataclass(frozen=True, slots=True)
class Depth:
    """How much of a paper is read, and what is asked."""

    most_tokens: int  # 0: as many as the context holds
    left_out: frozenset[str] = frozenset()  # sections that are not asked for


WHOLE = Depth(0)
LEVELS = tuple(sorted({tokens for tokens, _ in _LEVELS}, key=lambda tokens: -tokens if tokens else -math.inf))


@dataclass(slots=True, kw_only=True)
class Pace:
    """What was done, and what is to come."""

    papers: int  # still to be drawn
    context_tokens: int
    speed: Speed | None = None  # tuned, or measured for this run
    until: float = math.inf  # on *clock*; no depth goes beyond it
    clock: Callable[[], float] = time.monotonic
    given: list[Depth | None] = field(default_factory=list)  # to each paper that was drawn; None: there was no time for it
    written: int = 0  # tokens
    _started: float | None = None
    _drawn: float = 0.0  # seconds that the drawn papers cost, at full speed
    _done: float = 0.0
    _limits: dict[str, int] = field(default_factory=dict)  # most tokens of each section
    _asked: int = 0  # the limits of the answers that were heard, together
    _answers: int = 0
    _cost: float = 0.0  # of a paper as the last one was planned

    def depth(self, sections: tuple[SectionStyle, ...], body_tokens: int) -> Depth | None:
        """How deep the next paper is read; None: there is no time for it. Call it once for each paper that costs anything.

        The time that is left is shared by all papers to come; where that is too little for the shallowest depth, the first of them have it.

        Raises:
            BudgetTooSmall: there is no time for even one paper.
        """
        self._started = self.clock() if self._started is None else self._started
        self._limits |= {section.id: section.max_tokens for section in sections}
        left = (self.until - self.clock() - max(0.0, self._drawn - self._done) * self._factor) * _SAFE
        ladder = [_depth(sections, *level) for level in _LEVELS] if self.limited else [WHOLE]
        costs = [self._cost_of(depth, sections, body_tokens) for depth in ladder]
        share = left / max(1, self.papers)
        chosen = next((n for n, cost in enumerate(costs) if cost * self._factor <= share), len(ladder) - 1)
        self.papers -= 1
        if costs[chosen] * self._factor > left:
            if not any(self.given):
                raise BudgetTooSmall(math.ceil(costs[-1] * self._factor / _SAFE), max(0, int(left)))
            self.given.append(None)
            return None
        self._cost = costs[chosen]
        self._drawn += self._cost
        self.given.append(ladder[chosen])
        return ladder[chosen]

    def found(self) -> None:
        """The next paper costs nothing: it was analysed before."""
        self.papers -= 1

    def hear(self, completion: Completion) -> None:
        """Count an answer."""
        speed = self.speed or _NOMINAL
        self._done += completion.prompt_tokens / speed.reading + completion.output_tokens / speed.writing
        self._asked += self._limits.get(completion.id, 0)
        self.written += completion.output_tokens
        self._answers += 1

    @property
    def limited(self) -> bool:
        """Whether there is an end to the time."""
        return math.isfinite(self.until)

    @property
    def tokens_per_second(self) -> float:
        """Written so far, of all papers together, reading included in the time."""
        elapsed = self.clock() - self._started if self._started is not None else 0.0
        return self.written / elapsed if elapsed > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Until all is done; None before anything was seen."""
        if not self.speed and not self._answers:
            return None
        ahead = max(0.0, self._drawn - self._done) + max(0, self.papers) * self._cost
        return min(ahead * self._factor, max(0.0, self.until - self.clock()))

    @property
    def _factor(self) -> float:
        """How much longer things take than at the speed they were measured with."""
        if self._started is None or self._done <= 0:
            return 1.0
        elapsed = self.clock() - self._started
        trust = self._cost if self.speed else 0.0  # as if one paper had gone by as measured
        return (elapsed + trust) / (self._done + trust)

    @property
    def _share_written(self) -> float:
        return self.written / self._asked if self._answers >= _ENOUGH and self._asked else _WRITTEN

    def _cost_of(self, depth: Depth, sections: tuple[SectionStyle, ...], body_tokens: int) -> float:
        asked = [section for section in sections if section.id not in depth.left_out]
        room = self.context_tokens * 2 // 3
        read = min(body_tokens, room, depth.most_tokens or room) + _HEAD_TOKENS + _QUESTION_TOKENS * len(asked)
        written = sum(section.max_tokens for section in asked) * self._share_written
        return (self.speed or _NOMINAL).seconds(read, math.ceil(written))


def _depth(sections: tuple[SectionStyle, ...], most_tokens: int, share: float) -> Depth:
    """The depth that keeps that share of *sections*, at least one, the most important ones."""
    kept = sorted(sections, key=lambda section: -section.importance)[: max(1, math.ceil(share * len(sections)))]
    return Depth(most_tokens, frozenset(section.id for section in sections) - {section.id for section in kept})
