"""The words of a text that carry meaning, without their endings."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from digest.text import words
from digest.workspace import shipped

if TYPE_CHECKING:
    from collections.abc import Iterable

_CJK = re.compile(r"[\u4e00-\u9fff]")
_ENDINGS = re.compile(r"(?<=[a-z]{4})(?:ations?|ations|ings?|ed|es|ly|s|e)$")
STOP = frozenset(
    "a an and are as at be been both by can could do does for from has have he her his how i in into is it its may more most no not of on"
    " or our own so such than that the their them then there these they this those through to under use used uses using via was we were"
    " what when where which while who will with would you your also approach method paper propose proposed author authors".split()
)


def content(text: str, *, chinese: bool) -> set[str]:
    """The words of *text* that carry meaning, without their endings; pairs of characters for Chinese."""
    found = words(text)
    latin = {ending_off(part) for word in found if not _CJK.match(word) for part in _pieces(word)}
    pairs = {a + b for a, b in pairwise(found) if _CJK.match(a) and _CJK.match(b)}
    return latin | pairs if chinese else latin


def ending_off(word: str) -> str:
    """*word* without its ending."""
    return _ENDINGS.sub("", word)


def _pieces(word: str) -> Iterable[str]:
    return (part for part in word.split("-") if part not in STOP and (len(part) > 1 or part.isdigit()))


def stems(text: str) -> set[str]:
    """Every English word of *text* without its ending, words of grammar too."""
    return {ending_off(part) for word in words(text) if not _CJK.match(word) for part in word.split("-") if part}


@cache
def plain_words() -> dict[str, dict[str, str]]:
    """``prompts/common/words.toml``: kind of word -> its Chinese forms -> English ways to say it."""
    groups: dict[str, dict[str, str]] = tomllib.loads(shipped("prompts", "common", "words.toml").read_text(encoding="utf-8"))
    return groups
