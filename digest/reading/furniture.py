"""What stands on the page but is no part of the paper: running heads, page numbers, line numbers, stamps of publishers."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.reading.page import Graphic, Line, Page
    from digest.reading.rows import Row

_NUMBER = re.compile(r"^\d{1,4}$")
_PAGE_NUMBER = re.compile(r"^[-–—|\s]*(\d{1,6}|[ivxl]{1,6}|\d+\s*(of|/)\s*\d+|page\s+\d+(\s+of\s+\d+)?)[-–—|\s]*$", re.IGNORECASE)
_IMPRINT = re.compile(r"97[89][-\d]{8,}|\$\d+\.\d\d|\bISSN\b")  # of proceedings, at the foot of first pages
_DIGITS = re.compile(r"\d+")
_SEVERAL = 3  # pages


def without_line_numbers(lines: Sequence[Line]) -> list[Line]:
    """*lines* without the numbers that review copies carry in their margins: ten or more counting up at one edge."""
    by_edge: dict[int, list[Line]] = {}
    for line in lines:
        if len(line.spans) == 1 and _NUMBER.match(line.spans[0].text.strip()):
            by_edge.setdefault(round(line.box[2] / 4), []).append(line)
    drop: set[int] = set()
    for column in by_edge.values():
        numbers = [int(line.text) for line in sorted(column, key=lambda line: line.box[1])]
        steps = sum(b - a == 1 for a, b in itertools.pairwise(numbers))
        if steps >= 9 and steps >= 0.8 * (len(numbers) - 1):
            drop.update(map(id, column))
    return [line for line in lines if id(line) not in drop]


def running(pages: Sequence[tuple[Page, Sequence[Row]]]) -> set[tuple[int, str]]:
    """Keys of rows that return at one height of three pages, or of all when there are but two: heads, feet, page numbers."""
    keys = Counter(key for page, rows in pages for key in {_key(row) for row in rows if _outer(row, page, 0.15)})
    needed = max(2, min(3, len(pages)))
    return {key for key, count in keys.items() if count >= needed}


def without_rules(pages: Sequence[Page]) -> list[Page]:
    """*pages* without the long rules that return at one place near the edge of several: under running heads, over their feet."""
    seen = Counter(key for page in pages for key in {_rule(graphic, page) for graphic in page.graphics} if key)
    heads = {key for key, count in seen.items() if count >= max(_SEVERAL, 0.4 * len(pages))}
    if not heads:
        return list(pages)
    return [replace(page, graphics=tuple(one for one in page.graphics if _rule(one, page) not in heads)) for page in pages]


def _rule(graphic: Graphic, page: Page) -> tuple[int, int, int] | None:
    """Where a long horizontal rule stands that is near the upper or lower edge of *page*."""
    x0, y0, x1, y1 = graphic.box
    if graphic.kind != "path" or y1 - y0 > 2 or x1 - x0 < 0.5 * page.width or 0.12 * page.height < y0 < 0.88 * page.height:
        return None
    return round(x0), round(y0), round(x1)


def is_furniture(row: Row, page: Page, heads: set[tuple[int, str]], body_size: float) -> bool:
    """Whether *row* is a running head, a page number, or small print in the outermost margin."""
    if not _outer(row, page, 0.15):
        return False
    if _key(row) in heads or (_outer(row, page, 0.1) and (_PAGE_NUMBER.match(row.text.strip()) or _IMPRINT.search(row.text))):
        return True
    return _outer(row, page, 0.075) and row.size < body_size - 0.5


def _outer(row: Row, page: Page, share: float) -> bool:
    return row.y1 < share * page.height or row.y0 > (1 - share) * page.height


def _key(row: Row) -> tuple[int, str]:
    return round(row.y0 / 4), _DIGITS.sub("#", row.text.strip())
