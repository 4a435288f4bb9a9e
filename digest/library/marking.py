"""The sentence of a passage that answers a query, by the word pieces both share: rare ones count, common ones hardly."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from digest.text import sentences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.embedding import Pieces
    from digest.library.embeddings import CachedEmbedder

Span = tuple[int, int]  # from, to: of characters
_KEPT = 4096  # passages, some 20 kB each


class Marker:
    """Marks for one embedder. What was counted of the passages met last is kept: while one types, hits repeat."""

    def __init__(self, embedder: CachedEmbedder) -> None:
        self._embedder = embedder
        self._told = lru_cache(_KEPT)(self._counted)

    def mark(self, query: str, passages: Sequence[str]) -> list[Span | None]:
        """Of each of *passages* the place of the sentence that shares most with *query*; None where none shares anything."""
        (asked,) = self._embedder.pieces([query])
        shared = np.zeros_like(self._embedder.rarity)
        shared[asked] = self._embedder.rarity[asked]
        told = map(self._told, passages)
        return [_best(spans, [float(shared[own].sum()) for own in pieces]) for spans, pieces in told]

    def _counted(self, passage: str) -> tuple[list[Span], list[Pieces]]:
        """The sentences of *passage* and the word pieces of each."""
        spans = _spans(passage)
        return spans, self._embedder.pieces([passage[a:b] for a, b in spans])


def _best(spans: Sequence[Span], weights: Sequence[float]) -> Span | None:
    best = max(range(len(spans)), key=lambda i: weights[i], default=None)
    return spans[best] if best is not None and weights[best] > 0 else None


def _spans(passage: str) -> list[Span]:
    """Where the sentences of *passage* stand in it."""
    found, end = [], 0
    for sentence in sentences(passage):
        start = passage.find(sentence, end)
        if start >= 0:
            found.append((start, start + len(sentence)))
        elif match := re.compile(r"\s+".join(map(re.escape, sentence.split()))).search(passage, end):  # in other white space
            found.append(match.span())
        end = found[-1][1] if found else 0
    return found
