"""Holding a statement against the paper: its numbers, its names, and the sentence it rests on.

Pure: strings and records in, claims out.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from digest.analysing.crossing import Windows
from digest.analysing.places import Place, Places, Sentence
from digest.analysing.quantities import Quantity, holds, quantities
from digest.analysing.quoting import Quotes
from digest.analysing.saying import Sayings
from digest.analysing.wording import content
from digest.names import Vocabulary, names, proper
from digest.records import Claim, SectionKind
from digest.text import fold, sentences

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from digest.analysing.crossing import Crossing
    from digest.analysing.reply import Statement
    from digest.records import Passage, Table

_CJK = re.compile(r"[\u4e00-\u9fff]")
_SUPPORT = 0.5  # share of a statement's information that one sentence of a Chinese paper must hold; English ones: saying.py
_TOGETHER, _THINGS = 0.3, 2  # enough where that many numbers and names of it stand together in the paper
_MEASURED = 3  # and of them that are told of a measurement: enough in a row of a table, which has no sentence
_PARAPHRASE = 0.75  # a statement that holds so much of one sentence of the paper is about nothing else
_CITED = 0.1  # added to that share for a sentence of a passage that the model names
_LACK = re.compile(
    r"(?:未|没有|并未|尚未|缺少|缺乏)(?:能|曾)?(?:报告|提供|给出|评估|测试|验证|比较|对比|涉及|使用|采用|提及|出现|讨论|公开|汇报|包含|覆盖|考虑|在|与)"
    r"|\b(?:does not|do not|did not|never|not) (?:report|provide|give|evaluate|test|compare|use|mention|discuss|release|consider|include)"
    r"|\bno (?:results|comparison|evaluation|experiments?)\b|\b(?:lacks?|missing)\b"
    r"|\bnot (?:reported|evaluated|tested|compared|mentioned|given)\b",
    re.IGNORECASE,
)
_TITLED = re.compile(r"[A-Z]\w*(?:[ -][A-Z]\w*)+")  # "Sharp Steps"
_FORMULA = re.compile(r"\$[^$]*[A-Za-z\\][^$]*\$")  # its numbers are coefficients


@dataclass(frozen=True, slots=True)
class _Finding:
    """What one sentence of a statement rests on."""

    support: float = 0.0
    quote: str = ""
    pages: tuple[int, ...] = ()
    borne_out: bool = False
    absent: bool = False  # it says that the paper lacks something, and so it does


class Evidence:
    """A paper prepared for looking things up."""

    def __init__(
        self,
        passages: Sequence[Passage],
        page_texts: Sequence[str],
        own: Iterable[str] = (),
        tables: Sequence[Table] = (),
        crossing: Crossing | None = None,
        title: str = "",
    ) -> None:
        """Prepare.

        Args:
            passages: the body; quotes come from here.
            page_texts: every visible word of each page, tables too; numbers and names are looked up here and in *passages*.
            own: names of what the paper proposes, which it also calls "we" and "our method".
            tables: those that could be read as rows of cells.
            crossing: what leads from Chinese words to English ones; without it a Chinese statement rests on numbers and names alone.
            title: tells which of several sentences that propose something tells what the paper is for.
        """
        self._crossing, self._own = crossing, tuple(own)
        self._places = Places(passages, page_texts, self._own, tables)
        pages = [fold(text) for text in page_texts]
        everything = [*pages, *(fold(passage.text) for passage in passages)]
        self._vocabulary = Vocabulary([*everything, *self._own])
        self._page_letters = [_letters(text) for text in pages]
        self._chinese = is_chinese("".join(passage.text for passage in passages))
        self._sentences = self._places.sentences
        self._words = [frozenset(content(sentence.text, chinese=self._chinese)) for sentence in self._sentences]
        self._frequency = Counter(word for words in self._words for word in words)
        self._title = title

    def check(self, statement: Statement) -> Claim:
        """*statement* with the sentence that supports it best, and whether the paper bears it out.

        Every sentence of it must be borne out: one that the paper does not hold is not saved by its neighbour.
        """
        findings = [self._find(sentence, statement.evidence) for sentence in sentences(statement.text)]
        looked_up = " ".join(text for text, found in zip(sentences(statement.text), findings, strict=True) if not found.absent)
        unfound = self._unfound(_FORMULA.sub(" ", fold(looked_up)))
        best = max((finding for finding in findings if finding.quote), key=lambda finding: finding.support, default=_Finding())
        return Claim(
            text=statement.text,
            pages=tuple(sorted({page for finding in findings for page in finding.pages})),
            quote=best.quote,
            verified=bool(findings) and all(finding.borne_out for finding in findings) and not unfound,
            unfound=unfound,
            basis="search" if findings and all(finding.absent for finding in findings) else "",
        )

    def nearest(self, query: str, parts: Sequence[SectionKind], *, count: int) -> tuple[Claim, ...]:
        """The *count* sentences of the paper that answer *query* best, each as a claim of its own (``Quotes.nearest``)."""
        return tuple(map(self._quoted, self._quotes.nearest(query, parts, count=count)))

    def opening(self, parts: Sequence[SectionKind], *, count: int) -> tuple[Claim, ...]:
        """The first *count* quotable sentences of the first of *parts* that has any, else of the body."""
        return tuple(map(self._quoted, self._quotes.opening(parts, count=count)))

    def _quoted(self, sentence: Sentence) -> Claim:
        return Claim(text=sentence.text, pages=(self._page_of(sentence),), quote=sentence.text, verified=True)

    def _unfound(self, text: str) -> tuple[str, ...]:
        """Numbers and names of folded *text* that stand nowhere in the paper."""
        numbers = [quantity.written for quantity in quantities(text) if not holds(self._places.values, quantity)]
        return tuple(dict.fromkeys([*numbers, *(name for name in names(text) if name not in self._vocabulary)]))

    def _find(self, text: str, cited: Sequence[str]) -> _Finding:
        """The sentence that *text* rests on; none when no place of the paper holds enough of it."""
        folded = _FORMULA.sub(" ", fold(text))
        if is_lack(folded) and (lacks := names(folded)):
            absent = not any(name in self._vocabulary for name in lacks)
            if absent or is_chinese(text, share=0.0):
                return _Finding(borne_out=absent, absent=absent)
        numbers, proper_names = quantities(folded), list(dict.fromkeys(proper(folded)))
        support, shared, nearest = self._support(text, cited)
        places = self._places.together(numbers, proper_names, cited)
        things = len(numbers) + len(proper_names)
        if nearest and support >= _PARAPHRASE:  # then what it says must stand there, whatever the rest of the paper holds
            alone = self._places.alone(nearest)
            wanted: list[Quantity | str] = [*numbers, *proper_names]
            places = [alone] if all(self._places.holds(alone, thing) for thing in wanted) else []
        if things and not places:
            return _Finding(support)
        # A Chinese statement shares only numbers and names with an English paper: one of them in a passage that the
        # model names, or two in one place.
        if is_chinese(text, share=0.0) and not self._chinese:
            first = places[0].passage if places else nearest.passage.id if nearest else ""
            enough = max(things, shared) > (0 if first in cited else 1)
            if not enough and (crossed := self._crossed(folded, [*numbers, *proper_names])):
                return self._resting(crossed)
        elif self._chinese:
            enough = support >= (_TOGETHER if things >= _THINGS else _SUPPORT)
        else:
            said = self._said(text, folded, places, [*proper_names, *_TITLED.findall(folded)])
            measured = bool(numbers and proper_names) and things >= _MEASURED and (support >= _TOGETHER or not places[0].passage)
            nearest, enough = said or nearest, said is not None or measured
        sentence = self._told(places, nearest)
        if not enough or (sentence is None and not places):
            return _Finding(support)
        pages = {self._page(place) for place in places} or ({self._page_of(sentence)} if sentence else set())
        quote = sentence.text if sentence else " ".join(places[0].texts[0].split())
        return _Finding(support, quote, tuple(sorted(pages)), borne_out=True)

    def _said(self, text: str, folded: str, places: Sequence[Place], names: Sequence[str]) -> Sentence | None:
        """The sentence of an English paper that says what *text* says, where *places* are; anywhere when they are rows of tables."""
        wanted, there = content(text, chinese=False), {place.passage for place in places if place.passage}
        near = (
            number
            for number, held in enumerate(self._words)
            if 2 * len(wanted & held) >= len(wanted) and (not there or self._sentences[number].passage.id in there)
        )
        found = self._sayings.bearing(folded, near, names)
        return None if found is None else self._sentences[found]

    @cached_property
    def _quotes(self) -> Quotes:
        return Quotes(self._sentences, self._words, self._frequency, self._own, self._title, chinese=self._chinese)

    @cached_property
    def _sayings(self) -> Sayings:
        return Sayings([fold(sentence.text) for sentence in self._sentences], self._own)

    def _crossed(self, folded: str, things: Sequence[Quantity | str]) -> Place | None:
        """The place that bears out a Chinese statement by its terms, and holds its number or name."""
        if not self._crossing:
            return None
        around = self._places.around
        bearing = self._windows.bearing(self._crossing.read(folded))
        return next((around[i] for i in bearing if all(self._places.holds(around[i], thing) for thing in things)), None)

    @cached_property
    def _windows(self) -> Windows:
        return Windows([(self._sentences[place.sentence].text, *place.texts) for place in self._places.around])

    def _resting(self, place: Place) -> _Finding:
        sentence = self._sentences[place.sentence]
        return _Finding(_SUPPORT, sentence.text, (self._page_of(sentence),), borne_out=True)

    def _told(self, places: Sequence[Place], nearest: Sentence | None) -> Sentence | None:
        """The sentence to quote: the one in the middle of the best place, or the one nearest in words."""
        middle = next((self._sentences[place.sentence] for place in places if place.sentence >= 0), None)
        near = nearest and any(nearest.passage.id == place.passage for place in places)
        return nearest if not places or near else middle or (None if not places[0].passage else nearest)

    def _page(self, place: Place) -> int:
        return self._page_of(self._sentences[place.sentence]) if place.sentence >= 0 else place.page

    def _support(self, text: str, cited: Sequence[str]) -> tuple[float, int, Sentence | None]:
        """Share of *text*'s information in the best sentence, the number of words they share, and that sentence."""
        wanted = content(text, chinese=self._chinese)
        weight = {word: math.log(1 + len(self._sentences) / (1 + self._frequency[word])) for word in wanted}
        total = sum(weight.values())
        best: tuple[float, int, Sentence | None] = (0.0, 0, None)
        for sentence, held in zip(self._sentences, self._words, strict=True):
            shared = wanted & held
            score = sum(weight[word] for word in sorted(shared)) / total if shared and total else 0.0
            score += _CITED * (bool(shared) and sentence.passage.id in cited)
            if score > best[0]:
                best = score, len(shared), sentence
        return best

    def _page_of(self, sentence: Sentence) -> int:
        """The page that *sentence* begins on: its passage may begin a page earlier."""
        first = sentence.passage.page
        start = _letters(fold(sentence.text))[:60]
        for number in range(first, min(first + 3, len(self._page_letters) + 1)):
            if start in self._page_letters[number - 1]:
                return number
        return first


def is_chinese(text: str, *, share: float = 1 / 3) -> bool:
    """Whether more than that *share* of the characters is Chinese."""
    return len(_CJK.findall(text)) > share * len(text)


def is_lack(sentence: str) -> bool:
    """Whether *sentence* says that the paper does not have, report or test something."""
    return bool(_LACK.search(sentence))


def _letters(text: str) -> str:
    return "".join(re.findall(r"[^\W_]+", text.casefold()))
