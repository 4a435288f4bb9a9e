"""What a day's papers say together: what to read first and why, what they share, what the weeks before did not have.

Counted from records, without a model. The words stand in ``prompts/common/drawn.<language>.j2``.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from digest.analysing.places import Place
from digest.comparison import result
from digest.glossary import has_chinese
from digest.text import fold, sentences, shorten

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

    from digest.comparison import Result
    from digest.records import AnalysisSection, Digest, Entry

CLOSE = 40  # score from which a paper is about what the reader is interested in
WEEKS = 4  # before a day that it is held against
_SHARE = 0.25  # of a score, that an interest must have to be what the paper is about
_FEW = 2  # editions that must lie before a day for anything to be new in it
_READ = 3  # papers to be read in full
_SHARED = 3  # sets of papers that share something, and that have something new
_NAMES = 4  # of one such set
_TITLE = 60  # characters of a title in a statement on several papers
_COMMON = 0.7  # of the papers: what so many share tells nothing


@dataclass(frozen=True)
class Subject:
    """A paper as the summary of a day sees it."""

    number: int  # from 1, its place in the digest
    entry: Entry

    @property
    def id(self) -> str:
        """Its id in prompts and marks, as a passage has one."""
        return f"p{self.number}"

    @property
    def title(self) -> str:
        """Of the paper."""
        return self.entry.ranked.paper.title

    @property
    def short(self) -> str:
        """Its title, or the name before the title's colon."""
        return shorten(self.entry.ranked.paper.short, _TITLE)

    @property
    def score(self) -> int:
        """Its relevance to the reader, 0 to 100."""
        return self.entry.ranked.score

    @property
    def interests(self) -> tuple[str, ...]:
        """What of the reader's profile it is about."""
        return tuple(reason.interest for reason in self.entry.ranked.reasons if reason.share > 0)

    @cached_property
    def claims(self) -> tuple[str, ...]:
        """What the analysis found and the paper bears out."""
        return tuple(claim.text for section in self.sections for claim in section.claims if claim.verified and not claim.basis)

    @cached_property
    def points(self) -> tuple[str, ...]:
        """What a model is told of it: its main result and what was found, failing both its abstract."""
        facts = self.entry.document.facts if self.entry.document else ()
        result = [fact.value for fact in facts if fact.kind == "result"][:1]
        return tuple(dict.fromkeys((*result, *self.claims))) or tuple(sentences(self.entry.ranked.paper.abstract))

    @property
    def terms(self) -> tuple[str, ...]:
        """What it is about, for a reader of Chinese."""
        return self.entry.terms

    @property
    def said(self) -> str:
        """The first of what was found that is said in the reader's own language and no quotation."""
        quotes = [claim.quote for section in self.sections for claim in section.claims if claim.quote]
        own = (text for text in self.claims if not any(quote in text for quote in quotes))
        return next((text for text in own if has_chinese(text) or not self.terms), "")

    @property
    def sections(self) -> tuple[AnalysisSection, ...]:
        """What its analysis says."""
        return self.entry.analysis.sections if self.entry.analysis else ()

    @cached_property
    def place(self) -> Place:
        """Everything that is known of it, to look things up in."""
        document, paper = self.entry.document, self.entry.ranked.paper
        quotes = [claim.quote for section in self.sections for claim in section.claims]
        facts = [f"{fact.value} {fact.quote}" for fact in document.facts] if document else []
        return Place(
            (fold("\n".join((paper.title, paper.abstract, *self.interests, *self.claims, *quotes, *facts))),), self.number, self.id
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What the digests of the weeks before held."""

    editions: int = 0
    interests: dict[str, int] = field(default_factory=dict)  # papers about each
    named: frozenset[str] = frozenset()  # data sets and terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """An interest and the papers about it."""

    name: str
    papers: tuple[Subject, ...]
    usual: float | None  # papers an edition in the weeks before; None where there are too few editions


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What the same papers have in common."""

    kind: str  # dataset or term
    names: tuple[str, ...]
    papers: tuple[Subject, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """A paper to be read in full, and why."""

    paper: Subject
    interest: str  # that it is closest to
    result: Result | None  # in which it is ahead
    code: bool  # its authors' own
    doubt: str  # title of the section that holds its tables against its claims


def before(digests: Iterable[Digest]) -> Before:
    """What *digests*, the newest first, held; a paper that stands in several counts once, and so do editions of one day."""
    held = list(digests)
    entries = {entry.ranked.paper.id: entry for digest in reversed(held) for entry in digest.entries}
    return Before(
        editions=len({digest.date for digest in held}),
        interests=dict(Counter(name for entry in entries.values() for name in _about(entry))),
        named=frozenset(name for entry in entries.values() for _, name in named(entry)),
    )


@dataclass(frozen=True)
class Day:
    """The papers of an edition, the most relevant first, beside the weeks before."""

    papers: Sequence[Subject]
    past: Before

    @cached_property
    def close(self) -> list[Subject]:
        """The papers that are about what the reader is interested in."""
        return [paper for paper in self.papers if paper.score >= CLOSE]

    @property
    def rest(self) -> list[Subject]:
        """The others, where there are close ones."""
        return [paper for paper in self.papers if paper.score < CLOSE] if self.close else []

    @property
    def trends(self) -> list[Trend]:
        """Interests that two papers or more are about, and those of which there were none before; the largest first."""
        by_name: dict[str, list[Subject]] = {}
        for paper in self.close:
            for name in _about(paper.entry):
                by_name.setdefault(name, []).append(paper)
        known = self.past.editions >= _FEW
        found = [
            Trend(name=name, papers=tuple(papers), usual=self.past.interests.get(name, 0) / self.past.editions if known else None)
            for name, papers in by_name.items()
        ]
        return sorted((trend for trend in found if len(trend.papers) > 1 or trend.usual == 0), key=lambda trend: -len(trend.papers))

    @property
    def links(self) -> list[Link]:
        """Data sets and terms that several papers share, but not nearly all and not under the name of an interest."""
        interests = " ".join(name for paper in self.papers for name in paper.interests)
        most = len(self.papers) if len(self.papers) <= _READ else _COMMON * len(self.papers)
        shared = [
            link for link in _links(self.papers) if 1 < len(link.papers) <= most and not any(name in interests for name in link.names)
        ]
        return sorted(shared, key=lambda link: -len(link.papers))[:_SHARED]

    @property
    def picks(self) -> list[Pick]:
        """The papers to be read in full: the closest ones, or the first where none is close."""
        return [_pick(paper) for paper in (self.close or self.papers)[: _READ if self.close else 1]]

    @property
    def noted(self) -> list[Pick]:
        """The papers of which something can be said in the reader's language, or a result in which they are ahead."""
        return [pick for pick in map(_pick, self.papers) if pick.paper.said or pick.result]

    @property
    def coded(self) -> list[Subject]:
        """The papers whose authors name code of their own."""
        return [paper for paper in self.papers if _has_code(paper.entry)]

    @property
    def fresh(self) -> list[Link]:
        """Data sets and terms of close papers that no digest of the weeks before named."""
        new = _links(self.close, but=self.past.named) if self.past.editions >= _FEW else []
        return sorted(new, key=lambda link: (link.kind != "term", -len(link.papers)))[:_SHARED]

    @property
    def crossing(self) -> list[Subject]:
        """Close papers about two interests at once."""
        return [paper for paper in self.close if len(_about(paper.entry)) > 1]


def _links(papers: Iterable[Subject], *, but: Container[str] = ()) -> list[Link]:
    """What *papers* name, but for names in *but*; names that the same papers hold together."""
    by_name: dict[tuple[str, str], list[Subject]] = {}
    for paper in papers:
        for kind, name in named(paper.entry):
            if name not in but:
                by_name.setdefault((kind, name), []).append(paper)
    by_papers: dict[tuple[str, tuple[int, ...]], Link] = {}
    for (kind, name), held in by_name.items():
        key = kind, tuple(paper.number for paper in held)
        names = (*by_papers[key].names, name) if key in by_papers else (name,)
        by_papers[key] = Link(kind=kind, names=names[:_NAMES], papers=tuple(held))
    return list(by_papers.values())


def named(entry: Entry) -> list[tuple[str, str]]:
    """Kind and name of the data sets and terms of a paper, each once."""
    facts = entry.document.facts if entry.document else ()
    return list(dict.fromkeys([*(("term", term) for term in entry.terms), *(("dataset", f.value) for f in facts if f.kind == "dataset")]))


def _about(entry: Entry) -> list[str]:
    ranked = entry.ranked
    return [r.interest for r in ranked.reasons if r.kind == "interest" and r.share >= _SHARE] if ranked.score >= CLOSE else []


def _has_code(entry: Entry) -> bool:
    return any(fact.kind == "code" and fact.own for fact in (entry.document.facts if entry.document else ()))


def _pick(paper: Subject) -> Pick:
    entry = paper.entry
    facts = entry.document.facts if entry.document else ()
    results = [found for fact in facts if fact.kind == "result" and (found := result(fact.value)) and found.ahead]
    doubted = [section.title for section in paper.sections for claim in section.claims if claim.basis == "tables"]
    return Pick(
        paper=paper,
        interest=paper.interests[0] if paper.interests else "",
        result=results[0] if results else None,
        code=_has_code(entry),
        doubt=doubted[0] if doubted else "",
    )
