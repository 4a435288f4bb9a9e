"""Holding a statement against the paper: its numbers, its terms, and the sentence it rests on.

Pure: strings and records in, claims out.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.records import Claim
from digest.text import fold, sentences, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.analysing.reply import Statement
    from digest.records import Passage

_NUMBER = re.compile(r"(?<![\w.])\d+(?:,\d{3})*(?:\.\d+)?(?![\w]*\d)")
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-+.][A-Za-z0-9]+)*\+*")
_CJK = re.compile(r"[\u4e00-\u9fff]")
_SPELLED = {
    "one": "1",
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "six": "6",
    "seven": "7",
    "eight": "8",
    "nine": "9",
    "ten": "10",
}
_SUPPORT = 0.5  # share of an English statement's information that one sentence of the paper must hold
_STOP = frozenset(
    "a an and are as at be been both by can do does for from has have how in into is it its may more most not of on or our such than that"
    " the their them then there these they this to use used uses using was we were what when where which while who will with also paper"
    " method".split()
)


@dataclass(frozen=True, slots=True)
class _Sentence:
    text: str
    page: int
    passage: str
    words: frozenset[str]


class Evidence:
    """A paper prepared for looking things up."""

    def __init__(self, passages: Sequence[Passage], page_texts: Sequence[str]) -> None:
        """Prepare.

        Args:
            passages: the body; quotes come from here.
            page_texts: every visible word of each page, tables too; numbers and terms are looked up here and in *passages*.
        """
        everything = fold(" ".join([*page_texts, *(passage.text for passage in passages)])).casefold()
        self._words = set(words(everything))
        self._flat = re.sub(r"[^a-z0-9]+", "", everything)
        self._numbers = {_plain(number) for number in _NUMBER.findall(everything)} | {n for w, n in _SPELLED.items() if w in self._words}
        self._sentences = [
            _Sentence(sentence, passage.page, passage.id, frozenset(_content(sentence)))
            for passage in passages
            for sentence in sentences(passage.text)
        ]
        self._frequency = Counter(word for sentence in self._sentences for word in sentence.words)

    def check(self, statement: Statement) -> Claim:
        """*statement* with the sentence that supports it best, and whether the paper bears it out."""
        unfound = (*self._unfound_numbers(statement.text), *self._unfound_terms(statement.text))
        support, best = self._support(statement)
        # A Chinese statement shares only numbers and terms with an English paper: the passage that the model names
        # decides, or two or more things in common with one sentence.
        enough = support >= _SUPPORT if not _CJK.search(statement.text) else best is not None
        return Claim(
            text=statement.text,
            pages=(best.page,) if best and enough else (),
            quote=best.text if best and enough else "",
            verified=bool(best) and enough and not unfound,
            unfound=unfound,
        )

    def _unfound_numbers(self, text: str) -> list[str]:
        found = (number for number in _NUMBER.findall(fold(text)))
        return list(dict.fromkeys(number for number in found if _plain(number) not in self._numbers))

    def _unfound_terms(self, text: str) -> list[str]:
        terms = dict.fromkeys(term for term in _terms(text) if not self._has_term(term))
        return list(terms)

    def _has_term(self, term: str) -> bool:
        lowered = term.casefold()
        flat = re.sub(r"[^a-z0-9]+", "", lowered)
        return lowered in self._words or lowered.rstrip("s") in self._words or (len(flat) > 3 and flat in self._flat)

    def _support(self, statement: Statement) -> tuple[float, _Sentence | None]:
        """Share of the statement's information found in the best sentence, and that sentence."""
        wanted = {word for word in _content(statement.text) if not _CJK.match(word)}
        weight = {word: math.log(1 + len(self._sentences) / (1 + self._frequency[word])) for word in wanted}
        total = sum(weight.values())
        cited = [s for s in self._sentences if s.passage in statement.evidence]
        best, best_score = None, 0.0
        for sentence in self._sentences:
            shared = wanted & sentence.words
            score = sum(weight[word] for word in shared) / total if total else 0.0
            score += 0.1 * (sentence.passage in statement.evidence)
            if score > best_score and (len(shared) > 1 or sentence.passage in statement.evidence):
                best, best_score = sentence, score
        if best is None and cited:
            return 0.0, cited[0]
        return best_score, best


def _plain(number: str) -> str:
    return number.replace(",", "")


def _content(text: str) -> set[str]:
    return {word for word in words(text) if word not in _STOP and (len(word) > 1 or word.isdigit())}


def _terms(text: str) -> list[str]:
    """Names in *text*: every Latin word of a Chinese text; of an English one those written unlike plain words."""
    found = _LATIN.findall(fold(text))
    if _CJK.search(text):
        return [term for term in found if len(term) > 1]
    return [term for term in found if len(term) > 1 and (term[1:] != term[1:].lower() or any(c.isdigit() for c in term))]
