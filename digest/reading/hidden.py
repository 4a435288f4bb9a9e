"""Text that a reader of the page cannot see: found by how it is painted, confirmed by the pixels it leaves.

Papers have been sent out with instructions to language models in white or tiny print. Ordinary papers, too, have white labels on dark
figures, text layers under scans and remains of cropped figures: so little is said of a few words, and nothing where there is contrast.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from digest.reading.page import Graphic, Line, Page, Span, inside
from digest.records import Box, HiddenText

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_WORD = re.compile(r"[^\W\d_]{2,}")
_SEEN = 24  # of 255 steps between paper and ink: less is not read
_MESSAGE_WORDS, _MESSAGE_LETTERS = 4, 16
_PALE = 235  # of 255, in every colour
_PALE_RED = (_PALE + 1) << 16  # the smallest color that can be pale
_CLEAR = 26  # alpha below a tenth
_TINY = 2.0  # points


class Shades(NamedTuple):
    """Grey values of the pixels in a box, 0 black to 255 white."""

    darkest: int
    middle: int
    lightest: int


def split(page: Page, shades: Callable[[list[Box]], list[Shades]]) -> tuple[list[Line], list[HiddenText]]:
    """The visible lines of *page*, and what is hidden on it.

    Lines under suspicion whose box shows contrast are visible. Invisible lines of a few words are left out of the first list, yet
    not reported: they are remains of figures, not messages.

    Args:
        shades: measures boxes on the drawn page; asked at most once, and only when there is enough to be suspicious of.
    """
    page = replace(page, lines=tuple(part for line in page.lines for part in _parts(line)))
    reasons = _suspects(page)
    doubtful = {index: page.lines[index].box for index, reason in reasons.items() if reason in _BY_PIXELS}
    if _is_message(" ".join(page.lines[index].text for index in doubtful)):
        for index, seen in zip(doubtful, shades(list(doubtful.values())), strict=True):
            if _is_seen(reasons[index], seen):
                del reasons[index]
    else:
        reasons = {index: reason for index, reason in reasons.items() if index not in doubtful}
    return [line for index, line in enumerate(page.lines) if index not in reasons], list(_reports(page, reasons))


def _is_seen(reason: str, seen: Shades) -> bool:
    """White text needs a dark ground, which most of its box then is; black print that it crosses is not enough."""
    return seen.lightest - (seen.middle if reason == WHITE else seen.darkest) >= _SEEN


def _reports(page: Page, reasons: dict[int, str]) -> Iterator[HiddenText]:
    """One report for neighbouring lines hidden in one way, when they make a message."""
    hidden = [(reason, page.lines[index]) for index, reason in reasons.items() if not (reason == TINY and _is_drawn_around(page, index))]
    for (reason, _), lines in itertools.groupby(hidden, key=lambda pair: (pair[0], pair[1].block)):
        text = " ".join(" ".join(line.text for _, line in lines).split())
        if _is_message(text):
            yield HiddenText(page=page.number, reason=reason, text=text)


def _is_drawn_around(page: Page, index: int) -> bool:
    """Whether a line stands within something drawn: the small print of a figure."""
    return any(
        graphic.kind != "text" and graphic.box[2] - graphic.box[0] > 20 and inside(page.lines[index].box, graphic.box)
        for graphic in page.graphics
    )


WHITE, CLEAR, UNPAINTED, TINY = "white on white", "transparent", "neither filled nor stroked", "smaller than 2 points"
OFF_PAGE, CLIPPED, COVERED, TURNED = "off the page", "clipped away", "painted over", "upside down"
BLANK, FALSE = "in letters that draw nothing", "in letters that draw others"
_BY_PIXELS = {WHITE, CLEAR, UNPAINTED, COVERED, BLANK}


def _suspects(page: Page) -> dict[int, str]:
    covered = _covered(page)
    upside_down = sum(line.direction[0] < -0.9 for line in page.lines)
    turned = 0 < upside_down < 0.2 * len(page.lines)
    found = {}
    for index, line in enumerate(page.lines):
        reason = _placing(line, page) or _painting(line) or (COVERED if index in covered else "")
        if not reason and turned and line.direction[0] < -0.9 and _is_message(line.text):
            reason = TURNED
        if reason and not (reason == UNPAINTED and _is_scanned(line, page)):
            found[index] = reason
    return found


def _placing(line: Line, page: Page) -> str:
    if not inside(line.box, (0.0, 0.0, page.width, page.height)):
        return OFF_PAGE
    return CLIPPED if line.clipped else ""


def _painting(line: Line) -> str:
    """Why a line of like parts is not seen, if it is not."""
    if not _is_odd(line.spans[0]) and not line.spans[0].text.isspace():
        return ""
    span = next(span for span in line.spans if span.text.strip())
    if not span.painted:
        return UNPAINTED
    if span.blank or span.false:
        return BLANK if span.blank else FALSE
    if span.alpha < _CLEAR:
        return CLEAR
    if span.size < _TINY:
        return TINY
    return WHITE if _is_pale(span.color) else ""


def _is_odd(span: Span) -> bool:
    if span.color < _PALE_RED and span.painted and span.size >= _TINY and span.alpha >= _CLEAR and not span.blank and not span.false:
        return False
    unseen = not span.painted or span.size < _TINY or span.alpha < _CLEAR or span.blank or span.false or _is_pale(span.color)
    return unseen and not span.text.isspace()


def _parts(line: Line) -> list[Line]:
    """*line* cut where plain print and what may be hidden in it meet; uncut, as nearly always, when it is of one sort."""
    sorts = list(map(_is_odd, line.spans))
    if True not in sorts or False not in sorts:
        return [line]
    found = []
    for _, run in itertools.groupby(zip(sorts, line.spans, strict=True), key=lambda pair: pair[0]):
        spans = tuple(span for _, span in run)
        if any(span.text.strip() for span in spans):
            found.append(line._replace(spans=spans, box=(spans[0].x0, line.box[1], spans[-1].x1, line.box[3])))
    return found


def _is_pale(color: int) -> bool:
    return min(color >> 16, color >> 8 & 255, color & 255) > _PALE


def _is_scanned(line: Line, page: Page) -> bool:
    """Whether the line is the text layer of a picture that shows the same words."""
    return any(graphic.kind == "image" and inside(line.box, graphic.box) for graphic in page.graphics)


def _covered(page: Page) -> set[int]:
    """Indexes of lines that lie under something opaque painted later."""
    below: list[Box] = []
    covers: list[tuple[Box, int]] = []
    for graphic in page.graphics:
        if graphic.kind == "text":
            below.append(graphic.box)
        elif (
            below
            and graphic.covers
            and _hides_a_line(graphic)
            and any(inside(box, graphic.box) or _meets(box, graphic.box) for box in below)
        ):
            covers.append((graphic.box, len(below)))
    return {
        index
        for index, line in enumerate(page.lines)
        for cover, count in covers
        if inside(line.box, cover)
        and any(inside(line.box, box) for box in below[:count])
        and not any(inside(line.box, box) for box in below[count:])
    }


def _hides_a_line(graphic: Graphic) -> bool:
    x0, y0, x1, y1 = graphic.box
    return x1 - x0 > 30 and y1 - y0 > 4


def _meets(box: Box, other: Box) -> bool:
    return box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]


def _is_message(text: str) -> bool:
    words = [word for word in text.split() if _WORD.search(word)]
    return len(words) >= _MESSAGE_WORDS and sum(map(len, words)) >= _MESSAGE_LETTERS


def layers(lines: Sequence[tuple[int, str]]) -> list[HiddenText]:
    """Lines of layers that are switched off, as (page, text), as reports; the same rule of four words holds."""
    return [HiddenText(page=page, reason="on a hidden layer", text=" ".join(text.split())) for page, text in lines if _is_message(text)]
