import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.publishing.math import to_mathml
from tests.publishing.hostile import Page

_PIECES = [
    *(
        r"\frac",
        r"\sqrt",
        "{",
        "}",
        "[",
        "]",
        "_",
        "^",
        "x",
        "1",
        r"\left",
        r"\right",
        "(",
        "|",
        "&",
        r"\\",
        r"\text{",
        r"\mathbf",
        r"\color",
    ),
    *(
        r"\href{javascript:x}",
        r"\style{a:b}",
        r"\class{c}",
        r"\limits",
        r"\genfrac",
        r"\binom",
        r"\rule",
        r"\begin{matrix}",
        r"\end{matrix}",
    ),
    *(
        r"\unicode{x3c}",
        "<script>",
        "&#x3c;",
        "'",
        '"',
        "中",
        r"\newcommand",
        r"\def\a{\a\a}",
        r"\operatorname{",
        r"\middle",
        r"\kern",
        "%",
    ),
]


def test_a_formula_becomes_mathml():
    assert to_mathml("x^2") == '<math display="inline"><mrow><msup><mi>x</mi><mn>2</mn></msup></mrow></math>'


def test_markup_inside_a_formula_is_text():
    page = Page(to_mathml(r"\text{<script>alert(1)</script>}") or "")
    assert page.tags == ["math", "mrow", "mtext"]
    assert page.text == "<script>alert(1)</script>"


def test_links_and_styles_of_a_formula_are_dropped():
    assert "javascript" not in (to_mathml(r"\href{javascript:alert(1)}{x}") or "")
    assert "url" not in (to_mathml(r"\style{background:url(//a.b)}{x}") or "")


def test_a_pair_of_bars_has_one_size():
    assert (to_mathml(r"\lVert x\rVert") or "").count('<mo stretchy="false">‖</mo>') == 2


@pytest.mark.parametrize("latex", ["", r"\frac{1}{", r"\foo{x}", r"a & b", "x" * 2001, "{" * 41 + "}" * 41, r"\newcommand{\a}{\a\a}\a"])
def test_what_cannot_be_converted_whole_is_refused(latex):
    assert to_mathml(latex) is None


@given(st.lists(st.sampled_from(_PIECES), max_size=10).map("".join))
def test_any_formula_is_refused_or_becomes_mathematics_and_nothing_else(latex):
    page = Page(to_mathml(latex) or "")
    assert all(tag.startswith("m") or tag == "none" for tag in page.tags)
    assert not {name for _, name, _ in page.attributes} & {"href", "style", "class", "id", "mathcolor", "mathbackground"}
