"""What the reader's likes and dislikes teach: one direction in the space of abstracts.

Regularised least squares in its dual form (Rifkin & Klautau 2004, "In Defense of One-Vs-All Classification", section 3) over the
vectors of whole abstracts: liked papers are to come out at 1, disliked ones at -1, papers at large at 0. The solution is a
sum over the papers it was learned from, so every one of them has its exact part in what is said of a new paper.

What was liked is one more interest beside the written ones, however many papers it was learned from: of bounded weight, and
at right angles to the closest of them. A paper that is close to both is lifted, one that is only like a liked one stands as high as a
good match of a written interest, and a like adds little where the profile has said it already.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from digest.ranking.blend import Pull
from digest.ranking.scores import FLOOR
from digest.records import ReasonKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.embedding import Embedder, Vectors
    from digest.records import Paper

# Chosen on eight of sixteen topics, docs/log.md.
_RIDGE = 0.3  # how much one example is doubted
_AT_LARGE_WEIGHT = 25.0  # of all papers at large together, counted in examples
_LIMIT = 0.50  # of relevance, either way; neared smoothly, so that more likeness is always more
_STEEPNESS = 1.2  # how fast it is neared
_AT_LARGE = 500  # papers at large that are looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class Taste:
    """What was learned, ready to be asked about a paper."""

    titles: tuple[str, ...]  # of the papers learned from: liked ones, then disliked ones
    liked: int  # how many of *titles* were liked
    examples: Vectors  # (n, dim) vectors of these papers less *centre*, each times its part in the solution
    rest: Vectors  # (dim,) the part of the papers at large
    centre: Vectors  # (dim,) their middle
    weight: float = 1.0  # of all this beside the written interests

    def pulls(self, gist: Vectors, *, base: float) -> list[Pull]:
        """What likeness to the liked or the disliked papers does to one with the vector *gist*, named after the one that does most.

        Unlikeness does nothing: a paper is not held back for being about a written interest and not about what was liked.

        Args:
            base: how relevant the written profile alone makes the paper.
        """
        here = gist - self.centre
        parts = self.examples @ here
        lean = float(parts.sum() + self.rest @ here)
        strongest = int(parts.argmax() if lean > 0 else parts.argmin())
        if (strongest < self.liked) != (lean > 0):
            return []
        amount = self.weight * _LIMIT * math.tanh(_STEEPNESS * lean / _LIMIT)
        if lean > 0:
            above = max(base - FLOOR, 0.0)
            return [Pull(kind=ReasonKind.LIKED, name=self.titles[strongest], amount=math.hypot(above, amount) - above)]
        return [Pull(kind=ReasonKind.DISLIKED, name=self.titles[strongest], amount=amount)]


def learn(
    liked: Sequence[Paper], disliked: Sequence[Paper], embedder: Embedder, *, at_large: Sequence[str], weight: float = 1.0
) -> Taste | None:
    """The taste behind those papers, or None when there are none; the same papers in any order teach the same.

    Args:
        weight: 0 to 2, of what is learned beside the written interests; with 0 there is nothing to learn.
        at_large: texts that stand for what the reader has said nothing of: abstracts of the library, or words of the field.
    """
    if not weight or not (liked or disliked):
        return None
    examples = [*sorted(liked, key=_id), *sorted(disliked, key=_id)]
    vectors = embedder.embed([paper.gist for paper in examples]).astype(np.float64)
    others = embedder.embed(list(at_large[:_AT_LARGE])).astype(np.float64)
    centre = others.mean(axis=0) if len(others) else np.zeros(vectors.shape[1])
    points = np.vstack([vectors, others]) - centre
    aims = np.array([1.0] * len(liked) + [-1.0] * len(disliked) + [0.0] * len(others))
    doubts = np.array([_RIDGE] * len(examples) + [_RIDGE * len(others) / _AT_LARGE_WEIGHT] * len(others))
    weighted = points * np.linalg.solve(points @ points.T + np.diag(doubts), aims)[:, np.newaxis]
    return Taste(
        titles=tuple(paper.title for paper in examples),
        liked=len(liked),
        examples=weighted[: len(examples)].astype(np.float32),
        rest=weighted[len(examples) :].sum(axis=0).astype(np.float32),
        centre=centre.astype(np.float32),
        weight=weight,
    )


def _id(paper: Paper) -> str:
    return paper.id
