"""The numbers of a text, so that "27x", "27×" and "27" are one number and "2.48" and "2.48 %" are two."""

from __future__ import annotations

import re
from decimal import Decimal

# A digit run that is not part of a name ("ResNet50", "p12") or of a longer number. It may carry letters behind it: "4x", "40ms".
_NUMBER = re.compile(
    r"(?<![A-Za-z0-9_.])(?<!\d,)(\d{1,3}(?:,\d{3})+(?![\d,])|\d+)(\.\d+)?"
    r"(?:\s?(thousand|million|billion|百万|[KkMB](?![A-Za-z])|万|亿))?\s?(%|percent\b|percentage points?\b|个百分点)?"
)
_TIMES = re.compile(r"(?<=\d)\s*[x×✕*]\s*(?=\d)")  # 256x256
# "from 70.1 to 76.4%": the sign belongs to both; a table says it once, above the column.
_SHARED_SIGN = re.compile(r"\s*(?:-|~|,|/|to|and|到|至|和|、)\s*\d[\d.,]*\s?(?:%|percent)", re.IGNORECASE)
_SCALE = {"thousand": 3, "k": 3, "million": 6, "m": 6, "百万": 6, "billion": 9, "b": 9, "万": 4, "亿": 8}
_SPELLED = dict(zip("one two three four five six seven eight nine ten eleven twelve".split(), map(str, range(1, 13)), strict=True))
_SPELLED_WORD = re.compile(r"\b(" + "|".join(_SPELLED) + r")\b", re.IGNORECASE)


def quantities(text: str) -> list[tuple[str, frozenset[str]]]:
    """The numbers of folded *text* in order: each as written, and the values it may stand for.

    A value is the number as written without thousands separators (so "2.48" and "2.480", which differ in what was
    measured, differ), a scaled one written out ("10K" is 10000), and ends in "%" when it is a share.
    """
    text = _TIMES.sub(" × ", text)
    found = []
    for match in _NUMBER.finditer(text):
        whole, fraction, scale, percent = match.groups()
        value = whole.replace(",", "") + (fraction or "")
        if scale:
            value = f"{Decimal(value).scaleb(_SCALE[scale.lower()]).normalize():f}"
        values = {value + "%" * bool(percent)}
        if not percent and _SHARED_SIGN.match(text, match.end()):
            values.add(value + "%")
        found.append((match.group().strip(), frozenset(values)))
    return found


def spelled_out(text: str) -> frozenset[str]:
    """The values of the numbers from one to twelve that *text* writes as words."""
    return frozenset(_SPELLED[word.lower()] for word in _SPELLED_WORD.findall(text))


def is_distinctive(value: str) -> bool:
    """Whether a number is rare enough to be one measurement: 30.88 or 1024, not 3 or 12."""
    return "." in value or len(value.rstrip("%")) > 2
