"""Where words stand on a page: boxes of passages, and of a sentence that is quoted from it.

Texts are compared by their letters and digits alone, so that marks of formulas, hyphens at line ends and spaces do not matter.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.reading.letters import clean
from digest.reading.page import overlap, union

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from digest.reading.rows import Row
    from digest.records import Box, PagedBox

_ANCHOR = 24  # letters by which the ends of a sentence are found
_STEP = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """What is to be shown over the picture of a page, in points."""

    width: float
    height: float
    boxes: tuple[Box, ...] = ()


def quoted(path: Path, page: int, quote: str) -> Marked:
    """Where the sentence *quote* stands on *page* of the PDF at *path*, a box for each line.

    Of a sentence that goes on on the next page those of its beginning. None where the page does not hold it.

    Raises:
        PaperError: the file cannot be read, or has no such page.
    """
    from digest.reading.pdf import words

    (width, height), found = words(path, page)
    return Marked(width=width, height=height, boxes=located(quote, found))


def located(quote: str, words: Sequence[tuple[str, Box]]) -> tuple[Box, ...]:
    """The boxes of *quote* among the *words* of a page in reading order, one a line."""
    folded = [_folded(text) for text, _ in words]
    letters, wanted = "".join(folded), _folded(quote)
    start, end = _span(letters, wanted)
    if start >= end:
        return ()
    ends = itertools.accumulate(map(len, folded))
    met = [box for (_, box), text, last in zip(words, folded, ends, strict=True) if text and last > start and last - len(text) < end]
    return tuple(_lines(met))


def _span(letters: str, wanted: str) -> tuple[int, int]:
    """Where *wanted* stands in *letters*: as a whole, or between its ends, or from any part that is found."""
    whole = letters.find(wanted)
    if not wanted or whole >= 0:
        return whole, whole + len(wanted)
    for offset in range(0, max(1, len(wanted) - _ANCHOR), _STEP):
        found = letters.find(wanted[offset : offset + _ANCHOR])
        if found < 0:
            continue
        last = letters.find(wanted[-_ANCHOR:], found)
        rest = len(wanted) - offset
        ends = last + _ANCHOR if 0 <= last - found < 1.5 * rest + _ANCHOR else min(len(letters), found + rest)
        return found, ends
    return 0, 0


def _folded(text: str) -> str:
    return "".join(character for character in clean(text).lower() if character.isalnum())


def _lines(boxes: Sequence[Box]) -> Iterator[Box]:
    line: list[Box] = []
    for box in boxes:
        same = line and overlap(line[-1][1], line[-1][3], box[1], box[3]) > 0.5 * (box[3] - box[1]) and box[0] >= line[-1][0]
        if line and not same:
            yield union(line)
            line = []
        line.append(box)
    if line:
        yield union(line)


class Setting:
    """A paragraph and the rows that set it."""

    def __init__(self, text: str, rows: Sequence[Row]) -> None:
        """Count letters: a row is found by how far it is into those of all rows.

        A formula that is written longer than it is set may shift that by a line.
        """
        self._rows, self._lengths = rows, [sum(map(str.isalnum, row.text)) for row in rows]
        self._letters = [0, *itertools.accumulate(map(str.isalnum, text))]
        self._scale = sum(self._lengths) / (self._letters[-1] or 1)

    def boxes(self, start: int, end: int) -> list[PagedBox]:
        """Where the text from *start* to *end* stands: a box for each column or page it runs over."""
        first, last = (self._scale * self._letters[min(place, len(self._letters) - 1)] for place in (start, end))
        ends = itertools.accumulate(self._lengths)
        met = [
            row for row, length, to in zip(self._rows, self._lengths, ends, strict=True) if to > first + 0.5 and to - length < last - 0.5
        ]
        return merged([(row.page, row.box) for row in met])


def merged(boxes: Sequence[PagedBox]) -> list[PagedBox]:
    """*boxes* in reading order with those put together that follow one another down one column."""
    found: list[PagedBox] = []
    for page, box in boxes:
        last_page, last = found[-1] if found else (0, box)
        below = last_page == page and last[1] <= box[3] and box[1] - last[3] < 4 * (box[3] - box[1])
        if below and overlap(box[0], box[2], last[0], last[2]) > 0:
            found[-1] = (page, union([last, box]))
        else:
            found.append((page, box))
    return found
