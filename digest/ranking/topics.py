"""What papers are held against: the written interests, their examples, what is to be avoided, what was liked or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.records import ReasonKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from digest.config import Profile
    from digest.records import Paper

_EXAMPLE_WEIGHT = 0.8  # of an example paper beside the words of its interest: an example says less than a statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One thing a paper may be about. Two topics of one name belong to one interest."""

    name: str  # for the reader and not embedded, as it may be in another language
    text: str
    weight: float
    kind: ReasonKind


def wanted_topics(profile: Profile, known: Mapping[str, Paper]) -> list[Topic]:
    """The interests of *profile*, each with its keywords, and each example paper that is *known*."""
    topics = []
    for interest in profile.interest:
        text = " ".join([interest.text, *([", ".join(interest.keywords) + "."] if interest.keywords else [])])
        topics.append(Topic(name=interest.name, text=text, weight=interest.weight, kind=ReasonKind.INTEREST))
        topics += [
            Topic(name=interest.name, text=known[i].gist, weight=interest.weight * _EXAMPLE_WEIGHT, kind=ReasonKind.INTEREST)
            for i in interest.papers
            if i in known
        ]
    return topics


def avoided_topics(profile: Profile) -> list[Topic]:
    """What *profile* says the reader does not want to see."""
    return [Topic(name=avoid.name or avoid.text, text=avoid.text, weight=avoid.weight, kind=ReasonKind.AVOID) for avoid in profile.avoid]
