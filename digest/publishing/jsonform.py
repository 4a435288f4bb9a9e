"""A digest as JSON for other programs: what the page says, unescaped, by a versioned schema (``docs/digest.schema.json``).

A key that is added leaves the version as it is; one that goes or changes its meaning raises it. Technical reasons of failures
stand in the run report alone.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from digest.library.codec import schema_of
from digest.publishing import phrases
from digest.publishing.claims import TITLE
from digest.publishing.inline import metadata
from digest.publishing.paper import translated_title
from digest.records import (  # noqa: TC001 pydantic reads them
    Claim,
    Counts,
    Coverage,
    Fact,
    Grade,
    HiddenText,
    Provenance,
    Reason,
    SectionStatus,
)

if TYPE_CHECKING:
    from digest.records import Analysis, AnalysisSection, Digest, Entry, Paper, Ranked

VERSION: Literal["digest/1"] = "digest/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperName:
    """A paper that is only named."""

    id: str  # with its version
    title: str  # LaTeX resolved, formulas as LaTeX
    link: str
    score: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionForm:
    """An answer, or the status that stands for it."""

    id: str
    title: str
    status: SectionStatus
    kind: str
    claims: tuple[Claim, ...]
    evidence: tuple[Claim, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureForm:
    """The overview figure, its path relative to the file."""

    path: str
    caption: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperForm:
    """One paper of the edition."""

    id: str  # with its version
    anchor: str  # of the paper on the page
    title: str  # LaTeX resolved, formulas as LaTeX
    translated_title: str  # in the reader's language, "" where no model gave it
    terms: tuple[str, ...]  # what it is about, in Chinese; empty for a reader of English
    authors: tuple[str, ...]
    categories: tuple[str, ...]
    published: str | None  # ISO 8601
    link: str
    pdf: str  # path relative to the file, or an address
    score: int  # 0-100
    closer_than: float | None
    reasons: tuple[Reason, ...]
    coverage: Coverage | None  # null where nothing was analysed
    grade: Grade | None  # null where the body was not read
    hidden_text: tuple[HiddenText, ...]
    figure: FigureForm | None
    facts: tuple[Fact, ...]
    sections: tuple[SectionForm, ...]
    neighbours: tuple[PaperName, ...]
    abstract: str  # as the source gives it
    provenance: Provenance | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestForm:
    """One edition."""

    schema: Literal["digest/1"]
    date: str  # ISO 8601
    style: str
    language: str
    title: str
    model: str
    seconds: float
    counts: Counts
    notices: tuple[str, ...]
    summary: tuple[SectionForm, ...]
    papers: tuple[PaperForm, ...]
    near: tuple[PaperName, ...]  # good enough, but past the limit
    to_retry: tuple[str, ...]  # papers that the next run goes on with


def json_schema() -> dict[str, Any]:
    """The JSON Schema of ``digest.json``."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema_of(DigestForm)}


def to_text(digest: Digest, title: str) -> str:
    """*digest* under *title* as indented JSON, UTF-8 whatever its papers hold."""
    form = DigestForm(
        schema=VERSION,
        date=digest.date.isoformat(),
        style=digest.style,
        language=digest.language,
        title=title,
        model=digest.model,
        seconds=digest.seconds,
        counts=digest.counts,
        notices=digest.notices,
        summary=tuple(map(_section, digest.summary)),
        papers=tuple(map(_paper, digest.entries, phrases.anchors(entry.ranked.paper for entry in digest.entries))),
        near=tuple(map(_near, digest.near)),
        to_retry=tuple(skipped.paper for skipped in digest.skipped if skipped.retry and skipped.paper),
    )
    text = json.dumps(asdict(form), ensure_ascii=False, indent=1)
    return text.encode("utf-8", "replace").decode() + "\n"  # a lone surrogate has no bytes


def _paper(entry: Entry, anchor: str) -> PaperForm:
    paper, document, analysis = entry.ranked.paper, entry.document, entry.analysis
    return PaperForm(
        id=paper.name,
        anchor=anchor,
        title=metadata(paper.title).plain,
        translated_title=translated_title(analysis, paper),
        terms=entry.terms,
        authors=tuple(metadata(name).plain for name in paper.authors),
        categories=paper.categories,
        published=paper.published.isoformat() if paper.published else None,
        link=phrases.web_link(paper.link),
        pdf=entry.pdf or phrases.web_link(paper.pdf),
        score=entry.ranked.score,
        closer_than=entry.ranked.closer_than,
        reasons=entry.ranked.reasons,
        coverage=analysis.coverage if analysis else None,
        grade=document.grade if document else None,
        hidden_text=document.hidden_text if document else (),
        figure=FigureForm(path=entry.figure, caption=entry.figure_caption) if entry.figure else None,
        facts=document.facts if document else (),
        sections=_sections(analysis),
        neighbours=tuple(map(_named, entry.neighbours)),
        abstract=paper.abstract,
        provenance=analysis.provenance if analysis else None,
    )


def _sections(analysis: Analysis | None) -> tuple[SectionForm, ...]:
    return tuple(_section(section) for section in analysis.sections if section.id != TITLE) if analysis else ()


def _section(section: AnalysisSection) -> SectionForm:
    return SectionForm(
        id=section.id,
        title=section.title,
        status=section.status,
        kind=section.kind,
        claims=section.claims,
        evidence=section.evidence,
    )


def _near(ranked: Ranked) -> PaperName:
    return _named(ranked.paper, ranked.score)


def _named(paper: Paper, score: int | None = None) -> PaperName:
    return PaperName(id=paper.name, title=metadata(paper.title).plain, link=phrases.web_link(paper.link), score=score)
