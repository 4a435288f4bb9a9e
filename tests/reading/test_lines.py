"""Lines put together from two readings of a page."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from digest.reading import lines


def part(text: str, x0: float, x1: float, font: str = "Times") -> dict[str, Any]:
    return {
        "text": text,
        "font": font,
        "size": 10.0,
        "flags": 0,
        "char_flags": 16,
        "color": 0,
        "alpha": 255,
        "bbox": (x0, 90.0, x1, 102.0),
        "origin": (x0, 100.0),
    }


def content(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"blocks": [{"lines": [{"dir": (1.0, 0.0), "bbox": (50.0, 90.0, 300.0, 102.0), "spans": list(parts)}]}]}


def spans(text: str, *parts: dict[str, Any]) -> list[str]:
    (line,) = lines.lines(content(*parts), [text])
    return [span.text for span in line.spans]


def test_words_go_to_the_print_they_are_set_in() -> None:
    parts = part("weightof", 50, 90), part("x", 95, 100, "CMMI10"), part("isbold", 105, 140, "Times-Bold")
    assert spans("weight of x is bold", *parts) == ["weight of", " x", " is bold"]


def test_spaces_that_only_the_bare_reading_has_take_no_letter_from_the_next_print() -> None:
    assert spans("ab", part("a b", 50, 70), part(" ", 60, 72), part("", 70, 72)) == ["ab", "", ""]


def test_there_is_no_space_between_an_accent_and_the_letter_under_it() -> None:
    assert spans("set ˜ M of", part("set", 50, 64), part("˜", 69, 74), part("M", 68, 78), part("of", 82, 92)) == ["set", " ˜", "M", " of"]


def test_bold_is_told_by_the_name_of_the_font_too() -> None:
    (line,) = lines.lines(content(part("a", 50, 55, "NimbusRomNo9L-Medi"), part("b", 55, 60)), ["ab"])
    assert [span.bold for span in line.spans] == [True, False]


@given(st.lists(st.lists(st.text("ab ", min_size=1, max_size=4), min_size=1, max_size=4), min_size=1, max_size=5))
def test_nothing_of_a_line_is_lost(words: list[list[str]]) -> None:
    text = " ".join(" ".join(some) for some in words)
    parts = [part("".join(some), 100.0 * i, 100.0 * i + 90) for i, some in enumerate(words)]
    assert "".join(spans("x" + text, part("x", -20, -10), *parts)) == "x" + text


def test_two_readings_are_the_same_but_for_spaces() -> None:
    assert lines.same(["ab", "c"], ["a b", "c"])
    assert not lines.same(["ab", "c"], ["a", "bc"])
