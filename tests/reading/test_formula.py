"""Formulas as they are written: scripts, fractions, limits, accents; and what is a script in the text."""

import pytest

from digest.reading.formula import write
from digest.reading.mathmark import mark
from digest.reading.page import Span
from tests.reading.make import span

MATH = frozenset({"CMMI10", "CMSY10", "CMEX10"})


def math(text: str, x: float, y: float = 100.0, size: float = 10.0, width: float = 5.0, font: str = "CMMI10") -> Span:
    return span(text, x, y, size=size, font=font)._replace(x1=x + width)


def up(text: str, x: float, width: float = 4.0) -> Span:
    return math(text, x, 96, 7, width)


def down(text: str, x: float, width: float = 4.0) -> Span:
    return math(text, x, 102, 7, width)


@pytest.mark.parametrize(
    ("spans", "written"),
    [
        ([math("x", 50), down("i", 55), up("2", 55)], "x_{i}^{2}"),
        ([math("e", 50), up("−λ", 55, 8), up("t", 63)], "e^{−λt}"),
        ([math("x", 50), up("′", 55), math("+y", 60)], "x′+y"),
        ([math("y =", 50, width=15), math("a", 70, 93), math("b", 70, 107), math("+c", 78)], r"y =\frac{a}{b} +c"),
        ([math("=", 50), up("1", 58), down("2", 58)], r"=\frac{1}{2}"),
        ([down("i", 48), down("=1", 52, 8), math("∑", 50, 92.5, width=10, font="CMEX10"), math("w", 64)], "∑_{i=1} w"),
        ([math("x", 50), math("ˆ", 51, width=4)], r"\hat{x}"),
        ([math(" ˜", 51, width=4), math("x", 50), math("y", 60)], r" \tilde{x}y"),
        ([math("=", 40), math("b", 51, 92.5, width=4, font="CMEX10"), math("Y", 50)], r"=\hat{Y}"),
        ([math("{a}", 50, width=15)], r"\{a\}"),
    ],
)
def test_what_stands_high_or_low_is_written_so(spans: list[Span], written: str) -> None:
    assert write(spans) == written


def test_scripts_of_scripts_are_nested() -> None:
    inner = math("k", 59, 103.5, 5, 3)
    assert write([math("x", 50), down("i", 55), inner, math("+1", 63, width=10)]) == "x_{i_{k}}+1"


def test_a_raised_number_in_the_text_font_is_a_script_and_the_end_of_an_ordinal_is_not() -> None:
    one = [span("it is invoked", 50), span("5", 115, 96, size=7), span(", then", 119)]
    assert mark(one, MATH, False) == "it is invoked$^{5}$, then"
    two = [span("the 28", 50), span("th", 80, 96, size=7), span(" conference", 88)]
    assert mark(two, MATH, False) == "the 28th conference"


def test_a_power_of_ten_keeps_its_exponent() -> None:
    spans = [span("a rate of 10", 50), math("−", 110, 96, 7, font="CMSY10"), span("4", 115, 96, size=7), span(" was used", 120)]
    assert mark(spans, MATH, False) == "a rate of 10$^{−4}$ was used"
