"""Tables as rows of cells, from the words and rules in the box of a captioned table.

Columns are where words stand under one another; a rule under some of them only, as LaTeX's cmidrule draws it, says how far a heading
reaches.
Nothing is said of what a cell means. `find_tables` of PyMuPDF 2.0 takes 0.8 s a table and puts a quarter of the cells right (docs/log.md).
"""

from __future__ import annotations

import itertools
import operator
import re
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from digest.reading.letters import clean
from digest.reading.page import inside, overlap
from digest.records import Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from digest.reading.floats import Float
    from digest.reading.page import Page, Span
    from digest.records import Box, Figure

_WORD = re.compile(r"\S+")
_NUMBER = re.compile(r"[+\-−~]?\d([\d.,±/%]*[\d%])?[KMGB]?")
_POINT = re.compile(r"(?<=\d) ?\. ?(?=\d)")  # a point from the font of formulas
_OPERATORS = frozenset("+−-±×·/=")
_NOTE = 9  # words in one cell: a line of notes under a table
_SPACE = 0.62  # of the size of the print: a wider gap parts two cells
_SEVERAL = 3  # numbers in a row are cells, also after a name that ends close to them
_UNDER = 9.0  # points from a heading to the rule under it
_MOST = 4000  # words: more are a page of data, not a table to check claims against


class _Cell(NamedTuple):
    """Words that stand together on one line."""

    text: str
    x0: float
    x1: float
    size: float
    baseline: float


def is_table(picture: Figure) -> bool:
    """Whether the caption of *picture* says so."""
    return picture.label.startswith(("Table", "表")) and picture.box is not None


def table(found: Float, picture: Figure, page: Page) -> Table:
    """The record of a table: *picture* with the words of *found* in rows, top to bottom, each as long as the others.

    A heading over several columns is repeated in each; a cell that a table leaves empty is "".
    """
    box = picture.box or (0.0, 0.0, page.width, page.height)
    rules = [graphic.box for graphic in page.graphics if graphic.kind == "path" and _is_rule(graphic.box) and inside(graphic.box, box)]
    lines = _without_notes(_lines([span for row in found.rows for span in row.spans]))
    columns = _columns(lines, rules)
    rows = tuple(tuple(_filled(line, columns, rules)) for line in lines) if len(columns) > 1 else ()
    return Table(label=picture.label, caption=picture.caption, page=picture.page, box=picture.box, rows=rows)


def _lines(spans: Sequence[Span]) -> list[list[_Cell]]:
    """The words of *spans* as cells, line by line; what is raised or lowered a little belongs to the line it touches."""
    words = [word for span in spans for word in _words(span)][:_MOST]
    if not words:
        return []
    size = median(word.size for word in words)
    lines: list[list[_Cell]] = []
    largest: list[_Cell] = []  # of each line
    for word in sorted(words, key=lambda word: (word.size < 0.85 * size, word.baseline)):  # scripts find the lines of what they stand at
        first = 0 if word.size < 0.85 * size else max(0, len(lines) - 3)
        near = next((i for i in range(first, len(lines)) if _belongs(word, lines[i], largest[i], size)), None)
        if near is None:
            lines.append([word])
            largest.append(word)
        else:
            lines[near].append(word)
            largest[near] = max(largest[near], word, key=lambda cell: cell.size)
    order = sorted(range(len(lines)), key=lambda i: largest[i].baseline)
    return [_joined(sorted(lines[i], key=lambda word: word.x0), size) for i in order]


def _is_rule(box: Box) -> bool:
    return box[3] - box[1] < 2 and box[2] - box[0] > 8


def _without_notes(lines: list[list[_Cell]]) -> list[list[_Cell]]:
    """*lines* up to the sentences that explain marks under a table, and the raised marks before them."""
    end = next((i for i, line in enumerate(lines) if i > 1 and any(len(cell.text.split()) >= _NOTE for cell in line)), len(lines))
    while end < len(lines) and end > 2 and sum(len(cell.text) for cell in lines[end - 1]) < 3:
        end -= 1
    return lines[:end]


def _words(span: Span) -> Iterator[_Cell]:
    """The words of *span*, placed as if all its letters were of one width."""
    step = (span.x1 - span.x0) / (len(span.text) or 1)
    for match in _WORD.finditer(span.text):
        yield _Cell(clean(match.group()), span.x0 + step * match.start(), span.x0 + step * match.end(), span.size, span.baseline)


def _belongs(word: _Cell, line: Sequence[_Cell], largest: _Cell, size: float) -> bool:
    """Whether *word* stands on *line*: near the baseline of its *largest* word; a small one that touches a larger one may be a script."""
    off = abs(largest.baseline - word.baseline)
    if off < 0.3 * size or off >= 0.5 * size:
        return off < 0.3 * size
    return abs(word.size - largest.size) > 0.15 * size and any(
        -0.3 * size < max(word.x0 - other.x1, other.x0 - word.x1) < 0.3 * size for other in line
    )


