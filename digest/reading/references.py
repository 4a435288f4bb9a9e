"""The list of references, one entry each."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.reading.prose import Writer
    from digest.reading.rows import Row

_BRACKETED = re.compile(r"^\s*\[[\w+\-&., ]{1,24}\]")
_NUMBERED = re.compile(r"^\s*\(?(\d{1,3})[.)]\s+\S")


def entries(rows: Sequence[Row], writer: Writer) -> tuple[str, ...]:
    """The entries in *rows*, which are in reading order: by brackets, by numbers, or by hanging indents.

    Without any of these marks each gap that is wider than the usual step begins an entry.
    """
    starts = _starts(rows) if rows else []
    found: list[list[Row]] = []
    for row, begins in zip(rows, starts, strict=True):
        if begins or not found:
            found.append([row])
        else:
            found[-1].append(row)
    return tuple(text for entry in found if len(text := writer.joined(writer.row(row) for row in entry)) > 12)


def _starts(rows: Sequence[Row]) -> list[bool]:
    for pattern in (_BRACKETED, _NUMBERED):
        marked = [bool(pattern.match(row.text)) for row in rows]
        if sum(marked) >= max(2, 0.12 * len(rows)):
            return marked
    hanging = _hanging(rows)
    if sum(hanging) < 0.75 * len(rows):
        return hanging
    steps = [b.y0 - a.y0 for a, b in itertools.pairwise(rows)]
    usual = sorted(step for step in steps if step > 0)[len(steps) // 4] if any(step > 0 for step in steps) else 0.0
    return [True] + [step < 0 or step > 1.25 * usual for step in steps]


def _hanging(rows: Sequence[Row]) -> list[bool]:
    """Rows that begin further left than the row after or before them; each column has a left edge of its own."""
    found, left = [], 0.0
    for index, row in enumerate(rows):
        fresh = index == 0 or row.page != rows[index - 1].page or row.y0 < rows[index - 1].y0 - 2 * row.size
        if fresh:
            column = [other.x0 for other in rows[index : index + 60] if other.page == row.page and abs(other.x0 - row.x0) < 40]
            left = min(column)
        found.append(row.x0 < left + 3)
    return found
