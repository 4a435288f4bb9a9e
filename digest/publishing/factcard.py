"""The fact card: what was found in a paper without a model, by kind, each fact once, with its pages and sentences."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from digest.comparison import result
from digest.publishing import phrases
from digest.publishing.claims import Link, page_links
from digest.publishing.inline import Inline, clean, paper_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.publishing.labels import Labels
    from digest.records import Document, Fact

_SHOWN = 8  # of one kind: a survey names a hundred data sets
_SHOWN_QUOTES = 3  # behind one page mark


@dataclass(frozen=True, slots=True, kw_only=True)
class FactView:
    """One fact; *href* is where the value itself leads, when it is an address."""

    value: Inline
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FactGroup:
    """Neighbouring facts found on the same pages."""

    facts: tuple[FactView, ...]
    pages: tuple[Link, ...]
    quotes: tuple[Inline, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FactRow:
    """The facts of one kind; *more* says how many there are when not all are shown."""

    label: str
    groups: tuple[FactGroup, ...]
    more: str


@dataclass(frozen=True, slots=True)
class _Found:
    """A value with every fact that names it."""

    facts: tuple[Fact, ...]

    @property
    def pages(self) -> tuple[int, ...]:
        return tuple(sorted({fact.page for fact in self.facts}))


def fact_rows(document: Document, pdf: str, labels: Labels) -> tuple[FactRow, ...]:
    """Facts by kind, known kinds first; that there is no code is a finding too, if anything was found at all."""
    kinds = [*labels.fact_kinds, *(fact.kind for fact in document.facts if fact.kind not in labels.fact_kinds)]
    rows = []
    for kind in dict.fromkeys(kinds):
        found = _merged([fact for fact in document.facts if fact.kind == kind])
        label = labels.fact_kinds.get(kind, clean(kind))
        if found:
            more = labels.more_facts.format(n=len(found)) if len(found) > _SHOWN else ""
            rows.append(FactRow(label=label, groups=_grouped(found[:_SHOWN], pdf, labels), more=more))
        elif kind == "code" and document.facts:
            rows.append(FactRow(label=label, groups=(), more=labels.no_code))
    return tuple(rows)


def own_code(document: Document | None) -> str:
    """The address of the authors' own code; "" when none was found."""
    facts = document.facts if document else ()
    return next((href for fact in facts if fact.kind == "code" and fact.own and (href := phrases.web_link(fact.value))), "")


def best_result(document: Document | None) -> Inline:
    """The first main result in which the paper is ahead; empty when none is known."""
    values = (fact.value for fact in (document.facts if document else ()) if fact.kind == "result")
    return paper_text(next((value for value in values if (found := result(value)) and found.ahead), ""))


def _view(fact: Fact, labels: Labels) -> FactView:
    found = result(fact.value) if fact.kind == "result" else None
    beaten = found and not found.ahead and found.own != found.best
    return FactView(value=paper_text(fact.value + labels.aside.format(labels.behind) * bool(beaten)), href=phrases.web_link(fact.value))


def _merged(facts: Sequence[Fact]) -> list[_Found]:
    by_value: dict[str, list[Fact]] = {}
    for fact in facts:
        by_value.setdefault(clean(fact.value).casefold(), []).append(fact)
    return [_Found(tuple(same)) for same in by_value.values()]


def _grouped(found: Sequence[_Found], pdf: str, labels: Labels) -> tuple[FactGroup, ...]:
    groups = []
    for pages, run in groupby(found, key=lambda item: item.pages):
        same = list(run)
        quotes = dict.fromkeys(clean(item.facts[0].quote) for item in same if item.facts[0].quote.strip())
        groups.append(
            FactGroup(
                facts=tuple(_view(item.facts[0], labels) for item in same),
                pages=page_links(pages, pdf),
                quotes=tuple(map(paper_text, list(quotes)[:_SHOWN_QUOTES])),
            )
        )
    return tuple(groups)
