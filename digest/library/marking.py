"""Which sentence of a passage answers a query, and how well: by the word pieces both share, the rare ones before the common ones.

A question after a quantity is answered by a number.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from digest.library.places import headings
from digest.library.query import FACT, FIGURE, TABLE
from digest.text import sentences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.embedding import Pieces
    from digest.library.embeddings import CachedEmbedder
    from digest.library.units import Unit

Span = tuple[int, int]  # from, to: of characters
_KEPT = 4096  # passages, some 20 kB each
_NUMBERED = 2  # times a sentence with a number weighs where one is asked for
_ASKS_NUMBER = re.compile(
    r"\bhow (?:many|much|long|fast|often|large|big|far|high|deep)\b|\baccuracy\b|多少|多[久大长高快远深]|几(?![乎何])", re.IGNORECASE
)
_NUMBER = re.compile(r"(?<![\w.])\d")  # not P300, K-400
_NO_ANSWER = re.compile(r"\[[\d,;\s–-]+\]|(?:Sec|Fig|Tab|Eq)\w*\.?\s*\(?\d[\d.]*")  # citations, references to parts of the paper


class Answer(NamedTuple):
    """The sentence of a unit that shares most with a query."""

    weight: float  # of what it shares, a row with its headings, a caption as a whole; 0: nothing
    span: Span | None


class Asked(NamedTuple):
    """What sentences are held against."""

    pieces: np.ndarray[Any, np.dtype[np.bool_]]  # (vocabulary,) those of the query
    number: bool  # whether it asks for one


class Marker:
    """Marks for one embedder. What was counted of the passages met last is kept: while one types, hits repeat."""

    def __init__(self, embedder: CachedEmbedder) -> None:
        self._embedder = embedder
        self._told = lru_cache(_KEPT)(self._counted)

    def asked(self, query: str) -> Asked:
        """*query*, made ready for ``answers``."""
        asked = np.zeros(len(self._embedder.rarity), dtype=bool)
        asked[self._embedder.pieces([query])[0]] = True
        return Asked(asked, _ASKS_NUMBER.search(query) is not None)

    def answers(self, asked: Asked, units: Sequence[Unit]) -> list[Answer]:
        """For each of *units*, all of one paper, its best sentence.

        A piece weighs what its rarity in the language and among the sentences of *units* say: what every passage of a paper
        speaks of tells none of them from the others.
        """
        rarity = self._embedder.rarity
        told = [self._told(unit.text, unit.kind == TABLE) for unit in units]
        held = [[set(own[asked.pieces[own]].tolist()) for own in pieces] for _, pieces in told]
        shared = [_joined(unit, sets) for unit, sets in zip(units, held, strict=True)]
        every = [one for sets in shared for one in sets]
        counts = Counter(piece for one in every for piece in one)
        weight = {piece: float(rarity[piece]) * math.log(1 + len(every) / count) for piece, count in counts.items()}
        weights = [[sum(map(weight.__getitem__, one)) for one in sets] for sets in shared]
        if asked.number:
            weights = [
                [own * (_NUMBERED if _has_number(unit.text[slice(*span)]) else 1) for span, own in zip(spans, sets, strict=True)]
                for unit, (spans, _), sets in zip(units, told, weights, strict=True)
            ]
        return [_best(spans, own) for (spans, _), own in zip(told, weights, strict=True)]

    def shares(self, query: str, texts: Sequence[str]) -> list[float]:
        """How much of what *query* says each of *texts* holds, its pieces weighed by their rarity; 0 to 1."""
        rarity, (asked, *held) = self._embedder.rarity, self._embedder.pieces([query, *texts])
        whole = float(rarity[asked].sum())
        return [float(rarity[np.intersect1d(asked, own)].sum()) / whole if whole else 0.0 for own in held]

    def _counted(self, passage: str, is_table: bool) -> tuple[list[Span], list[Pieces]]:
        """The sentences of *passage*, or the lines of a table, and the word pieces of each."""
        spans = _spans(passage, passage.split("\n") if is_table else sentences(passage))
        return spans, self._embedder.pieces([passage[a:b] for a, b in spans])


def _has_number(sentence: str) -> bool:
    return bool(_NUMBER.search(_NO_ANSWER.sub("", sentence)))


def _joined(unit: Unit, shared: list[set[int]]) -> list[set[int]]:
    """What each sentence of *unit* shares with a query, with what it says only together with others."""
    if unit.kind == TABLE:
        above = set().union(*shared[: headings(unit.text.split("\n"))])  # a row without a word of its own is not the one
        return [above, *(one | above if one - above else one for one in shared[1:])]
    return [set().union(*shared), *shared[1:]] if unit.kind in (FIGURE, FACT) and shared else shared


def _best(spans: Sequence[Span], weights: Sequence[float]) -> Answer:
    weight, place = max(((weight, -place) for place, weight in enumerate(weights)), default=(0.0, 0))
    return Answer(weight, spans[-place] if weight > 0 else None)


def _spans(passage: str, found_in_it: Sequence[str]) -> list[Span]:
    """Where the sentences *found_in_it* stand in *passage*."""
    found, end = [], 0
    for sentence in filter(None, found_in_it):
        start = passage.find(sentence, end)
        if start >= 0:
            found.append((start, start + len(sentence)))
        elif match := re.compile(r"\s+".join(map(re.escape, sentence.split()))).search(passage, end):  # in other white space
            found.append(match.span())
        end = found[-1][1] if found else 0
    return found
