"""Which of the good papers stand in one digest: no crowd of near-copies, no flood of what likes brought, one place for something else."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

from digest.records import Reason, ReasonKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.embedding import Vectors
    from digest.records import Ranked

_ALIKE = 0.80  # cosine of abstracts that say nearly the same
_WORTH_A_PLACE = 50  # score of a paper that a written interest need not give up for one that likes brought
# Part of the papers, best first, that something else is looked for in: in the better half of a day it was law and finance for a
# reader of image restoration, in the best fifth it is the neighbouring field.
_WITHIN_REACH = 0.2


def pick(ranked: Sequence[Ranked], vectors: Vectors, *, top_k: int, max_alike: int, explore: int) -> list[Ranked]:
    """At most *top_k* of *ranked*, best first.

    A paper is passed over when *max_alike* of those taken say nearly the same. Papers that likes brought, more than any written
    interest, get half of the places while good papers of the written interests are left. With *explore*, the last place goes to the paper
    within reach that is least like all those taken, and says so in its reasons.

    Args:
        vectors: (n, dim) of the abstracts of *ranked*, in its order.
    """
    taken: list[int] = []
    places = max(1, top_k - explore)
    for i in shared_out([_by_likes(item) for item in ranked], [item.score >= _WORTH_A_PLACE for item in ranked], places=places):
        if len(taken) == places:
            break
        if (vectors[taken] @ vectors[i] >= _ALIKE).sum() < max_alike:
            taken.append(i)
    taken.sort()
    other = _other(ranked, vectors, taken) if len(taken) < top_k and explore else None
    return [*(ranked[i] for i in taken), *([other] if other else [])]


def shared_out(by_likes: Sequence[bool], good: Sequence[bool], *, places: int) -> list[int]:
    """The order in which papers, given best first, are asked for a place: those of written interests that are *good*, and among
    them of those brought by likes as many as half of the *places*; then all others."""
    half, first = math.ceil(places / 2), []
    for i, (liked, worthy) in enumerate(zip(by_likes, good, strict=True)):
        if liked and half:
            half -= 1
            first.append(i)
        elif worthy and not liked:
            first.append(i)
    return [*first, *(i for i in range(len(good)) if i not in set(first))]


def _by_likes(item: Ranked) -> bool:
    """Whether likes say more for the paper than everything else together."""
    return any(reason.kind is ReasonKind.LIKED and reason.share > 0.5 for reason in item.reasons)


def _other(ranked: Sequence[Ranked], vectors: Vectors, taken: list[int]) -> Ranked | None:
    """Of the papers within reach the one that is least like those *taken*; the better one of equals."""
    within = max(math.ceil(len(ranked) * _WITHIN_REACH), 2 * len(taken))
    reach = [i for i in range(min(within, len(ranked))) if i not in taken]
    if not reach or not taken:
        return None
    likeness = (vectors[reach] @ vectors[taken].T).max(axis=1)
    found = ranked[reach[int(likeness.argmin())]]
    return dataclasses.replace(found, reasons=(Reason(kind=ReasonKind.EXPLORE, interest="", share=0.0, sentence=""), *found.reasons))
