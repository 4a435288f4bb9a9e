"""Holding a statement against the paper: its numbers, its names, and the sentence it rests on.

Pure: strings and records in, claims out.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from digest.analysing.names import Vocabulary, names
from digest.analysing.quantities import is_distinctive, quantities, spelled_out
from digest.records import Claim
from digest.text import fold, sentences, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from digest.analysing.reply import Statement
    from digest.records import Passage, SectionKind

_CJK = re.compile(r"[\u4e00-\u9fff]")
# Share of an English sentence's information that one sentence of the paper must hold. Six CVPR 2025 papers (2026-11-21): at
# 0.5, 30 % of abstract sentences find their paraphrase in their own body and 2 % one in another paper's (0.4: 51 % and 4 %;
# 0.65: 11 % and 0); of 15 sentences that SmolLM2-135M wrote on DiffFNO, the 13 that are wrong or empty reached 0.08 to 0.39.
_SUPPORT = 0.5
_SHORTEST, _LONGEST = 50, 400  # characters of a sentence worth quoting by itself
_IN_PART = 1.5  # as in planning: a part that the question names
_CITED = 0.1  # added to that share for a sentence of a passage that the model names
_ENDINGS = re.compile(r"(?<=[a-z]{4})(?:ations?|ations|ings?|ed|es|ly|s|e)$")
_STOP = frozenset(
    "a an and are as at be been both by can could do does for from has have he her his how i in into is it its may more most no not of on"
    " or our own so such than that the their them then there these they this those through to under use used uses using via was we were"
    " what when where which while who will with would you your also approach method paper propose proposed author authors".split()
)


@dataclass(frozen=True, slots=True)
class _Sentence:
    text: str
    passage: Passage
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Finding:
    """What one sentence of a statement rests on."""

    support: float
    sentence: _Sentence | None
    borne_out: bool
    pages: tuple[int, ...]


class Evidence:
    """A paper prepared for looking things up."""

    def __init__(self, passages: Sequence[Passage], page_texts: Sequence[str]) -> None:
        """Prepare.

        Args:
            passages: the body; quotes come from here.
            page_texts: every visible word of each page, tables too; numbers and names are looked up here and in *passages*.
        """
        pages = [fold(text) for text in page_texts]
        bodies = {passage.id: fold(passage.text) for passage in passages}
        everything = [*pages, *bodies.values()]
        self._vocabulary = Vocabulary(everything)
        self._values = frozenset().union(*map(_values, everything))
        self._page_values = [_values(text) for text in pages]
        self._passage_values = {name: _values(text) for name, text in bodies.items()}
        self._page_letters = [_letters(text) for text in pages]
        self._chinese = len(_CJK.findall("".join(bodies.values()))) * 3 > sum(map(len, bodies.values()))
        self._sentences = [
            _Sentence(sentence, passage, frozenset(_content(sentence, chinese=self._chinese)))
            for passage in passages
            for sentence in sentences(passage.text)
        ]
        self._frequency = Counter(word for sentence in self._sentences for word in sentence.words)

    def check(self, statement: Statement) -> Claim:
        """*statement* with the sentence that supports it best, and whether the paper bears it out.

        Every sentence of it must be borne out: one that the paper does not hold is not saved by its neighbour.
        """
        folded = fold(statement.text)
        unfound = (*self._unfound_numbers(folded), *(name for name in dict.fromkeys(names(folded)) if name not in self._vocabulary))
        findings = [self._find(sentence, statement.evidence) for sentence in sentences(statement.text)]
        resting = [finding for finding in findings if finding.sentence]
        best = max(resting, key=lambda finding: finding.support, default=None)
        return Claim(
            text=statement.text,
            pages=tuple(sorted({page for finding in resting for page in finding.pages})),
            quote=best.sentence.text if best and best.sentence else "",
            verified=bool(findings) and all(finding.borne_out for finding in findings) and not unfound,
            unfound=unfound,
        )

    def nearest(self, query: str, parts: Sequence[SectionKind], *, count: int) -> tuple[Claim, ...]:
        """The *count* sentences of the paper that hold most of *query*'s words, in reading order, each as a claim of its own.

        A sentence in one of *parts* counts for more; headings that were read as sentences and run-on ones are left out.
        """
        wanted = _content(query, chinese=self._chinese)
        scores = {}
        for place, sentence in enumerate(self._sentences):
            if _SHORTEST <= len(sentence.text) <= _LONGEST:
                shared = sum(math.log(1 + len(self._sentences) / self._frequency[word]) for word in sorted(wanted & sentence.words))
                scores[place] = shared * (_IN_PART if sentence.passage.kind in parts else 1.0)
        best = sorted((place for place in scores if scores[place] > 0), key=lambda place: (-scores[place], place))[:count]
        found = [self._sentences[place] for place in sorted(best)]
        return tuple(Claim(text=s.text, pages=(self._page_of(s),), quote=s.text, verified=True) for s in found)

    def _unfound_numbers(self, text: str) -> list[str]:
        return list(dict.fromkeys(written for written, values in quantities(text) if values.isdisjoint(self._values)))

    def _find(self, text: str, cited: Sequence[str]) -> _Finding:
        """The sentence that *text* rests on; none when no sentence holds enough of it."""
        support, shared, sentence = self._support(text, cited)
        # A Chinese statement shares only numbers and names with an English paper: one of them in a passage that the
        # model names, or two in one sentence.
        across = bool(_CJK.search(text)) and not self._chinese
        enough = shared > (0 if sentence and sentence.passage.id in cited else 1) if across else support >= _SUPPORT
        if sentence is None or not enough:
            return _Finding(support, None, borne_out=False, pages=())
        page = self._page_of(sentence)
        pages, borne_out = {page}, True
        for _, values in quantities(fold(text)):
            where = self._pages_with(values, sentence, page)
            borne_out &= where is not None
            pages |= {where} if where else set()
        return _Finding(support, sentence, borne_out=borne_out, pages=tuple(sorted(pages)))

    def _support(self, text: str, cited: Sequence[str]) -> tuple[float, int, _Sentence | None]:
        """Share of *text*'s information in the best sentence, the number of words they share, and that sentence."""
        wanted = _content(text, chinese=self._chinese)
        weight = {word: math.log(1 + len(self._sentences) / (1 + self._frequency[word])) for word in wanted}
        total = sum(weight.values())
        best: tuple[float, int, _Sentence | None] = (0.0, 0, None)
        for sentence in self._sentences:
            shared = wanted & sentence.words
            score = sum(weight[word] for word in sorted(shared)) / total if shared else 0.0
            score += _CITED * (bool(shared) and sentence.passage.id in cited)
            if score > best[0]:
                best = score, len(shared), sentence
        return best

    def _pages_with(self, values: frozenset[str], sentence: _Sentence, page: int) -> int | None:
        """The page on which a number of a statement stands, None when it is not where the statement's sentence is.

        A small number stands somewhere in every paper: it must be in the same passage. A measurement may also come
        from a table, on any page.
        """
        if not values.isdisjoint(self._passage_values[sentence.passage.id]):
            return page
        if not any(map(is_distinctive, values)):
            return None
        nearest = sorted(enumerate(self._page_values, 1), key=lambda item: abs(item[0] - page))
        return next((number for number, found in nearest if not values.isdisjoint(found)), None)

    def _page_of(self, sentence: _Sentence) -> int:
        """The page that *sentence* begins on: its passage may begin a page earlier."""
        first = sentence.passage.page
        start = _letters(fold(sentence.text))[:60]
        for number in range(first, min(first + 3, len(self._page_letters) + 1)):
            if start in self._page_letters[number - 1]:
                return number
        return first


def _values(text: str) -> frozenset[str]:
    return frozenset(value for _, values in quantities(text) for value in values) | spelled_out(text)


def _letters(text: str) -> str:
    return "".join(re.findall(r"[^\W_]+", text.casefold()))


def _content(text: str, *, chinese: bool) -> set[str]:
    """The words of *text* that carry meaning, without their endings; pairs of characters for Chinese."""
    found = words(text)
    latin = {_ENDINGS.sub("", part) for word in found if not _CJK.match(word) for part in _pieces(word)}
    pairs = {a + b for a, b in pairwise(found) if _CJK.match(a) and _CJK.match(b)}
    return latin | pairs if chinese else latin


def _pieces(word: str) -> Iterable[str]:
    return (part for part in word.split("-") if part not in _STOP and (len(part) > 1 or part.isdigit()))
