"""Captions, the regions of figures and tables, and the overview among them."""

from digest.reading import floats
from digest.reading.figures import figure, overview
from digest.reading.page import Graphic
from digest.reading.prose import Vocabulary, Writer
from digest.reading.rows import Row
from digest.records import Figure
from tests.reading.make import made, page, row, rows

WRITER = Writer(made(), Vocabulary([]))
CAPTION = row("Figure 2. A picture of a gutter.", 50, 300, size=9.0, width=200)


def prose(y: float, x: float = 50.0) -> list[Row]:
    return rows(*["and so it goes on over the whole of the column"] * 4, x=x, y=y, width=240.0, block=7)


def test_the_picture_above_a_caption_is_its_own() -> None:
    picture = Graphic("image", (50, 100, 290, 290))
    label = row("Encoder", 100, 150)
    parted = floats.part(page(graphics=[picture]), [label, CAPTION, *prose(340)], made())
    (found,) = parted.floats
    assert (found.box, found.rows) == ((50, 100, 290, CAPTION.y1), (label,))
    assert parted.body == prose(340)


def test_a_table_may_hang_under_its_caption() -> None:
    caption = row("Table 1. Numbers of gutters.", 50, 100, size=9.0, width=200)
    rules = [Graphic("path", (50, y, 290, y + 0.5)) for y in (110, 125, 160)]
    cells = rows("A 1", "B 2", y=135, size=8.0, block=3)
    (found,) = floats.part(page(graphics=rules), [caption, *cells, *prose(200)], made()).floats
    assert found.rows == tuple(cells)
    assert found.box == (50, caption.y0, 290, 160.5)


def test_a_table_that_only_one_caption_can_have_is_no_other_s() -> None:
    rules = [Graphic("path", (50, y, 290, y + 0.5)) for y in (100, 112, 140, 160, 172, 200)]
    first, second = (row(f"Table {i}. Numbers of gutters.", 50, y, size=9.0, width=200) for i, y in ((1, 152), (2, 212)))
    cells = [rows("A 1", "B 2", y=y, size=8.0, block=3) for y in (122, 182)]
    found = floats.part(page(graphics=rules), [*cells[0], first, *cells[1], second, *prose(240)], made()).floats
    assert [(one.caption.label, one.rows) for one in found] == [("Table 1", tuple(cells[0])), ("Table 2", tuple(cells[1]))]


def test_of_two_pictures_a_figure_has_the_one_over_its_caption() -> None:
    pictures = [Graphic("image", (50, 100, 290, 280)), Graphic("image", (50, 315, 290, 420))]
    under = row("Figure 3. Another picture of a gutter.", 50, 440, size=9.0, width=200)
    found = floats.part(page(graphics=pictures), [CAPTION, under], made()).floats
    assert [one.box[1] for one in found if one.box] == [100, 315]


def test_body_text_ends_the_search_for_a_picture() -> None:
    picture = Graphic("image", (50, 100, 290, 160))
    (found,) = floats.part(page(graphics=[picture]), [*prose(200), CAPTION], made()).floats
    assert found.box is None


def test_a_picture_in_the_other_column_belongs_to_nobody_here() -> None:
    picture = Graphic("image", (310, 100, 550, 290))
    (found,) = floats.part(page(graphics=[picture]), [CAPTION, *prose(340)], made()).floats
    assert found.box is None


def test_a_sentence_that_begins_with_figure_is_no_caption() -> None:
    body = [*prose(100), row("Figure 2 shows that it does, as we said", 50, 148, block=7, width=240)]
    assert floats.part(page(), body, made()).floats == []


def test_a_caption_loses_its_label_and_keeps_its_lines() -> None:
    lines = [CAPTION, row("It has a second line.", 50, 311, size=9.0)]
    (found,) = floats.part(page(), lines, made()).floats
    assert figure(found, WRITER) == Figure(page=1, label="Figure 2", caption="A picture of a gutter. It has a second line.")


def shown(label: str, caption: str, number: int = 2) -> Figure:
    return Figure(page=number, label=label, caption=caption, box=(50, 50, 300, 300))


def test_the_overview_is_the_figure_whose_caption_says_so() -> None:
    results = shown("Figure 1", "Qualitative comparison of results.", 1)
    method = shown("Figure 3", "Overview of the proposed framework.", 4)
    assert overview([results, method, shown("Table 1", "Overview of datasets.")]) == method


def test_a_paper_of_plots_has_no_overview() -> None:
    assert overview([shown("Figure 1", "Comparison of results."), shown("Figure 9", "A late picture.", 9)]) is None


def test_a_sentence_that_begins_like_a_caption_goes_back_to_the_body_where_a_picture_has_that_label() -> None:
    caption = floats.Caption("Figure 2", (row("Figure 2. It comprises three parts."),), "It comprises three parts.", (50, 90, 200, 102))
    drawn = floats.Float(caption=caption, box=(50.0, 20.0, 200.0, 102.0))
    said = floats.Float(caption=caption, box=None)
    first, second = floats.once([floats.Sorted(body=[], floats=[drawn], loose=[]), floats.Sorted(body=[], floats=[said], loose=[])])
    assert (first.floats, second.floats, second.body) == ([drawn], [], list(caption.rows))
