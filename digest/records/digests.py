"""A day's digest and all that stands in it: ``Digest`` and its parts."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from digest.records.analyses import Analysis, AnalysisSection
from digest.records.documents import Document
from digest.records.papers import Paper, Ranked


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A paper that is not in the digest, or only in part, and why."""

    paper: str
    title: str
    stage: str  # fetch, rank, download, read, analyse
    reason: str
    retry: bool = False  # a later run tries again


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many papers left at each step.

    fetched = repeated + withdrawn + unreadable + scanned; scanned = new + known = delivered_before + below + beyond + chosen.
    """

    fetched: int = 0  # 0 in digests of the first release, which did not count it
    repeated: int = 0  # the same paper by two names
    withdrawn: int = 0
    unreadable: int = 0  # loose PDFs that cannot be read
    new: int = 0  # not known before the day of the digest
    known: int = 0
    scanned: int = 0
    delivered_before: int = 0
    below: int = 0  # score under the threshold
    beyond: int = 0  # good enough, but not among the top k
    chosen: int = 0
    by_source: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One paper of a digest: everything a template may show."""

    ranked: Ranked
    document: Document | None = None  # None when there is no readable full text
    analysis: Analysis | None = None  # None when the analysis failed
    pdf: str = ""  # path of the PDF relative to the digest's folder, "" when there is none
    figure: str = ""  # path of the method overview image relative to the digest's folder
    figure_caption: str = ""
    neighbours: tuple[Paper, ...] = ()  # nearest papers read before
    terms: tuple[str, ...] = ()  # what it is about in a few terms of the glossary, in the reader's language where that is not English


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Statements of an analysis or of one section of it."""

    claims: int
    verified: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionChange:
    """A section whose statements are not what they were."""

    title: str
    before: Tally
    after: Tally
    kept: int  # statements that both have word for word


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What came of analysing one paper again."""

    paper: str  # its name
    title: str
    model_before: str  # engine and model, with the hash of the prompts
    model_after: str
    before: Tally
    after: Tally
    sections: tuple[SectionChange, ...] = ()  # those that changed; a section that only one of the analyses has is one


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """One edition: what the templates draw."""

    date: dt.date
    style: str
    language: str  # of the reader
    title: str
    counts: Counts
    entries: tuple[Entry, ...]
    skipped: tuple[Skipped, ...] = ()
    notices: tuple[str, ...] = ()  # said once, at the top
    summary: tuple[AnalysisSection, ...] = ()  # over all papers; its claims name papers instead of pages
    near: tuple[Ranked, ...] = ()  # the best of those that were good enough but past the limit, without their abstracts
    model: str = ""  # shown name of the model
    seconds: float = 0.0
    changes: tuple[Change, ...] = ()  # of an edition whose papers were analysed again
    made: dt.datetime | None = None  # when what it says was last changed; None in digests of the first release
