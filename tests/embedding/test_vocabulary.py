"""Word pieces of the embedded model, and how much each of them says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.embedding.vocabulary import Vocabulary
from digest.errors import SetupError
from tests.embedders import minilm_model


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return Vocabulary(minilm_model().folder)


def said(vocabulary: Vocabulary, text: str) -> float:
    (pieces,) = vocabulary.pieces([text])
    return float(vocabulary.rarity[pieces].sum())


def test_rare_words_say_more_than_common_ones(vocabulary):
    assert said(vocabulary, "the") == 0.0
    assert said(vocabulary, "the") < said(vocabulary, "paper") < said(vocabulary, "diffusion") < said(vocabulary, "deblurring")


def test_pieces_are_distinct_and_rise(vocabulary):
    (pieces,) = vocabulary.pieces(["image to image, Image"])
    assert len(pieces) == 3
    assert list(pieces) == sorted(set(pieces))


def test_a_long_text_keeps_all_its_pieces_and_loses_tokens_beyond_the_window(vocabulary):
    text = "image " * 600 + "diffusion"
    (pieces,) = vocabulary.pieces([text])
    (tokens,) = vocabulary.tokens([text], 256)
    assert len(pieces) == 2
    assert len(tokens) == 256


odd = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=30)
texts = st.lists(st.one_of(st.sampled_from("Super-resolution, the é Σ 图像 [MASK] [CLS]x\n\x1c e\u0301 ﬁne".split(" ")), odd), max_size=9)


@given(text=texts.map(" ".join))
def test_pieces_word_by_word_are_those_of_the_whole_text(vocabulary, text):
    (whole,) = vocabulary.tokens([text], 10_000)
    assert vocabulary.pieces([text])[0].tolist() == sorted({*whole[1:-1]})


def test_an_empty_text_has_no_pieces(vocabulary):
    (pieces,) = vocabulary.pieces([""])
    assert len(pieces) == 0
    assert vocabulary.pieces([]) == []


def test_a_model_without_a_tokenizer_file_is_told(tmp_path):
    with pytest.raises(SetupError, match=r"tokenizer\.json"):
        Vocabulary(tmp_path).pieces(["text"])
