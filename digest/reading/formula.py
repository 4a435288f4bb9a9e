"""How a formula is written: its spans from left to right, raised and lowered ones as `^{…}` and `_{…}`, stacked ones as `\\frac`.

Only what the print shows is used: size, baseline, place. Letters and signs stay the characters they are.
"""

from __future__ import annotations

import itertools
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from digest.reading.letters import clean
from digest.reading.page import overlap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.reading.page import Span

SCRIPT = 0.85  # of the size of what it belongs to: TeX sets scripts at 0.7 of it, in footnotes at 0.75
_RAISED, _LOWERED = 0.14, 0.07  # of the size, from the baseline: TeX raises by 0.36 (in a crowd 0.29) and lowers by 0.15
_STACKED = 0.45  # of the size: numerators and denominators of a displayed fraction stand 0.68 off
_PRIMES = frozenset("′'″ ")
_CANNOT = str.maketrans({"$": None, "{": r"\{", "}": r"\}", "\\": "∖"})
_HATS = {"ˆ": r"\hat", "˜": r"\tilde", "¯": r"\bar", "˙": r"\dot", "ˇ": r"\check", "⃗": r"\vec"}
_WIDE = {**dict.fromkeys("bcd", r"\hat"), **dict.fromkeys("efg", r"\tilde")}  # in TeX's font of extensions, which says no more of them


class _Run(NamedTuple):
    """Spans at one height that touch."""

    level: int  # 0 on the line; 1 and -1 scripts above and below it; 2 and -2 parts of fractions
    spans: list[Span]

    @property
    def x0(self) -> float:
        return self.spans[0].x0

    @property
    def x1(self) -> float:
        return max([span.x1 for span in self.spans])


def level(span: Span, size: float, baseline: float) -> int:
    """Where *span* stands on a line of *size*: 0 on it, 1 and -1 a script above and below, 2 and -2 a line of its own above and below."""
    above = baseline - span.baseline
    if span.size < SCRIPT * size:
        return 1 if above > _RAISED * size else -1 if above < -_LOWERED * size else 0
    return 0 if abs(above) < _STACKED * size or _is_extension(span) else 2 if above > 0 else -2


def write(spans: Sequence[Span], size: float = 0.0, baseline: float = 0.0) -> str:
    """The text of a formula made of *spans*, with a line's *size* and *baseline* where the spans alone do not show them."""
    if not size:
        size, baseline = line_of(spans)
    if all(span.baseline == baseline and span.size == size for span in spans):
        return _plain(spans)
    text, above, below = "", list[_Run](), list[_Run]()
    end = spans[0].x0
    for run in _ordered(_runs(spans, size, baseline)):
        if run.level:
            (above if run.level > 0 else below).append(run)
            continue
        text = _closed(text, above, below, end, size) + _spaced(run, text, above, below, size)
        above, below, end = [], [], run.x1
    return _closed(text, above, below, end, size)


def line_of(spans: Sequence[Span]) -> tuple[float, float]:
    """(size, baseline) of most of the large characters of *spans*."""
    largest = max([span.size for span in spans])
    lines: Counter[tuple[float, float]] = Counter()
    for span in spans:
        if span.size > SCRIPT * largest and not _is_extension(span):
            lines[span.size, span.baseline] += len(span.text.strip())
    return max(lines, key=lines.__getitem__) if lines else (largest, spans[0].baseline)


def _is_extension(span: Span) -> bool:
    """Whether *span* is a large operator or bracket, which hangs from a baseline of its own."""
    return "EX" in span.font or "ex" in span.font[-5:]


def _runs(spans: Sequence[Span], size: float, baseline: float) -> list[_Run]:
    found: list[_Run] = []
    for span in sorted(spans, key=lambda span: span.x0):
        if span.text.isspace():
            continue
        height = level(span, size, baseline)
        last = next((run for run in reversed(found[-4:]) if run.level == height), None)
        if last and height and span.x0 - last.x1 < 0.4 * size and not any(run.level == 0 and run.x0 >= last.x1 - 0.5 for run in found[-3:]):
            last.spans.append(span)
        elif not height and found and not found[-1].level and _accented(found[-1].spans[-1], span):
            found[-1].spans.append(span)
        else:
            found.append(_Run(height, [span]))
    return found


def _accented(last: Span, span: Span) -> bool:
    """Whether one of two neighbours is an accent over the other."""
    return bool(_accent(last) or _accent(span)) and overlap(last.x0, last.x1, span.x0, span.x1) > 0


def _accent(span: Span) -> str:
    """The command of an accent; empty for what is none."""
    text = span.text.strip()
    return _HATS.get(text) or (_WIDE.get(text, "") if _is_extension(span) else "")


def _ordered(runs: Sequence[_Run]) -> list[_Run]:
    """*runs* from left to right, limits after the operator that they stand over or under."""
    bases = [run for run in runs if not run.level]

    def place(run: _Run) -> float:
        middle = (run.x0 + run.x1) / 2
        over = [base for base in bases if base.x0 <= middle <= base.x1] if run.level in {1, -1} else []
        return over[0].x0 + 0.01 if over else run.x0

    return sorted(runs, key=place)


def _closed(text: str, above: list[_Run], below: list[_Run], end: float, size: float) -> str:
    """*text* with the scripts or the fraction that stand after it."""
    if not above and not below:
        return text
    upper, lower = (write([span for run in runs for span in run.spans]).strip() if runs else "" for runs in (above, below))
    if above and below and _is_fraction(above, below, end, size):
        return f"{text}\\frac{{{upper}}}{{{lower}}}"
    if not _PRIMES.issuperset(upper):
        upper = f"^{{{upper}}}"
    gap = " " * (text != text.rstrip())
    return text.rstrip() + (f"_{{{lower}}}" if lower else "") + upper + gap


def _is_fraction(above: list[_Run], below: list[_Run], end: float, size: float) -> bool:
    """Lines of their own, or scripts centred on each other with white before them."""
    if any(abs(run.level) == 2 for run in itertools.chain(above, below)):
        return True
    first, last = above[0].x0 + above[-1].x1, below[0].x0 + below[-1].x1
    return abs(first - last) < 0.16 * size and min(above[0].x0, below[0].x0) - end > 0.09 * size


def _spaced(run: _Run, text: str, above: list[_Run], below: list[_Run], size: float) -> str:
    written = _plain(run.spans)
    before = max([other.x1 for other in (*above, *below)], default=0.0)
    return f" {written}" if before and run.x0 - before > 0.15 * size and not written.startswith(" ") and text else written


def _plain(spans: Sequence[Span]) -> str:
    """Spans of one line one after another, accents over the letter that they stand on."""
    text = clean(spans[0].text).translate(_CANNOT)
    for last, span in itertools.pairwise(spans):
        part = clean(span.text).translate(_CANNOT)
        if not _accented(last, span):
            text += part
        elif (over := _accent(last)) and part.lstrip()[:1].isalpha():
            text = f"{text.rstrip()[:-1]}{over}{{{part.lstrip()[0]}}}{part.lstrip()[1:]}"
        elif (over := _accent(span)) and text[-1:].isalpha():
            text = f"{text[:-1]}{over}{{{text[-1]}}}"
        else:
            text += part
    return text
