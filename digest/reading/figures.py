"""Floats as figure records, and which of them shows the method at a glance."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from digest.records import Figure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.reading.floats import Float
    from digest.reading.prose import Writer
    from digest.reading.rows import Row

_FIRST_PAGES = 4
_SHOWS_METHOD = [
    (
        3.0,
        re.compile(
            r"^\W*(an |the )?(overview|overall|pipeline|framework|architecture|illustration of (the |our )?(proposed|overall))",
            re.IGNORECASE,
        ),
    ),
    (
        2.0,
        re.compile(
            r"overview of|overall (framework|architecture|pipeline|structure)"
            r"|(framework|architecture|pipeline|structure|workflow|components|building blocks|block diagram) of",
            re.IGNORECASE,
        ),
    ),
    (
        1.0,
        re.compile(
            r"\b(framework|pipeline|architecture|overview|our (method|approach|model)|proposed|workflow|schematic)\b", re.IGNORECASE
        ),
    ),
    (
        -1.5,
        re.compile(
            r"\b(comparison|results?|qualitative|quantitative|visuali[sz]ation|ablation|versus|vs\.|accuracy|examples?|samples?"
            r"|curves?|spectr(a|um|ums)|histograms?|plots?|distributions?|as a function of)\b",
            re.IGNORECASE,
        ),
    ),
]


def figure(found: Float, writer: Writer) -> Figure:
    """The record of a float."""
    rows = found.caption.rows
    first = _after_label(rows[0], found.caption.rest, writer)
    caption = writer.joined(part for part in [first, *(writer.row(row) for row in rows[1:])] if part)
    return Figure(page=rows[0].page, label=found.caption.label, caption=caption, box=found.box)


def _after_label(row: Row, rest: str, writer: Writer) -> str:
    """The first row of a caption without its label, formulas marked where the cut can be found in the marked text."""
    marked = writer.row(row)
    words = rest.split()
    cut = marked.find(words[0]) if words else -1
    return marked[cut:] if cut >= 0 and marked[cut:].startswith(words[0]) else " ".join(words)


def overview(figures: Sequence[Figure]) -> Figure | None:
    """The figure that shows the method at a glance: by what its caption says, then by size; an early one wins a tie.

    None when no caption speaks of a method and none of the first pages has a picture: a plot of results is no overview.
    """
    able = [figure for figure in figures if figure.label.startswith(("Figure", "图")) and figure.box]
    able = [figure for figure in able if _said(figure) > 0 or (_said(figure) == 0 and figure.page <= _FIRST_PAGES)]
    return max(able, key=_promise, default=None)


def _said(figure: Figure) -> float:
    return sum(weight for weight, pattern in _SHOWS_METHOD if pattern.search(figure.caption[:160]))


def _promise(figure: Figure) -> tuple[float, float]:
    x0, y0, x1, y1 = figure.box or (0.0, 0.0, 0.0, 0.0)
    area = (x1 - x0) * (y1 - y0) / 250_000  # about half a page
    return _said(figure) + min(1.0, area) - 0.08 * figure.page, -figure.page
