from __future__ import annotations

import dataclasses

import numpy as np

from digest.ranking.diversity import pick, shared_out
from digest.records import Paper, Ranked, Reason, ReasonKind

SAME, OTHER, THIRD = [1.0, 0, 0], [0, 1.0, 0], [0, 0, 1.0]


def ranked(count: int) -> list[Ranked]:
    return [Ranked(paper=Paper(id=str(i), title="", abstract=""), score=90 - i, relevance=0.9 - i / 100) for i in range(count)]


def picked(vectors: list[list[float]], *, top_k: int = 3, max_alike: int = 2, explore: int = 0) -> list[str]:
    rows = np.array(vectors, dtype=np.float32).reshape(-1, 3)
    return [item.paper.id for item in pick(ranked(len(vectors)), rows, top_k=top_k, max_alike=max_alike, explore=explore)]


def test_a_third_near_copy_is_passed_over():
    assert picked([SAME, SAME, SAME, OTHER]) == ["0", "1", "3"]
    assert picked([SAME, SAME, SAME, OTHER], max_alike=3) == ["0", "1", "2"]


def test_fewer_papers_than_places_are_all_taken_but_near_copies():
    assert picked([]) == []
    assert picked([SAME]) == ["0"]


def test_the_place_to_explore_goes_to_what_is_least_like_the_rest_and_says_so():
    vectors = [SAME, SAME, [0.6, 0.8, 0], THIRD, OTHER, OTHER, OTHER, OTHER]
    assert picked(vectors, explore=1) == ["0", "1", "3"]
    found = pick(ranked(8), np.array(vectors, dtype=np.float32), top_k=3, max_alike=2, explore=1)
    assert found[-1].reasons[0].kind is ReasonKind.EXPLORE


def test_a_digest_of_one_place_does_not_explore():
    assert picked([SAME, OTHER, THIRD], top_k=1, explore=1) == ["0"]


def test_what_likes_brought_takes_half_of_the_places_at_most():
    brought = Reason(interest="an old paper", share=0.6, sentence="", kind=ReasonKind.LIKED)
    papers = [dataclasses.replace(item, reasons=(brought,) if i < 5 else ()) for i, item in enumerate(ranked(8))]
    apart = np.eye(8, dtype=np.float32)
    assert [item.paper.id for item in pick(papers, apart, top_k=4, max_alike=2, explore=0)] == ["0", "1", "5", "6"]


def test_no_place_is_kept_for_a_paper_that_is_no_good():
    assert shared_out([True, True, True, False, False], [True, True, True, True, False], places=4) == [0, 1, 3, 2, 4]
