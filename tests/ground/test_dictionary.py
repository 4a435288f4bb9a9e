from __future__ import annotations

import pytest

from digest.dictionary import is_word, meaning
from digest.glossary import Glossary

QUESTIONS = Glossary.load(words=True)


@pytest.mark.parametrize(
    ("word", "english"),
    [
        ("小麦", "wheat"),
        ("平方根", "square root"),
        ("神经元", "neuron"),
        ("北京", ""),  # a place
        ("超分辨率", ""),  # a term of the field, not an everyday word
    ],
)
def test_a_word_has_its_first_short_meaning(word, english):
    assert meaning(word) == english
    assert is_word(word) == bool(english)


def test_a_question_is_read_with_the_terms_of_the_field_first_and_everyday_words_between_them():
    said = QUESTIONS.translate("小麦热胁迫试验从开花后第几天开始升温")
    assert said.text.split()[0] == "wheat"
    assert "bloom" in said.text
    assert QUESTIONS.translate("扩散模型的平方根").text == "diffusion model square root"


def test_an_interest_is_read_with_the_terms_of_the_field_alone():
    assert Glossary.load().translate("小麦的扩散模型").missed == ("小麦",)
