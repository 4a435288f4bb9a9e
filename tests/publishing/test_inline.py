from hypothesis import given
from hypothesis import strategies as st

from digest.publishing.inline import Mark, Span, brief, clean, metadata, model_text


def spans(text: str) -> list[tuple[str, str, bool]]:
    return [(span.mark.value, span.text, span.bold) for span in model_text(text).spans]


def test_bold_code_and_formulas_are_understood():
    assert spans("**模块** `WFNO` 用 $w_l$。") == [
        ("text", "模块", True),
        ("text", " ", False),
        ("code", "WFNO", False),
        ("text", " 用 ", False),
        ("math", "w_l", False),
        ("text", "。", False),
    ]


def test_a_formula_within_bold_text_stays_bold():
    assert spans(r"**$\ell_1$ 损失**") == [("math", r"\ell_1", True), ("text", " 损失", True)]


def test_prices_are_no_formulas():
    assert spans("from $5 to $10") == [("text", "from $5 to $10", False)]


def test_asterisks_that_mark_nothing_stay():
    assert spans("2 ** 3 and a** b") == [("text", "2 ** 3 and a** b", False)]


def test_all_four_ways_to_write_a_formula_are_known():
    assert [model_text(text).spans for text in ("$x$", "$$x$$", r"\(x\)", r"\[x\]")] == [(Span(Mark.MATH, "x"),)] * 4


def test_figures_in_dollars_are_text():
    assert metadata(r"gains $95.65\%$ at $4\times$").plain == "gains 95.65% at 4×"


def test_the_power_in_a_name_is_text():
    assert metadata("IR$^3$ and SR$^{2}$-Net").plain == "IR³ and SR²-Net"


def test_prose_between_stray_dollars_is_no_formula():
    assert spans("adds $21K more weights and then gains 2$ overall") == [
        ("text", "adds $21K more weights and then gains 2$ overall", False)
    ]


def test_text_is_folded_onto_one_line_without_what_cannot_be_shown():
    assert clean("a\n\n# b\tc\x00\u202e\ud800") == "a # b c"


def test_markup_in_a_title_is_text():
    assert metadata("The `**Best**` *Title*").spans == (Span(Mark.TEXT, "The `**Best**` *Title*"),)


def test_a_formula_inside_a_styled_title_survives():
    assert metadata(r"\textbf{$k$-means} revisited").spans == (Span(Mark.MATH, "k"), Span(Mark.TEXT, "-means revisited"))


def test_a_formula_inside_a_dropped_citation_is_dropped_with_it():
    assert metadata(r"as shown~\cite{a$x$b} here").plain == "as shown here"


@given(st.text(max_size=300), st.integers(min_value=2, max_value=120))
def test_a_brief_text_is_no_longer_than_it_may_be(text, limit):
    assert len(brief(model_text(text), limit).plain) <= limit + 1
