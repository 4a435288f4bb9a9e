"""Pages and papers for tests: records from literals, and real PDFs drawn with the PDF library."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pymupdf

from digest.reading.page import Graphic, Line, Page, Span
from digest.reading.rows import Print, Row, make_row

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

WIDTH, HEIGHT = 612.0, 792.0
LOREM = (
    "We study how a reader finds its way through a page that was set in two columns. The order of the file is not trusted. "
    "What is trusted are the gutters between the columns and the rows that cross them. Every paragraph here has several lines."
)


def span(text: str, x: float = 50.0, y: float = 100.0, **style: Any) -> Span:
    """Black print of 10 points, 5 points to the character."""
    values = {"font": "Times", "size": 10.0, "bold": False, "color": 0, "alpha": 255, "painted": True, **style}
    return Span(text=text, x0=x, x1=x + 0.5 * values["size"] * len(text), baseline=y, **values)


def line(
    text: str, x: float = 50.0, y: float = 100.0, *, block: int = 0, direction: tuple[float, float] = (1.0, 0.0), **style: Any
) -> Line:
    """A line of one span."""
    one = span(text, x, y, **style)
    return Line(block, direction, (one.x0, y - 0.75 * one.size, one.x1, y + 0.25 * one.size), (one,))


def row(text: str, x: float = 50.0, y: float = 100.0, *, page: int = 1, block: int = 0, width: float | None = None, **style: Any) -> Row:
    """A row of one span; *width* sets where it ends."""
    one = span(text, x, y, **style)
    return make_row(page, block, [one if width is None else one._replace(x1=x + width)])


def rows(*texts: str, x: float = 50.0, y: float = 100.0, step: float = 12.0, **style: Any) -> list[Row]:
    """Rows under one another."""
    return [row(text, x, y + step * i, **style) for i, text in enumerate(texts)]


def page(*lines: Line, number: int = 1, graphics: Sequence[Graphic] = ()) -> Page:
    """A page of US letter size."""
    return Page(number=number, width=WIDTH, height=HEIGHT, lines=lines, graphics=tuple(graphics))


def made(**values: Any) -> Print:
    """Print of ten points in two columns of 240."""
    usual: dict[str, Any] = {"size": 10.0, "font": "Times", "leading": 12.0, "column": 240.0, "left": 50.0, "right": 545.0}
    return Print(**{**usual, "math": frozenset({"CMMI10", "CMSY10"}), "modern": False, **values})


class Paper:
    """A PDF in the making, written by `save`."""

    def __init__(self) -> None:
        self.doc = pymupdf.open()
        self.page = self.new_page()

    def new_page(self) -> Any:
        self.page = self.doc.new_page(width=WIDTH, height=HEIGHT)
        return self.page

    def text(self, x: float, y: float, text: str, size: float = 10, font: str = "tiro", **style: Any) -> Paper:
        """One line; `tibo` is bold."""
        self.page.insert_text((x, y), text, fontsize=size, fontname=font, **style)
        return self

    def box(self, x0: float, y0: float, x1: float, y1: float, text: str, size: float = 10) -> Paper:
        """A justified paragraph."""
        left = self.page.insert_textbox((x0, y0, x1, y1), text, fontsize=size, fontname="tiro", align=pymupdf.TEXT_ALIGN_JUSTIFY)
        assert left >= 0, "the text does not fit its box"
        return self

    def save(self, path: Path, **options: Any) -> Path:
        self.doc.save(path, **options)
        return path


def two_columns() -> Paper:
    """A paper of one page: title, names, abstract and three sections in two columns, a figure and two references."""
    paper = Paper()
    paper.text(150, 90, "Gutters: Reading Two Columns", 16, "tibo").text(210, 120, "Ada Lovelace, Alan Turing", 11)
    paper.text(140, 160, "Abstract", 12, "tibo").box(50, 170, 290, 290, LOREM)
    paper.text(50, 310, "1. Introduction", 12, "tibo").box(50, 320, 290, 430, LOREM.replace("We study", "Here we learn"))
    paper.text(50, 450, "2. Method", 12, "tibo").box(50, 460, 290, 700, "We propose GutterNet, which reads columns. " + LOREM)
    paper.page.draw_rect((310, 160, 550, 300), color=(0, 0, 0), fill=(0.8, 0.8, 0.9))
    paper.text(330, 230, "Encoder", 8).text(480, 230, "Decoder", 8)
    paper.text(310, 318, "Figure 1. Overview of our GutterNet framework.", 9)
    paper.text(310, 350, "3. Experiments", 12, "tibo")
    paper.box(310, 360, 550, 520, "We train on the DIV2K dataset with 8 NVIDIA A100 GPUs and reach 30.88 dB PSNR. " + LOREM)
    paper.text(310, 540, "References", 12, "tibo")
    paper.text(310, 560, "[1] A. Lovelace. Notes on the engine. Taylor, 1843.", 9)
    paper.text(310, 572, "[2] A. Turing. On computable numbers. LMS, 1936.", 9)
    return paper
