"""What is shown of a hit: its marked sentence with what stands around it, of a table its headings and the marked row."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from digest.library.places import headings
from digest.library.query import TABLE
from digest.text import shorten

if TYPE_CHECKING:
    from digest.library.search import Hit

_AFTER = 2  # rows of a table behind the marked one


class Excerpt(NamedTuple):
    """A passage in three parts; the middle one answers."""

    before: str
    marked: str
    after: str


def excerpt(hit: Hit, *, size: int) -> Excerpt:
    """About *size* characters of *hit*; the rows of a table are lines."""
    start, end = hit.mark or (0, 0)
    before, marked, after = hit.passage[:start], hit.passage[start:end], hit.passage[end:]
    if hit.kind == TABLE:
        return _rows(before, marked, after, size)
    room = max(80, (size - (end - start)) // 2)
    shown = f"… {before[-room:].partition(' ')[2]}" if len(before) > room else before
    return Excerpt(shown, marked, f" {shorten(after, room)}" if after.strip() else "")


def _rows(before: str, marked: str, after: str, size: int) -> Excerpt:
    above, below = (text.strip("\n").split("\n") if text else [] for text in (before, after))
    top = headings([*above, marked, *below])
    more = max(0, top - len(above) - 1)  # headings below the marked line
    higher = [*above[:1], *map(_heading, above[1:top]), *(["…"] if len(above) > top else [])]
    lower = [*map(_heading, below[:more]), *below[more : more + _AFTER]]
    shown = [[shorten(line, size // 2) for line in lines if line] for lines in (higher, lower)]
    return Excerpt("".join(f"{line}\n" for line in shown[0]), marked, "".join(f"\n{line}" for line in shown[1]))


def _heading(line: str) -> str:
    """*line* without empty cells, and each cell that is repeated over its columns once."""
    return " | ".join(cell for cell, _ in groupby(line.split(" | ")) if cell.strip(" |"))
