from __future__ import annotations

import numpy as np
import pytest

from digest.library.embeddings import CachedEmbedder
from digest.library.store import NAME, Store
from tests.embedders import WordLengthEmbedder

TEXTS = ["aa bb", "ccc", "aa bb", "dddd ee"]


class FailingEmbedder(WordLengthEmbedder):
    """Breaks down when it is asked a second time."""

    def embed(self, texts):
        if self.asked:
            raise MemoryError
        return super().embed(texts)


def test_vectors_from_the_cache_are_the_embedder_s_own_in_the_order_asked(store, toy):
    cached = CachedEmbedder(toy, store)
    expected = WordLengthEmbedder().embed(TEXTS)
    np.testing.assert_array_equal(cached.embed(TEXTS), expected)
    np.testing.assert_array_equal(cached.embed(TEXTS), expected)
    np.testing.assert_array_equal(cached.embed(TEXTS[::-1]), expected[::-1])


def test_no_text_is_ever_embedded_twice(store, toy, tmp_path):
    CachedEmbedder(toy, store).embed(TEXTS)
    CachedEmbedder(toy, store).embed([*TEXTS, "new"])
    other = Store(tmp_path / NAME)
    CachedEmbedder(toy, other).embed(TEXTS)
    other.close()
    assert sorted(toy.asked) == ["aa bb", "ccc", "dddd ee", "new"]


def test_vectors_of_two_models_are_kept_apart(store, toy):
    larger = WordLengthEmbedder("another", dim=32)
    assert CachedEmbedder(toy, store).embed(TEXTS).shape == (4, 16)
    assert CachedEmbedder(larger, store).embed(TEXTS).shape == (4, 32)
    assert CachedEmbedder(toy, store).embed(TEXTS).shape == (4, 16)
    assert len(larger.asked) == len(toy.asked) == 3


def test_no_texts_are_no_vectors(store, toy):
    assert CachedEmbedder(toy, store).embed([]).shape == (0, 16)
    assert toy.asked == []


def test_progress_adds_up_to_the_texts_asked(store, toy):
    steps: list[int] = []
    texts = [f"{'a' * (n % 9)} {n}" for n in range(150)]
    cached = CachedEmbedder(toy, store)
    cached.embed(texts[:20])
    cached.embed(texts, on_progress=steps.append)
    assert steps[0] == 20
    assert sum(steps) == 150


def test_what_was_embedded_before_a_breakdown_is_kept(store):
    failing = FailingEmbedder()
    with pytest.raises(MemoryError):
        CachedEmbedder(failing, store).embed([f"text {n}" for n in range(100)])
    assert store.count("embedding") == len(failing.asked) == 64


def test_a_cache_is_an_embedder_under_the_same_name(store, toy):
    cached = CachedEmbedder(toy, store)
    assert (cached.id, cached.dim) == (toy.id, toy.dim)
