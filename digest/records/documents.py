"""What was read of a PDF: ``Document`` and its parts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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
    turns: tuple[tuple[int, int], ...] = ()  # (character, page) of the first sentence of each further page


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
