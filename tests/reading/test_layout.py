"""Rows, reading order, running heads and footnotes, told on records."""

from hypothesis import given
from hypothesis import strategies as st

from digest.reading import furniture, layout, notes
from digest.reading.page import Graphic, Line
from digest.reading.rows import Row, make_row, measure, rows
from digest.records import Box
from tests.reading.make import HEIGHT, line, made, page, row, span

LEFT = [row(f"left column row {i} of the text", 50, 100 + 12 * i, width=240) for i in range(8)]
RIGHT = [row(f"right column row {i} of the text", 310, 100 + 12 * i, width=240) for i in range(8)]


def texts(runs: list[list[Row]]) -> list[str]:
    return [one.text for run in runs for one in run]


def test_the_left_column_is_read_before_the_right() -> None:
    across = [one for pair in zip(LEFT, RIGHT, strict=True) for one in pair]
    assert texts(layout.columns(across, made())) == texts([LEFT, RIGHT])


def test_a_row_across_both_columns_parts_the_page() -> None:
    wide = row("a heading that runs across both columns of the page", 50, 145, width=500)
    order = texts(layout.columns([*LEFT, *RIGHT, wide], made()))
    upper = [one.text for one in [*LEFT[:4], *RIGHT[:4]]]
    assert order == [*upper, wide.text, *(one.text for one in [*LEFT[4:], *RIGHT[4:]])]


def test_short_last_lines_of_one_column_make_no_second() -> None:
    single = [row("a full line of the only column", 50, 100 + 12 * i, width=500 if i % 3 else 150) for i in range(12)]
    assert len(layout.columns(single, made(column=500))) == 1


@given(st.permutations([*LEFT, *RIGHT]))
def test_the_order_of_the_file_does_not_matter(shuffled: list[Row]) -> None:
    assert texts(layout.columns(shuffled, made())) == texts([LEFT, RIGHT])


def test_parts_of_one_line_become_one_row_with_a_space() -> None:
    parts = [line("where the limit", 50), line("exists", 128), line("(5)", 280)]
    assert [one.text for one in rows(page(*parts), parts)] == ["where the limit exists", "(5)"]


def test_a_numerator_joins_the_line_that_it_stands_in() -> None:
    prose, numerator = row("half of it is 2 as one sees at once", 50, 100), row("1", 120, 95.5, size=7)
    assert len(layout.settle([numerator, prose])) == 1


def test_a_running_head_is_told_by_coming_back() -> None:
    pages = [page(number=number) for number in (1, 2, 3)]
    heads = [[row(f"Journal of Gutters {number}", 200, 40, page=number)] for number in (1, 2, 3)]
    keys = furniture.running(list(zip(pages, heads, strict=True)))
    assert all(furniture.is_furniture(head[0], one, keys, 10.0) for one, head in zip(pages, heads, strict=True))
    assert not furniture.is_furniture(row("A row of the body, once", 50, 40), pages[0], keys, 10.0)


def test_page_numbers_go_and_numbers_in_the_text_stay() -> None:
    assert furniture.is_furniture(row("- 12 -", 300, HEIGHT - 20), page(), set(), 10.0)
    assert not furniture.is_furniture(row("12", 300, 400), page(), set(), 10.0)


def test_line_numbers_of_a_review_copy_are_dropped_and_a_column_of_a_table_is_not() -> None:
    prose = line("prose", 50)
    numbers = [line(f"{i:03}", 20, 100 + 12 * i) for i in range(12)]
    table = [line(str(7 * i % 11), 300, 100 + 12 * i) for i in range(12)]
    assert furniture.without_line_numbers([prose, *numbers, *table]) == [prose, *table]


def test_small_print_after_a_mark_at_the_foot_is_a_footnote() -> None:
    mark = span("1", 50, 700, size=5.0)
    note = rows(page(), [Line(9, (1.0, 0.0), (50, 690, 200, 702), (mark, span("See the appendix.", 54, 702, size=8)))])[0]
    body, below = notes.footnotes([*LEFT, note], made(), height=HEIGHT)
    assert (body, below) == (LEFT, [note])


