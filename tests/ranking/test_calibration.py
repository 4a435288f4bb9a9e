from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.ranking.calibration import Background, Scale, scale

CURVE = Background(centre=0.32, spread=0.035)
relevances = st.floats(-2, 2)
samples = st.lists(st.floats(-1, 1), max_size=300)


@pytest.mark.parametrize(("relevance", "expected"), [(-1, 0), (0.32, 10), (0.40, 51), (0.48, 80), (0.56, 92), (0.64, 98), (1, 100)])
def test_an_empty_library_scores_by_the_shipped_background(relevance, expected):
    assert Scale(background=CURVE).score(relevance) == expected
    assert Scale(background=CURVE).closer_than(relevance) is None


@given(samples, relevances, relevances)
def test_a_score_never_falls_as_relevance_rises(sample, one, other):
    measured = scale(sample)
    low, high = sorted((one, other))
    assert 0 <= measured.score(low) <= measured.score(high) <= 100
    if len(sample) >= 100:
        assert 0 <= (measured.closer_than(low) or 0) <= (measured.closer_than(high) or 0) <= 1


@given(samples, relevances, st.randoms(use_true_random=False))
def test_the_order_of_the_reference_does_not_matter(sample, relevance, random):
    before = scale(sample).score(relevance)
    random.shuffle(sample)
    assert scale(sample).score(relevance) == before


def test_the_more_papers_of_the_library_are_closer_the_less_a_score_is_worth():
    near, far = scale([0.6] * 800), scale([0.1] * 800)
    assert near.score(0.5) < Scale().score(0.5) < far.score(0.5)


def test_closer_than_is_a_count_of_the_reference():
    measured = scale([i / 1000 for i in range(200)])
    assert measured.closer_than(0.150) == 0.75
    assert measured.closer_than(0.5) == 1.0


def test_the_best_misfit_of_a_library_that_nothing_fits_is_no_hit():
    measured = scale([0.05 + 0.2 * i / 800 for i in range(800)], CURVE)
    assert measured.closer_than(0.25) == 1.0
    assert measured.score(0.25) < 50


def test_half_of_papers_at_large_lie_below_the_middle_of_the_background():
    assert CURVE.above(CURVE.centre) == 0.5
    assert CURVE.above(CURVE.centre + 2.94 * CURVE.spread) == pytest.approx(0.05, abs=1e-3)
