"""With ``WordLengthEmbedder`` a word piece is the length of a word, and all are equally rare."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.ranking.evidence import topics_of, traits_of
from digest.records import Paper
from tests.embedders import WordLengthEmbedder

TOY = WordLengthEmbedder()


def relevance(topics: list[str], title: str, abstract: str = "") -> list[float]:
    (traits,) = traits_of([Paper(id="1", title=title, abstract=abstract)], TOY)
    return [float(value) for value in topics_of(topics, TOY).relevance(traits)[0]]


words = st.lists(st.text("abc", min_size=1, max_size=9), min_size=1, max_size=8).map(" ".join)
abstracts = st.lists(words, max_size=4).map(lambda group: ". ".join(sentence.capitalize() for sentence in group))


def test_a_topic_s_own_words_are_wholly_relevant():
    assert relevance(["aa. bbb. cccc"], "aa. bbb. cccc") == pytest.approx([1.0])


def test_a_phrase_in_common_says_more_than_its_words():
    assert relevance(["aa bbb"], "aa. bbb") == pytest.approx([1.0])
    assert relevance(["aa bbb"], "aa bbb") == pytest.approx([1 + 0.4 * (23 / 24) / 2.8])  # one of the 24 phrases an abstract has


def test_relevance_is_the_mean_of_whole_sentences_and_words():
    # whole: "aa. Aa ccc. Ccc" has two words of each length, cosine 2/sqrt(8); the title alone is 1; its one word is there
    assert relevance(["xx"], "aa", "Aa ccc. Ccc") == pytest.approx([(2 / 8**0.5 + 1 + 0.8) / 2.8], abs=1e-6)


def test_each_sentence_of_a_topic_finds_its_own_sentence():
    # one half is said in the first sentence, the other in the second: the sentences match though the wholes are alike as well
    assert relevance(["Aa. aa. Bbb. bbb."], "aa", "Bbb.") == pytest.approx([1.0])
    assert relevance(["Aa. aa. Bbb. bbb."], "aa") == pytest.approx([(0.5**0.5 + 0.5 + 0.4) / 2.8], abs=1e-6)


def test_words_in_common_count_by_their_rarity():
    embedder = WordLengthEmbedder()
    embedder.rarity[3] = 3.0  # "bbb" says three times as much as "aa"
    topics = topics_of(["aa bbb"], embedder)
    found = [
        float(topics.relevance(traits)[0][0])
        for traits in traits_of([Paper(id="1", title="aa", abstract=""), Paper(id="2", title="bbb", abstract="")], embedder)
    ]
    assert found[1] - found[0] == pytest.approx(0.8 * (3 / 4 - 1 / 4) / 2.8, abs=1e-6)


def test_the_sentence_shown_is_the_one_closest_to_the_whole_topic():
    (traits,) = traits_of([Paper(id="1", title="eeeee", abstract="Dddd dddd. Aa ccc. Aa dddd.")], TOY)
    _, closest = topics_of(["aa ccc", "dddd"], TOY).relevance(traits)
    assert [traits.sentences[i] for i in closest] == ["Aa ccc.", "Dddd dddd."]


def test_a_topic_without_words_is_about_nothing():
    assert relevance(["..."], "aa bbb") == pytest.approx([0.0])


def test_no_topics_are_no_relevance():
    (traits,) = traits_of([Paper(id="1", title="aa", abstract="")], TOY)
    found, closest = topics_of([], TOY).relevance(traits)
    assert found.shape == (0,)
    assert closest == []


def test_no_papers_have_no_traits():
    assert traits_of([], TOY) == []


@given(st.lists(words, min_size=1, max_size=5), words, abstracts)
def test_a_topic_is_judged_the_same_alone_as_beside_others(texts, title, abstract):
    together = relevance(texts, title, abstract)
    assert together == pytest.approx([relevance([text], title, abstract)[0] for text in texts], abs=1e-6)
    assert all(-1e-6 <= value <= 3.2 / 2.8 + 1e-6 for value in together)


@given(st.lists(st.builds(Paper, id=st.just("1"), title=words, abstract=abstracts), min_size=1, max_size=6))
def test_a_paper_has_the_same_traits_alone_as_among_others(papers):
    for paper, among in zip(papers, traits_of(papers, TOY), strict=True):
        (alone,) = traits_of([paper], TOY)
        assert alone.sentences == among.sentences
        np.testing.assert_array_equal(alone.whole, among.whole)
        np.testing.assert_array_equal(alone.by_sentence, among.by_sentence)
        np.testing.assert_array_equal(alone.pieces, among.pieces)
