"""Headings, kinds of sections, the front of a paper, references, passages."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.reading import front, headings, leads, references
from digest.reading.passages import MAX_PIECES, paged_sentences, passages, word_pieces
from digest.reading.prose import Kind, Piece, Vocabulary, Writer
from digest.reading.rows import Row, make_row
from digest.reading.sections import Part, parts
from digest.records import SectionKind
from digest.text import sentences
from tests.reading.make import made, row, rows, span

WRITER = Writer(made(), Vocabulary([]))
BODY = row("a line of the body that goes over the whole width", 50, 130, width=240)


def is_heading(one: Row, after: Row | None = BODY, *others: Row) -> bool:
    return headings.is_heading(one, None, after, headings.scheme([one, *others], made()), 240.0)


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("1. Introduction", {"bold": True}),
        ("3.2 Layer-wise Constraint", {"bold": True}),
        ("IV. PROTOCOL OPERATION", {}),
        ("Abstract", {"bold": True}),
        ("REFERENCES", {"size": 8.0}),
        ("A.1 Proofs", {"bold": True}),
        ("Appendix. Model specification", {"bold": True}),
        ("4. Results", {}),
        ("二、方法", {}),
    ],
)
def test_headings_of_many_houses_are_known(text: str, style: dict[str, Any]) -> None:
    assert is_heading(row(text, 50, 100, **style))


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("supplementary material.", {"font": "Times-Italic"}),
        ("which is why it is bold and no heading", {"bold": True}),
        ("It is a sentence of the body that ends here.", {"bold": True}),
        ("12", {"bold": True}),
        ("2 apples and pears", {}),
    ],
)
def test_lines_of_the_body_are_no_headings(text: str, style: dict[str, Any]) -> None:
    assert not is_heading(row(text, 50, 118, **style))


def test_lines_of_a_table_of_contents_are_no_headings() -> None:
    first, second = rows("1. Introduction 2", "2. Method 4", bold=True)
    assert not is_heading(first, second)


def test_numbers_that_begin_anew_are_a_list() -> None:
    assert headings.in_sequence(["1 Introduction", "3 Method", "3.1 Model", "1. First step", "4 Results"]) == [
        True,
        True,
        True,
        False,
        True,
    ]


def test_kinds_follow_the_words_and_else_the_place() -> None:
    titles = [
        "Abstract",
        "1 Introduction",
        "2 GutterNet",
        "2.1 Encoder",
        "3 Experiments",
        "3.1 Main findings",
        "4 Conclusion",
        "References",
        "Proofs",
    ]
    kinds = headings.kinds(list(zip(titles, headings.levels(titles), strict=True)))
    assert [kind.value for kind in kinds] == (
        "abstract introduction method method experiments experiments conclusion references appendix".split()
    )


def test_a_heading_without_a_number_stands_under_the_numbered_one() -> None:
    assert headings.levels(["1 Method", "1.1 Model", "A remark", "References"]) == [1, 2, 3, 1]


def piece(text: str, kind: Kind = Kind.TEXT, starts: tuple[tuple[int, int], ...] = ((0, 1),)) -> Piece:
    return Piece(kind=kind, text=text, page=starts[0][1], rows=(row(text),), starts=starts)


def test_an_abstract_may_run_in() -> None:
    (found,) = parts([piece("Abstract—We read columns.")])
    assert (found.title, found.kind, found.pieces[0].text) == ("Abstract", SectionKind.ABSTRACT, "We read columns.")


def test_names_are_parted_from_marks_and_addresses() -> None:
    names = [span("Ada Lovelace", 200, 130), span("1,2", 262, 126, size=6), span(" and Alan Turing", 272, 130), span("3", 350, 126, size=6)]
    first_page = [
        row("A Paper on Gutters", 150, 90, size=16.0, bold=True),
        make_row(1, 1, names),
        row("1University of London 2Bletchley Park", 200, 145),
        row("ada@example.org", 200, 160),
        row("Abstract", 150, 190, bold=True),
    ]
    found = front.find(first_page, made())
    assert (found.title, found.authors) == ("A Paper on Gutters", ("Ada Lovelace", "Alan Turing"))
    assert list(found.rows) == first_page[:4]


def test_a_subtitle_in_smaller_print_is_nobody() -> None:
    first_page = [
        row("STaR: A Paper", 150, 90, size=16.0, bold=True),
        row("Bootstrapping Reasoning With Reasoning", 150, 110, size=12.0),
        row("Ada Lovelace, Alan Turing", 200, 130),
        row("Abstract", 150, 190, bold=True),
    ]
    assert front.find(first_page, made()).authors == ("Ada Lovelace", "Alan Turing")


def test_references_in_brackets_are_parted_at_the_brackets() -> None:
    found = references.entries(rows("[1] A. Lovelace. Notes", "on the engine. 1843.", "[2] A. Turing. On numbers."), WRITER)
    assert found == ("[1] A. Lovelace. Notes on the engine. 1843.", "[2] A. Turing. On numbers.")


def test_references_without_numbers_are_parted_by_hanging_indents() -> None:
    hanging = [
        row("Lovelace, A. Notes on", 50, 100),
        row("the engine. 1843.", 60, 112),
        row("Turing, A. On numbers.", 50, 124),
        row("1936.", 60, 136),
    ]
    assert references.entries(hanging, WRITER) == ("Lovelace, A. Notes on the engine. 1843.", "Turing, A. On numbers. 1936.")


def part(*pieces: Piece) -> Part:
    return Part("1 Method", 1, 1, list(pieces), SectionKind.METHOD, [found for one in pieces for found in paged_sentences(one)])


def test_a_passage_is_on_the_page_of_its_first_word() -> None:
    over = piece("It begins on one page. It ends on the next.", starts=((0, 4), (23, 5)))
    assert [said.page for said in paged_sentences(over)] == [4, 5]
    (passage,) = passages([part(over)])
    assert (passage.page, passage.turns) == (4, ((23, 5),))
    assert passage.text[23:] == "It ends on the next."


@given(st.lists(st.integers(1, 120), min_size=1, max_size=12))
def test_passages_cover_the_text_in_whole_sentences(lengths: list[int]) -> None:
    text = " ".join("Word" + " word" * (length - 1) + "." for length in lengths)
    found = passages([part(piece(text))])
    assert " ".join(passage.text for passage in found) == text
    assert all(word_pieces(passage.text) <= MAX_PIECES for passage in found)
    assert [sentence for passage in found for sentence in sentences(passage.text)] == sentences(text)


def test_a_sentence_without_an_end_is_cut() -> None:
    found = passages([part(piece("word " * (2 * MAX_PIECES + 1)))])
    assert [len(passage.text.split()) for passage in found] == [MAX_PIECES, MAX_PIECES, 1]


def lead_of(*spans: Any, text: str) -> str:
    return leads.lead(text, [make_row(1, 0, spans)])


@pytest.mark.parametrize(
    ("style", "first", "rest", "title"),
    [
        ({"bold": True}, "Datasets.", "We use three.", "Datasets."),
        ({"bold": True}, "Label Smoothing", "During training it is used.", "Label Smoothing"),
        ({"font": "Times-Italic"}, "1) Route Request:", "A node asks.", "1) Route Request:"),
        ({"bold": True}, "Theorem 1.", "It holds for all rows.", ""),
        ({"bold": True}, "For the former,", "we use three.", ""),
        ({"font": "Times-Italic"}, "However, it was", "Never shown.", ""),
        ({}, "Datasets.", "We use three.", ""),
    ],
)
def test_a_paragraph_may_begin_with_its_heading(style: dict[str, Any], first: str, rest: str, title: str) -> None:
    assert lead_of(span(first + " ", **style), span(rest, 200), text=f"{first} {rest}") == title


def test_a_heading_in_its_paragraph_stands_under_the_one_before_and_stays_in_the_text() -> None:
    bold = make_row(1, 0, [span("Limitations. ", bold=True), span("It is slow.", 150)])
    heading = piece("5 Conclusion", Kind.HEADING)
    found = parts([heading, Piece(kind=Kind.TEXT, text="Limitations. It is slow.", page=1, rows=(bold,), starts=((0, 1),))])
    assert [(one.title, one.level, one.kind) for one in found] == [
        ("5 Conclusion", 1, SectionKind.CONCLUSION),
        ("Limitations.", 2, SectionKind.LIMITATIONS),
    ]
    assert found[1].pieces[0].text == "Limitations. It is slow."


def test_of_two_rows_of_numbers_the_later_one_numbers_the_sections() -> None:
    titles = ["1 University of London", "2 Bletchley Park", "1. Introduction", "2. Related Work", "2.1. Gutters", "3. Method"]
    assert headings.in_sequence(titles) == [False, False, True, True, True, True]
