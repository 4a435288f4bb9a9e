"""The profile looked at from outside: how it is understood, what is odd about it, how well it would have done."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.glossary import has_chinese
from digest.ranking.backtest import Backtest, backtest
from digest.ranking.checks import Finding, extremes, fits, overlaps, wording
from digest.ranking.language import spoken
from digest.ranking.taste import learn
from digest.reader import judged, read_mind, verdicts

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Sequence

    from digest.ranking.taste import Taste
    from digest.records import Paper
    from digest.stages import Progress
    from digest.wiring import Tools

_LOOKED_AT = 2000  # papers of the library, the latest: what a check or a test of the profile is made on


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """One line of the profile as ranking takes it."""

    kind: str  # interest, avoid, example, liked, disliked, favour
    name: str
    weight: float = 0.0
    text: str = ""  # what papers are compared with
    terms: tuple[tuple[str, str], ...] = ()  # Chinese words and the English ones that stand for them
    missed: tuple[str, ...] = ()  # words that nothing stands for; an id that is not in the library


def understood(tools: Tools) -> list[Understood]:
    """The profile and the feedback, item by item."""
    written = tools.profile
    meant = spoken(written, tools.embedding_card.languages, tools.glossary)
    lines = []
    for own, said in zip(written.interest, meant.interest, strict=True):
        text = ", ".join([said.text, *said.keywords])
        lines.append(_line(tools, "interest", own.name, own.weight, " ".join([own.text, *own.keywords]), text))
        lines += _papers(tools, "example", own.papers)
    for avoid, said_avoid in zip(written.avoid, meant.avoid, strict=True):
        lines.append(_line(tools, "avoid", avoid.name or avoid.text, avoid.weight, avoid.text, said_avoid.text))
    liked, disliked = verdicts(tools)
    favour = written.favour
    named = [*favour.authors, *favour.groups, *favour.categories]
    weights = {"recency": favour.recency, "upvotes": favour.upvotes} | dict.fromkeys(named, favour.weight)
    lines += [Understood(kind="favour", name=name, weight=weight) for name, weight in weights.items() if weight]
    return [*lines, *_papers(tools, "liked", liked), *_papers(tools, "disliked", disliked)]


def oddities(tools: Tools, progress: Progress) -> list[Finding]:
    """What the reader should look at in the profile."""
    languages = tools.embedding_card.languages
    profile = spoken(tools.profile, languages, tools.glossary)
    papers = _latest(tools)
    progress.stage("check", len(papers))
    unknown = [
        Finding(kind="unknown", interest=line.kind, detail=f"{line.name} is not in the library")
        for line in understood(tools)
        if line.kind in {"example", "liked", "disliked"} and line.missed
    ]
    counts = fits(profile, papers, tools.embedder) if papers else []
    return [
        *wording(tools.profile, tools.glossary, languages),
        *overlaps(profile, tools.embedder),
        *(extremes(profile, counts, len(papers)) if papers else []),
        *unknown,
    ]


def tested(tools: Tools, *, top_k: int, today: dt.date, progress: Progress) -> Backtest | None:
    """How well the liked papers of the library are found while they are hidden; None when there are fewer than two."""
    reader = read_mind(tools, today=today)
    named_liked, named_disliked = verdicts(tools)
    liked = [paper_id for paper_id in named_liked if paper_id in reader.known]
    if len(liked) < 2:
        return None
    disliked = [reader.known[paper_id] for paper_id in named_disliked if paper_id in reader.known]
    told = {*liked, *(paper.id for paper in disliked)}
    others = [paper for paper in _latest(tools) if paper.id not in told]
    papers = [*others, *(reader.known[paper_id] for paper_id in liked)]
    progress.stage("rank", len(papers))
    ranked = judged(tools, reader.without_taste(), papers, today=None, on_progress=progress.advance)
    gists = dict(zip((paper.id for paper in papers), tools.embedder.embed([paper.gist for paper in papers]), strict=True))
    at_large = [paper.gist for paper in others]

    def teach(shown: Collection[str]) -> Taste | None:
        return learn([reader.known[i] for i in shown], disliked, tools.embedder, at_large=at_large, weight=tools.profile.feedback)

    return backtest({item.paper.id: item.relevance for item in ranked}, gists, liked, top_k=top_k, teach=teach)


def _line(tools: Tools, kind: str, name: str, weight: float, written: str, text: str) -> Understood:
    said = tools.glossary.translate(written) if has_chinese(written) and "zh" not in tools.embedding_card.languages else None
    terms, missed = (said.terms, said.missed) if said else ((), ())
    return Understood(kind=kind, name=name, weight=weight, text=text, terms=terms, missed=missed)


def _papers(tools: Tools, kind: str, ids: Sequence[str]) -> list[Understood]:
    known = tools.store.papers(ids)
    return [Understood(kind=kind, name=i, text=known[i].title) if i in known else Understood(kind=kind, name=i, missed=(i,)) for i in ids]


def _latest(tools: Tools) -> list[Paper]:
    """The papers of the library that came last, by day and then by id."""
    latest = itertools.islice(tools.store.newest_papers(), _LOOKED_AT)
    return sorted(latest, key=lambda paper: (str(paper.published or ""), paper.id))