def _joined(words: Sequence[_Cell], size: float) -> list[_Cell]:
    cells: list[_Cell] = []
    for word, listed in zip(words, _in_lists(words), strict=True):
        last = cells[-1] if cells else None
        gap = word.x0 - last.x1 if last else 0.0
        wide = 1.0 if last and (word.text in _OPERATORS or last.text[-1:] in _OPERATORS) and len(last.text) > 1 else _SPACE
        parted = listed or (last and _is_number(last.text) and _is_number(word.text))
        if last and gap < wide * max(size, last.size) and not parted:
            space = " " if gap > 0.12 * last.size else ""
            cells[-1] = last._replace(text=last.text + space + word.text, x1=max(last.x1, word.x1))
        else:
            cells.append(word)
    return [cell._replace(text=_POINT.sub(".", cell.text)) for cell in cells]


def _in_lists(words: Sequence[_Cell]) -> list[bool]:
    """Which of the *words* of a line are numbers of one size in a row with others."""
    found: list[bool] = []
    for (number, _), run in itertools.groupby(words, key=lambda word: (_is_number(word.text), round(word.size))):
        count = len(list(run))
        found += [number and count >= _SEVERAL] * count
    return found


def _is_number(text: str) -> bool:
    return bool(_NUMBER.fullmatch(text))


def _columns(lines: Sequence[Sequence[_Cell]], rules: Sequence[Box]) -> list[tuple[float, float]]:
    """The columns' edges, from left to right: those of the fullest lines, and what stands apart from them in the others."""
    columns: list[tuple[float, float]] = []
    for line in sorted(lines, key=len, reverse=True):
        for cell in line:
            if _rule_under(cell, line, rules):
                continue
            met = [column for column in columns if overlap(*column, cell.x0, cell.x1) > 0]
            if not met:
                columns.append((cell.x0, cell.x1))
            elif len(met) == 1:
                columns[columns.index(met[0])] = (min(met[0][0], cell.x0), max(met[0][1], cell.x1))
    return _whole(_apart(sorted(columns)), lines)


def _apart(columns: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """*columns* with those put together that have come to lie over one another."""
    found: list[tuple[float, float]] = []
    for left, right in columns:
        if found and left < found[-1][1] - 0.5 * min(right - left, found[-1][1] - found[-1][0]):
            found[-1] = (found[-1][0], max(found[-1][1], right))
        else:
            found.append((left, right))
    return found


def _whole(columns: Sequence[tuple[float, float]], lines: Sequence[Sequence[_Cell]]) -> list[tuple[float, float]]:
    """*columns* with neighbours put together that more lines fill with one cell than with two: a wide space within a name."""
    size = max((cell.size for line in lines for cell in line), default=0.0)
    found = list(columns[:1])
    for column in columns[1:]:
        if column[0] - found[-1][1] < size and _is_one(found[-1], column, lines):
            found[-1] = (found[-1][0], max(found[-1][1], column[1]))
        else:
            found.append(column)
    return found


def _is_one(column: tuple[float, float], following: tuple[float, float], lines: Sequence[Sequence[_Cell]]) -> bool:
    """Whether more lines have one cell over both columns than a cell in each."""
    over, apart = 0, 0
    for line in lines:
        left, right = ([overlap(*edges, cell.x0, cell.x1) > 0 for cell in line] for edges in (column, following))
        both = any(map(operator.and_, left, right))
        over += both
        apart += any(left) and any(right) and not both
    return over > apart


def _filled(line: Sequence[_Cell], columns: Sequence[tuple[float, float]], rules: Sequence[Box]) -> list[str]:
    row = [""] * len(columns)
    for cell in line:
        for place in _places(cell, line, columns, rules):
            row[place] = f"{row[place]} {cell.text}".strip()
    return row


def _places(cell: _Cell, line: Sequence[_Cell], columns: Sequence[tuple[float, float]], rules: Sequence[Box]) -> list[int]:
    """The columns of *cell*: those over the rule that is under it alone, or those it covers, or the nearest."""
    rule = _rule_under(cell, line, rules)
    if rule:
        return [i for i, (left, right) in enumerate(columns) if rule[0] - 2 <= (left + right) / 2 <= rule[2] + 2] or [
            _nearest(cell, columns)
        ]
    covered = [i for i, (left, right) in enumerate(columns) if overlap(left, right, cell.x0, cell.x1) > 0.6 * (right - left)]
    return covered if len(covered) > 1 else [_nearest(cell, columns)]


def _rule_under(cell: _Cell, line: Sequence[_Cell], rules: Sequence[Box]) -> Box | None:
    """The rule close under *cell* that is wider than it and under no other cell of its *line*."""
    if len(line) < 2:
        return None
    for rule in rules:
        if not 0 <= rule[1] - cell.baseline < _UNDER:  # of nearly all
            continue
        wider = rule[0] - 2 <= cell.x0 and cell.x1 <= rule[2] + 2 and rule[2] - rule[0] > 1.2 * (cell.x1 - cell.x0)
        if wider and sum(overlap(rule[0], rule[2], other.x0, other.x1) > 0 for other in line) == 1:
            return rule
    return None


def _nearest(cell: _Cell, columns: Sequence[tuple[float, float]]) -> int:
    """The column that *cell* covers most of; of those that it does not touch, the nearest by their middles."""
    middle = cell.x0 + cell.x1
    return min((-overlap(left, right, cell.x0, cell.x1), abs(left + right - middle), i) for i, (left, right) in enumerate(columns))[2]
