"""Papers and a profile in, ranked papers with their reasons out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from digest.ranking.scores import penalties, score, shares, topic_relevance, weigh
from digest.records import Paper, Ranked, Reason
from digest.text import sentences

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from digest.config import Profile
    from digest.embedding import Embedder, Vectors

_SHOWN_SHARE = 0.10  # an interest that carries less of a score is not given as a reason
_SHOWN_PENALTY = 0.01  # nor is an avoided topic that takes less relevance away: half a point of the score
_LIKED_WEIGHT = 0.8  # of a liked paper beside a written interest: an example says less than a statement
_CHUNK = 32


def rank(
    papers: Sequence[Paper],
    profile: Profile,
    embedder: Embedder,
    *,
    known: Mapping[str, Paper] | None = None,
    on_progress: Callable[[int], None] | None = None,
) -> list[Ranked]:
    """*papers*, best first; ties fall to the earlier id, so a run repeats exactly.

    A paper is as relevant as its closest interest, not as the mean of all: a reader with two unrelated interests
    wants papers near either, not between them. Avoided topics and disliked papers then take from it.

    Args:
        known: papers that the profile's ``liked`` and ``disliked`` ids may mean, beside *papers* themselves.
        on_progress: told how many papers have been scored since the last call.
    """
    known = {**(known or {}), **{paper.id: paper for paper in papers}}
    liked, disliked = ([known[i] for i in ids if i in known] for ids in (profile.liked, profile.disliked))
    wanted = _topics(
        embedder,
        [(interest.name, interest.text, interest.weight) for interest in profile.interest]
        + [(f"♥ {paper.title}", paper.gist, _LIKED_WEIGHT) for paper in liked],
    )
    avoided = _topics(
        embedder,
        [(avoid.text, avoid.text, avoid.weight) for avoid in profile.avoid] + [(paper.title, paper.gist, 1.0) for paper in disliked],
    )
    ranked = []
    for start in range(0, len(papers), _CHUNK):
        chunk = papers[start : start + _CHUNK]
        pieces = [paper_sentences(paper) for paper in chunk]
        vectors = embedder.embed([text for paper, group in zip(chunk, pieces, strict=True) for text in (paper.gist, *group)])
        ends = np.cumsum([1 + len(group) for group in pieces])
        for paper, group, rows in zip(chunk, pieces, np.split(vectors, ends[:-1]), strict=True):
            ranked.append(_ranked(paper, group, rows, wanted, avoided))
        if on_progress:
            on_progress(len(chunk))
    return sorted(ranked, key=lambda item: (-item.relevance, item.paper.id))


def paper_sentences(paper: Paper) -> list[str]:
    """The title and the sentences of the abstract: what a reason may quote."""
    return [paper.title, *sentences(paper.abstract)]


@dataclass(frozen=True, slots=True)
class _Topics:
    """What papers are held against."""

    names: list[str]
    vectors: Vectors  # (m, dim)
    weights: Vectors  # (m,)


def _topics(embedder: Embedder, topics: Sequence[tuple[str, str, float]]) -> _Topics:
    """*topics* as (name, text, weight); a name is for the reader and not embedded, as it may be in another language."""
    vectors = embedder.embed([text for _, text, _ in topics])
    return _Topics([name for name, _, _ in topics], vectors, np.array([weight for _, _, weight in topics], dtype=np.float32))


def _ranked(paper: Paper, pieces: list[str], rows: Vectors, wanted: _Topics, avoided: _Topics) -> Ranked:
    """*paper* with its score; *rows* are the vectors of its gist and of *pieces*."""
    relevance, closest = topic_relevance(rows[0], rows[1:], wanted.vectors)
    weighed = weigh(relevance, wanted.weights)
    parts = shares(weighed)
    reasons = [
        Reason(interest=wanted.names[i], share=math.floor(1000 * parts[i]) / 1000, sentence=pieces[closest[i]])
        for i in np.argsort(-parts, kind="stable")
        if parts[i] >= _SHOWN_SHARE
    ]
    total = float(weighed.max())
    if avoided.names:
        against, nearest = topic_relevance(rows[0], rows[1:], avoided.vectors)
        taken = penalties(against, avoided.weights)
        worst = int(taken.argmax())
        total -= float(taken[worst])
        if taken[worst] >= _SHOWN_PENALTY:
            reasons.append(Reason(interest=avoided.names[worst], share=-round(float(taken[worst]), 3), sentence=pieces[nearest[worst]]))
    return Ranked(paper=paper, score=score(total), relevance=round(total, 6), reasons=tuple(reasons))
