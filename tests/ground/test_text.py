from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.text import fold, sentences, shorten, words

pieces = [*"abAB19 .!?。！？”)]([\n=,;", "Fig. ", "et al. ", "e.g. ", "扩散", "\u3000", "$x$"]
prose = st.lists(st.sampled_from(pieces), max_size=40).map("".join)


@given(prose | st.text())
def test_sentences_lose_nothing_but_white_space(text):
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())


@given(prose)
def test_no_sentence_is_empty_or_has_stray_white_space(text):
    for sentence in sentences(text):
        assert sentence
        assert sentence == " ".join(sentence.split())


@pytest.mark.parametrize(
    "text",
    [
        "As Fig. 3 shows, it works.",
        "See Figs. 3 and 4, Eq. (2) and Sec. IV of the text.",
        "The method of Liu et al. [4] is slow.",
        "We use a prior, i.e. a Gaussian, here.",
        "J. Smith and A. B. Jones wrote it.",
        "It holds w.r.t. Theorem 1.",
        "Version 2.5 is out.",
        "Ours vs. DDPM at 4x.",
    ],
)
def test_a_full_stop_that_ends_no_sentence_is_passed_over(text):
    assert sentences(text) == [text]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ('He said "yes." Then he left.', ['He said "yes."', "Then he left."]),
        ("It ends (here.) Then [4] begins.", ["It ends (here.)", "Then [4] begins."]),
        ("We set x = A. Then it follows.", ["We set x = A.", "Then it follows."]),
        ("It won in 2020. $O(n)$ is needed.", ["It won in 2020.", "$O(n)$ is needed."]),
        ("扩散模型很慢。我们加速它！为什么？因为“有用。”所以", ["扩散模型很慢。", "我们加速它！", "为什么？", "因为“有用。”", "所以"]),
        ("我们提出 DiffFNO。It is fast. 很好", ["我们提出 DiffFNO。", "It is fast.", "很好"]),
        ("  \n ", []),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text, expected):
    assert sentences(text) == expected


@pytest.mark.parametrize("hostile", ["a" * 200_000 + ". B", "A. " * 50_000, "." * 200_000, "a.b" * 60_000 + ". C", "”)" * 100_000 + ". D"])
def test_a_hostile_page_is_cut_in_linear_time(hostile):
    assert "".join("".join(sentences(hostile)).split()) == "".join(hostile.split())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("eﬃcient diﬀusion", "efficient diffusion"),
        ("“it’s”", '"it\'s"'),
        ("state‐of‑the–art", "state-of-the-art"),
        ("a — b", "a - b"),
        ("trans\u00adformer", "transformer"),
        ("30.88\u00a0dB\n at\t×4", "30.88 dB at ×4"),
        ("Ｆｕｌｌ　ｗｉｄｔｈ", "Full width"),
        ("−1", "-1"),
    ],
)
def test_what_reads_the_same_folds_to_the_same(one, other):
    assert fold(one) == fold(other) == other


@given(st.text())
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Super-Resolution at 30.88 dB (×4)", ["super-resolution", "at", "30.88", "db", "4"]),
        ("用扩散模型 DDPM", ["用", "扩", "散", "模", "型", "ddpm"]),
        ("Schrödinger's α-bridge", ["schrödinger's", "α-bridge"]),
        ("snake_case, e.g. C++", ["snake", "case", "e.g", "c"]),
        ("", []),
    ],
)
def test_words_are_what_a_reader_would_count(text, expected):
    assert words(text) == expected


@given(st.text(), st.integers(min_value=1, max_value=40))
def test_a_shortened_text_fits_and_starts_like_the_whole(text, limit):
    short = shorten(text, limit)
    assert len(short) <= limit
    assert "\n" not in short
    assert " ".join(text.split()).startswith(short.removesuffix("…"))


def test_a_text_is_cut_between_words():
    assert shorten("diffusion models for restoration", 20) == "diffusion models…"
    assert shorten("short", 20) == "short"
