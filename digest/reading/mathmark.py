"""Which spans of a line are mathematics, and how that is written: `$…$`.

A formula is told by its fonts, never by guessing at words. What the fonts do not tell (a formula set in the text font) stays prose.
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from digest.reading import formula
from digest.reading.letters import clean

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
_ENDINGS = frozenset({"st", "nd", "rd", "th", "TM", "™", "®"})
_CLOSE, _OVER = 0.4, -0.1  # of the size: from a part of a formula to the next
_LONGEST_SCRIPT = 16  # characters
_SAYS_MORE = re.compile(r"[^\W\d_]|[_^]")
_BEFORE_NOTE = (".", ",", ";", ")")


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
    if len(spans) == 1 or (math.isdisjoint([span.font for span in spans]) and len({span.baseline for span in spans}) == 1):
        return clean("".join([span.text for span in spans]))
    spans = _without_note_marks(spans)
    size, baseline = formula.line_of(spans)
    kinds = _kinds(spans, size, baseline, math, body_is_modern)
    runs = itertools.groupby(zip(kinds, spans, strict=True), key=lambda pair: pair[0])
    return "".join([_written(is_math, [span for _, span in run], size, baseline) for is_math, run in runs])


def _without_note_marks(spans: Sequence[Span]) -> Sequence[Span]:
    """*spans* without raised numbers after a full stop or comma: they lead to footnotes, and would hide where a sentence ends."""
    digits = [i for i in range(1, len(spans)) if spans[i].text.isdigit() and spans[i - 1].text.endswith(_BEFORE_NOTE)]
    if not digits:
        return spans
    size = max([span.size for span in spans])
    marks = {i for i in digits if spans[i].size < 0.8 * size and spans[i - 1].baseline - spans[i].baseline > 0.2 * size}
    return [span for i, span in enumerate(spans) if i not in marks]


def _kinds(spans: Sequence[Span], size: float, baseline: float, math: frozenset[str], body_is_modern: bool) -> list[bool]:
    kinds = [span.font in math or _is_script(span, size, baseline) for span in spans]
    joints = [_is_joint(span, size, body_is_modern) for span in spans]
    for order in (range(1, len(spans)), range(len(spans) - 2, -1, -1)):  # a formula grows to the right, then to the left
        step = order.step
        for i in order:
            kinds[i] = kinds[i] or (kinds[i - step] and joints[i] and _touching(spans, i, i - step))
    for i in range(1, len(spans) - 1):
        kinds[i] = kinds[i] or (kinds[i - 1] and kinds[i + 1] and bool(_JOINT.match(spans[i].text)) and "," not in spans[i].text)
    return kinds


def _is_script(span: Span, size: float, baseline: float) -> bool:
    """Whether *span* is raised or lowered, and not the ending of an ordinal number or a trade mark."""
    if span.size >= formula.SCRIPT * size or abs(span.baseline - baseline) < 0.07 * size:
        return False
    text = span.text.strip()
    return 0 < len(text) <= _LONGEST_SCRIPT and text not in _ENDINGS and abs(formula.level(span, size, baseline)) == 1


def _is_joint(span: Span, size: float, body_is_modern: bool) -> bool:
    script = span.size < 0.8 * size and len(span.text.strip()) <= 8
    return script or (not body_is_modern and bool(_COMPUTER_MODERN.match(span.font)))


def _touching(spans: Sequence[Span], i: int, j: int) -> bool:
    left, right = (spans[i], spans[j]) if i < j else (spans[j], spans[i])
    gap = (right.x0 - left.x1) / left.size
    spaced = gap > _OVER and (left.text.endswith(" ") or right.text.startswith(" "))  # between an accent and its letter none is real
    return (gap < _CLOSE and not spaced) or _script(spans[i], spans[j])


def _script(span: Span, neighbour: Span) -> bool:
    return span.size < 0.8 * neighbour.size


def _written(is_math: bool, spans: Sequence[Span], size: float, baseline: float) -> str:
    text = "".join([span.text for span in spans])
    if not is_math:
        return clean(text)
    bare = formula.write(spans, size, baseline).strip()
    if not _SAYS_MORE.search(bare):
        return clean(text)  # "4×", "0.7", bullets: numbers and signs that read as text
    before, after = " " * (text != text.lstrip()), " " * (text != text.rstrip())
    return f"{before}${bare}${after}"


def math_fonts(fonts: Iterable[str]) -> frozenset[str]:
    """Those of *fonts* that set formulas."""
    return frozenset(font for font in fonts if is_math_font(font))


def is_modern(font: str) -> bool:
    """Whether *font* is a text font of the Computer Modern family."""
    return bool(_COMPUTER_MODERN.match(font))
