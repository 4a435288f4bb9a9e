"""Reading order: rows of a page into columns.

The order in the file is not trusted: it is right in most papers typeset by TeX and wrong in many others. What is trusted are gutters,
the strips of white that run down between rows, and rows that cross them, which part the page into bands.
"""

from __future__ import annotations

import bisect
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from digest.reading.page import overlap
from digest.reading.rows import Print, Row, make_row, same_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.records import Box


def columns(rows: Sequence[Row], made: Print) -> list[list[Row]]:
    """The body *rows* of one page as columns, in reading order, each from top to bottom."""
    gutters = _gutters(rows, made)
    full = sorted((row for row in rows if _crosses(row, gutters)), key=lambda row: row.y0)
    parted: dict[tuple[int, int, int], list[Row]] = {}
    heights, crossing = [row.y0 for row in full], set(map(id, full))
    for row in rows:
        above = bisect.bisect_left(heights, row.y0 - 1)
        key = (above, 1, 0) if id(row) in crossing else (above, 0 if gutters else 1, sum(row.x0 > gutter - 3 for gutter in gutters))
        parted.setdefault(key, []).append(row)
    runs = [settle(parted[key]) for key in sorted(parted)]
    return _joined(runs)


def _joined(runs: list[list[Row]]) -> list[list[Row]]:
    """Neighbouring runs of full-width rows, which each stood alone, as one."""
    found: list[list[Row]] = []
    for run in runs:
        if (
            found
            and abs(run[0].x0 - found[-1][-1].x0) < 40
            and 0 < run[0].y0 - found[-1][-1].y0 < 3 * run[0].size
            and _wide(run, found[-1])
        ):
            found[-1].extend(run)
        else:
            found.append(run)
    return found


def _wide(run: list[Row], other: list[Row]) -> bool:
    return abs((run[0].x1 - run[0].x0) - (other[-1].x1 - other[-1].x0)) < 0.3 * (run[0].x1 - run[0].x0)


def _gutters(rows: Sequence[Row], made: Print) -> list[float]:
    """The middles of the white strips that part columns, from left to right."""
    width = made.right - made.left
    # Names and addresses are set larger and centred: they must not bridge the gutter under them.
    narrow = [row for row in rows if row.x1 - row.x0 < 0.62 * width and row.words >= 2 and row.size < made.size + 0.6]
    if len(narrow) < 6:
        return []
    covered = _coverage(narrow, int(made.left), int(made.right) + 1)
    limit = 0.12 * max(covered)
    start, found = 0, []
    for x in range(int(0.15 * width), int(0.85 * width)):
        if covered[x] > limit:
            start = 0
            continue
        start = start or x
        if covered[x + 1] > limit and x - start >= 4:
            middle = made.left + (start + x) / 2
            sides = sum(row.x1 <= middle + 4 for row in narrow), sum(row.x0 >= middle - 4 for row in narrow)
            if min(sides) >= max(3, 0.12 * len(narrow)):
                found.append(middle)
    return found


def _coverage(rows: Sequence[Row], left: int, right: int) -> list[int]:
    """How many rows lie over each point from *left* to *right*."""
    steps = [0] * (right - left + 2)
    for row in rows:
        steps[max(0, min(len(steps) - 1, int(row.x0) - left))] += 1
        steps[max(0, min(len(steps) - 1, int(row.x1) - left + 1))] -= 1
    total, covered = 0, []
    for step in steps:
        total += step
        covered.append(total)
    return covered


def _crosses(row: Row, gutters: list[float]) -> bool:
    return any(row.x0 < gutter - 6 and row.x1 > gutter + 6 for gutter in gutters)


@dataclass(slots=True)
class _Line:
    """A row and the rows that stand on its line."""

    row: Row
    x0: float
    x1: float
    guests: list[Row] = field(default_factory=list)

    def add(self, row: Row) -> None:
        self.guests.append(row)
        self.x0, self.x1 = min(self.x0, row.x0), max(self.x1, row.x1)

    def shared(self, row: Row) -> float:
        """Height that *row* shares with this line."""
        return min(self.row.y1, row.y1) - max(self.row.y0, row.y0)

    def takes(self, row: Row) -> bool:
        if same_line(row, self.row):
            return True
        if not _is_fragment(row) or self.shared(row) <= 0.25 * (row.y1 - row.y0):
            return False
        return overlap(row.x0, row.x1, self.x0, self.x1 + 12) > 0

    def begins_with(self, cap: Row) -> bool:
        """Whether *cap* is a large initial and this the first line beside it."""
        tall = cap.size > 1.7 * self.row.size and len(cap.text.strip()) == 1 and cap.text.strip().isupper()
        return tall and -2 < self.row.x0 - cap.x1 < self.row.size and self.shared(cap) > 0.5 * self.row.size


def settle(rows: Sequence[Row]) -> list[Row]:
    """*rows* of one column from top to bottom, with what stands on one line made one row.

    Numerators, limits and accents that MuPDF takes for lines of their own go into the line whose height they share most.
    """
    lines: list[_Line] = []
    ordered = sorted(rows, key=lambda row: (row.y0, row.x0))
    bottom = -math.inf
    for row in sorted(ordered, key=_is_fragment):  # whole rows first
        if row.y0 >= bottom:
            lines.append(_Line(row, row.x0, row.x1))
            bottom = row.y1
            continue
        bottom = max(bottom, row.y1)
        place = bisect.bisect_left(lines, row.y0, key=_top)
        near = [line for line in lines[max(0, place - 3) : place + 3] if line.shared(row) > 0]
        able = [line for line in near if line.begins_with(row)][:1] or [line for line in near if line.takes(row)] if near else []
        if able:
            max(able, key=lambda line: line.shared(row)).add(row)
        else:
            lines.insert(place, _Line(row, row.x0, row.x1))
    return [_merged(line.row, line.guests) if line.guests else line.row for line in lines]


def _top(line: _Line) -> float:
    return line.row.y0


def _is_fragment(row: Row) -> bool:
    return len(row.text) < 24 and row.words <= 1


def _merged(host: Row, guests: Sequence[Row]) -> Row:
    spans = sorted([*host.spans, *(span for row in guests for span in row.spans)], key=lambda span: span.x0)
    spaced = [spans[0]]
    for span in spans[1:]:
        gap = span.x0 - spaced[-1].x1
        far = gap > 0.15 * max(span.size, spaced[-1].size) and not spaced[-1].text.endswith(" ") and not span.text.startswith(" ")
        spaced.append(span._replace(text=" " + span.text) if far else span)
    whole = make_row(host.page, host.block, spaced)
    main = max([host, *guests], key=lambda row: len(row.text))
    return whole._replace(y0=main.y0, y1=main.y1, block=main.block)


def next_row(box: Box, runs: Sequence[Sequence[Row]]) -> Row | None:
    """The row of *runs* that a float in *box* stands before: the first under it, or what follows the last above it.

    None where nothing follows on its page.
    """
    ordered = [row for run in runs for row in run]
    beside = [index for index, row in enumerate(ordered) if overlap(row.x0, row.x1, box[0], box[2]) > 0]
    under = next((index for index in beside if ordered[index].y0 >= box[3] - 2), None)
    above = next((index + 1 for index in reversed(beside) if ordered[index].y1 <= box[1] + 2), 0)
    index = above if under is None else under
    return ordered[index] if index < len(ordered) else None
