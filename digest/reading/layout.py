"""Reading order: rows of a page into columns.

The order in the file is not trusted: it is right in most papers typeset by TeX and wrong in many others. What is trusted are gutters,
the strips of white that run down between rows, and rows that cross them, which part the page into bands.
"""

from __future__ import annotations

import bisect
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


def settle(rows: Sequence[Row]) -> list[Row]:
    """*rows* of one column from top to bottom, with what stands on one line made one row.

    Numerators, limits and accents that MuPDF takes for lines of their own go into the row whose height they share most.
    """
    found: list[Row] = []
    ordered = sorted(rows, key=lambda row: (row.y0, row.x0))
    whole = [row for row in ordered if not _is_fragment(row)]
    for row in whole + [row for row in ordered if _is_fragment(row)]:
        place = bisect.bisect_left(found, row.y0, key=lambda other: other.y0)
        near = range(max(0, place - 3), min(len(found), place + 3))
        hosts = [i for i in near if _begins(row, found[i])][:1] or [i for i in near if _belongs(row, found[i])]
        host = max(hosts, key=lambda i: _shared(row, found[i]), default=None)
        if host is None:
            found.insert(place, row)
        else:
            found[host] = _merged(found[host], row)
    return found


def _is_fragment(row: Row) -> bool:
    return len(row.text) < 24 and row.words <= 1


def _begins(cap: Row, row: Row) -> bool:
    """Whether *cap* is the large initial of *row*, the first of those beside it."""
    tall = cap.size > 1.7 * row.size and len(cap.text.strip()) == 1 and cap.text.strip().isupper()
    return tall and -2 < row.x0 - cap.x1 < row.size and _shared(cap, row) > 0.5 * row.size


def _shared(row: Row, other: Row) -> float:
    return overlap(row.y0, row.y1, other.y0, other.y1)


def _belongs(row: Row, host: Row) -> bool:
    if same_line(row, host):
        return True
    if not _is_fragment(row):
        return False
    return _shared(row, host) > 0.25 * (row.y1 - row.y0) and overlap(row.x0, row.x1, host.x0, host.x1 + 12) > 0


def _merged(host: Row, row: Row) -> Row:
    spans = sorted([*host.spans, *row.spans], key=lambda span: span.x0)
    spaced = [spans[0]]
    for span in spans[1:]:
        gap = span.x0 - spaced[-1].x1
        far = gap > 0.15 * max(span.size, spaced[-1].size) and not spaced[-1].text.endswith(" ") and not span.text.startswith(" ")
        spaced.append(span._replace(text=" " + span.text) if far else span)
    whole = make_row(host.page, host.block, spaced)
    main = host if len(host.text) >= len(row.text) else row
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
