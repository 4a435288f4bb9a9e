"""Paragraphs, hyphens and formulas."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.reading import headings
from digest.reading.letters import clean
from digest.reading.mathmark import mark
from digest.reading.prose import Kind, Vocabulary, Writer, pieces, sew
from digest.reading.rows import make_row
from tests.reading.make import made, row, rows, span

MATH = frozenset({"CMMI10", "CMSY10"})


def writer(*texts: str) -> Writer:
    return Writer(made(), Vocabulary(texts))


@pytest.mark.parametrize(
    ("elsewhere", "left", "right", "joined"),
    [
        ("the convexity of it", "con-", "vexity", "convexity"),
        ("a full-matrix method", "full-", "matrix", "full-matrix"),
        ("the full matrix", "full-", "matrix", "full-matrix"),
        ("nothing of the kind", "full-", "matrix", "full-matrix"),
        ("nothing of the kind", "approxi-", "mation", "approximation"),
        ("nothing of the kind", "Navier-", "Stokes", "Navier-Stokes"),
        ("PageRank and PageRank", "Page-", "Rank", "PageRank"),
        ("nothing of the kind", "soft\u00ad", "ware", "software"),
        ("nothing of the kind", "a dash -", "here", "a dash - here"),
    ],
)
def test_a_hyphen_at_a_line_end_is_judged_by_the_paper_itself(elsewhere: str, left: str, right: str, joined: str) -> None:
    assert writer(elsewhere).join(left, right) == joined


def test_broken_halves_are_no_evidence_for_words() -> None:
    assert writer("we use approxi-", "mation and approxi-", "mation").join("approxi-", "mation") == "approximation"


def test_chinese_lines_join_without_a_space() -> None:
    assert writer().join("扩散模型", "可以生成图像") == "扩散模型可以生成图像"


def paragraphs(*found: str, **style: float) -> list[str]:
    column = rows(*found, width=240.0, **style)
    scheme = headings.scheme(column, made())
    return [piece.text for piece in pieces(column, writer(), made(), scheme)]


def test_an_indented_row_begins_a_paragraph() -> None:
    first, second = row("It ends in the middle of", width=240), row("a line.", y=112, width=60)
    third, fourth = row("The next one is indented and", x=62, y=124, width=228), row("goes on.", y=136, width=50)
    scheme = headings.scheme([first], made())
    found = [piece.text for piece in pieces([first, second, third, fourth], writer(), made(), scheme)]
    assert found == ["It ends in the middle of a line.", "The next one is indented and goes on."]


def test_full_rows_make_one_paragraph() -> None:
    assert paragraphs("one row of it and", "another row and", "a third") == ["one row of it and another row and a third"]


def test_a_paragraph_is_sewn_over_columns_with_its_pages() -> None:
    scheme = headings.scheme([], made())
    one = list(pieces([row("It runs on to", width=240)], writer(), made(), scheme))
    two = list(pieces([row("the next page.", page=2, width=240)], writer(), made(), scheme))
    (whole,) = sew([*one, *two], writer())
    assert (whole.text, whole.starts) == ("It runs on to the next page.", ((0, 1), (14, 2)))


def test_a_formula_in_a_line_stands_between_dollar_signs() -> None:
    spans = [span("the weight ", 50), span("γ", 105, font="CMMI10"), span("l", 110, size=7, font="CMMI10"), span(" is learnt", 114)]
    assert mark(spans, MATH, False) == "the weight $γl$ is learnt"


def test_signs_and_numbers_in_math_fonts_stay_text() -> None:
    spans = [span("a factor of 4", 50), span("×", 115, font="CMSY10"), span(" more", 120)]
    assert mark(spans, MATH, False) == "a factor of 4× more"


def test_a_raised_number_after_a_full_stop_is_a_note_mark_and_goes() -> None:
    spans = [span("It works.", 50), span("1", 95, 96, size=6), span(" See below.", 98)]
    assert mark(spans, frozenset(), False) == "It works. See below."


def test_a_displayed_formula_stands_alone() -> None:
    formula = make_row(1, 0, [span("γ = α + β", 120, 112, font="CMMI10"), span(" (5)", 270, 112)])
    column = [row("It is defined as the sum of both of them:", width=240), formula, row("where both are known.", y=124, width=240)]
    found = list(pieces(column, writer(), made(), headings.scheme(column, made())))
    assert [piece.kind for piece in found] == [Kind.TEXT, Kind.FORMULA, Kind.TEXT]
    assert found[1].text == "$$γ = α + β (5)$$"


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("eﬃcient ﬁlter", "efficient filter"),
        ("𝜎 and 𝐱", "σ and x"),
        ("Universit´e", "Université"),
        ("a\u200bb\U000e0041c", "abc"),
        ("，x²…", "，x²…"),
    ],
)
def test_print_is_cleaned_with_care(raw: str, plain: str) -> None:
    assert clean(raw) == plain


@given(st.text())
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert clean(clean(text)) == clean(text)
