from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.library.excerpt import excerpt
from digest.library.places import headings
from digest.library.search import Hit, Why
from tests.library.examples import paper

ROWS = [
    "Table 2: Quality on two sets.",
    " | Set5 | Set5",
    "Model | ×2 | ×4",
    "Ours | 38.1 | 32.5",
    "Theirs | 37.5 | 31.9",
    "Old | 36.0 | 30.1",
]


def hit(text: str, marked: str, kind: str) -> Hit:
    start = text.index(marked)
    known = paper()
    return Hit(paper=known, page=3, section="", kind=kind, passage=text, score=1.0, mark=(start, start + len(marked)), why=Why.BOTH)


def test_a_row_is_shown_below_its_headings():
    shown = excerpt(hit("\n".join(ROWS), ROWS[4], "table"), size=400)
    assert "".join(shown).split("\n") == [ROWS[0], "Set5", ROWS[2], "…", *ROWS[4:]]
    assert shown.marked == ROWS[4]


def test_a_caption_that_answers_is_shown_with_the_first_rows():
    shown = excerpt(hit("\n".join(ROWS), ROWS[0], "table"), size=400)
    assert (shown.before, shown.marked, shown.after) == ("", ROWS[0], "\n" + "\n".join(["Set5", *ROWS[2:5]]))


@pytest.mark.parametrize(
    ("lines", "count"),
    [(ROWS, 3), (["Table 1: Names.", "a | b", "c | d", "e | f"], 2), (["Table 1: One.", "1 | 2"], 2), (["Table 1: Nothing."], 1), ([], 0)],
)
def test_what_stands_above_the_first_row_of_numbers_is_headings(lines, count):
    assert headings(lines) == count


@given(st.text(alphabet="ab. ", min_size=1, max_size=300), st.integers(0, 299), st.integers(1, 40), st.sampled_from(["method", "table"]))
def test_the_marked_words_are_shown_as_they_are(text, start, length, kind):
    marked = text[start : start + length] or text[:1]
    found = hit(text, marked, kind)
    shown = excerpt(found, size=120)
    assert shown.marked == marked
