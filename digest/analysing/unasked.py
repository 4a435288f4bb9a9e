"""Claims that no model makes: margins held against tables, and what a whole paper does not hold."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from digest.analysing.margins import findings
from digest.names import own_names
from digest.records import Claim
from digest.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from digest.analysing.margins import Finding
    from digest.analysing.prompts import Prompts
    from digest.analysing.style import Absent
    from digest.records import Document

_MOST = 3  # claims of one kind


def margin_claims(document: Document, prompts: Prompts) -> list[Claim]:
    """What the result tables hold against the prose, in the words of *prompts*."""
    own = own_names(f"{document.title}. {document.abstract}")
    return [_told(finding, prompts) for finding in findings(document, own)[:_MOST]]


def _told(finding: Finding, prompts: Prompts) -> Claim:
    worst = min(finding.columns, key=lambda column: column.lead)
    best = max(finding.columns, key=lambda column: column.lead)
    unit = " dB" if finding.claimed.endswith("dB") else ""
    text = prompts.finding(
        finding.kind,
        claimed=finding.claimed,
        tables=_names({column.table for column in finding.columns}, prompts.language),
        least=f"{worst.lead:.{worst.decimals}f}",
        most=f"{best.lead:.{best.decimals}f}{unit}",
        example=worst.told(worst.name),
    )
    return Claim(text=text, pages=finding.pages, quote=finding.sentence, verified=True, basis="tables")


def _names(tables: Iterable[str], language: str) -> str:
    """Names of tables in a sentence of *language*: ``表 1、表 3``."""
    names = sorted(tables)
    return "、".join(re.sub(r"^Tab(?:le|\.) ?", "表 ", name) for name in names) if language == "zh" else ", ".join(names)


def absent_claims(document: Document, wanted: Sequence[Absent], prompts: Prompts) -> list[Claim]:
    """Which of *wanted* stand nowhere in the whole text of *document*; nothing of a paper that was read in part."""
    if document.grade and document.grade.letter not in "AB":
        return []
    text = f" {_spaced(' '.join((document.text, *document.page_texts)))} "
    gist = f" {_spaced(f'{document.title} {document.abstract}')} "
    asked = [one for one in wanted if (not one.when or _held(one.when, text)) and (not one.about or _held(one.about, gist))]
    return [_absence(one, prompts) for one in asked if not _held(one.terms, text)][:_MOST]


def _absence(one: Absent, prompts: Prompts) -> Claim:
    """That the paper does not hold *one*; the words searched for stand beside the statement."""
    text = prompts.finding("absent", what=one.what[prompts.language])
    return Claim(text=text, verified=True, basis="search", unfound=tuple(one.terms))


def _held(terms: Sequence[str], text: str) -> bool:
    return any(f" {term} " in text for term in map(_spaced, terms))


def _spaced(text: str) -> str:
    """Lower-case words of *text*, one space apart, so that a term is found as whole words; "±" and "w/o" are words."""
    return " ".join(_words(fold(text).casefold()))


def _words(text: str) -> Iterator[str]:
    word = ""
    for character in text:
        if character.isalnum() or character == "/":
            word += character
            continue
        if word:
            yield word
        word = ""
        if character == "±":
            yield character
    if word:
        yield word
