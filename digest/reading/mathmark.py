"""Which spans of a line are mathematics, and how that is written: `$…$`.

A formula is told by its fonts, never by guessing at words. What the fonts do not tell (a formula set in the text font) stays prose.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from digest.reading.page import Span

# Math fonts of TeX (Computer and Latin Modern, AMS, MathTime, tx/px, STIX, Fourier), of Word and of Symbol.
_MATH_FONT = re.compile(
    r"CM(MI|SY|EX|BSY|MIB)|LM(Math|MI|SY|EX)|MS[AB]M|[A-Z]*Math|(STIX|XITS).*(Siz|Sym|Int|Var|NonUni)|EU[FSR][MB]\d|rsfs|dsrom|bbm|bbold"
    r"|stmary|wasy|[tp]x(sy|mi|ex|b)|[rn]tx(mi|sy|ex)|NewTXMI|ntxexx|MT(MI|SY|EX)|esint|^Symbol|Asana-Math|Zplm|PazoMath",
    re.IGNORECASE,
)
_COMPUTER_MODERN = re.compile(
    r"^(CM(R|BX|TI|SL|CSC|SS)|LMRoman|SFRM)", re.IGNORECASE
)  # digits and brackets of formulas in papers set in another font
_JOINT = re.compile(r"^[\s\d.,:;()\[\]{}|/+\-=<>*'×·′]*$")  # text-font characters that belong to a formula standing on both sides
_SPECIAL = re.compile(
    "[\u00a0\u2000-\u200f\u2028-\u202f\u205f-\u2064\u3000\ufb00-\ufb06\ufeff\ufffe\uffff\U0001d400-\U0001d7ff\U000e0000-\U000e007f\x00-\x1f\x7f-\x9f]"
)


_ACCENT = re.compile("([´`ˆ¨˜ˇ˘¯˚])[ ]?([A-Za-zı])")
_BEFORE_NOTE = (".", ",", ";", ")")
_ACCENTS = frozenset("´`ˆ¨˜ˇ˘¯˚")
_COMBINING = dict(zip("´`ˆ¨˜ˇ˘¯˚", "\u0301\u0300\u0302\u0308\u0303\u030c\u0306\u0304\u030a", strict=True))


def clean(text: str) -> str:
    """*text* with ligatures and mathematical alphabets as plain letters, spaces as spaces, and what has no shape taken out.

    Chinese punctuation and superscript digits stay as they are, unlike under NFKC. Zero-width and tag characters go: they only carry
    what a reader cannot see.
    """
    if text.isascii() and text.isprintable():
        return text
    text = _SPECIAL.sub(_plain, text)
    return _ACCENT.sub(_accented, text) if not _ACCENTS.isdisjoint(text) else text


def _accented(match: re.Match[str]) -> str:
    """TeX's old encoding draws an accent, then its letter: "Universit´e"."""
    letter = "i" if match[2] == "ı" else match[2]
    return unicodedata.normalize("NFC", letter + _COMBINING[match[1]])


def _plain(match: re.Match[str]) -> str:
    character = match.group()
    if character in "\u2060\ufeff\ufffe\uffff" or character < " " or "\x7f" <= character <= "\x9f" or character >= "\U000e0000":
        return " " if character in "\t\n" else ""
    if unicodedata.category(character) == "Cf":
        return ""
    return unicodedata.normalize("NFKC", character)


def is_math_font(font: str) -> bool:
    """Whether *font* sets formulas only."""
    return bool(_MATH_FONT.search(font))


def mark(spans: Sequence[Span], math: frozenset[str], body_is_modern: bool) -> str:
    """The text of a row with its formulas between dollar signs.

    Args:
        spans: of one row, from left to right.
        math: fonts of the document that set formulas.
        body_is_modern: the prose itself is set in Computer Modern, so that its roman says nothing.
    """
    spans = _without_note_marks(spans) if len(spans) > 1 else spans
    if math.isdisjoint([span.font for span in spans]):
        return clean("".join([span.text for span in spans]))
    kinds = _kinds(spans, math, body_is_modern)
    runs = itertools.groupby(zip(kinds, spans, strict=True), key=lambda pair: pair[0])
    return "".join(_written(is_math, "".join(span.text for _, span in run)) for is_math, run in runs)


def _without_note_marks(spans: Sequence[Span]) -> Sequence[Span]:
    """*spans* without raised numbers after a full stop or comma: they lead to footnotes, and would hide where a sentence ends."""
    digits = [i for i in range(1, len(spans)) if spans[i].text.isdigit() and spans[i - 1].text.endswith(_BEFORE_NOTE)]
    if not digits:
        return spans
    size = max([span.size for span in spans])
    marks = {i for i in digits if spans[i].size < 0.8 * size and spans[i - 1].baseline - spans[i].baseline > 0.2 * size}
    return [span for i, span in enumerate(spans) if i not in marks]


def _kinds(spans: Sequence[Span], math: frozenset[str], body_is_modern: bool) -> list[bool]:
    size = max(span.size for span in spans)
    kinds = [span.font in math for span in spans]
    joints = [_is_joint(span, size, body_is_modern) for span in spans]
    for order in (range(1, len(spans)), range(len(spans) - 2, -1, -1)):  # a formula grows to the right, then to the left
        step = order.step
        for i in order:
            kinds[i] = kinds[i] or (kinds[i - step] and joints[i] and _touching(spans, i, i - step))
    for i in range(1, len(spans) - 1):
        kinds[i] = kinds[i] or (kinds[i - 1] and kinds[i + 1] and bool(_JOINT.match(spans[i].text)) and "," not in spans[i].text)
    return kinds


def _is_joint(span: Span, size: float, body_is_modern: bool) -> bool:
    script = span.size < 0.8 * size and len(span.text.strip()) <= 8
    return script or (not body_is_modern and bool(_COMPUTER_MODERN.match(span.font)))


def _touching(spans: Sequence[Span], i: int, j: int) -> bool:
    left, right = (spans[i], spans[j]) if i < j else (spans[j], spans[i])
    return (right.x0 - left.x1 < 0.4 * left.size and not (left.text.endswith(" ") or right.text.startswith(" "))) or _script(
        spans[i], spans[j]
    )


def _script(span: Span, neighbour: Span) -> bool:
    return span.size < 0.8 * neighbour.size


def _written(is_math: bool, text: str) -> str:
    text = clean(text)
    if not is_math or not any(character.isalpha() for character in text):
        return text  # "4×", "0.7", bullets: numbers and signs that read as text
    bare = text.strip().replace("$", "")
    before, after = " " * (text != text.lstrip()), " " * (text != text.rstrip())
    return f"{before}${bare}${after}"


def math_fonts(fonts: Iterable[str]) -> frozenset[str]:
    """Those of *fonts* that set formulas."""
    return frozenset(font for font in fonts if is_math_font(font))


def is_modern(font: str) -> bool:
    """Whether *font* is a text font of the Computer Modern family."""
    return bool(_COMPUTER_MODERN.match(font))
