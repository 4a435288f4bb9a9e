"""What is odd about a profile: interests that are one, that fit nothing, that fit everything, that no model can read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from digest.glossary import has_chinese
from digest.ranking.evidence import topics_of, traits_of
from digest.ranking.scores import ABOUT

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from digest.config import Profile
    from digest.embedding import Embedder
    from digest.glossary import Glossary
    from digest.records import Paper

_SAME = 0.80  # cosine of two interests that say nearly the same
_EVERYTHING = 0.40  # part of the library that only an interest in everything fits
_ENOUGH = 30  # papers, below which nothing is said of what an interest fits


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something odd, and about which interest."""

    kind: str  # overlap, avoided, nothing, everything, untranslated, partly, unknown
    interest: str
    detail: str


def wording(profile: Profile, glossary: Glossary, languages: Collection[str]) -> list[Finding]:
    """Chinese that an embedding model of those *languages* cannot read and the glossary cannot help with."""
    if "zh" in languages:
        return []
    texts = [(item.name, item.text) for item in profile.interest] + [(item.name or item.text, item.text) for item in profile.avoid]
    found = []
    for name, text in texts:
        said = glossary.translate(text)
        if has_chinese(text) and not said.text:
            found.append(Finding(kind="untranslated", interest=name, detail="the glossary knows no word of it: say it in English"))
        elif said.missed:
            found.append(Finding(kind="partly", interest=name, detail=f"not in the glossary: {', '.join(said.missed)}"))
    return found


def overlaps(profile: Profile, embedder: Embedder) -> list[Finding]:
    """Pairs of interests that say nearly the same, and interests that are to be avoided as well."""
    names = [interest.name for interest in profile.interest]
    vectors = embedder.embed([interest.text for interest in profile.interest])
    cosines = vectors @ vectors.T
    avoided = embedder.embed([avoid.text for avoid in profile.avoid]) @ vectors.T
    fights = [
        Finding(kind="avoided", interest=name, detail=f"is avoided as well: {avoid.name or avoid.text!r} (cosine {cosine:.2f})")
        for avoid, row in zip(profile.avoid, avoided, strict=True)
        for name, cosine in zip(names, row, strict=True)
        if cosine >= _SAME
    ]
    return fights + [
        Finding(kind="overlap", interest=names[i], detail=f"says nearly the same as {names[j]!r} (cosine {cosines[i, j]:.2f})")
        for i in range(len(names))
        for j in range(i + 1, len(names))
        if cosines[i, j] >= _SAME
    ]


def fits(profile: Profile, papers: Sequence[Paper], embedder: Embedder) -> list[int]:
    """For each interest, how many of *papers* are about it."""
    topics = topics_of([interest.text for interest in profile.interest], embedder)
    relevances = [topics.relevance(traits)[0] for traits in traits_of(papers, embedder)]
    return [int(n) for n in (np.array(relevances).reshape(-1, len(profile.interest)) >= ABOUT).sum(axis=0)]


def extremes(profile: Profile, counts: Sequence[int], papers: int) -> list[Finding]:
    """Interests that fit none or far too many of that many *papers*."""
    if papers < _ENOUGH:
        return []
    nothing = "fits none of {n} papers of the library"
    everything = "fits {count} of {n} papers: say more exactly what it is about"
    return [
        Finding(
            kind="everything" if count else "nothing",
            interest=interest.name,
            detail=(everything if count else nothing).format(count=count, n=papers),
        )
        for interest, count in zip(profile.interest, counts, strict=True)
        if not count or count > _EVERYTHING * papers
    ]
