"""What the papers of a library are about: their topics, named by their own terms, week by week, on a map.

Pure: papers, their days and their vectors in, ``records.Topic`` out. No chance is involved and the order of the papers does not matter.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from digest.ranking.clusters import centred, near_groups
from digest.records import Topic
from digest.text import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from digest.embedding import Vectors
    from digest.records import Paper

_TERMS = 8  # that a topic is told by; the first two are its name
_LONGEST = 4  # words of a term
_FEWEST = 3  # papers of a topic that a term of it stands in
_MOST_TOPICS = 24
# Words that begin or end no term.
_GRAMMAR = frozenset(
    "a an the of for in on with and or nor to from by as at is are be was were been that this these those we our its it into via can which"
    " their they them than not have has had more most while where how when over under through each other such both using based use used"
    " show shows propose proposed present results paper work works method methods approach novel new existing recent however between"
    " across also without within toward towards state-of-the-art outperforms demonstrate significantly what one two".split()
)


def themes(papers: Sequence[Paper], days: Sequence[dt.date], vectors: Vectors, glossary: Iterable[str], *, number: int = 0) -> list[Topic]:
    """The topics of *papers*, the largest first.

    A topic is a group of near vectors (k-means from starts that halve the largest group along its longest axis). Its terms are those
    of the glossary and pairs of neighbouring words, weighed by how often they stand here and how seldom elsewhere, in the
    manner of class-based TF-IDF (Grootendorst 2022).
    Its place on the map is that of its centre on the two longest axes through all centres.

    Args:
        days: of each paper, the day that counts it into a week.
        vectors: (n, dim) of the abstracts, rows of unit length.
        number: of topics; 0: the square root of half as many as there are papers, at most 24.
    """
    if not papers:
        return []
    order = sorted(range(len(papers)), key=lambda i: papers[i].id)
    number = min(len(order), number or max(1, min(_MOST_TOPICS, round(math.sqrt(len(order) / 2)))))
    groups = [[order[i] for i in group] for group in near_groups(vectors[order], number)]
    known = frozenset(term.lower() for term in glossary)
    terms = [_terms(paper.gist, known) for paper in papers]
    everywhere = Counter(term for found in terms for term in found)
    weeks = [_monday(day) for day in days]
    span = _span(weeks)
    places = _places(np.array([centred(vectors[group]) for group in groups]))
    made = []
    for group, (x, y) in zip(groups, places, strict=True):
        named = _telling([terms[i] for i in group], everywhere, len(papers))
        counts = Counter(weeks[i] for i in group)
        made.append(
            Topic(
                name=", ".join(named[:2]),
                terms=named,
                papers=tuple(papers[i].id for i in group),
                weeks={week.isoformat(): counts[week] for week in span},
                trend=_trend([counts[week] for week in span], [weeks.count(week) for week in span]),
                x=x,
                y=y,
            )
        )
    return sorted(made, key=lambda topic: (-len(topic.papers), topic.papers))


def _terms(text: str, glossary: frozenset[str]) -> set[str]:
    """Terms of the glossary in *text*, of one word or several, and pairs of neighbouring words."""
    found = [_singular(word) for word in words(text)]
    runs = {" ".join(found[i : i + n]) for n in range(1, _LONGEST + 1) for i in range(len(found) - n + 1)}
    pairs = {f"{a} {b}" for a, b in pairwise(found) if _tells(a) and _tells(b)}
    return {run for run in runs if run in glossary and run not in _GRAMMAR} | pairs


def _tells(word: str) -> bool:
    return len(word) > 2 and word[0].isalpha() and word not in _GRAMMAR


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return f"{word[:-3]}y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def _telling(members: Sequence[set[str]], everywhere: Counter[str], papers: int) -> tuple[str, ...]:
    """Terms that many of *members* have and few papers besides; of two that share a word, the more telling one."""
    here = Counter(term for found in members for term in found)
    fewest = min(_FEWEST, len(members))
    worth = {term: _worth(term, count / len(members), everywhere[term] / papers) for term, count in here.items() if count >= fewest}
    chosen: list[str] = []
    for term in sorted(worth, key=lambda term: (-worth[term], term)):
        if len(chosen) == _TERMS:
            break
        if not any(set(term.split()) & set(other.split()) for other in chosen[:2]) and not any(
            term in other or other in term for other in chosen
        ):
            chosen.append(term)
    return tuple(chosen)


def _worth(term: str, here: float, everywhere: float) -> float:
    """What *term* says, standing in those parts of the topic's papers and of all; several words say more exactly what is meant."""
    return math.sqrt(here) * math.log(here / everywhere) * (1 + term.count(" "))


def _monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def _span(weeks: Sequence[dt.date]) -> list[dt.date]:
    """Every week from the first to the last."""
    first, last = min(weeks), max(weeks)
    return [first + dt.timedelta(weeks=n) for n in range((last - first).days // 7 + 1)]


def _trend(counts: Sequence[int], of: Sequence[int]) -> float:
    """Logarithm of the share in the later half of the weeks by that in the earlier; half a paper more in each, so that none is endless."""
    middle = len(counts) // 2
    if not middle:
        return 0.0
    halves = ((counts[:middle], of[:middle]), (counts[middle:], of[middle:]))
    before, after = ((sum(mine) + 0.5) / (sum(all_of_them) + 1) for mine, all_of_them in halves)
    return round(math.log2(after / before), 3)


def _places(centres: Vectors) -> list[tuple[float, float]]:
    """(x, y) in [0, 1] of each centre: its two longest axes at one scale, each turned so that its heaviest part is positive."""
    spread = centres - centres.mean(axis=0)
    _, _, axes = np.linalg.svd(spread.astype(np.float64), full_matrices=False)
    flat = np.zeros((len(centres), 2))
    for column, axis in enumerate(axes[:2]):
        flat[:, column] = spread @ (axis * np.sign(axis[np.abs(axis).argmax()]))
    low, high = flat.min(axis=0), flat.max(axis=0)
    flat = 0.5 + (flat - (low + high) / 2) / max(float((high - low).max()), 1e-9)
    return [(round(float(x), 4), round(float(y), 4)) for x, y in flat]
