"""Tables as rows."""

from digest.reading.floats import Caption, Float
from digest.reading.page import Graphic
from digest.reading.rows import Row, make_row
from digest.reading.tables import table
from digest.records import Figure, Table
from tests.reading.make import page, row, span

CAPTION = Caption("Table 1", (row("Table 1. Gutters."),), "Gutters.", (50, 80, 200, 90))
PICTURE = Figure(page=1, label="Table 1", caption="Gutters.", box=(40.0, 80.0, 400.0, 200.0))


def made_of(*rows: Row, rules: tuple[Graphic, ...] = ()) -> Table:
    return table(Float(caption=CAPTION, box=PICTURE.box, rows=rows), PICTURE, page(graphics=rules))


def line(y: float, **words: float) -> list[Row]:
    return [row(text, x, y) for text, x in words.items()]


def test_words_under_one_another_are_a_column_and_what_is_left_out_is_empty() -> None:
    found = made_of(*line(100, Model=50, PSNR=150, SSIM=200), row("Ours", 50, 112), row("30.88", 150, 112), *line(124, Old=50, low=200))
    assert found.rows == (("Model", "PSNR", "SSIM"), ("Ours", "30.88", ""), ("Old", "", "low"))


def test_a_heading_over_a_rule_stands_in_each_column_under_it() -> None:
    rule = Graphic("path", (145, 103, 230, 103.4))
    found = made_of(row("Model", 50, 100), row("Set5", 170, 100), *line(112, of=50, PSNR=150, SSIM=200), rules=(rule,))
    assert found.rows == (("Model", "Set5", "Set5"), ("of", "PSNR", "SSIM"))


def test_numbers_close_together_are_cells_of_their_own() -> None:
    tight = [make_row(1, 0, [span("37.50 34.05", 100, y)]) for y in (100, 112)]
    assert made_of(row("A", 50, 100), row("B", 50, 112), *tight).rows == (("A", "37.50", "34.05"), ("B", "37.50", "34.05"))


def test_numbers_in_a_row_are_cells_also_close_behind_a_name() -> None:
    tight = make_row(1, 0, [span("Ours 39.72 35.30 33.16", 50, 112)])
    found = made_of(*line(100, A=50, B=77, C=107, D=137), tight)
    assert found.rows == (("A", "B", "C", "D"), ("Ours", "39.72", "35.30", "33.16"))


def test_a_mean_stays_with_its_deviation_and_its_point_with_its_number() -> None:
    value = make_row(1, 0, [span("88", 100), span(" .", 107, font="CMMI10"), span("55", 117), span(" ±0.04", 130, size=6.0)])
    assert made_of(row("A", 50), value).rows == (("A", "88.55 ±0.04"),)


def test_a_raised_mark_stands_on_the_line_of_its_word() -> None:
    cells = (row("Ours", 50, 100), row("a", 70, 96, size=6.0), row("30.88", 150, 100), row("Old", 50, 112), row("28.23", 150, 112))
    assert made_of(*cells).rows == (("Oursa", "30.88"), ("Old", "28.23"))


def test_words_in_one_column_are_no_table() -> None:
    assert made_of(row("A sentence", 50, 100), row("and another", 50, 112)).rows == ()
