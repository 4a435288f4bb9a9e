from __future__ import annotations

import numpy as np
import pytest

from digest.ranking.scores import penalties, shares, weigh


def array(*values: object) -> np.ndarray:
    return np.array(values, dtype=np.float32)


@pytest.mark.parametrize("weight", [0.5, 1, 7])
def test_equal_weights_change_nothing(weight):
    relevance = array(0.7, 0.3, -0.1)
    np.testing.assert_allclose(weigh(relevance, array(weight, weight, weight)), relevance)


def test_half_the_weight_is_half_the_height_above_the_floor():
    np.testing.assert_allclose(weigh(array(0.6, 0.6), array(1, 2)), [0.375, 0.6])


def test_no_weight_makes_an_unrelated_paper_less_unrelated():
    np.testing.assert_allclose(weigh(array(0.1, 0.1), array(1, 10)), [0.1, 0.1])


def test_an_avoided_topic_takes_nothing_from_a_paper_that_is_not_about_it():
    np.testing.assert_allclose(penalties(array(0.1, 0.34, 0.44, 0.44), array(1, 1, 1, 2)), [0, 0, 0.1, 0.2], atol=1e-6)


def test_shares_are_cubes_of_the_height_above_the_floor():
    np.testing.assert_allclose(shares(array(0.55, 0.35, 0.15, 0.1)), [8 / 9, 1 / 9, 0, 0], atol=1e-6)
    np.testing.assert_allclose(shares(array(0.1, -0.5)), [0, 0])
