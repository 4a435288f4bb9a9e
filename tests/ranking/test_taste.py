from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.ranking.backtest import backtest, ndcg
from digest.ranking.taste import learn
from digest.records import Paper
from tests.embedders import WordLengthEmbedder

TOY = WordLengthEmbedder()
AT_LARGE = ["aa", "ccc", "eeeee", "aa ccc"]


def paper(words: str) -> Paper:
    return Paper(id=words, title=words, abstract="")


def lean(liked: list[str], disliked: list[str], words: str, *, base: float = 0.0) -> float:
    taste = learn([paper(w) for w in liked], [paper(w) for w in disliked], TOY, at_large=AT_LARGE)
    assert taste is not None
    return sum(pull.amount for pull in taste.pulls(TOY.embed([words])[0], base=base))


def test_nothing_said_teaches_nothing():
    assert learn([], [], TOY, at_large=AT_LARGE) is None


def test_the_more_a_paper_is_like_a_liked_one_the_more_it_is_lifted():
    assert lean(["yyyy"], [], "yyyy") > lean(["yyyy"], [], "yyyy aa") > 0.05 > lean(["yyyy"], [], "aa")


def test_a_like_adds_little_to_what_a_written_interest_says_already():
    assert lean(["yyyy"], [], "yyyy", base=0.15) == lean(["yyyy"], [], "yyyy") > 0.3
    assert lean(["yyyy"], [], "yyyy", base=0.65) == pytest.approx((0.5**2 + lean(["yyyy"], [], "yyyy") ** 2) ** 0.5 - 0.5)


def test_many_likes_of_one_topic_weigh_as_one_interest():
    many = [word * 4 for word in "bcdefghijkmnopqrstuvwxyz"]
    assert lean(many[:1], [], "aaaa") < lean(many, [], "aaaa") < 0.5


def test_the_reader_says_what_likes_count_beside_the_written_interests():
    full, half = (learn([paper("yyyy")], [], TOY, at_large=AT_LARGE, weight=weight) for weight in (1.0, 0.5))
    assert full is not None
    assert half is not None
    (whole,), (part,) = (taste.pulls(TOY.embed(["yyyy"])[0], base=0.0) for taste in (full, half))
    assert part.amount == pytest.approx(whole.amount / 2)
    assert learn([paper("yyyy")], [], TOY, at_large=AT_LARGE, weight=0) is None


def test_a_like_taken_as_a_dislike_turns_its_effect_around():
    assert lean([], ["yyyy"], "yyyy") == pytest.approx(-lean(["yyyy"], [], "yyyy"))


def test_what_moves_a_paper_is_named_after_the_example_most_like_it():
    taste = learn([paper("yyyy"), paper("aaaaaa")], [paper("zzzzzzz")], TOY, at_large=AT_LARGE)
    assert taste is not None
    (pull,) = taste.pulls(TOY.embed(["bbbbbb"])[0], base=0.0)
    assert (pull.kind, pull.name) == ("liked", "aaaaaa")
    (pull,) = taste.pulls(TOY.embed(["bbbbbbb"])[0], base=0.0)
    assert (pull.kind, pull.name) == ("disliked", "zzzzzzz")


def test_a_taste_can_be_learned_in_an_empty_library():
    taste = learn([paper("yyyy")], [], TOY, at_large=[])
    assert taste is not None
    assert taste.pulls(TOY.embed(["yyyy"])[0], base=0.0)[0].amount > 0


@given(st.lists(st.text("ab", min_size=1, max_size=9), min_size=1, max_size=6, unique=True), st.randoms(use_true_random=False))
def test_the_order_of_likes_does_not_matter_and_no_pull_is_unbounded(words, random):
    before = lean(words, [], words[0])
    shuffled = [*words]
    random.shuffle(shuffled)
    assert lean(shuffled, [], words[0]) == before
    assert -0.5 <= before <= 0.5


def test_ndcg_is_that_of_the_textbook():
    assert ndcg([True, False, True], top_k=3, wanted=2) == pytest.approx((1 + 0.5) / (1 + 1 / np.log2(3)))
    assert ndcg([False, True], top_k=1, wanted=1) == 0


def test_a_backtest_finds_with_feedback_what_the_profile_misses():
    liked = ["yyyy", "bbbb", "cccc"]
    others = ["aa", "ccc", "eeeee", "aa ccc", "ccc eeeee"]
    relevance = {**dict.fromkeys(others, 0.3), **dict.fromkeys(liked, 0.2)}
    gists = {words: TOY.embed([words])[0] for words in relevance}
    found = backtest(
        relevance, gists, liked, top_k=1, teach=lambda shown: learn([paper(w) for w in sorted(shown)], [], TOY, at_large=AT_LARGE)
    )
    assert (found.written.recall, found.written.missed) == (0.0, ("bbbb", "cccc", "yyyy"))
    assert (found.taught.recall, found.taught.ndcg, found.taught.missed) == (1.0, 1.0, ())
