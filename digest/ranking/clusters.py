"""Interests found in a heap of papers: groups of near ones, named by the terms that set each apart."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from digest.text import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from digest.embedding import Vectors

_ROUNDS = 50
_TERMS = 4  # that name an interest
_EXAMPLES = 3
_COMMON_WORD = 5  # letters up to which a word of a title names nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Papers that belong together."""

    members: tuple[int, ...]  # the most typical first
    terms: tuple[str, ...]  # what sets them apart, the most telling first


def groups(texts: Sequence[str], vectors: Vectors, glossary: Iterable[str], *, number: int | None = None) -> list[Group]:
    """*texts* in groups, the largest first; without a *number*, about the square root of half as many as there are texts.

    Args:
        vectors: (n, dim) of the texts, rows of unit length.
        glossary: terms that may name a group.
    """
    number = min(len(texts), number or max(1, round(math.sqrt(len(texts) / 2))))
    labels, centres = _k_means(vectors.astype(np.float64), number)
    terms = [_terms(text, glossary) for text in texts]
    everywhere = Counter(term for found in terms for term in found)
    made = []
    for label in range(number):
        members = [int(i) for i in np.flatnonzero(labels == label)]
        if members:
            members.sort(key=lambda i: (-float(vectors[i] @ centres[label]), i))
            made.append(Group(members=tuple(members), terms=_telling([terms[i] for i in members], everywhere, len(texts))))
    return sorted(made, key=lambda group: (-len(group.members), group.members))


def examples(group: Group) -> tuple[int, ...]:
    """The most typical papers of *group*."""
    return group.members[:_EXAMPLES]


def _k_means(points: Vectors, number: int) -> tuple[Vectors, Vectors]:
    """(n,) labels and (number, dim) centres. Each new start is the point farthest from those before: no chance is involved."""
    starts = [int((points @ points.mean(axis=0)).argmax())]
    while len(starts) < number:
        starts.append(int((points @ points[starts].T).max(axis=1).argmin()))
    centres = points[starts]
    labels = np.full(len(points), -1)
    for _ in range(_ROUNDS):
        now = (points @ centres.T).argmax(axis=1)
        if (now == labels).all():
            break
        labels = now
        for label in range(number):
            if (labels == label).any():
                centre = points[labels == label].mean(axis=0)
                centres[label] = centre / max(float(np.linalg.norm(centre)), 1e-12)
    return labels, centres


def _terms(text: str, glossary: Iterable[str]) -> set[str]:
    """Terms of the glossary in *text*; of one without any, its longer words."""
    folded = text.lower()
    found = {term for term in glossary if len(term) > 3 and re.search(rf"\b{re.escape(term.lower())}s?\b", folded)}
    return found or {word for word in words(text) if len(word) > _COMMON_WORD and word.isalpha()}


def _telling(members: Sequence[set[str]], everywhere: Counter[str], papers: int) -> tuple[str, ...]:
    """The terms that many of *members* have and few papers besides; of two that say the same, the longer."""
    here = Counter(term for found in members for term in found)
    worth = {term: count / len(members) * math.log((papers + 1) / everywhere[term]) for term, count in here.items()}
    chosen: list[str] = []
    for term in sorted(worth, key=lambda term: (-worth[term] * (1 + term.count(" ")), term)):
        if not any(term in other or other in term for other in chosen):
            chosen.append(term)
    return tuple(chosen[:_TERMS])
