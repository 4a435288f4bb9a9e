"""Where passages and quoted sentences stand on their pages."""

from pathlib import Path

import pymupdf
import pytest

from digest.errors import PaperError
from digest.reading import read
from digest.reading.places import Setting, located, quoted
from tests.reading.make import row, two_columns

WORDS = [(text, (10.0 * i, 0.0, 10.0 * i + 8, 10.0)) for i, text in enumerate(["We", "read", "col-"])] + [
    (text, (10.0 * i, 12.0, 10.0 * i + 8, 22.0)) for i, text in enumerate(["umns,", "with", "α", "twice."])
]


def test_a_quote_has_a_box_on_each_line_whatever_its_hyphens_and_signs() -> None:
    assert located("read columns, with $α$", WORDS) == ((10.0, 0.0, 28.0, 10.0), (0.0, 12.0, 28.0, 22.0))


def test_a_quote_that_is_not_on_the_page_has_no_box() -> None:
    assert located("Nothing of the kind is said here.", WORDS) == ()
    assert located("", WORDS) == ()


def test_a_sentence_stands_on_the_rows_that_set_it() -> None:
    rows = [row("One two three.", 50, 100), row("Four five six.", 50, 112), row("Seven.", 310, 60)]
    setting = Setting("One two three. Four five six. Seven.", rows)
    assert setting.boxes(15, 29) == [(1, rows[1].box)]
    assert [box for _, box in setting.boxes(15, 36)] == [rows[1].box, rows[2].box]


def test_passages_and_quotes_of_a_real_page_are_located(tmp_path: Path) -> None:
    path = two_columns().save(tmp_path / "paper.pdf")
    (passage,) = [one for one in read(path).passages if one.section.endswith("Experiments")]
    ((page, (left, top, right, bottom)),) = passage.boxes
    assert (page, round(left)) == (1, 310)
    marked = quoted(path, 1, "We train on the DIV2K dataset with 8 NVIDIA A100 GPUs and reach 30.88 dB PSNR.")
    assert (round(marked.width), round(marked.height)) == (612, 792)
    boxes = marked.boxes
    assert len(boxes) == 2
    assert all(left - 1 <= x0 and x1 <= right + 1 and top - 4 <= y0 and y1 <= bottom + 4 for x0, y0, x1, y1 in boxes)


def test_on_a_page_that_lies_on_its_side_boxes_are_where_it_is_drawn(tmp_path: Path) -> None:
    document = pymupdf.open()
    page = document.new_page(width=400, height=600)
    page.insert_text((50, 80), "A sentence near the top left.")
    page.set_rotation(90)
    document.save(tmp_path / "turned.pdf")
    marked = quoted(tmp_path / "turned.pdf", 1, "A sentence near the top left.")
    assert (marked.width, marked.height) == (600, 400)
    ink = page.get_pixmap(colorspace=pymupdf.csGRAY)
    dark = [(n % ink.width, n // ink.width) for n, shade in enumerate(ink.samples) if shade < 128]
    boxes = marked.boxes
    assert all(any(x0 - 1 <= x <= x1 + 1 and y0 - 1 <= y <= y1 + 1 for x0, y0, x1, y1 in boxes) for x, y in dark)


def test_a_page_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(PaperError):
        quoted(two_columns().save(tmp_path / "paper.pdf"), 7, "We train.")
