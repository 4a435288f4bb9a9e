"""Which sentences of a paper answer a section's question by themselves.

Most questions are answered in their own words and turns of phrase (``telling``). How a method works is not: no two papers say it in the
same words. It is told by the sentences that speak of what the method's part speaks of most (SumBasic; Nenkova & Vanderwende 2005).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import TYPE_CHECKING

from digest.analysing.telling import (
    LONGEST,
    SHORTEST,
    answers,
    asks_for_contribution,
    asks_for_workings,
    proposes,
    quotable,
    workings,
    worth,
)
from digest.analysing.wording import content
from digest.records import SectionKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from digest.analysing.places import Sentence

_IN_PART = 1.5  # as in planning: a part that the question names
_ALIKE = 0.6  # share of the words of the shorter of two sentences
_NAMED = 1.3  # what names the method
_FIRST = 2.0  # what the abstract says of its paper, where it is asked what that proposes
_OF_TITLE = 3.0  # added to what proposes something, times the share of the title that it holds
_OF_ITSELF = 1.5  # what a paper says of its own work, not of others'
_OWN_WORK = re.compile(r"\b(?:we|our|ours)\b|我们|本文", re.IGNORECASE)
_A_PART = 8  # sentences; with fewer the whole paper tells how its method works
_BESIDES = 6  # words: a short sentence that holds the commonest says little


class Quotes:
    """The sentences of one paper, to choose from."""

    def __init__(
        self,
        sentences: Sequence[Sentence],
        words: Sequence[frozenset[str]],
        frequency: Counter[str],
        own: Sequence[str],
        title: str,
        *,
        chinese: bool,
    ) -> None:
        """Prepare.

        Args:
            words: of each sentence those that carry meaning.
            frequency: in how many sentences each of them stands.
            own: names of what the paper proposes.
            chinese: whether the paper is Chinese.
        """
        self._sentences, self._words, self._frequency, self._own, self._chinese = sentences, words, frequency, own, chinese
        self._title = frozenset(word for word in content(title, chinese=chinese) if frequency[word])

    def nearest(self, query: str, parts: Sequence[SectionKind], *, count: int) -> list[Sentence]:
        """The *count* sentences that answer *query* best, the best first; how a method works, in the order of the paper.

        Of two that say the same the better one is taken.
        """
        if not asks_for_workings(query):
            return [self._sentences[place] for place in self._best(self._touching(query, parts), count)]
        return [self._sentences[place] for place in sorted(self._best(self._central(query, parts), count))]

    def opening(self, parts: Sequence[SectionKind], *, count: int) -> list[Sentence]:
        """The first *count* quotable sentences of the first of *parts* that has any, else of the body."""
        fit = [sentence for sentence in self._sentences if SHORTEST <= len(sentence.text) <= LONGEST]
        of_parts = ([sentence for sentence in fit if sentence.passage.kind is part] for part in parts)
        return next(filter(None, of_parts), fit)[:count]

    def _touching(self, query: str, parts: Sequence[SectionKind]) -> dict[int, float]:
        """How well each sentence answers *query*, by its place.

        Counted are *query*'s words, by rarity; a sentence in one of *parts* counts for more, one on the paper's own work, and one in
        the turns of phrase that answer such a question. What the paper proposes is told by its abstract, and by what holds the words
        of its title.
        """
        wanted = content(query, chinese=self._chinese)
        titled = asks_for_contribution(query)
        scores = {}
        for place, sentence in enumerate(self._sentences):
            among_limits = sentence.passage.kind is SectionKind.LIMITATIONS
            if quotable(sentence.text) and answers(sentence.text, query, in_limitations=among_limits):
                own, named = self._of_itself(sentence)
                first = titled and own > 1.0 and sentence.passage.kind is SectionKind.ABSTRACT
                told = worth(sentence.text, query) * named * (_FIRST if first else 1.0)
                about = 1.0 + _OF_TITLE * self._of_title(place) if first or (titled and proposes(sentence.text)) else 1.0
                in_part = _IN_PART if sentence.passage.kind in parts else 1.0
                scores[place] = (self._rarity(wanted & self._words[place]) + max(0.0, told - 1)) * told * own * about * in_part
        return scores

    def _central(self, query: str, parts: Sequence[SectionKind]) -> dict[int, float]:
        """How much each sentence of *parts* speaks of what they speak of most, by its place."""
        inside = [place for place, sentence in enumerate(self._sentences) if sentence.passage.kind in parts]
        inside = inside if len(inside) >= _A_PART else list(range(len(self._sentences)))
        common = Counter(word for place in inside for word in self._words[place])
        scores = {}
        for place in inside:
            sentence, words = self._sentences[place], self._words[place]
            if quotable(sentence.text):
                central = sum(map(common.__getitem__, words)) / (len(words) + _BESIDES)
                told = worth(sentence.text, query) * workings(sentence.text)
                scores[place] = central * told * math.prod(self._of_itself(sentence))
        return scores

    def _best(self, scores: Mapping[int, float], count: int) -> list[int]:
        best: list[int] = []
        for place in sorted((place for place in scores if scores[place] > 0), key=lambda place: (-scores[place], place)):
            if len(best) < count and not any(self._alike(place, other) for other in best):
                best.append(place)
        return best

    def _of_itself(self, sentence: Sentence) -> tuple[float, float]:
        """What it counts for that *sentence* is on the paper's own work, and names it."""
        named = any(name in sentence.text for name in self._own)
        return _OF_ITSELF if named or _OWN_WORK.search(sentence.text) else 1.0, _NAMED if named else 1.0

    def _rarity(self, words: Iterable[str]) -> float:
        """How much *words* of the paper tell: the rarer, the more."""
        return sum(math.log(1 + len(self._sentences) / self._frequency[word]) for word in sorted(words))

    def _of_title(self, place: int) -> float:
        """How much of what the title tells the sentence holds, from 0 to 1."""
        return self._rarity(self._title & self._words[place]) / self._rarity(self._title) if self._title else 0.0

    def _alike(self, one: int, other: int) -> bool:
        shared = len(self._words[one] & self._words[other])
        return shared >= _ALIKE * max(1, min(len(self._words[one]), len(self._words[other])))
