"""Characters as a reader means them: no ligatures, no mathematical alphabets, accents on their letters."""

from __future__ import annotations

import re
import unicodedata

_SPECIAL = re.compile(
    "[\u00a0\u2000-\u200f\u2028-\u202f\u205f-\u2064\u3000\ufb00-\ufb06\ufeff\ufffe\uffff\U0001d400-\U0001d7ff\U000e0000-\U000e007f\x00-\x1f\x7f-\x9f]"
)
_ACCENT = re.compile("(?<![´`ˆ¨˜ˇ˘¯˚])([´`ˆ¨˜ˇ˘¯˚])[ ]?([A-Za-zı])")
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
