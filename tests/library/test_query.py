from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.library.query import Query, paper_name, parse, taken


def asked(text: str) -> dict[str, object]:
    """The fields of the query that are not empty."""
    query = parse(text)
    return {name: value for name in Query.__slots__ if (value := getattr(query, name)) not in ((), None, "")}


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("diffusion models", {"text": "diffusion models"}),
        ('a "score network" b', {"text": "a score network b", "phrases": ("score network",)}),
        ("图像复原的“扩散模型”", {"text": "图像复原的 扩散模型", "phrases": ("扩散模型",)}),
        ("flow -GAN", {"text": "flow", "excluded": ("GAN",)}),
        ('flow -"optimal transport"', {"text": "flow", "excluded": ("optimal transport",)}),
        ("2601.20742", {"ids": ("2601.20742",)}),
        ("arXiv:2601.20742v2 training data", {"ids": ("2601.20742",), "text": "training data"}),
        ("https://arxiv.org/abs/2601.20742v1", {"ids": ("2601.20742",)}),
        ("hep-th/9901001v3", {"ids": ("hep-th/9901001",)}),
        ("math.GT/0309136", {"ids": ("math/0309136",)}),
        ("doi:10.1109/CVPR.2023.1", {"ids": ("doi:10.1109/cvpr.2023.1",)}),
        ("id:file:ab12", {"ids": ("file:ab12",)}),
        ('author:"Kaiming He" masks', {"authors": ("Kaiming He",), "text": "masks"}),
        ("作者：何恺明", {"authors": ("何恺明",)}),
        ("cat:cs.CV category:cs.LG", {"categories": ("cs.CV", "cs.LG")}),
        ("source:hf is:liked 状态:已读", {"sources": ("hf",), "states": ("liked", "read")}),
        ("in:method 章节:实验 in:exp,res", {"kinds": ("method", "experiments", "experiments", "results")}),
        ("since:2026-01-20 until:2026-02", {"since": dt.date(2026, 1, 20), "until": dt.date(2026, 2, 28)}),
        ("since:2026 until:2026", {"since": dt.date(2026, 1, 1), "until": dt.date(2026, 12, 31)}),
        ("score:80", {"least_score": 80}),
        ("score:>80 score:<=90", {"least_score": 81, "most_score": 90}),
        ("score:60-80", {"least_score": 60, "most_score": 80}),
    ],
)
def test_a_query_is_understood(text, meant):
    assert asked(text) == meant


@pytest.mark.parametrize(
    "text",
    "state-of-the-art|a - b|-5 dB|since:banana|since:2026-13|since:2026-02-30|is:odd|score:high|in:zz|title:x|1.5|2613.20742".split("|"),
)
def test_what_is_no_syntax_is_words(text):
    assert dataclasses.replace(parse(text), misread=()) == Query(text=text)


@pytest.mark.parametrize(("text", "words"), [('"unclosed phrase', "unclosed phrase"), ('""', ""), ('-""', ""), ("author:", "author:")])
def test_half_a_syntax_is_forgiven(text, words):
    assert parse(text) == Query(text=words)


@given(st.text())
def test_any_text_is_a_query_and_loses_no_word_of_letters(text):
    query = parse(text)
    if text.isalpha():
        assert query == Query(text=text)


@given(
    st.from_regex(r"[0-9]{2}0[1-9]\.[0-9]{5}", fullmatch=True),
    st.sampled_from(["", "v1", "v12"]),
    st.sampled_from(["", "arXiv:", "http://arxiv.org/pdf/"]),
)
def test_an_arxiv_id_is_found_in_every_form(number, version, before):
    assert paper_name(f"{before}{number}{version}") == number


def test_options_narrow_what_the_query_asks():
    query = parse("cat:cs.CV is:liked x").narrowed(categories=("cs.LG",), states=(), since=None, until=dt.date(2026, 1, 1))
    assert query == Query(text="x", categories=("cs.CV", "cs.LG"), states=("liked",), until=dt.date(2026, 1, 1))
    assert query.is_filtered
    assert not parse("x").is_filtered


@pytest.mark.parametrize(
    ("piece", "takes"),
    [("in:nothing", "method"), ("is:good", "liked"), ("score:high", "<80"), ("since:yesterday", "2026-01"), ("章节：无", "method")],
)
def test_a_filter_with_a_value_it_does_not_take_is_words_and_told(piece, takes):
    query = parse(f"diffusion {piece}")
    assert query.text == f"diffusion {piece.replace('：', ':')}"
    assert [takes in taken(one) for one in query.misread] == [True]
    assert not query.is_filtered
    assert parse("diffusion note:this in: method").misread == ()
