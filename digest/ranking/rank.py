"""Papers and a profile in, ranked papers with their reasons out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from digest.ranking.evidence import Topics, Traits, topics_of, traits_of
from digest.ranking.scores import penalties, score, shares, weigh
from digest.records import Paper, Ranked, Reason

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
    wanted = _named(
        embedder,
        [(interest.name, interest.text, interest.weight) for interest in profile.interest]
        + [(f"♥ {paper.title}", paper.gist, _LIKED_WEIGHT) for paper in liked],
    )
    avoided = _named(
        embedder,
        [(avoid.text, avoid.text, avoid.weight) for avoid in profile.avoid] + [(paper.title, paper.gist, 1.0) for paper in disliked],
    )
    ranked = []
    for start in range(0, len(papers), _CHUNK):
        chunk = papers[start : start + _CHUNK]
        for paper, traits in zip(chunk, traits_of(chunk, embedder), strict=True):
            ranked.append(_ranked(paper, traits, wanted, avoided))
        if on_progress:
            on_progress(len(chunk))
    return sorted(ranked, key=lambda item: (-item.relevance, item.paper.id))


@dataclass(frozen=True, slots=True)
class _Named:
    """What papers are held against."""

    names: list[str]
    topics: Topics
    weights: Vectors  # (m,)


def _named(embedder: Embedder, topics: Sequence[tuple[str, str, float]]) -> _Named:
    """*topics* as (name, text, weight); a name is for the reader and not embedded, as it may be in another language."""
    weights = np.array([weight for _, _, weight in topics], dtype=np.float32)
    return _Named([name for name, _, _ in topics], topics_of([text for _, text, _ in topics], embedder), weights)


def _ranked(paper: Paper, traits: Traits, wanted: _Named, avoided: _Named) -> Ranked:
    """*paper* with its score."""
    relevance, closest = wanted.topics.relevance(traits)
    weighed = weigh(relevance, wanted.weights)
    parts = shares(weighed)
    reasons = [
        Reason(interest=wanted.names[i], share=math.floor(1000 * parts[i]) / 1000, sentence=traits.sentences[closest[i]])
        for i in np.argsort(-parts, kind="stable")
        if parts[i] >= _SHOWN_SHARE
    ]
    total = float(weighed.max())
    if avoided.names:
        against, nearest = avoided.topics.relevance(traits)
        taken = penalties(against, avoided.weights)
        worst = int(taken.argmax())
        total -= float(taken[worst])
        if taken[worst] >= _SHOWN_PENALTY:
            reasons.append(
                Reason(interest=avoided.names[worst], share=-round(float(taken[worst]), 3), sentence=traits.sentences[nearest[worst]])
            )
    return Ranked(paper=paper, score=score(total), relevance=round(total, 6), reasons=tuple(reasons))
