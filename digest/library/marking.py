"""The sentence of a passage that answers a query, by the word pieces both share: rare ones count, common ones hardly."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from digest.text import sentences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.library.embeddings import CachedEmbedder

Span = tuple[int, int]  # from, to: of characters


def mark(query: str, passages: Sequence[str], embedder: CachedEmbedder) -> list[Span | None]:
    """Of each of *passages* the place of the sentence that shares most with *query*; None where none shares anything."""
    spans = [_spans(passage) for passage in passages]
    told = [passage[a:b] for passage, found in zip(passages, spans, strict=True) for a, b in found]
    asked, *pieces = embedder.pieces([query, *told])
    weights = [float(embedder.rarity[np.intersect1d(asked, own, assume_unique=True)].sum()) for own in pieces]
    starts = [0, *np.cumsum([len(found) for found in spans]).tolist()]
    return [_best(found, weights[a:b]) for found, (a, b) in zip(spans, pairwise(starts), strict=True)]


def _best(spans: Sequence[Span], weights: Sequence[float]) -> Span | None:
    best = max(range(len(spans)), key=lambda i: weights[i], default=None)
    return spans[best] if best is not None and weights[best] > 0 else None


def _spans(passage: str) -> list[Span]:
    """Where the sentences of *passage* stand in it."""
    found, end = [], 0
    for sentence in sentences(passage):
        match = re.compile(r"\s+".join(map(re.escape, sentence.split()))).search(passage, end)
        if match:
            found.append(match.span())
            end = match.end()
    return found
