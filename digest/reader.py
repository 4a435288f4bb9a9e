"""The reader as ranking sees one: the profile in the embedder's words, what feedback taught, what a score is worth.

Everything is made from the profile and the library, kept under a hash of both, and so the same until one of them changes.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.library.codec import from_json, to_json
from digest.library.feedback import DISLIKED, LIKED, Feedback
from digest.library.reference import keep_scale, kept_scale, reference_papers
from digest.ranking import rank
from digest.ranking.calibration import Scale, scale
from digest.ranking.checks import wording
from digest.ranking.language import spoken
from digest.ranking.taste import Taste, learn

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from digest.config import Profile
    from digest.records import Paper, Ranked
    from digest.wiring import Tools

_MEASURE = 6  # raise it when relevance is computed in another way: scales are then measured anew
_FEW = 30  # papers of the reference: below it, words of the field stand for papers at large
_EVERY_TERM = 8  # of the glossary


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Everything about the reader that decides a score."""

    profile: Profile  # in words that the embedder knows
    known: dict[str, Paper]  # the papers it names, as far as the library has them
    taste: Taste | None
    scale: Scale

    def without_taste(self) -> Reader:
        """The same reader, of whom nothing but the written profile is known."""
        return dataclasses.replace(self, taste=None)


def read_mind(tools: Tools, *, today: dt.date) -> Reader:
    """The reader of this workspace."""
    profile = spoken(tools.profile, tools.embedding_card.languages, tools.glossary)
    liked, disliked = verdicts(tools)
    examples = [paper_id for interest in profile.interest for paper_id in interest.papers]
    known = tools.store.papers([*examples, *liked, *disliked])
    reference = _reference(tools, today)
    taste = _taste(tools, [known[i] for i in liked if i in known], [known[i] for i in disliked if i in known], reference)
    reader = Reader(profile=profile, known=known, taste=taste, scale=Scale())
    return _scaled(tools, reader, reference) if reference else reader


def verdicts(tools: Tools) -> tuple[list[str], list[str]]:
    """Ids of the liked and of the disliked papers, of profile.toml and of the library; what was said last in the library holds."""
    feedback, profile = Feedback(tools.store), tools.profile
    liked, disliked = feedback.papers(LIKED), feedback.papers(DISLIKED)
    said = {*liked, *disliked}
    named_liked = {*profile.liked} - said
    named_disliked = {*profile.disliked} - said - named_liked
    return sorted({*liked, *named_liked}), sorted({*disliked, *named_disliked})


def unread(tools: Tools) -> list[str]:
    """Names of what the profile says in words that neither the embedding model nor the glossary knows."""
    found = wording(tools.profile, tools.glossary, tools.embedding_card.languages)
    return [finding.interest for finding in found if finding.kind == "untranslated"]


def judged(
    tools: Tools, reader: Reader, papers: Sequence[Paper], *, today: dt.date | None, on_progress: Callable[[int], None] | None = None
) -> list[Ranked]:
    """*papers* as *reader* would have them, best first."""
    return rank(
        papers,
        reader.profile,
        tools.embedder,
        known=reader.known,
        taste=reader.taste,
        scale=reader.scale,
        today=today,
        on_progress=on_progress,
    )


def _reference(tools: Tools, today: dt.date) -> list[Paper]:
    """The reference papers whose vectors are there: nobody waits for a score because the embedder has changed."""
    papers = list(tools.store.papers(reference_papers(tools.store, today=today)).values())
    known = tools.embedder.knows([paper.gist for paper in papers])
    return [paper for paper, there in zip(papers, known, strict=True) if there]


def _taste(tools: Tools, liked: Sequence[Paper], disliked: Sequence[Paper], reference: Sequence[Paper]) -> Taste | None:
    told = {paper.id for paper in (*liked, *disliked)}
    at_large = [paper.gist for paper in reference if paper.id not in told]
    if len(at_large) < _FEW:
        at_large = sorted(tools.glossary.terms)[::_EVERY_TERM]
    return learn(liked, disliked, tools.embedder, at_large=at_large, weight=tools.profile.feedback)


def _scaled(tools: Tools, reader: Reader, reference: Sequence[Paper]) -> Reader:
    """*reader* with the scale that the reference gives, measured now or kept from an earlier run."""
    key = _key(tools, reader, reference)
    kept = kept_scale(tools.store, key)
    if kept is None:
        measured = scale(item.relevance for item in judged(tools, reader, reference, today=None))
        keep_scale(tools.store, key, to_json(measured))
    else:
        measured = from_json(Scale, kept)
    return dataclasses.replace(reader, scale=measured)


def _key(tools: Tools, reader: Reader, reference: Sequence[Paper]) -> str:
    told = sorted(f"{paper_id}:{paper.gist}" for paper_id, paper in reader.known.items())
    parts = (
        str(_MEASURE),
        tools.embedder.id,
        reader.profile.model_dump_json(),
        *map(repr, verdicts(tools)),
        *told,
        *(p.id for p in reference),
    )
    return hashlib.sha256("\0".join(parts).encode(errors="surrogatepass")).hexdigest()
