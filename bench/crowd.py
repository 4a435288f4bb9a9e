"""Papers by the million, put together from the words of real ones: runs of words from abstracts of one category and week.

So words are as frequent, and go together, as in real listings, and a day is about what a real week was about. Each paper names a
method that no other names, as real ones do: without it a word index would hardly grow any more. Vectors are made up in the same way,
from the embeddings of real abstracts; embedding a million here would take half a day.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import random
from collections import defaultdict
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import faiss
import numpy as np

from bench.search import PLACE
from bench.verify import ROOT, documents
from bench.world import Real
from digest.library.store import NAME, Store
from digest.records import Paper

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.embedding import Embedder, Pieces, Vectors
    from digest.records import Document

A_DAY = 1000  # papers; arXiv listed as many on a weekday of 2026
LAST_DAY = dt.date(2026, 3, 5)
_REAL, _CLUSTERS = 2000, 64
_RUN = (4, 12)  # words taken in one piece
# By embedder, made once and early: FAISS and PyMuPDF share SWIG's table of types, and once PyMuPDF is imported, too, what FAISS gives as a
# vector of floats is a class of PyMuPDF's, which FAISS's k-means refuses.
_SHAPES: dict[str, tuple[Vectors, Any, Vectors]] = {}


class Crowd:
    """Papers that nobody wrote; the same number is always the same paper."""

    def __init__(self) -> None:
        pools: dict[tuple[str, int], list[str]] = defaultdict(list)
        authors: set[str] = set()
        for row in Real.load().known.values():
            pools[row.categories[0], row.announced.isocalendar().week] += row.abstract.split()
            authors.update(row.authors)
        self._topics = sorted((topic, words) for topic, words in pools.items() if len(words) > 1000)
        self._weights = [len(words) for _, words in self._topics]
        self._authors = sorted(authors)

    def paper(self, number: int) -> Paper:
        """The paper of that *number*; they go back in time, a thousand a day."""
        rng = random.Random(number)
        ((category, _), words) = rng.choices(self._topics, self._weights)[0]
        day = LAST_DAY - dt.timedelta(days=number // A_DAY)
        name = f"{rng.choice(words).strip('.,()').title()}{number:X}"
        return Paper(
            id=f"made/{number:07}",
            version=1,
            title=f"{name}: {_words(rng, words, 9)}",
            abstract=f"{_words(rng, words, rng.randint(90, 250))} We call it {name}.",
            authors=tuple(rng.choices(self._authors, k=rng.randint(1, 8))),
            categories=tuple({category: 0, rng.choice(self._topics)[0][0]: 0}),
            published=day,
            source="arxiv",
            link=f"https://arxiv.org/abs/made/{number:07}",
            pdf=f"https://arxiv.org/pdf/made/{number:07}",
        )

    @cached_property
    def _bodies(self) -> list[Document]:
        return list(documents(ROOT.parent / "shared"))

    def document(self, number: int) -> Document:
        """The full text of that paper: of the size of a real one, each passage put together from the words of its body."""
        rng = random.Random(number)
        body = rng.choice(self._bodies)
        words = [word for passage in body.passages for word in passage.text.split()]
        made = [replace(passage, text=_words(rng, words, len(passage.text.split()))) for passage in body.passages]
        return replace(body, sha256=f"{number:064x}", passages=tuple(made))

    def papers(self, first: int, count: int) -> list[Paper]:
        """*count* of them, from number *first* on."""
        return [self.paper(number) for number in range(first, first + count)]


def _words(rng: random.Random, words: Sequence[str], count: int) -> str:
    found: list[str] = []
    while len(found) < count:
        start = rng.randrange(len(words) - _RUN[1])
        found += words[start : start + rng.randint(*_RUN)]
    return " ".join(found[:count])


class MadeEmbedder:
    """Vectors of the shape of real ones for any text, by its hash: a cluster's centre, and two real ways to lie from a centre, mixed.

    Queries are embedded in earnest.
    """

    def __init__(self, real: Embedder) -> None:
        self._real, self.id, self.dim = real, f"made-up {real.id}", real.dim
        if real.id not in _SHAPES:
            _SHAPES[real.id] = _shape(real_vectors(real))
        self._centres, self._cluster, self._offsets = _SHAPES[real.id]

    @property
    def rarity(self) -> Vectors:
        """See ``Embedder.rarity``."""
        return self._real.rarity

    def pieces(self, texts: Sequence[str]) -> list[Pieces]:
        """See ``Embedder.pieces``."""
        return self._real.pieces(texts)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """See ``Embedder.embed_queries``."""
        return self._real.embed_queries(texts)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """See ``Embedder.embed``; nothing is read but the hash."""
        drawn = np.array([np.frombuffer(hashlib.blake2b(text.encode(), digest_size=12).digest(), dtype=np.uint32) for text in texts])
        one, other = drawn[:, 0] % len(self._offsets), drawn[:, 1] % len(self._offsets)
        angle = (drawn[:, 2:] / 2**32 * np.pi / 2).astype(np.float32)
        made = self._centres[self._cluster[one]] + np.cos(angle) * self._offsets[one] + np.sin(angle) * self._offsets[other]
        vectors: Vectors = (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)
        return vectors


def _shape(vectors: Vectors) -> tuple[Vectors, Any, Vectors]:
    """Centres of clusters of *vectors*; of each vector its cluster, and the way it lies from its centre."""
    clusters: Any = faiss.Kmeans(vectors.shape[1], _CLUSTERS, niter=20, seed=7, min_points_per_centroid=1)
    clusters.train(vectors)
    cluster = clusters.index.search(vectors, 1)[1][:, 0]
    return clusters.centroids, cluster, vectors - clusters.centroids[cluster]


def real_vectors(embedder: Embedder) -> Vectors:
    """(n, dim) of real texts: those that the library of `python -m bench search` holds, else some abstracts embedded now."""
    known = PLACE / "index" / NAME
    if known.is_file():
        store = Store(known)
        query = "SELECT vector FROM embedding WHERE embedder = ? ORDER BY hash LIMIT ?"
        rows = store.connection.execute(query, (embedder.id, _REAL)).fetchall()
        store.close()
        if len(rows) == _REAL:
            return np.stack([np.frombuffer(row[0], dtype="<f4") for row in rows])
    chosen = sorted(Real.load().known.values(), key=lambda row: hashlib.sha256(row.id.encode()).digest())[:_REAL]
    return embedder.embed([f"{row.title}. {row.abstract}" for row in chosen])


def batches(count: int, size: int = A_DAY) -> list[tuple[int, int]]:
    """(first, how many) of runs of at most *size* out of *count*."""
    return [(first, min(size, count - first)) for first in range(0, count, size)]
