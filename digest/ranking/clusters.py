"""Interests found in a heap of papers: groups of near ones, named by the terms that set each apart."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from digest.text import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from digest.embedding import Vectors

_ROUNDS = 50
_SAME = 1e-9  # squared distance: rounding
_TERMS = 4  # that name an interest
_EXAMPLES = 3
_COMMON_WORD = 5  # letters up to which a word of a title names nothing


Rows = npt.NDArray[np.int64]


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
    terms = [_terms(text, glossary) for text in texts]
    everywhere = Counter(term for found in terms for term in found)
    made = [
        Group(members=tuple(members), terms=_telling([terms[i] for i in members], everywhere, len(texts)))
        for members in near_groups(vectors, number)
    ]
    return sorted(made, key=lambda group: (-len(group.members), group.members))


def examples(group: Group) -> tuple[int, ...]:
    """The most typical papers of *group*."""
    return group.members[:_EXAMPLES]


def near_groups(vectors: Vectors, number: int) -> list[list[int]]:
    """Rows of *vectors* in at most *number* groups of near ones, the most typical of each first; no chance is involved.

    Spherical k-means (Dhillon & Modha 2001). It starts from groups made by cutting the widest one in two, across its longest
    axis, again and again: unlike starting from the rows farthest apart, no odd one gets a group of its own.

    Args:
        vectors: (n, dim), rows of unit length.
    """
    points: Vectors = vectors.astype(np.float32)
    centres = np.array([centred(points[part]) for part in _parts(points, number)])
    labels = np.full(len(points), -1)
    for _ in range(_ROUNDS):
        now = (points @ centres.T).argmax(axis=1)
        if (now == labels).all():
            break
        labels = now
        for label in np.unique(labels):
            centres[label] = centred(points[labels == label])
    nearness = points @ centres.T
    members = [np.flatnonzero(labels == label) for label in range(len(centres))]
    return [sorted(map(int, own), key=lambda i: (-nearness[i, label], i)) for label, own in enumerate(members) if len(own)]


def centred(points: Vectors) -> Vectors:
    """(dim,) the direction of the middle of *points*, of unit length."""
    middle = points.mean(axis=0)
    unit: Vectors = middle / max(float(np.linalg.norm(middle)), 1e-12)
    return unit


def _parts(points: Vectors, number: int) -> list[Rows]:
    """Rows in *number* parts, fewer where all rows of each part are the same."""
    parts: list[Rows] = [np.arange(len(points), dtype=np.int64)]
    widths = [_width(points)]
    while len(parts) < number and max(widths) > _SAME:
        widest = widths.index(max(widths))
        rows = parts.pop(widest)
        widths.pop(widest)
        spread = points[rows] - points[rows].mean(axis=0)
        _, axes = np.linalg.eigh(spread.T @ spread)
        along = spread @ axes[:, -1]
        side = along > 0
        for half in (rows[side == side[0]], rows[side != side[0]]):
            parts.append(half)
            widths.append(_width(points[half]))
    return parts


def _width(points: Vectors) -> float:
    """Sum of the squared distances to the middle."""
    return float(((points - points.mean(axis=0)) ** 2).sum())


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
