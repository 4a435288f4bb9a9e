"""What flows through the program: ``Paper -> Ranked -> Document -> Analysis -> Digest``.

Every record is a frozen dataclass of plain values, so a stage can be tested with literals and its result
stored as JSON. This module knows no library and no file: only the words the rooms share.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum

# --- papers -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One paper as its source describes it: metadata, never the body."""

    id: str  # arXiv id without version, "file:<sha256>" for a loose PDF, or what a metadata file says
    title: str  # LaTeX source as given, white space folded
    abstract: str  # the same; empty when the source has none
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    published: dt.date | None = None
    updated: dt.date | None = None
    version: int | None = None  # of the arXiv submission
    source: str = ""  # name of the source that brought it: arxiv, hf, folder, samples
    comment: str = ""
    link: str = ""  # page a reader can open
    pdf: str = ""  # URL or absolute path the full text comes from; empty when there is none
    upvotes: int | None = None
    aliases: tuple[str, ...] = ()  # other names it goes by: "file:<sha256>", "doi:<DOI in lower case>"

    @property
    def name(self) -> str:
        """The id with its version (``2601.20742v1``), as shown to a reader."""
        return f"{self.id}v{self.version}" if self.version else self.id

    @property
    def gist(self) -> str:
        """Title and abstract in one string: what stands for the whole paper when it is embedded."""
        return f"{self.title}. {self.abstract}" if self.abstract else self.title


class ReasonKind(StrEnum):
    """What in a profile a reason comes from."""

    INTEREST = "interest"
    AVOID = "avoid"
    LIKED = "liked"
    DISLIKED = "disliked"
    AUTHOR = "author"
    GROUP = "group"
    CATEGORY = "category"
    RECENT = "recent"
    UPVOTES = "upvotes"
    EXPLORE = "explore"  # not close to the profile: chosen to show something else


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Part of a score: what of the profile drove it, how much, and the sentence that matched."""

    interest: str  # name of the interest, title of the liked paper, name of the author
    share: float  # of what speaks for the paper, in [0, 1]; negative: so much of that was taken away
    sentence: str  # of the title or abstract, verbatim; empty where none matched
    kind: ReasonKind = ReasonKind.INTEREST


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A paper with its place in the reader's interest."""

    paper: Paper
    score: int  # 0-100
    relevance: float  # what the score was computed from; higher is better
    reasons: tuple[Reason, ...] = ()
    closer_than: float | None = None  # part of the library's recent papers that are less relevant; None: too few to say


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What a group of the library's papers is about, how much of it came week by week, and where it lies on a map of all groups."""

    name: str  # its two most telling terms
    terms: tuple[str, ...]  # that set it apart from the other groups, the most telling first
    papers: tuple[str, ...]  # ids, the most typical first
    weeks: dict[str, int] = field(default_factory=dict)  # papers by ISO date of the week's Monday, every week of the map in order
    trend: float = 0.0  # logarithm (base 2) of the topic's share of papers in the later half of the weeks by that in the earlier
    x: float = 0.5  # place on the map in [0, 1]: near topics lie near each other
    y: float = 0.5


# --- documents --------------------------------------------------------------------------------------------------------


class ReadStatus(StrEnum):
    """How reading one PDF ended; the values are the command-line contract."""

    OK = "ok"
    PASSWORD = "password"  # noqa: S105 a status, not a secret
    UNREADABLE = "unreadable"
    EMPTY = "empty"
    NO_TEXT = "no_text"
    TIMEOUT = "timeout"


class SectionKind(StrEnum):
    """What a section is for, whatever its authors call it."""

    ABSTRACT = "abstract"
    INTRODUCTION = "introduction"
    RELATED = "related"
    METHOD = "method"
    EXPERIMENTS = "experiments"
    RESULTS = "results"
    LIMITATIONS = "limitations"
    CONCLUSION = "conclusion"
    REFERENCES = "references"
    APPENDIX = "appendix"
    ACKNOWLEDGEMENT = "acknowledgement"
    OTHER = "other"


Box = tuple[float, float, float, float]  # x0, y0, x1, y1 in PDF points, origin at the top left of the page


