"""LaTeX formulas as MathML that is safe to put into a page.

The only file that knows latex2mathml. Its tree is rebuilt from allowed elements and attributes: its own string output
(3.81.1) unescapes text, so that ``\\text{<script>}`` would become an element, and it passes ``\\href`` and ``\\style`` through.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from latex2mathml import exceptions
from latex2mathml.converter import Converter

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_ELEMENTS = frozenset(
    "math mrow mi mn mo ms mtext mspace mfrac msqrt mroot mstyle mpadded mphantom menclose"
    " msub msup msubsup munder mover munderover mmultiscripts mprescripts none mtable mtr mtd".split()
)
_ATTRIBUTES = frozenset(
    "accent accentunder columnalign columnlines columnspacing depth display displaystyle fence form height largeop linethickness"
    " lspace mathvariant maxsize minsize movablelimits notation rowlines rowspacing rspace scriptlevel separator stretchy symmetric"
    " voffset width".split()
)
_BARS = frozenset("|‖∣∥")
_VALUE = re.compile(r"[\w .%+-]{1,40}", re.ASCII)
_CHARACTER = re.compile(r"&#x([0-9A-Fa-f]{1,6});")
_MACROS = re.compile(r"\\(?:re|provide)?(?:newcommand|def|let)(?![A-Za-z])")

# Besides its own classes, which share no base, 60,000 random formulas drew these out of latex2mathml 3.81.1.
_REFUSALS: tuple[type[Exception], ...] = (
    *(kind for kind in vars(exceptions).values() if isinstance(kind, type) and issubclass(kind, Exception)),
    LookupError,
    RuntimeError,  # RecursionError is one
    StopIteration,
    TypeError,
    ValueError,
)


@lru_cache(maxsize=4096)
def to_mathml(latex: str) -> str | None:
    """*latex*, without delimiters, as one ``<math>`` element; None when it cannot be converted whole.

    Definitions are refused: a few nested macros expand without bound. So is what nests deeper than 40 braces.
    """
    if not latex or len(latex) > 2000 or _MACROS.search(latex) or _depth(latex) > 40:
        return None
    try:
        tree = Converter().convert_to_element(latex)
    except _REFUSALS:
        return None
    return _element(tree)


@lru_cache(maxsize=4096)
def to_plain(latex: str) -> str | None:
    r"""*latex* in one line of Unicode, None when it cannot be converted whole.

    ``\frac{a}{b}`` is "a/b", ``x_{LR}`` is "x_LR", ``x_t^2`` is "xₜ²".
    """
    markup = to_mathml(latex)
    return " ".join(_linear(ET.fromstring(markup)).split()) if markup else None  # noqa: S314 our own markup


_SCRIPTS = {"msub": "_", "munder": "_", "msup": "^", "mover": "^"}
_ACCENTS = {"^": "\u0302", "~": "\u0303", "¯": "\u0304", "‾": "\u0304", "˙": "\u0307", "→": "\u20d7"}  # set over the letter before
_SMALL = {  # what nearly every font has small
    "_": str.maketrans("0123456789+−ijkmntx", "₀₁₂₃₄₅₆₇₈₉₊₋ᵢⱼₖₘₙₜₓ"),
    "^": str.maketrans("0123456789+−ijkmntxT", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁱʲᵏᵐⁿᵗˣᵀ"),
}


def _linear(node: Element) -> str:
    parts = [_linear(child) for child in node]
    if node.tag == "mfrac":
        return f"{_grouped(parts[0])}/{_grouped(parts[1])}"
    if node.tag == "mover" and len(parts[0]) == 1 and parts[1] in _ACCENTS:
        return parts[0] + _ACCENTS[parts[1]]
    if node.tag in _SCRIPTS:
        return parts[0] + _script(_SCRIPTS[node.tag], parts[1])
    if node.tag in {"msubsup", "munderover"}:
        return parts[0] + _script("_", parts[1]) + _script("^", parts[2])
    whole = (node.text or "") + "".join(parts)
    if node.tag == "msqrt":
        return f"√{_grouped(whole)}"
    return whole + {"mspace": " ", "mtd": " ", "mtr": "; "}.get(node.tag, "")


def _script(mark: str, part: str) -> str:
    """*part* below (``_``) or above (``^``): a letter or number in small characters where there are such."""
    small = part.translate(_SMALL[mark])
    return small if not set(small) & set(part) and (len(part) == 1 or not part.isalpha()) else mark + _grouped(part)


def _grouped(part: str) -> str:
    return part if part.isalnum() or len(part) <= 1 else f"({part})"


def _depth(latex: str) -> int:
    depth = deepest = 0
    for character in latex:
        depth += (character == "{") - (character == "}")
        deepest = max(deepest, depth)
    return deepest


def _element(node: Element) -> str | None:
    """*node* as markup; None when it holds an element that is not allowed or a command left as it was."""
    if node.tag not in _ELEMENTS:
        return None
    text = _CHARACTER.sub(_character, node.text or "")
    if "\\" in text or (node.tag == "mi" and text == "&"):  # an unknown command; an alignment mark outside a table
        return None
    children = [_element(child) for child in node]
    if None in children:
        return None
    allowed = {name: value for name, value in node.attrib.items() if name in _ATTRIBUTES and _VALUE.fullmatch(value)}
    if text in _BARS:  # browsers stretch each bar by what stands beside it, so that a pair comes out in two sizes
        allowed.setdefault("stretchy", "false")
    attributes = "".join(f' {name}="{value}"' for name, value in allowed.items())
    return f"<{node.tag}{attributes}>{escape(text, quote=False)}{''.join(child or '' for child in children)}</{node.tag}>"


def _character(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    allowed = code >= 0x20 and code <= 0x10FFFF and not 0x7F <= code < 0xA0 and not 0xD800 <= code < 0xE000
    return chr(code) if allowed else "\ufffd"
