"""Lines of print from what the PDF library tells of a page, read once without the spaces that it adds and once with them.

It begins a span at every space that it adds, two of three in justified text. So how the print looks is taken from the reading without,
which has a third of the spans, and the words from the other.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from digest.reading.page import Line, Span, inside

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from digest.records import Box

_PAINT = 0x30  # FZ_STEXT_FILLED | FZ_STEXT_STROKED in mupdf/fitz/structured-text.h
_BOLD = 16  # TEXT_FONT_BOLD of PyMuPDF
_BOLD_FONT = re.compile(r"Bold|Black|Heavy|Medi(um)?\b|-Medi|CMBX|CMSSBX|SFBX|Demi|-B\b|\.B$", re.IGNORECASE)
Words = list[tuple[float, float, float, float, str, int, int, int]]  # box, word, numbers of its block and line, its number on that


def texts(blocks: Sequence[tuple[Any, ...]]) -> list[str]:
    """The text of each line in *blocks*, as `extractBLOCKS` gives them."""
    return [line for block in blocks if block[6] == 0 for line in block[4].split("\n")[:-1]]


def letters(content: dict[str, Any]) -> list[str]:
    """The text of each line in *content*, as `extractDICT` gives it."""
    return ["".join([span["text"] for span in line["spans"]]) for block in content["blocks"] for line in block["lines"]]


def same(bare: Sequence[str], spaced: Sequence[str]) -> bool:
    """Whether two readings have the same lines but for spaces."""
    return len(bare) == len(spaced) and "\n".join(bare).replace(" ", "") == "\n".join(spaced).replace(" ", "")


def lines(content: dict[str, Any], spaced: Sequence[str]) -> list[Line]:
    """The lines of *content*, the dictionary of a page, that are not blank; *spaced* are their texts."""
    found, unread = [], iter(spaced)
    for number, block in enumerate(content["blocks"]):
        for line in block["lines"]:
            text = next(unread)
            if text and not text.isspace():
                parts = line["spans"]
                spans = (_span(parts[0], text),) if len(parts) == 1 else tuple(map(_span, parts, _parted(parts, text)))
                found.append(Line(number, line["dir"], line["bbox"], spans))
    return found


def _span(part: dict[str, Any], text: str) -> Span:
    x0, _, x1, _ = part["bbox"]
    font, painted = part["font"], part["char_flags"] & _PAINT != 0
    bold = part["flags"] & _BOLD != 0 or _is_bold(font)
    return Span(text, font, part["size"], bold, part["color"], part["alpha"], painted, x0, x1, part["origin"][1])


@lru_cache(maxsize=1024)
def _is_bold(font: str) -> bool:
    return bool(_BOLD_FONT.search(font))


def _parted(parts: Sequence[dict[str, Any]], text: str) -> Iterator[str]:
    """*text* cut into the words of each of *parts*; a space that was added between two goes to the second.

    None is where they lie over one another: an accent and its letter.
    """
    start, right = 0, -math.inf
    for part in parts:
        own, box = part["text"], part["bbox"]
        end, spaces = start + len(own), own.count(" ")
        while (now := text.count(" ", start, end)) > spaces:
            end, spaces = end + now - spaces, now
        end = len(text) if part is parts[-1] else end
        yield text[start + 1 : end] if box[0] < right and text[start : start + 1] == " " != own[:1] else text[start:end]
        start, right = end, box[2]


def clipped(found: Sequence[Line], shown: Words) -> list[Line]:
    """The lines *found*, those marked of whose words none is among those *shown*."""
    left: dict[str, list[Box]] = {}
    for word in shown:
        left.setdefault(word[4], []).append(word[:4])
    return [line if _is_shown(line.text, line.box, left, shown) else line._replace(clipped=True) for line in found]


def _is_shown(text: str, box: Box, left: dict[str, list[Box]], shown: Words) -> bool:
    """Whether a word of the line stands among those left; the two readings may part words differently, so parts count too."""
    if any(inside(place, box) for word in text.split() for place in left.get(word, ())):
        return True
    return any(word[4] in text and inside(word[:4], box) for word in shown)