PagedBox = tuple[int, Box]  # page from 1, and a place on it


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A headed part of the body, without the text of its subsections."""

    title: str
    kind: SectionKind
    level: int  # 1 for a top-level section
    page: int  # of the heading, from 1
    text: str  # paragraphs separated by blank lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A run of body text that fits one embedding: whole sentences of one section."""

    id: str  # "p<number>", in reading order from p1, unique within its document
    page: int  # of its first word, from 1
    section: str  # title of the nearest heading above it
    kind: SectionKind
    text: str
    boxes: tuple[PagedBox, ...] = ()  # where it stands, one for each column or page it runs over


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A captioned figure or table and where it stands."""

    page: int
    label: str  # "Figure 2", "Table 1"
    caption: str  # without the label
    box: Box | None = None  # of the figure with its caption


@dataclass(frozen=True, slots=True, kw_only=True)
class Footnote:
    """A note under a column, kept out of the body."""

    page: int
    mark: str  # "1", "†"; empty for a note without one
    text: str  # without the mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A captioned table as rows of cells, all of one length, so that a number can be found with what stands beside and above it."""

    label: str  # "Table 1"
    caption: str
    page: int
    box: Box | None = None  # with its caption
    rows: tuple[tuple[str, ...], ...] = ()  # headings first; "" is an empty cell; a heading over several columns stands in each


@dataclass(frozen=True, slots=True, kw_only=True)
class HiddenText:
    """Text a reader of the page cannot see; kept out of the body and reported."""

    page: int
    reason: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something stated in the paper that was found without a model."""

    kind: str  # method, dataset, result, metric, code, compute, parameters
    value: str  # as the paper writes it
    page: int
    quote: str  # the sentence it was found in; of a result its table and caption
    own: bool = False  # the sentence speaks of the authors' own work: "we", "our", the name of their method


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """How far the extracted text can be trusted."""

    letter: str  # A, B, C; F: not to be analysed
    language: str  # "en", "zh", "other"
    scanned: bool
    reasons: tuple[str, ...] = ()  # what lowered it


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The full text of one PDF, in reading order, with its structure."""

    sha256: str  # of the file
    reader: str  # version of the reader that made it
    status: ReadStatus
    pages: int = 0
    title: str = ""
    authors: tuple[str, ...] = ()
    abstract: str = ""
    text: str = ""  # in reading order with headings, captions between paragraphs, references; no hidden text, no footnotes
    sections: tuple[Section, ...] = ()
    passages: tuple[Passage, ...] = ()
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()  # those among the figures whose words stand in columns
    footnotes: tuple[Footnote, ...] = ()
    references: tuple[str, ...] = ()
    page_texts: tuple[str, ...] = ()  # all visible words of each page, captions and tables too: what claims are checked against
    hidden_text: tuple[HiddenText, ...] = ()
    facts: tuple[Fact, ...] = ()
    grade: Grade | None = None  # None unless status is ok
    problem: str = ""  # what ended reading, where the status does not say it all: a limit, a crash; such a result is not kept


# --- analyses ---------------------------------------------------------------------------------------------------------


class SectionStatus(StrEnum):
    """How a section of an analysis came out."""

    OK = "ok"
    NOT_STATED = "not_stated"
    ABSTRACT_ONLY = "abstract_only"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One sentence or bullet of an analysis and what it rests on."""

    text: str
    pages: tuple[int, ...] = ()
    quote: str = ""  # a sentence of the paper, verbatim; empty when nothing supports the claim
    verified: bool = False
    unfound: tuple[str, ...] = ()  # numbers and terms of the claim that the paper does not contain
    basis: str = ""  # what it rests on besides a quote: "search" of the whole text, "tables", "drawn" up from analyses; all without a model
    papers: tuple[str, ...] = ()  # ids, of a statement on several papers


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisSection:
    """The answer to one question of a report style."""

    id: str
    title: str
    status: SectionStatus
    kind: str = "bullets"  # bullets or prose
    claims: tuple[Claim, ...] = ()
    evidence: tuple[Claim, ...] = ()  # sentences of the paper on the question, found without a model, where no claim was borne out
    reason: str = ""  # why it failed: for the run report, never for the digest

    @property
    def text(self) -> str:
        """The claims as plain text, one a line."""
        return "\n".join(claim.text for claim in self.claims)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How much of the body the model was given, in its own tokens."""

    read_tokens: int
    total_tokens: int

    @property
    def share(self) -> float:
        """In [0, 1]; 0 for a paper without a body."""
        return self.read_tokens / self.total_tokens if self.total_tokens else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Everything that decided the words: the same values give the same analysis."""

    engine: str
    model: str
    model_sha256: str
    prompts_sha256: str
    document_sha256: str
    reader: str
    seed: int
    context_tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """What one analysis cost."""

    prompt_tokens: int
    output_tokens: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """One paper analysed in one report style."""

    paper: str
    style: str
    language: str  # of the model's own text
    sections: tuple[AnalysisSection, ...]
    coverage: Coverage
    provenance: Provenance
    timing: Timing

    @property
    def unfinished(self) -> bool:
        """Whether a section failed, so that it is to be made again."""
        return any(section.status is SectionStatus.FAILED for section in self.sections)


# --- digests ----------------------------------------------------------------------------------------------------------


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
