"""From relevance to a score of 0 to 100 that means the same every day.

A score says how rare it is that a paper comes this close to the profile: 50 is one paper in ten, 80 one in a hundred, 92 one
in a thousand. "A paper" is one of the reference: papers that the library saw in the last month. Where there are few, papers of a
field stand in for them. A hundred papers tell little of the rarest, so the tail is a curve fitted to the closest of them.

Papers at large are the other measure, and the one that makes less of a paper holds: it keeps a profile that nothing fits from
calling its best misfit a hit.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# (how many papers there are for one this relevant, score), straight lines in the logarithm between them
_ANCHORS = ((1.0, 0), (2.0, 10), (10.0, 50), (100.0, 80), (1_000.0, 92), (10_000.0, 98), (1_000_000.0, 100))
_STAND_INS = 20  # papers of the library that count as much as what stands in for them, as a whole and in the tail
_TAIL = 0.05  # part of the papers, the closest, that the tail is fitted to
_ENOUGH_TO_COMPARE = 100  # below this, "closer than 99 %" would be said of too few


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """Relevance of a kind of papers as one embedding model sees it: a logistic curve."""

    centre: float  # half of the papers lie below
    spread: float  # 95 % lie below centre + 2.94 spreads

    def above(self, relevance: float) -> float:
        """The part of papers that are more relevant."""
        return 1 / (1 + math.exp(min(500.0, (relevance - self.centre) / self.spread)))

    def passed_by(self, part: float) -> float:
        """The relevance that this part of papers passes."""
        return self.centre + self.spread * math.log(1 / part - 1)


# all-MiniLM-L6-v2, arXiv abstracts of cs.CV of 2026-01-12 to 2026-03-05. `python -m bench calibration` looks anew.
# 1071 without a word of the starter profile: percentiles 5, 50, 95, 99 and 99.9 are 0.17, 0.25, 0.38, 0.44 and 0.52.
AT_LARGE = Background(centre=0.25, spread=0.043)
# All 2660: percentiles 50, 95 and 99 are 0.27, 0.48 and 0.59; to sixteen single interests 0.17, 0.36 and 0.54 (medians).
OF_A_FIELD = Background(centre=0.22, spread=0.07)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """What relevance is worth to one reader."""

    reference: tuple[float, ...] = ()  # relevance of the reference papers, rising
    edge: float = OF_A_FIELD.passed_by(_TAIL)  # where the tail begins
    decay: float = OF_A_FIELD.spread  # in the tail, so much more relevance is e times as rare

    def score(self, relevance: float) -> int:
        """0 to 100, never falling as *relevance* rises."""
        one_in = 1 / max(self._above(relevance), AT_LARGE.above(relevance), 1e-9)
        for (low, low_score), (high, high_score) in pairwise(_ANCHORS):
            if one_in <= high:
                part = math.log(one_in / low) / math.log(high / low)
                return round(low_score + part * (high_score - low_score))
        return _ANCHORS[-1][1]

    def closer_than(self, relevance: float) -> float | None:
        """The part of the reference papers that are less relevant; None where there are too few to say."""
        if len(self.reference) < _ENOUGH_TO_COMPARE:
            return None
        return bisect_left(self.reference, relevance) / len(self.reference)

    def _above(self, relevance: float) -> float:
        """The part of papers that are more relevant: counted up to the edge, by the curve beyond."""
        expected = _STAND_INS * OF_A_FIELD.above(min(relevance, self.edge))
        counted = _counted_above(self.reference, min(relevance, self.edge))
        return (expected + counted) / (_STAND_INS + len(self.reference)) * math.exp(min(0.0, self.edge - relevance) / self.decay)


def scale(relevances: Iterable[float]) -> Scale:
    """The scale of a reader to whom the reference papers have these *relevances*."""
    reference = tuple(sorted(relevances))
    if not reference:
        return Scale()
    edge = _blended(OF_A_FIELD.passed_by(_TAIL), float(np.quantile(reference, 1 - _TAIL)), len(reference))
    beyond = [relevance - edge for relevance in reference if relevance > edge]
    decay = _blended(OF_A_FIELD.spread, sum(beyond) / max(1, len(beyond)), len(beyond))
    return Scale(reference=reference, edge=edge, decay=decay)


def _blended(expected: float, found: float, papers: int) -> float:
    """What was *found* in that many papers, and what stands in for it."""
    return (_STAND_INS * expected + papers * found) / (_STAND_INS + papers)


def _counted_above(known: Sequence[float], relevance: float) -> float:
    """How many of *known*, rising, are more; in between two of them by a straight line."""
    after = bisect_right(known, relevance)
    if after in (0, len(known)):
        return float(len(known) - after)
    below, above = known[after - 1], known[after]
    return len(known) - after + 0.5 - (relevance - below) / (above - below)
