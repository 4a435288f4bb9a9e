"""LaTeX of titles, abstracts and names as plain Unicode text.

arXiv keeps what authors typed: among 15,500 abstracts (2025-10, 2026-01 to -03) ``\\%`` stands outside formulas 1,456
times, ``\\textbf`` 1,292, ``\\textit`` 425, ``\\emph`` 367. This module does not know formulas: the caller takes them out first.
"""

from __future__ import annotations

import re
import unicodedata

_ACCENTS = {
    "'": "\u0301",
    "`": "\u0300",
    "^": "\u0302",
    '"': "\u0308",
    "~": "\u0303",
    "=": "\u0304",
    ".": "\u0307",
    "u": "\u0306",
    "v": "\u030c",
    "H": "\u030b",
    "c": "\u0327",
    "d": "\u0323",
    "b": "\u0331",
    "k": "\u0328",
    "r": "\u030a",
}
_LETTERS = {"ss": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "aa": "å", "AA": "Å"}
_SYMBOLS = {
    "alpha": "α",
    "beta": "β",
    "gamma": "γ",
    "kappa": "κ",
    "mu": "μ",
    "pm": "±",
    "times": "×",
    "sim": "~",
    "approx": "≈",
    "leq": "≤",
    "geq": "≥",
    "rightarrow": "→",
    "deg": "°",
    "ie": "i.e.",
    "eg": "e.g.",
}
_SUPERSCRIPTS = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")

_ACCENT = re.compile(r"""\\(?:(['`^"~=.])\s*|([uvHcdbkr])(?:\s+|(?=\{)))(?:\{\s*\\?([A-Za-z])\s*\}|\\?([A-Za-z]))""")
_NAMED = re.compile(r"\\([A-Za-z]+)(?:\{\})?")
_STYLED = re.compile(
    r"\\(?:text(?:bf|it|rm|sc|tt|sf|up|normal)?|emph|underline|uline|mbox|url|textcolor\{[^{}]*\}|href\s*\{[^{}]*\})\s*\{([^{}]*)\}"
)
_NOTE = re.compile(r"\\footnote\s*\{([^{}]*)\}")
_RAISED = re.compile(r"\\textsuperscript\s*\{([^{}]*)\}")
_DROPPED = re.compile(r"\s*~?\\(?:cite[pt]?|footnotemark|label|ref)\s*\{[^{}]*\}|\\(?:it|bf|em|tt|sc)\b ?|\\[-/]")
_ESCAPED = re.compile(r"\\([%&$#_{}~ ])")
_MARKS = (("---", "—"), ("``", "“"), ("''", "”"), ("\\,", " "))


def to_text(source: str) -> str:
    r"""*source* with LaTeX's text commands resolved: ``Poincar\'e`` is "Poincaré", ``\emph{all}`` is "all".

    A command that is not known (an author's own macro) stays as it was written.
    """
    if not re.search(r"[\\{}~]|--|``|''", source):
        return source
    text = _ACCENT.sub(_accented, source)
    text = _DROPPED.sub("", text)
    text = _NAMED.sub(lambda match: _LETTERS.get(match[1]) or _SYMBOLS.get(match[1]) or match[0], text)
    text = _unwrap(text)
    for typed, shown in _MARKS:
        text = text.replace(typed, shown)
    text = re.sub(r"(?<=[^\s-])--(?=[^\s-])", "–", text)
    text = re.sub(r"(?<=[\w.,)])~(?=[\w\\(])", " ", text)  # a tie; "~30%" means "about"
    text = re.sub(r"(?<!\\)[{}]", "", text)
    return " ".join(_ESCAPED.sub(r"\1", text).split())


def raised(text: str) -> str:
    """*text* with its digits and signs as superscripts."""
    return text.translate(_SUPERSCRIPTS)


def _accented(match: re.Match[str]) -> str:
    letter = match[3] or match[4]
    return unicodedata.normalize("NFC", letter + _ACCENTS[match[1] or match[2]])


def _unwrap(text: str) -> str:
    """Take the innermost styled groups off, layer by layer; eight layers are more than any author has."""
    for _ in range(8):
        peeled = _STYLED.sub(r"\1", _NOTE.sub(r" (\1)", _RAISED.sub(lambda match: raised(match[1]), text)))
        if peeled == text:
            break
        text = peeled
    return text
