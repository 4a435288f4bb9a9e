"""What ranking would have done: liked papers hidden one part at a time, and looked for among all the others."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.ranking.blend import total

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from digest.embedding import Vectors
    from digest.ranking.taste import Taste

_FOLDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How well hidden liked papers were found."""

    ndcg: float  # at top_k, a mean over the parts
    recall: float  # of the hidden papers, how many stood among the top_k of their part
    missed: tuple[str, ...]  # ids of those that did not


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """The same hidden papers looked for by the written profile alone and with what the other likes taught."""

    top_k: int
    liked: int
    papers: int  # that each hidden one was looked for among
    written: Outcome
    taught: Outcome


def backtest(
    relevance: Mapping[str, float],
    gists: Mapping[str, Vectors],
    liked: Sequence[str],
    *,
    top_k: int,
    teach: Callable[[Collection[str]], Taste | None],
) -> Backtest:
    """Hide a fifth of *liked* (of fewer than five papers, each alone), rank, and go on to the next fifth.

    Args:
        relevance: of every paper by the written profile alone, by id.
        gists: (dim,) vectors of the same papers.
        teach: the taste that those liked papers alone, and the disliked ones, would teach.
    """
    liked = sorted(liked)
    folds = min(_FOLDS, len(liked))
    written, taught = [], []
    for fold in range(folds):
        hidden = set(liked[fold::folds])
        shown = set(liked) - hidden
        taste = teach(shown)
        pool = sorted(relevance.keys() - shown)
        pulls = {i: taste.pulls(gists[i], base=relevance[i]) if taste else [] for i in pool}
        lifted = {i: total(relevance[i], pulls[i]) for i in pool}
        written.append(_found({i: relevance[i] for i in pool}, hidden, top_k))
        taught.append(_found(lifted, hidden, top_k))
    return Backtest(top_k=top_k, liked=len(liked), papers=len(relevance), written=_mean(written), taught=_mean(taught))


def ndcg(relevant: Sequence[bool], *, top_k: int, wanted: int) -> float:
    """Normalised discounted cumulative gain of the first *top_k* of a ranking, *wanted* papers being relevant in all.

    Järvelin & Kekäläinen 2002, with gain 1 and discount 1/log2(rank + 1).
    """
    gained = sum(1 / math.log2(rank + 2) for rank, hit in enumerate(relevant[:top_k]) if hit)
    best = sum(1 / math.log2(rank + 2) for rank in range(min(top_k, wanted)))
    return gained / best if best else 0.0


def _found(relevance: Mapping[str, float], hidden: set[str], top_k: int) -> Outcome:
    order = sorted(relevance, key=lambda paper_id: (-relevance[paper_id], paper_id))
    missed = hidden - set(order[:top_k])
    return Outcome(
        ndcg=ndcg([paper_id in hidden for paper_id in order], top_k=top_k, wanted=len(hidden)),
        recall=1 - len(missed) / len(hidden),
        missed=tuple(sorted(missed)),
    )


def _mean(outcomes: Sequence[Outcome]) -> Outcome:
    number = max(1, len(outcomes))
    return Outcome(
        ndcg=sum(outcome.ndcg for outcome in outcomes) / number,
        recall=sum(outcome.recall for outcome in outcomes) / number,
        missed=tuple(sorted(paper_id for outcome in outcomes for paper_id in outcome.missed)),
    )
