"""Which passages of a paper the model reads, when not all of them fit."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import TYPE_CHECKING

from digest.records import Coverage, SectionKind
from digest.text import words

if TYPE_CHECKING:
    from digest.analysing.style import SectionStyle
    from digest.records import Passage

_NOT_BODY = frozenset({SectionKind.REFERENCES, SectionKind.ACKNOWLEDGEMENT})
# A passage in a part that the question names counts this much more; chosen with the sum of words and nearness on bench/evidence.toml.
_PART_BONUS = 1.3
_LEAST = 0.04  # so that the part decides where nothing else does
_LABEL_TOKENS = 8  # "[p123] " and its share of the section headings


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is read, in reading order, and how much of the body that is."""

    passages: tuple[Passage, ...]
    coverage: Coverage


# (queries, texts) -> for each query the cosine of each text
Nearness = Callable[[Sequence[str], Sequence[str]], Sequence[Sequence[float]]]


def plan(
    passages: Sequence[Passage],
    questions: Sequence[SectionStyle],
    *,
    room: int,
    count: Callable[[str], int],
    nearness: Nearness | None = None,
) -> Plan:
    """Choose passages of at most *room* tokens together.

    The whole body when it fits. Otherwise the questions take turns in choosing their best passage that still fits, so
    that every question has its best evidence before any has its second best.

    Args:
        room: tokens free for the text of the paper.
        count: tokens of a text, by the model's own tokenizer.
        nearness: by an embedding model; asked only where the body does not fit. Without it words alone decide.
    """
    body = [passage for passage in passages if passage.kind not in _NOT_BODY]
    cost = [count(passage.text) for passage in body]
    total = sum(cost)
    if total + _LABEL_TOKENS * len(body) <= room:
        return Plan(passages=tuple(body), coverage=Coverage(read_tokens=total, total_tokens=total))
    chosen: set[int] = set()
    left = room
    wishes = [iter(order) for order in _preferences(body, questions, nearness)]
    waiting = set(range(len(wishes)))
    for turn in cycle(range(len(wishes))):
        if not waiting:
            break
        if turn not in waiting:
            continue
        pick = next((i for i in wishes[turn] if i not in chosen and cost[i] + _LABEL_TOKENS <= left), None)
        if pick is None:
            waiting.discard(turn)
            continue
        chosen.add(pick)
        left -= cost[pick] + _LABEL_TOKENS
    read = sum(cost[i] for i in chosen)
    return Plan(passages=tuple(body[i] for i in sorted(chosen)), coverage=Coverage(read_tokens=read, total_tokens=total))


def _preferences(body: Sequence[Passage], questions: Sequence[SectionStyle], nearness: Nearness | None) -> list[list[int]]:
    """For each question the passages' indexes, best evidence first: by words and by nearness of meaning, each counted from 0 to 1."""
    by_words = _shared_words(body, questions)
    near = nearness([question.evidence for question in questions], [passage.text for passage in body]) if nearness else by_words
    orders = []
    for question, shared, close in zip(questions, by_words, near, strict=True):
        scores = [_LEAST + a + b for a, b in zip(_spread(shared), _spread(close), strict=True)]
        scores = [score * (_PART_BONUS if passage.kind in question.parts else 1.0) for score, passage in zip(scores, body, strict=True)]
        orders.append(sorted(range(len(body)), key=lambda i: (-scores[i], i)))
    return orders


def _shared_words(body: Sequence[Passage], questions: Sequence[SectionStyle]) -> list[list[float]]:
    """BM25's saturation without its length term: passages have about the same length."""
    bags = [Counter(words(passage.text)) for passage in body]
    frequency = Counter(word for bag in bags for word in bag)
    found = []
    for question in questions:
        wanted = sorted(set(words(question.evidence)))
        found.append([sum(bag[w] / (bag[w] + 1) * math.log(1 + len(body) / frequency[w]) for w in wanted if w in bag) for bag in bags])
    return found


def _spread(scores: Sequence[float]) -> list[float]:
    """*scores* from 0 for the least to 1 for the best."""
    least, most = min(scores, default=0.0), max(scores, default=0.0)
    return [float((score - least) / (most - least)) if most > least else 0.0 for score in scores]
