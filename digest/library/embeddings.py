"""Vectors that were computed once and are never computed again: a cache in front of any embedder."""

from __future__ import annotations

import hashlib
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from digest.embedding import Embedder, Vectors
    from digest.library.store import Store

_ASKED = 500  # vectors asked for at once: SQLite takes many more; one at a time takes half as long again
_UNRELATED = (
    "The recipe asks for two eggs and a cup of flour.",
    "We train a convolutional network on images of handwritten digits.",
    "The treaty was signed after thirty years of war.",
    "Prices of crude oil fell for the third week.",
    "Migrating birds find their way by the magnetic field of the earth.",
    "Her violin sonata has four movements.",
)
_QUERIES = 1024  # vectors of what was asked last
_CHUNK = 64  # texts embedded before they are stored, so that an interrupted run keeps what it did


class CachedEmbedder:
    """An embedder that first looks into the library, by text, model and window."""

    def __init__(
        self,
        embedder: Embedder,
        store: Store,
        *,
        query_prompt: str = "",
        document_prompt: str = "",
        languages: Sequence[str] = ("zh", "en"),
    ) -> None:
        """Put the prompts, which belong to the model, before the texts that ask and before those that are looked for."""
        self._query_prompt, self._document_prompt = query_prompt, document_prompt
        self.reads_chinese = "zh" in languages
        self._embedder, self._store = embedder, store
        self.id, self.dim = embedder.id, embedder.dim
        self.pieces = embedder.pieces
        self._asked = lru_cache(_QUERIES)(self._vector_of)  # while one types, deletes, and filters

    @property
    def rarity(self) -> Vectors:
        """See ``Embedder.rarity``."""
        return self._embedder.rarity

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """See ``Embedder.embed_queries``."""
        return self._embedded([self._query_prompt + text for text in texts])

    def embed_query(self, text: str) -> Vectors:
        """(dim,) of a text: it is not kept in the library, so that a search writes nothing and waits for no writer."""
        return self._asked(text)

    def _vector_of(self, text: str) -> Vectors:
        vector: Vectors = self._embedder.embed_queries([self._query_prompt + text])[0]
        return vector

    @cached_property
    def chance(self) -> float:
        """The mean cosine of texts that have nothing to do with each other: 0.0 for one model, 0.7 for another."""
        vectors = self.embed(_UNRELATED)
        count = len(vectors)
        return float((vectors @ vectors.T).sum() - count) / (count * (count - 1))

    def knows(self, texts: Sequence[str]) -> list[bool]:
        """For each of *texts* whether its vector is in the library."""
        hashes = [text_hash(self._document_prompt + text) for text in texts]
        known = self._known(set(hashes))
        return [h in known for h in hashes]

    def embed(self, texts: Sequence[str], *, on_progress: Callable[[int], None] | None = None) -> Vectors:
        """(len(texts), dim) float32, rows of unit length; *on_progress* is told how many texts were done."""
        return self._embedded([self._document_prompt + text for text in texts], on_progress)

    def _embedded(self, texts: Sequence[str], on_progress: Callable[[int], None] | None = None) -> Vectors:
        hashes = [text_hash(text) for text in texts]
        known = self._known(set(hashes))
        missing = {h: text for h, text in zip(hashes, texts, strict=True) if h not in known}
        if on_progress:
            on_progress(len(texts) - len(missing))
        # Alike lengths share a batch, so that little of it is padding.
        todo = sorted(missing.items(), key=lambda item: (len(item[1]), item[0]))
        for start in range(0, len(todo), _CHUNK):
            chunk = todo[start : start + _CHUNK]
            vectors = self._embedder.embed([text for _, text in chunk])
            self._keep([h for h, _ in chunk], vectors)
            known |= {h: vector for (h, _), vector in zip(chunk, vectors, strict=True)}
            if on_progress:
                on_progress(len(chunk))
        return np.stack([known[h] for h in hashes]) if hashes else np.zeros((0, self.dim), dtype=np.float32)

    def _known(self, hashes: set[bytes]) -> dict[bytes, Vectors]:
        known, wanted = {}, sorted(hashes)
        for start in range(0, len(wanted), _ASKED):
            group = wanted[start : start + _ASKED]
            places = ",".join("?" * len(group))
            query = f"SELECT hash, vector FROM embedding WHERE embedder = ? AND hash IN ({places})"  # noqa: S608 question marks only
            for h, vector in self._store.connection.execute(query, (self.id, *group)).fetchall():
                known[h] = np.frombuffer(vector, dtype="<f4")
        return known

    def _keep(self, hashes: list[bytes], vectors: Vectors) -> None:
        with self._store.transaction() as db:
            rows = [(self.id, h, vector.astype("<f4").tobytes()) for h, vector in zip(hashes, vectors, strict=True)]
            db.executemany("INSERT OR REPLACE INTO embedding VALUES (?, ?, ?)", rows)


def text_hash(text: str) -> bytes:
    """What the vector of *text* is kept under."""
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=16).digest()
