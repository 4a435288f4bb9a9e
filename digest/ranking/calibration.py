"""From relevance to a score of 0 to 100 that means the same every day.

A score says how rare it is that a paper comes this close to the profile: 50 is one paper in ten, 80 one in a hundred, 92 one
in a thousand. "A paper" is one of the reference: papers that the library saw in the last month. A shipped background stands
in for them where there are few, and keeps a profile that nothing fits from calling its best misfit a hit.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# (how many papers there are for one this relevant, score), straight lines in the logarithm between them
_ANCHORS = ((1.0, 0), (2.0, 10), (10.0, 50), (100.0, 80), (1_000.0, 92), (10_000.0, 98), (1_000_000.0, 100))
_BACKGROUND_PAPERS = 200  # so many papers of the library count as much as the shipped background
_ENOUGH_TO_COMPARE = 100  # below this, "closer than 99 %" would be said of too few


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """Relevance of papers at large as one embedding model sees it: a logistic curve."""

    centre: float  # half of the papers lie below
    spread: float  # 95 % lie below centre + 2.94 spreads

    def above(self, relevance: float) -> float:
        """The part of papers that are more relevant."""
        return 1 / (1 + math.exp(min(500.0, (relevance - self.centre) / self.spread)))


# all-MiniLM-L6-v2, the starter profile, 1071 arXiv abstracts of cs.CV of 2026-01-12 to 2026-03-05 without a word of the profile:
# percentiles 5, 50, 95, 99 and 99.9 are 0.17, 0.25, 0.38, 0.44 and 0.52. `python -m bench calibration` measures it again, or another model.
MINILM = Background(centre=0.25, spread=0.043)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """What relevance is worth to one reader."""

    background: Background = MINILM
    reference: tuple[float, ...] = ()  # relevance of the reference papers, rising

    def score(self, relevance: float) -> int:
        """0 to 100, never falling as *relevance* rises."""
        one_in = 1 / max(self._above(relevance), 1e-9)
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
        """The part of papers that are more relevant: the reference and the background, each counted by its size."""
        expected = _BACKGROUND_PAPERS * self.background.above(relevance)
        return (expected + self._counted_above(relevance)) / (_BACKGROUND_PAPERS + len(self.reference))

    def _counted_above(self, relevance: float) -> float:
        """How many reference papers are more relevant, in between two of them by a straight line."""
        known = self.reference
        after = bisect_right(known, relevance)
        if after in (0, len(known)):
            return float(len(known) - after)
        below, above = known[after - 1], known[after]
        return len(known) - after + 0.5 - (relevance - below) / (above - below)


def scale(relevances: Iterable[float], background: Background = MINILM) -> Scale:
    """The scale of a reader to whom the reference papers have these *relevances*."""
    return Scale(background=background, reference=tuple(sorted(relevances)))
