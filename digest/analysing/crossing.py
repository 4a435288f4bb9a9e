"""Chinese statements held against an English paper, by the terms and words that the two languages share.

A statement is cut into the longest terms that glossary.toml and words.toml know; those are looked for in English, together in one
place of the paper. Terms of the field, directions (more, less, better, worse) and a "not" must all stand there; of other words most
must; what no list knows counts against it. This bears out nothing that lies in word order alone: who did what to whom.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from digest.analysing.wording import plain_words, stems
from digest.glossary import has_chinese, longest
from digest.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from digest.glossary import Glossary

_HAN = re.compile(r"[\u4e00-\u9fff]+")
_NOT = re.compile(
    r"\b(?:no|not|without|free|never|nor|neither|none|non|cannot|unable|avoid\w*|fail\w*|hardly|hinder\w*|prevent\w*|eliminat\w*|circumvent\w*|"
    r"difficult\w*|challeng\w*|struggl\w*|limit\w*|impractical|independent\w*|inaccurate|un(?!der|i|til)\w{4,}|in(?:ability|sufficient)\w*)\b|n't\b",
    re.IGNORECASE,
)
_PLAINLY_NOT = re.compile(r"\b(?:no|not|without|never|nor|neither|none|cannot|avoid\w*|eliminat\w*)\b|n't\b", re.IGNORECASE)
_GRAMMAR = frozenset(
    "的 地 得 和 与 或 及 在 对 从 到 里 将 把 被 让 为 是 有 了 等 其 这 那 也 都 更 最 很 做 向 由 以 并 而 但 个 类 种"
    " 中 上 下 时 后 前 之 所 者 该 各 每 来 能 可 只 即 则 因 再 还 又 如 若 于 使 成 我们 作者 论文 本文 文中 可以 能够"
    " 以及 从而 因此 因而 通过 进行 实现 其中 一种 用于 对于 关于 由于 例如 往往 通常 具有 应当 仍是 仅 分别 同时 之间"
    " 之后 一个 极低 极 需要 才能 就 已 而言 相比 其他 比 多 大 小 高 低 新 好".split()
)
_NEAR = 4  # words between a direction and what goes that way
# Chosen on the papers of bench/claims.toml that are not held out, for no false statement to pass there: 27 of 52 true ones do.
_KNOWN = 0.85  # of a statement's characters must be words that a list knows
_FEWEST = 4  # things that it names
_SHARE = 0.75  # of them must stand in the place
_MIDDLE = 0.65  # and in its middle sentence
_TELLING = 3  # of them must be rare in the paper
_KEY = 7  # letters of a stem that are compared
_MOST_COMMON = 0.3  # of the places: what stands in more of them says little of one


@dataclass(frozen=True, slots=True)
class Concept:
    """Something a statement names."""

    chinese: str
    english: tuple[frozenset[str], ...]  # keys; all of one set must be met
    kind: str  # term, direction, word

    @property
    def required(self) -> bool:
        """Whether nothing is borne out without it."""
        return self.kind != "word"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a statement names, and how much of it is known."""

    concepts: tuple[Concept, ...]
    denies: bool
    known: float  # share of its characters


@dataclass(frozen=True)
class Crossing:
    """The words that lead from one language to the other."""

    glossary: Glossary

    @cached_property
    def _forms(self) -> dict[str, tuple[tuple[frozenset[str], ...], str]]:
        """Chinese form -> English ways to say it, and what kind of word it is."""
        found: dict[str, list[str]] = {}
        for english, forms in self.glossary.terms.items():
            for form in filter(has_chinese, forms):
                found.setdefault(form, []).extend([english, *(other for other in forms if not has_chinese(other))])
        known = {form: (tuple(map(_keys, english)), "term") for form, english in found.items()}
        for kind, words in plain_words().items():
            for chinese, meant in words.items():
                for form in chinese.split():
                    ways = tuple(map(_keys, meant.split()))
                    before = known.get(form)
                    known[form] = ((*before[0], *ways), before[1]) if before else (ways, kind)
        return known

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self._forms))

    def read(self, statement: str) -> Reading:
        """Take *statement*, folded, apart."""
        concepts, denies, known, total = [], False, 0, 0
        for run in _HAN.findall(statement):
            total += len(run)
            for form in self._cut(run):
                known += len(form)
                if form in _GRAMMAR:
                    continue
                english, kind = self._forms[form]
                denies = denies or kind == "not"
                if kind != "not":
                    concepts.append(Concept(form, english, kind))
        return Reading(tuple(dict.fromkeys(concepts)), denies, known / total if total else 0.0)

    def _cut(self, run: str) -> Iterator[str]:
        """The known forms in *run*, the longest first."""
        parts = longest(run, lambda form: form in self._forms or form in _GRAMMAR, self._longest)
        return (run[start:end] for start, end in parts)


