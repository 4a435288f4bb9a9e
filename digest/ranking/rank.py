"""Papers and a profile in, ranked papers with their reasons out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from digest.ranking.blend import Pull, reasons, total
from digest.ranking.calibration import OF_A_FIELD, Scale
from digest.ranking.evidence import topics_of, traits_of
from digest.ranking.favour import favours
from digest.ranking.scores import FLOOR, penalties, shares, weigh
from digest.ranking.topics import avoided_topics, wanted_topics
from digest.records import Paper, Ranked

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping, Sequence

    from digest.config import Profile
    from digest.embedding import Embedder, Vectors
    from digest.ranking.evidence import Topics, Traits
    from digest.ranking.taste import Taste
    from digest.ranking.topics import Topic

_CHUNK = 32


def rank(
    papers: Sequence[Paper],
    profile: Profile,
    embedder: Embedder,
    *,
    known: Mapping[str, Paper] | None = None,
    taste: Taste | None = None,
    scale: Scale | None = None,
    today: dt.date | None = None,
    on_progress: Callable[[int], None] | None = None,
) -> list[Ranked]:
    """*papers*, best first; ties fall to the earlier id, so a run repeats exactly.

    A paper is as relevant as its closest interest, not as the mean of all: a reader with two unrelated interests
    wants papers near either, not between them. Avoided topics, what the reader liked and disliked, and what the profile
    favours then pull at it.

    Args:
        known: papers that the profile's examples may mean, beside *papers* themselves.
        taste: learned from papers the reader liked and disliked.
        scale: what relevance is worth to this reader; without one, that of papers of a field.
        today: the day from which a paper's age counts.
        on_progress: told how many papers have been scored since the last call.
    """
    known = {**(known or {}), **{paper.id: paper for paper in papers}}
    judge = _Judge(
        profile=profile,
        wanted=_embedded(wanted_topics(profile, known), embedder),
        avoided=_embedded(avoided_topics(profile), embedder),
        taste=taste,
        scale=scale or Scale(),
        today=today,
    )
    ranked = []
    for start in range(0, len(papers), _CHUNK):
        chunk = papers[start : start + _CHUNK]
        ranked += [judge.ranked(paper, traits) for paper, traits in zip(chunk, traits_of(chunk, embedder), strict=True)]
        if on_progress:
            on_progress(len(chunk))
    return sorted(ranked, key=lambda item: (-item.relevance, item.paper.id))


@dataclass(frozen=True, slots=True)
class _Named:
    """What papers are held against."""

    named: list[Topic]
    topics: Topics
    weights: Vectors  # (m,)


def _embedded(named: list[Topic], embedder: Embedder) -> _Named:
    weights = np.array([topic.weight for topic in named], dtype=np.float32)
    return _Named(named, topics_of([topic.text for topic in named], embedder), weights)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judge:
    """Everything that decides about a paper but the paper itself."""

    profile: Profile
    wanted: _Named
    avoided: _Named
    taste: Taste | None
    scale: Scale
    today: dt.date | None

    def ranked(self, paper: Paper, traits: Traits) -> Ranked:
        """*paper* with its score and what decided it."""
        base, interests = self.interests(traits)
        pulls = [
            *self.against(traits),
            *(self.taste.pulls(traits.whole, base=base) if self.taste else ()),
            *favours(paper, self.profile.favour, spread=OF_A_FIELD.spread, today=self.today),
        ]
        relevance = round(total(base, pulls), 6)
        return Ranked(
            paper=paper,
            score=self.scale.score(relevance),
            relevance=relevance,
            reasons=reasons(interests, pulls),
            closer_than=self.scale.closer_than(relevance),
        )

    def interests(self, traits: Traits) -> tuple[float, list[Pull]]:
        """Relevance to the closest interest, and how far each carries it."""
        relevance, closest = self.wanted.topics.relevance(traits)
        weighed = weigh(relevance, self.wanted.weights)
        base = float(weighed.max())
        parts = shares(weighed) * max(0.0, base - FLOOR)
        return base, [
            Pull(kind=topic.kind, name=topic.name, amount=float(part), sentence=traits.sentences[nearest])
            for topic, part, nearest in zip(self.wanted.named, parts, closest, strict=True)
        ]

    def against(self, traits: Traits) -> list[Pull]:
        """What the closest avoided topic takes away."""
        if not self.avoided.named:
            return []
        relevance, closest = self.avoided.topics.relevance(traits)
        taken = penalties(relevance, self.avoided.weights)
        worst = int(taken.argmax())
        topic = self.avoided.named[worst]
        return [Pull(kind=topic.kind, name=topic.name, amount=-float(taken[worst]), sentence=traits.sentences[closest[worst]])]
