"""The words that are indexed and asked for: FTS5's own tokenizer for alphabets, pairs of characters for Chinese.

``unicode61`` takes a run of Chinese for one word, and ``trigram`` knows no word of two characters (扩散). Written as overlapping
pairs, a run is found by any part of it, and a phrase of pairs is exactly a substring (docs/log.md).
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_RUN = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]+")
_WORD = re.compile(r"[^\W_]+(?:[-'’.][^\W_]+)*")
# Words of questions and grammar; "not" and numbers stay.
_COMMON = frozenset(
    "a about above after all also an and any are as at be been being between both but by can could did do does doing during each for"
    " from had has have how i if in into is it its just like many may might more most much of on one or other our over should so some"
    " such than that the their them then there these they this those through to under us use used uses using was we were what when"
    " where which while who why will with within without would you paper papers work works method methods approach propose proposed"
    " show shows find give given say tell want".split()
)


def spaced(text: str) -> str:
    """*text* as it is indexed: letters and digits in their plain forms, every run of Chinese as its pairs of characters."""
    if text.isascii():
        return text
    return _RUN.sub(lambda run: f" {' '.join(_pairs(run[0]))} ", unicodedata.normalize("NFKC", text))


def _pairs(run: str) -> list[str]:
    return [run[i : i + 2] for i in range(len(run) - 1)] or [run]


def terms(text: str) -> list[str]:
    """The words and pairs of *text* that are worth asking for, each once; all of them when none is."""
    found = list(dict.fromkeys(match.lower() for match in _WORD.findall(spaced(text))))
    return [term for term in found if term not in _COMMON] or found


def any_of(texts: Iterable[str]) -> str:
    """The FTS5 expression for what holds any of the words *texts*; empty for none. A single Chinese character is the head of a pair."""
    return " OR ".join(map(_quoted, texts))


def all_of(texts: Iterable[str]) -> str:
    """The same for what holds all of them."""
    return " AND ".join(map(_quoted, texts))


def _quoted(text: str) -> str:
    return f'"{text}"{"*" if _RUN.fullmatch(text) and len(text) == 1 else ""}'


def phrase(text: str) -> str:
    """The FTS5 expression for what holds the words of *text* one after the other; empty when there are none."""
    found = _WORD.findall(spaced(text))
    return any_of([" ".join(found)]) if found else ""


def is_name(text: str) -> bool:
    """Whether *text* may be somebody's name: two to four words of letters, or as many Chinese characters, none of them grammar."""
    if _RUN.fullmatch(text):
        return 2 <= len(text) <= 4
    words = text.replace(".", " ").split()
    return 2 <= len(words) <= 4 and all(word.replace("-", "").isalpha() and word.lower() not in _COMMON for word in words)
