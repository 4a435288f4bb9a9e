"""What one page of a PDF holds, as plain values: the language between the PDF library and everything else here.

Boxes are in points from the top left corner of the page as a reader sees it. Nothing is judged here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from digest.records import Box


class Span(NamedTuple):
    """Characters in one font, size and colour."""

    text: str
    font: str
    size: float  # points
    bold: bool  # by its flag or by the name of its font
    color: int  # sRGB, 0xRRGGBB
    alpha: int  # 0 clear to 255 opaque
    painted: bool  # False: neither filled nor stroked, the text render mode of an OCR layer
    x0: float
    x1: float
    baseline: float
    blank: bool = False  # in a font whose letters may draw nothing
    false: bool = False  # in a font whose letters draw other letters


class Line(NamedTuple):
    """Spans that the PDF library sees on one line; *block* counts its guesses at paragraphs from 0."""

    block: int
    direction: tuple[float, float]  # of writing: (1, 0) is upright
    box: Box
    spans: tuple[Span, ...]
    clipped: bool = False  # drawn outside the clipping path, so never shown

    @property
    def text(self) -> str:
        """The characters as they stand."""
        return "".join(span.text for span in self.spans)

    @property
    def upright(self) -> bool:
        """Whether it reads from left to right."""
        return self.direction[0] > 0.99


class Graphic(NamedTuple):
    """Something painted, in painting order; text is listed to know what was painted over it."""

    kind: str  # image, path or text
    box: Box
    covers: bool = False  # opaque and as large as its box: an image or a filled rectangle


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page: its lines in the order of the file, and what is drawn."""

    number: int  # from 1
    width: float
    height: float
    lines: tuple[Line, ...] = ()
    graphics: tuple[Graphic, ...] = ()


def overlap(low: float, high: float, other_low: float, other_high: float) -> float:
    """Length that two intervals share; negative is the gap between them. Called more than all else: comparing beats min and max."""
    end = high if high < other_high else other_high  # noqa: FURB136
    return end - (low if low > other_low else other_low)  # noqa: FURB136


def inside(box: Box, outer: Box) -> bool:
    """Whether the middle of *box* lies in *outer*."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return outer[0] <= x <= outer[2] and outer[1] <= y <= outer[3]


def within(boxes: Iterable[Box], outer: Box) -> list[Box]:
    """Those of *boxes* whose middle lies in *outer*; figures have thousands, so no call for each."""
    left, top, right, bottom = (2 * edge for edge in outer)
    return [box for box in boxes if left <= box[0] + box[2] <= right and top <= box[1] + box[3] <= bottom]


def without(boxes: Iterable[Box], outer: Box) -> list[Box]:
    """The others of *boxes*."""
    left, top, right, bottom = (2 * edge for edge in outer)
    return [box for box in boxes if not (left <= box[0] + box[2] <= right and top <= box[1] + box[3] <= bottom)]


def union(boxes: list[Box]) -> Box:
    """The smallest box around *boxes*, of which there must be one."""
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return min(x0), min(y0), max(x1), max(y1)
