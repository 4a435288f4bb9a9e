"""The numbers of a text with their units, so that "27x", "27×" and "27 times" are one and "2.48" and "2.48 %" are two."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

_UNITS = {
    "x": r"[x×✕](?![A-Za-z0-9])|times\b|-?fold\b|倍",
    "ms": r"ms\b|milliseconds?\b|毫秒",
    "s": r"s\b|secs?\b|seconds?\b|秒",
    "min": r"mins?\b|minutes?\b|分钟",
    "h": r"h\b|hrs?\b|hours?\b|小时",
    "d": r"days?\b|天",
    "dB": r"dB\b|分贝",
    "KB": r"K[iB]?B\b",
    "MB": r"M[i]?B\b",
    "GB": r"G[i]?B\b",
    "TB": r"T[i]?B\b",
    "fps": r"fps\b|FPS\b|frames per second\b|帧(?:/|每)秒",
    "Hz": r"Hz\b",
    "kHz": r"kHz\b",
    "mm": r"mm\b|毫米",
    "cm": r"cm\b|厘米",
    "km": r"km\b|公里|千米",
}
_UNIT = "|".join(f"(?P<{name}>{pattern})" for name, pattern in _UNITS.items())
# A digit run that is not part of a name ("ResNet50", "p12") or of a longer number. It may carry letters behind it: "4x", "40ms".
_NUMBER = re.compile(
    r"(?<![A-Za-z0-9_.])(?<!\d,)(?P<whole>\d{1,3}(?:,\d{3})+(?![\d,])|\d+)(?P<fraction>\.\d+)?(?P<power>e[+-]?\d+)?"
    r"(?:\s?(?P<scale>thousand|million|billion|百万|[KkMB](?![A-Za-z])|万|亿))?"
    rf"(?:\s?(?P<percent>%|percent\b|percentage points?\b|个百分点)|[\s-]?(?:{_UNIT}))?"
)
_TIMES = re.compile(r"(?<=\d)\s*[x×✕*]\s*(?=\d)")  # 256x256
# A table, figure or section that a text points to: its number is no measurement, and a measurement is not its number.
_POINTER = re.compile(
    r"(?:\b(?:Fig(?:ure)?|Tab(?:le)?|Sec(?:tion)?|Eqn?|Equation|Appendix|Alg(?:orithm)?)s?\.?|[图表式])"
    r"\s*\(?\d+(?:\.\d+)?\)?(?:\s*(?:,|-|and|和|、|到|至)\s*\(?\d+\)?(?![\d.%]))*",
    re.IGNORECASE,
)
# References, and the counting of points: "[12]", "(1)".
_MARK = re.compile(r"(?<=[\w)\].,])\s*\[\d{1,3}(?:\s*[,-]\s*\d{1,3})*\]|(?:^|(?<=\s))\(\d\)(?=\s)")
_POWER = re.compile(r"(?:(\d(?:\.\d+)?)\s*[×x*]\s*)?10\s*\^?\{?\s*-(\d{1,2})(?!\d)")  # 2 × 10^{-4}, as a PDF may hold it
# "from 70.1 to 76.4%": the sign belongs to both; a table says it once, above the column.
_SHARED_SIGN = re.compile(r"\s*(?:-|~|,|/|to|and|到|至|和|、)\s*\d[\d.,]*\s?(?:%|percent)", re.IGNORECASE)
_SCALE = {"thousand": 3, "k": 3, "million": 6, "m": 6, "百万": 6, "billion": 9, "b": 9, "万": 4, "亿": 8}
_TO_TWENTY = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty"
)
_TENS = "thirty forty fifty sixty seventy eighty ninety hundred"
_SPELLED = {word: str(value) for value, word in enumerate(_TO_TWENTY.split(), 1)}
_SPELLED |= {word: str(value) for value, word in zip(range(30, 101, 10), _TENS.split(), strict=True)}
_SPELLED_WORD = re.compile(r"\b(" + "|".join(_SPELLED) + r")\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number of a text.

    A value is the number as written without thousands separators (so "2.48" and "2.480", which differ in what was
    measured, differ), a scaled one written out ("10K" is 10000), and ends in "%" when it is a share. That of a table or a section
    begins with "#".
    """

    written: str
    values: frozenset[str]  # it may stand for; more than one only where a sign is shared
    unit: str  # "ms", "dB", "x"; empty when none is written

    @property
    def distinctive(self) -> bool:
        """Whether it is rare enough to be one measurement: 30.88 or 1024, not 3 or 12."""
        return any("." in value or len(value.rstrip("%")) > 2 for value in self.values)


Values = dict[str, set[str]]  # value -> the units it is written with, "" for none


def quantities(text: str) -> list[Quantity]:
    """The numbers of folded *text*, in order."""
    text = _MARK.sub(" ", _TIMES.sub(" × ", text))
    found = [
        Quantity(number, frozenset({f"#{number}"}), "")
        for match in _POINTER.finditer(text)
        for number in re.findall(r"\d+(?:\.\d+)?", match.group())
    ]
    text = _POINTER.sub(" ", text)
    for match in _NUMBER.finditer(text):
        value = match["whole"].replace(",", "") + (match["fraction"] or "") + (match["power"] or "")
        if match["scale"]:
            value = f"{Decimal(value).scaleb(_SCALE[match['scale'].lower()]).normalize():f}"
        values = {value + "%" * bool(match["percent"])}
        if not match["percent"] and _SHARED_SIGN.match(text, match.end()):
            values.add(value + "%")
        unit = next((name for name in _UNITS if match[name]), "")
        found.append(Quantity(match.group().strip(), frozenset(values), unit))
    return found


def values_of(text: str) -> Values:
    """Everything that the numbers of folded *text* may stand for, those up to a hundred that it spells out in one word too."""
    found: Values = {}
    for quantity in quantities(text):
        for value in quantity.values:
            found.setdefault(value, set()).add(quantity.unit)
    for factor, power in _POWER.findall(text):
        found.setdefault(f"{factor or 1}e-{power}", set()).add("")
    for word in _SPELLED_WORD.findall(text):
        found.setdefault(_SPELLED[word.lower()], set()).add("")
    return found


def holds(values: Values, quantity: Quantity) -> bool:
    """Whether *values* hold the number, in its unit or in none: 141 ms is not 141 s, but may be 141 in a table."""
    units = [unit for value in quantity.values for unit in values.get(value, ())]
    return bool(units) and (not quantity.unit or quantity.unit in units or "" in units)