class Windows:
    """The places of a paper, as the crossing sees them."""

    def __init__(self, texts: Sequence[Sequence[str]]) -> None:
        """*texts*: for each place its sentences, the middle one first."""
        self._keys = [frozenset().union(*map(_held_keys, place)) for place in texts]
        self._texts = [fold(" ".join(place)) for place in texts]
        self._middles = [fold(place[0]) for place in texts]
        self._middle_keys = [_held_keys(place[0]) for place in texts]
        self._frequency = Counter(key for keys in self._keys for key in keys)

    def bearing(self, reading: Reading) -> Iterator[int]:
        """The places that bear out what was read, best first."""
        if reading.known < _KNOWN or len(reading.concepts) < _FEWEST:
            return
        scored = [(self._score(place, reading), place) for place in range(len(self._keys))]
        yield from (place for score, place in sorted(scored, key=lambda one: (-one[0], one[1])) if score > 0)

    def _score(self, place: int, reading: Reading) -> float:
        keys = self._keys[place]
        held = [concept for concept in reading.concepts if _met(concept, keys)]
        if any(concept.required for concept in reading.concepts if concept not in held):
            return 0.0
        if not all(self._goes_so(place, *near) for near in _directed(reading.concepts)):
            return 0.0
        share = len(held) / len(reading.concepts)
        if sum(_met(concept, self._middle_keys[place]) for concept in held) < _MIDDLE * len(reading.concepts):
            return 0.0
        telling = sum(self._rare(concept, keys) for concept in held)
        if share < _SHARE or telling < _TELLING:
            return 0.0
        text, middle = self._texts[place], self._middles[place]
        denied = bool(_NOT.search(text)) if reading.denies else not _PLAINLY_NOT.search(middle)
        return share if denied else 0.0

    def _goes_so(self, place: int, direction: Concept, neighbours: Sequence[Concept]) -> bool:
        """Whether the direction stands beside one of its neighbours, and not only somewhere."""
        told = [_held_keys(word) for word in self._texts[place].split()]
        there = [i for i, keys in enumerate(told) if _met(direction, keys)]
        beside = [i for i, keys in enumerate(told) for concept in neighbours if any(way & keys for way in concept.english)]
        return any(abs(i - k) <= _NEAR for i in there for k in beside)

    def _rare(self, concept: Concept, keys: frozenset[str]) -> bool:
        ways = [way for way in concept.english if way and way <= keys]
        return any(min(self._frequency[key] for key in way) <= _MOST_COMMON * len(self._keys) for way in ways)


def _directed(concepts: Sequence[Concept]) -> Iterator[tuple[Concept, Sequence[Concept]]]:
    """Each direction with what stands before and after it."""
    for place, concept in enumerate(concepts):
        if concept.kind == "direction":
            beside = (*concepts[max(0, place - 1) : place], *concepts[place + 1 : place + 2])
            yield concept, [one for one in beside if one.kind != "direction"]


def _met(concept: Concept, keys: frozenset[str]) -> bool:
    return any(way and way <= keys for way in concept.english)


def _keys(english: str) -> frozenset[str]:
    return frozenset(stem[:_KEY] for stem in stems(english))


def _held_keys(text: str) -> frozenset[str]:
    """The keys of a text; a stem of one letter less than a key is found in longer words, too: "improv" in "improvement"."""
    found = stems(text)
    return frozenset({stem[:_KEY] for stem in found} | {stem[: _KEY - 1] for stem in found})
