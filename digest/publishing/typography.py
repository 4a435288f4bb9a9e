"""Chinese set among Latin letters and figures: a space between the two scripts, full-width punctuation in Chinese sentences.

Models write "用FNO,提升1.2dB" as readily as "用 FNO，提升 1.2 dB". The rules are those of 《中文文案排版指北》
(sparanoid/chinese-copywriting-guidelines). They act only next to a Chinese character: English, addresses, numbers and code stay.
"""

from __future__ import annotations

import re

_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_LATIN = "A-Za-z0-9\u00c0-\u024f\u0391-\u03c9"
_FULL = dict(zip(",;:?!", "，；：？！", strict=True))

_PAIR = re.compile(r"(?P<before>^|.)(?P<gap> ?)\((?P<inside>[^()]{1,200})\)", re.DOTALL)
_QUOTED = re.compile(rf'"([^"]*[{_HAN}][^"]*)"')
_POINT = re.compile(rf"(?<=[{_HAN}）”》]) ?([,;:?!])(?!/)|([,;:?!])(?= ?[{_HAN}（“《])")
_STOP = re.compile(rf"(?<=[{_HAN}）”》])\.(?=$|\s|[{_HAN}（“《])")
_LAST_STOP = re.compile(rf"(?<=[{_LATIN}%])\.$")
_ELLIPSIS = re.compile(rf"(?<=[{_HAN}])\.{{3,6}}")
_LOOSE = re.compile(r" +(?=[，。；：？！、）》」』])|(?<=[，。；：？！、（《「『]) +")
_HAN_LATIN = re.compile(rf"(?<=[{_HAN}])(?=[×±≈~+]?[{_LATIN}]|\[\w)")
_LATIN_HAN = re.compile(rf"(?<=[{_LATIN}%°℃)\]])(?=[{_HAN}])")
_STARTS_HAN, _ENDS_HAN = re.compile(rf"[{_HAN}]"), re.compile(rf"[{_HAN}]$")
_STARTS_LATIN, _ENDS_LATIN = re.compile(rf"[{_LATIN}]"), re.compile(rf"[{_LATIN}%]$")


def typeset(text: str) -> str:
    """*text* with its Chinese spaced and punctuated; applied twice it changes nothing more."""
    if not re.search(rf"[{_HAN}]", text):
        return text
    text = _QUOTED.sub(r"“\1”", text)
    while (inner := _PAIR.sub(_bracketed, text)) != text:  # brackets within brackets, from the inside out
        text = inner
    text = _ELLIPSIS.sub("……", text)
    if len(re.findall(rf"[{_HAN}]", text)) > 0.2 * len(text):  # a Chinese sentence that ends on a Latin word
        text = _LAST_STOP.sub("。", text)
    text = _STOP.sub("。", _POINT.sub(lambda match: _FULL[match[1] or match[2]], text))
    text = _LATIN_HAN.sub(" ", _HAN_LATIN.sub(" ", text))
    return _LOOSE.sub("", text)


def gap(left: str, right: str, *, formula: bool) -> str:
    """What belongs between two runs of different form: a space where the scripts change, or Chinese meets a *formula* or code."""
    meets = (_ENDS_HAN.search(left) and (formula or _STARTS_LATIN.match(right))) or (
        _STARTS_HAN.match(right) and (formula or _ENDS_LATIN.search(left))
    )
    return " " if meets else ""


def _bracketed(match: re.Match[str]) -> str:
    """Brackets after or around Chinese become full width; those of ``f(x)`` stay."""
    before, inside = match["before"], match["inside"]
    if not (_ENDS_HAN.search(before) or _STARTS_HAN.search(inside)):
        return match[0]
    return f"{before}（{inside.strip()}）"
