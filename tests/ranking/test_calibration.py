from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.ranking.calibration import AT_LARGE, OF_A_FIELD, Scale, scale

relevances = st.floats(-2, 2)
samples = st.lists(st.floats(-1, 1), max_size=300)


@pytest.mark.parametrize(("relevance", "expected"), [(-1, 0), (0.22, 6), (0.4, 54), (0.5, 73), (0.6, 85), (0.7, 92), (0.8, 96), (2, 100)])
def test_an_empty_library_scores_as_a_field_would(relevance, expected):
    assert Scale().score(relevance) == expected
    assert scale([]) == Scale()
    assert Scale().closer_than(relevance) is None


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
    measured = scale([0.05 + 0.2 * i / 800 for i in range(800)])
    assert measured.closer_than(0.25) == 1.0
    assert measured.score(0.25) < 50


def test_one_paper_in_a_hundred_keeps_its_score_while_the_library_grows_from_a_day_to_a_month():
    moved = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        papers = np.where(rng.random(800) < 0.9, rng.logistic(0.2, 0.035, 800), rng.logistic(0.45, 0.07, 800))
        scores = [scale(papers[:seen]).score(float(np.quantile(papers, 0.99))) for seen in (80, 160, 320, 640, 800)]
        moved.append(max(scores) - min(scores))
    assert np.mean(moved) < 5
    assert max(moved) < 15


@given(samples)
def test_the_tail_begins_where_counting_ends(sample):
    measured = scale(sample)
    assert measured.decay > 0
    assert measured.score(measured.edge) - measured.score(measured.edge + 1e-6) in (-1, 0)


@pytest.mark.parametrize("curve", [AT_LARGE, OF_A_FIELD])
def test_a_background_is_a_logistic_curve(curve):
    assert curve.above(curve.centre) == 0.5
    assert curve.above(curve.centre + 2.94 * curve.spread) == pytest.approx(0.05, abs=1e-3)
    assert curve.above(curve.passed_by(0.2)) == pytest.approx(0.2)
