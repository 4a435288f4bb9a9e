"""Rows of print: what the eye takes for one line, and the measures of the document that they show.

MuPDF ends a line at every wide gap and at every script that is set high or low; a row puts these together again.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from digest.reading.mathmark import is_modern, math_fonts
from digest.reading.page import Line, Page, Span, overlap

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from digest.records import Box

WORD = re.compile(r"[^\W\d_]{2,}|[\u4e00-\u9fff]")


class Row(NamedTuple):
    """One line of print within one column."""

    page: int
    block: int
    x0: float
    y0: float  # about the height of its capitals
    x1: float
    y1: float  # about the depth of its descenders
    size: float  # of most of its characters
    font: str
    bold: bool
    text: str
    words: int  # runs of two or more letters; a Chinese character counts as one
    spans: tuple[Span, ...]

    @property
    def box(self) -> Box:
        """Its place on the page."""
        return self[2:6]


@dataclass(frozen=True, slots=True, kw_only=True)
class Print:
    """How the document is set: measured, since every publisher differs."""

    size: float  # of the body text
    font: str
    leading: float  # from one line of a paragraph to the next
    column: float  # width of a full line
    left: float
    right: float  # edges of the text area over all pages
    math: frozenset[str]  # fonts of formulas
    modern: bool  # the body is set in Computer Modern


def rows(page: Page, lines: Iterable[Line]) -> list[Row]:
    """The *lines* of *page* that read from left to right, as rows in the order of the file."""
    found: list[list[Line]] = []
    for line in lines:
        if not line.upright:
            continue
        if found and _continues(found[-1][-1], line):
            found[-1].append(line)
        else:
            found.append([line])
    return [make_row(page.number, parts[0].block, _spans(parts)) for parts in found]


def _spans(parts: Sequence[Line]) -> Sequence[Span]:
    """The spans of *parts* of one row, with a space between parts that do not touch."""
    spans = list(parts[0].spans)
    for line in parts[1:]:
        first, before = line.spans[0], spans[-1]
        if not before.text.endswith(" ") and not first.text.startswith(" ") and first.x0 - before.x1 >= 0.15 * before.size:
            spans.append(first._replace(text=" " + first.text))
            spans.extend(line.spans[1:])
        else:
            spans.extend(line.spans)
    return spans


def _continues(last: Line, line: Line) -> bool:
    if last.block != line.block:
        return False
    a, b = last.spans[-1], line.spans[0]
    size = max(a.size, b.size)
    gap = b.x0 - a.x1
    return -0.5 * size < gap < 1.0 * size and abs(a.baseline - b.baseline) < 0.55 * size


def make_row(page: int, block: int, spans: Sequence[Span]) -> Row:
    """A row of *spans*, at least one, measured by the characters that are most of it."""
    if len(spans) == 1:
        main = spans[0]
        text, left, right, bold = main.text, main.x0, main.x1, main.bold
    else:
        main = max(spans, key=_letters)
        text = "".join([span.text for span in spans])
        left, right = min([span.x0 for span in spans]), max([span.x1 for span in spans])
        bold = sum([len(span.text) for span in spans if span.bold]) > 0.8 * len(text)
    top, bottom = main.baseline - 0.72 * main.size, main.baseline + 0.22 * main.size  # large operators hang from other baselines
    return Row(page, block, left, top, right, bottom, main.size, main.font, bold, text, len(WORD.findall(text)), tuple(spans))


def _letters(span: Span) -> int:
    return 0 if span.text.isspace() else len(span.text)


def same_line(a: Row, b: Row) -> bool:
    """Whether two rows stand at one height."""
    return overlap(a.y0, a.y1, b.y0, b.y1) > 0.5 * min(a.y1 - a.y0, b.y1 - b.y0)


def measure(rows: Sequence[Row]) -> Print:
    """How the document with these *rows* is set; ten-point defaults where it says nothing."""
    wordy = [row for row in rows if len(row.text) > 30] or list(rows)
    sizes: Counter[float] = Counter()
    fonts: Counter[str] = Counter()
    for row in wordy:
        sizes[_rounded(row.size)] += len(row.text)
        fonts[row.font] += len(row.text)
    size = sizes.most_common(1)[0][0] if sizes else 10.0
    body = [row for row in wordy if abs(row.size - size) < 0.6]
    widths = sorted(row.x1 - row.x0 for row in body)
    column = widths[int(0.7 * len(widths))] if widths else 240.0  # most lines of a paragraph are full, its last is not
    steps = [b.y0 - a.y0 for a, b in itertools.pairwise(body) if a.block == b.block and 0.5 * size < b.y0 - a.y0 < 3 * size]
    lefts, rights = sorted(row.x0 for row in body) or [0.0], sorted(row.x1 for row in body) or [612.0]
    font = fonts.most_common(1)[0][0] if fonts else ""
    return Print(
        size=size,
        font=font,
        leading=median(steps) if steps else 1.2 * size,
        column=column,
        left=lefts[len(lefts) // 50],
        right=rights[-1 - len(rights) // 50],
        math=math_fonts({span.font for row in rows for span in row.spans}),
        modern=is_modern(font),
    )


def _rounded(size: float) -> float:
    return round(2 * size) / 2