def test_a_note_in_the_size_of_the_body_is_told_by_its_number_and_the_white_above_it() -> None:
    last = row("The last line of the text.", 50, 600, width=240)
    far, near = (make_row(1, 0, [span("1", 50, y - 4, size=6.0), span("The threshold is that of the authors.", 54, y)]) for y in (620, 612))
    assert notes.footnotes([last, far], made(), height=HEIGHT) == ([last], [far])
    assert notes.footnotes([last, near], made(), height=HEIGHT) == ([last, near], [])


def test_rules_under_running_heads_are_no_part_of_a_page() -> None:
    head, own = Graphic("path", (50, 60, 560, 60.4)), Graphic("path", (50, 72, 300, 72.4))
    pages = [page(graphics=[head, own]), page(graphics=[head]), page(graphics=[head])]
    assert [one.graphics for one in furniture.without_rules(pages)] == [(own,), (), ()]
    assert furniture.without_rules(pages[:2]) == pages[:2]


def test_an_abstract_in_small_print_under_addresses_is_no_footnote() -> None:
    address = make_row(1, 0, [span("3", 50, 596, size=5.0), span("University of London", 54, 600, size=9.0)])
    abstract = row("Abstract. In this paper we consider gutters.", 50, 640, size=9.0)
    assert notes.footnotes([*LEFT, address, abstract], made(), height=HEIGHT) == ([*LEFT, address, abstract], [])


def test_references_with_raised_numbers_are_no_footnotes() -> None:
    entries = [
        make_row(5, 0, [span("7", 50, 596 + 12 * i, size=5.0), span("Lovelace. Notes.", 54, 600 + 12 * i, size=8.0)]) for i in range(4)
    ]
    assert notes.footnotes(entries, made(), height=HEIGHT, listed=True) == (entries, [])


def test_the_print_of_a_document_is_measured_by_its_long_lines() -> None:
    captions = [row("Figure 1. A caption in smaller print than all else.", 50, 500, size=8)]
    body = [row("a row of the body of more than thirty letters", 50, 100 + 12 * i, width=240) for i in range(9)]
    found = measure([*body, *captions])
    assert (found.size, found.column, found.leading, found.font) == (10.0, 240.0, 12.0, "Times")


def box(rows: list[Row], x1: float, height: float, *, above: bool) -> Box:
    top = rows[0].y0 - height - 4 if above else rows[-1].y1 + 4
    return (rows[0].x0, top, x1, top + height)


def test_a_float_on_top_of_a_column_stands_before_its_first_row() -> None:
    assert layout.next_row(box(RIGHT, 550, 40, above=True), [LEFT, RIGHT]) is RIGHT[0]
    assert layout.next_row(box(LEFT, 550, 40, above=True), [LEFT, RIGHT]) is LEFT[0]


def test_a_float_at_the_foot_of_the_left_column_stands_before_the_right_and_one_across_the_foot_after_all() -> None:
    assert layout.next_row(box(LEFT, 290, 40, above=False), [LEFT, RIGHT]) is RIGHT[0]
    assert layout.next_row(box(LEFT, 550, 40, above=False), [LEFT, RIGHT]) is None


def test_a_mark_between_two_lines_goes_to_the_one_it_stands_in() -> None:
    upper, lower = row("as any algorithm does, it ends", 50, 100, width=240), row("when nothing is left to do for it", 50, 112, width=240)
    found = layout.settle([upper, lower, row("2", 130, 108.4, size=7)])
    assert [one.words for one in found] == [upper.words, lower.words]
    assert "2" in found[1].text


def test_a_large_initial_is_joined_to_its_word() -> None:
    initial = make_row(1, 0, [span("H", 50, 119, size=36)._replace(x1=76)])
    beside = [row(text, 78, 100 + 12 * i, width=210) for i, text in enumerate(("uman reading relies on a mixture", "of many things and"))]
    found = layout.settle([initial, *beside, row("of much patience, too, as one says", 50, 136, width=240)])
    assert [one.text[:12] for one in found] == ["Human readin", "of many thin", "of much pati"]


def test_notes_in_the_margin_are_small_and_beside_the_text() -> None:
    assert notes.in_margin(row("Editor: someone", 10, size=7, width=30), made())
    assert not notes.in_margin(row("3.1", 10, size=10, width=30), made())
    assert not notes.in_margin(row("small print in the column", 60, size=7), made())
