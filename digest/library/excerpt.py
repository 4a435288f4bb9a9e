"""What is shown of a hit: its marked sentence with what stands around it, of a table its headings and the marked row."""

from __future__ import annotations

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
    above, below = before.rstrip("\n").split("\n"), after.strip("\n").split("\n")
    top = headings([*above, marked, *below])
    head = [*above[:top], *(["…"] if len(above) > top else [])]
    lines = [shorten(line, size // 2) for line in head if line]
    shown = [shorten(line, size // 2) for line in below[:_AFTER] if line]
    return Excerpt("".join(f"{line}\n" for line in lines), marked, "".join(f"\n{line}" for line in shown))
