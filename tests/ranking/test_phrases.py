from __future__ import annotations

import pytest

from digest.ranking.phrases import in_common, phrases, telling
from tests.embedders import WordLengthEmbedder

TOY = WordLengthEmbedder()


def test_a_phrase_is_two_words_with_nothing_between_them():
    assert phrases("Flow matching, and super-resolution. Models") == {("flow", "matching"), ("and", "super"), ("super", "resolution")}


def test_singular_and_plural_are_one_phrase():
    assert phrases("diffusion models") == phrases("Diffusion Model")


def test_chinese_has_no_phrases():
    assert phrases("流匹配与扩散模型") == frozenset()
    assert telling("流匹配与扩散模型", TOY) == {}


def test_one_phrase_of_a_list_says_more_than_its_part():
    wanted = telling("aa bbb, cccc ddddd", TOY)
    assert in_common(wanted, phrases("cccc ddddd")) == pytest.approx(0.5**0.5 * 22 / 24)
    assert in_common(wanted, phrases("bbb aa")) == 0


def test_words_of_grammar_make_no_phrase():
    embedder = WordLengthEmbedder()
    embedder.rarity[2] = 0.0
    assert set(telling("of models, image restoration", embedder)) == {("image", "restoration")}


def test_phrases_of_a_whole_abstract_count_nothing():
    assert telling(" ".join("b" * n + "q" + "c" * m for n in range(1, 8) for m in range(1, 5)), TOY) == {}
