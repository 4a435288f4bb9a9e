"""What stands beside the text of a page: footnotes under a column, notes in the margin."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from digest.reading.headings import run_in
from digest.records import Footnote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.reading.prose import Writer
    from digest.reading.rows import Print, Row

_MARKED = re.compile(r"\s*[*†‡§¶∗⋆♯✉]")
_WORDED = re.compile(
    r"\s*(Correspond|\(?Equal contrib|Work done|This work (was|is)|Copyright|©|Permission to|Project lead|Proceedings of|Preprint)"
)
_UPPER = 0.4  # of the page's height: no footnote stands higher
_LONGEST = 24  # rows of notes under one column that are looked through
_SMALL = 0.93  # of the body's size
_APART = 1.25  # of the body's leading: the white above notes in the body's own size
_MARK = re.compile(r"^(?:\$\^\{([^}]{1,3})\}\$|([*†‡§¶∗⋆♯✉]+|\d{1,2}(?=[^\W\d_])))\s*")


def footnotes(rows: Sequence[Row], made: Print, *, height: float, listed: bool = False) -> tuple[list[Row], list[Row]]:
    """(the column *rows* without its footnotes, the footnotes): what ends the column from a note mark on, in small print or set apart.

    Args:
        height: of the page; notes stand in its lower part.
        listed: the column is one of references, whose entries may begin like notes.
    """
    start, small = len(rows), True
    for index in range(len(rows) - 1, 0, -1):
        row, before = rows[index], rows[index - 1]
        if row.size > made.size + 0.4 or row.y0 < _UPPER * height or len(rows) - index > _LONGEST:
            break
        if run_in(row.text.strip()):  # an abstract in small print: the marks over it are of addresses
            break
        small = small and (row.size < _SMALL * made.size or row.words < 3)
        apart = row.y0 - before.y0 > _APART * made.leading
        if (small or apart) and is_note(row) and (apart or not listed) and (small or _is_numbered(row)):
            start = index
    return list(rows[:start]), list(rows[start:])


def is_note(row: Row) -> bool:
    """Whether *row* begins like a footnote: with a raised number, a dagger, or, on a first page, words that only notes begin with."""
    return _is_numbered(row) or bool(_MARKED.match(row.text)) or (row.page == 1 and bool(_WORDED.match(row.text)))


def _is_numbered(row: Row) -> bool:
    mark = next((span for span in row.spans if span.text.strip()), row.spans[0])
    raised = row.y1 - 0.22 * row.size - mark.baseline > 0.1 * row.size  # from the baseline of the row
    return raised and mark.text.strip().isdigit() and mark.size < 0.85 * row.size and row.words >= 2


def in_margin(row: Row, made: Print) -> bool:
    """Whether *row* is small print that stands wholly beside the text area."""
    return row.size < made.size - 0.4 and (row.x1 < made.left - 4 or row.x0 > made.right + 4)


def records(rows: Sequence[Row], writer: Writer) -> list[Footnote]:
    """The notes in *rows* of one page, each from its mark on."""
    found: list[list[Row]] = []
    for row in rows:
        if found and not is_note(row):
            found[-1].append(row)
        else:
            found.append([row])
    return [_record(note, writer) for note in found]


def _record(rows: Sequence[Row], writer: Writer) -> Footnote:
    text = writer.joined(writer.row(row) for row in rows)
    mark = _MARK.match(text)
    return Footnote(page=rows[0].page, mark=(mark[1] or mark[2]) if mark else "", text=text[mark.end() :] if mark else text)
