"""What speaks for a paper and what against it, put together into one number whose parts are the reasons.

The written interests come first: the closest of them is the paper's relevance. Everything else pulls at it, each pull bounded
and named.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.records import Reason, ReasonKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_SHOWN_SHARE = 0.10  # what carries less of a score than this is not given as a reason
_SHOWN_TAKEN = 0.01  # nor what takes less relevance away


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """One thing that lifts a paper or holds it back."""

    kind: ReasonKind
    name: str
    amount: float  # of relevance; negative when it holds the paper back
    sentence: str = ""


def total(base: float, pulls: Iterable[Pull]) -> float:
    """Relevance of a paper whose closest interest gives it *base*."""
    return base + sum(pull.amount for pull in pulls)


def reasons(interests: Sequence[Pull], pulls: Sequence[Pull]) -> tuple[Reason, ...]:
    """What the reader is told, the weightiest first: what speaks for the paper as parts of one, then what was taken of it.

    Args:
        interests: how far each interest carries the paper; interests of one name are told as one.
        pulls: everything else.
    """
    gains = [*_merged(interests), *(pull for pull in pulls if pull.amount > 0)]
    gain = sum(pull.amount for pull in gains)
    if gain <= 0:
        return ()
    shown = [(math.floor(1000 * pull.amount / gain) / 1000, pull) for pull in gains if pull.amount / gain >= _SHOWN_SHARE]
    losses = [(-round(min(1.0, -pull.amount / gain), 3), pull) for pull in pulls if pull.amount <= -_SHOWN_TAKEN]
    ordered = sorted(shown, key=lambda item: -item[0]) + sorted(losses, key=lambda item: item[0])
    return tuple(Reason(kind=pull.kind, interest=pull.name, share=share, sentence=pull.sentence) for share, pull in ordered)


def _merged(interests: Sequence[Pull]) -> list[Pull]:
    """One pull for each name, with the sentence of its strongest part."""
    best: dict[str, Pull] = {}
    amounts: dict[str, float] = {}
    for pull in interests:
        amounts[pull.name] = amounts.get(pull.name, 0.0) + pull.amount
        if pull.name not in best or pull.amount > best[pull.name].amount:
            best[pull.name] = pull
    return [Pull(kind=pull.kind, name=name, amount=amounts[name], sentence=pull.sentence) for name, pull in best.items()]
