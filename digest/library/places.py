"""What of a paper is searched, before it has a row: its abstract, passages, captions, tables, facts, and what our analyses say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from digest.library.query import ANALYSIS, FACT, FIGURE, TABLE
from digest.records import SectionKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from digest.records import Analysis, Document, Fact, Paper, Table

MADE = 1  # raised when what follows makes other places of the same document: those of a library are then made anew, a part at a time

_NUMBER = re.compile(r"(?<![\w×/-])\d+(?:\.\d+)?(?![\w×])")
_OF_NUMBERS = 2  # numbers in a row that is no heading
_MOST_HEADINGS = 5  # lines
_LEAST = 15  # characters of a sentence that says something by itself; "T4." does not

Turns = tuple[tuple[int, int], ...]  # (character, page) where each further page of a text begins


class Place(NamedTuple):
    """A unit before it is one of a paper."""

    page: int | None
    section: str
    text: str
    kind: str  # one of ``query.KINDS``; "" where an earlier release kept it
    turns: Turns = ()


def page_at(position: int, page: int | None, turns: Turns) -> int | None:
    """The page on which the character at *position* stands of a text that begins on *page*."""
    return next((later for start, later in reversed(turns) if start <= position), page)


def of_abstract(paper: Paper) -> list[Place]:
    """The one unit that stands for the whole paper; none where there is no abstract."""
    return [Place(None, "Abstract", paper.gist, SectionKind.ABSTRACT)] if paper.abstract else []


def of_body(document: Document) -> list[Place]:
    """The passages of a full text, its captions and tables, and the sentences that state its facts."""
    tables = {(table.label, table.page): table for table in document.tables if table.rows}
    captions = [figure for figure in document.figures if (figure.label, figure.page) not in tables and figure.caption]
    return [
        *(Place(passage.page, passage.section, passage.text, passage.kind, passage.turns) for passage in document.passages),
        *(Place(figure.page, figure.label, f"{figure.label}: {figure.caption}", FIGURE) for figure in captions),
        *(Place(table.page, table.label, _written(table), TABLE) for table in tables.values()),
        *_facts(document.facts),
    ]


def _written(table: Table) -> str:
    """Label and caption, then a line a row: what is embedded of it are its first ones, and its words are all found."""
    return "\n".join([f"{table.label}: {table.caption}", *(" | ".join(cell.strip() for cell in row) for row in table.rows)])


def headings(lines: Sequence[str]) -> int:
    """How many of the *lines* of a table belong to each of its rows: the caption, and what stands above the first row of numbers."""
    first = next((n for n, line in enumerate(lines) if n and len(_NUMBER.findall(line)) >= _OF_NUMBERS), 0)
    return first if 1 < first <= _MOST_HEADINGS else min(2, len(lines))


def _facts(facts: tuple[Fact, ...]) -> Iterator[Place]:
    """Each sentence that states facts, once; a result, which no sentence states, as it was read from its table."""
    kinds: dict[tuple[int, str], dict[str, None]] = {}
    for fact in facts:
        text = f"{fact.value}. {fact.quote}" if fact.kind == "result" else fact.quote
        if len(text) >= _LEAST:
            kinds.setdefault((fact.page, text), {})[fact.kind] = None
    for (page, text), named in kinds.items():
        yield Place(page, ", ".join(named), text, FACT)


def of_analysis(analysis: Analysis) -> list[Place]:
    """The claims of *analysis* that the paper bears out, at the first page each rests on."""
    return [
        Place(claim.pages[0], section.title, claim.text, ANALYSIS)
        for section in analysis.sections
        for claim in section.claims
        if claim.verified and claim.pages
    ]
