"""Which of the good papers stand in one digest: no crowd of near-copies, and one place for something else."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from digest.records import Reason, ReasonKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.embedding import Vectors
    from digest.records import Ranked

_ALIKE = 0.80  # cosine of abstracts that say nearly the same
_WITHIN_REACH = 0.5  # part of the papers, best first, that something else is looked for in


def pick(ranked: Sequence[Ranked], vectors: Vectors, *, top_k: int, max_alike: int, explore: int) -> list[Ranked]:
    """At most *top_k* of *ranked*, best first.

    A paper is passed over when *max_alike* of those taken say nearly the same. With *explore*, the last place goes to the paper
    of the better half that is least like all those taken, and says so in its reasons.

    Args:
        vectors: (n, dim) of the abstracts of *ranked*, in its order.
    """
    taken: list[int] = []
    for i in range(len(ranked)):
        if len(taken) == max(1, top_k - explore):
            break
        if (vectors[taken] @ vectors[i] >= _ALIKE).sum() < max_alike:
            taken.append(i)
    other = _other(ranked, vectors, taken) if len(taken) < top_k and explore else None
    return [*(ranked[i] for i in taken), *([other] if other else [])]


def _other(ranked: Sequence[Ranked], vectors: Vectors, taken: list[int]) -> Ranked | None:
    """The paper of the better half that is least like those *taken*; the better one of equals."""
    reach = [i for i in range(int(np.ceil(len(ranked) * _WITHIN_REACH))) if i not in taken]
    if not reach or not taken:
        return None
    likeness = (vectors[reach] @ vectors[taken].T).max(axis=1)
    found = ranked[reach[int(likeness.argmin())]]
    return dataclasses.replace(found, reasons=(Reason(kind=ReasonKind.EXPLORE, interest="", share=0.0, sentence=""), *found.reasons))
