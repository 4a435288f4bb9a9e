"""Headings that stand in the first line of their paragraph: in bold, or numbered and in italics."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from digest.reading.letters import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.reading.page import Span
    from digest.reading.rows import Row

_ITALIC = re.compile(r"ital|obli|[-.]it\b|cmti|-ti\b", re.IGNORECASE)
_NUMBERED = re.compile(r"^(\d{1,2}\)|[A-Z][.)]|\d{1,2}(\.\d{1,2})+\.?)\s*[A-Z].*[.:]$")
_ENDS = re.compile(r"[.:?][\"'”’)\]]*$")
_STATEMENT = re.compile(
    r"^(theorem|lemma|corollary|proposition|definition|remark|claim|assumption|property|proof|example|problem|conjecture|fact|algorithm"
    r"|figure|table|step|input|output|require|ensure|case|note|hypothesis|observation|condition|exercise|question|answer|[qa])\b\s*:?\s*\(?"
    r"([A-Z]?\d|[.:(]|$)",
    re.IGNORECASE,
)
_LONGEST, _WORDS = 110, 14
_FORMULA = 14  # characters of a heading that are set in the font of formulas


def lead(text: str, rows: Sequence[Row]) -> str:
    """The heading that a paragraph begins with, *text* in *rows*; empty where it begins with none.

    Bold print at the beginning is one when it ends like one, or when a new sentence follows it. The number of a theorem is not.
    """
    styled = _styled(rows[:3])
    letters = sum(character.isalnum() for character in clean("".join(span.text for span in styled)))
    title = _first(text, letters)
    rest = text[len(title) :].strip()
    title = title.strip()
    if not rest or not title or len(title) > _LONGEST or len(title.split()) > _WORDS or _STATEMENT.match(title):
        return ""
    if not (styled[0].bold or _NUMBERED.match(title)) or not (title[0].isupper() or title[0].isdigit()):
        return ""
    return title if _ENDS.search(title) or (rest[0].isupper() and title[-1].isalnum()) else ""


def opens(row: Row) -> bool:
    """Whether *row* begins with a heading that ends like one, or is in bold as a whole."""
    if row.bold or not row.spans[0].bold:
        return row.bold
    styled = "".join(span.text for span in _styled([row])).strip()
    return bool(_ENDS.search(styled)) and styled[0].isupper() and not _STATEMENT.match(styled)


def _styled(rows: Sequence[Row]) -> list[Span]:
    """The spans in bold at the beginning, with formulas between them, or those in italics where it begins so."""
    spans = [span for row in rows for span in row.spans if span.text.strip()]
    if spans and not spans[0].bold:
        return list(itertools.takewhile(lambda span: bool(_ITALIC.search(span.font)), spans))
    end = between = 0
    for index, span in enumerate(spans):
        if span.bold:
            end, between = index + 1, 0
            continue
        between += len(span.text)
        if between > _FORMULA or _ENDS.search(spans[end - 1].text.strip()):
            break
    return spans[:end]


def _first(text: str, letters: int) -> str:
    """The beginning of *text* with so many letters and digits, and the punctuation that touches it."""
    if not letters:
        return ""
    seen = 0
    for index, character in enumerate(text):
        seen += character.isalnum()
        if seen == letters:
            end = re.compile(r"[^\w\s]*").match(text, index + 1)
            return text[: end.end()] if end else text[: index + 1]
    return text
