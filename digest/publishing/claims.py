"""Statements and what they rest on, as the templates see them: claims, the sections they stand in, the summary over all papers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from digest.publishing import phrases
from digest.publishing.inline import EMPTY, Inline, Mark, Span, brief, clean, literal, model_text, paper_text
from digest.publishing.typography import typeset
from digest.records import SectionStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from digest.publishing.labels import Labels
    from digest.records import Analysis, AnalysisSection, Claim

_LINE = 200  # characters of a sentence in the quick view
TITLE = "title"  # id of a section that holds the paper's title in the reader's language


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A name and where it leads; an empty href is no link."""

    name: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimView:
    """A statement with the pages and the sentence it rests on."""

    text: Inline
    pages: tuple[Link, ...]
    quote: Inline
    verified: bool
    missing: str  # what of it was not found in the paper
    mark: str  # that it was found or checked by the program itself
    terms: Inline = EMPTY  # of a sentence of the paper in a frame: what the frame says of it
    said: Inline = EMPTY  # and the sentence; *text* is both together
    sought: str = ""  # what the whole text was searched for


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionView:
    """A section of the analysis: claims, or the note that says why there are none, or both."""

    title: Inline
    status: str
    note: str
    prose: bool
    claims: tuple[ClaimView, ...]
    evidence: tuple[ClaimView, ...]  # sentences of the paper itself
    mark: str = ""  # the mark that all its claims share, said once

    @property
    def _folds(self) -> bool:
        """Whether what is not borne out is folded away: where the paper's own sentences take its place, or where it is the larger part."""
        borne = sum(claim.verified for claim in self.claims)
        return bool(self.evidence) or 0 < borne < len(self.claims) - borne

    @property
    def sound(self) -> tuple[ClaimView, ...]:
        """What stands first: all claims, or those borne out where the others are folded away."""
        return tuple(claim for claim in self.claims if claim.verified) if self._folds else self.claims

    @property
    def doubted(self) -> tuple[ClaimView, ...]:
        """What is folded away behind it."""
        return tuple(claim for claim in self.claims if not claim.verified) if self._folds else ()


def page_links(pages: Iterable[int], pdf: str) -> tuple[Link, ...]:
    """Each page once, leading into the PDF at the address *pdf*."""
    return tuple(Link(name=f"p.{page}", href=f"{pdf}#page={page}" if pdf else "") for page in dict.fromkeys(pages))


def section_views(analysis: Analysis | None, pdf: str, labels: Labels) -> tuple[SectionView, ...]:
    """The sections in their order; none when all failed, since one note then says it all."""
    shown = [section for section in analysis.sections if section.id != TITLE] if analysis else []
    sections = tuple(_said_once(_section(section, pdf, labels) for section in shown))
    return sections if any(section.status != SectionStatus.FAILED for section in sections) else ()


def _said_once(sections: Iterable[SectionView]) -> Iterator[SectionView]:
    """*sections* without sentences of the paper that one before it quotes, but for a section's last one."""
    quoted: set[Inline] = set()
    for section in sections:
        claims = tuple(claim for claim in section.claims if not claim.said or claim.said not in quoted) or section.claims[:1]
        evidence = tuple(claim for claim in section.evidence if claim.said not in quoted) or section.evidence[:1]
        quoted |= {claim.said for claim in (*claims, *evidence) if claim.said}
        yield replace(section, claims=claims, evidence=evidence)


def summary_views(summary: Sequence[AnalysisSection], places: dict[str, Link], labels: Labels) -> tuple[SectionView, ...]:
    """The sections over all papers that have something to say; each statement leads to the *places* of the papers it names."""
    views = []
    for section in summary:
        claims = []
        for claim in section.claims:
            links = tuple(places[paper] for paper in dict.fromkeys(claim.papers) if paper in places)
            claims.append(replace(_claim(claim, "", labels), pages=links))
        if claims and section.status is not SectionStatus.FAILED:
            views.append(_marked_once(replace(_section(section, "", labels), claims=tuple(claims))))
    return tuple(views)


def about(terms: Sequence[str], labels: Labels) -> Inline:
    """*terms* as a list."""
    return literal(labels.listing.join(map(typeset, terms)))


def one_line(sections: Sequence[SectionView], terms: Sequence[str], labels: Labels) -> tuple[ClaimView | None, str]:
    """The first claim of the first full section, one borne out before a sentence of the paper, that before others.

    Failing a full section, of an abstract-only one, with its note. A sentence of the paper is shortened and stands after *terms*.
    """
    for status in (SectionStatus.OK, SectionStatus.ABSTRACT_ONLY):
        for section in sections:
            if section.status == status:
                line = next((claim for claim in section.claims if claim.verified), (*section.evidence, *section.claims)[0])
                lead = about(terms, labels) or line.terms
                return quotation(lead, brief(line.said, _LINE), line) if line.said else line, section.note
    return None, ""


def _marked_once(section: SectionView) -> SectionView:
    """*section* with a mark that all its claims bear on the heading instead."""
    marks = {claim.mark for claim in section.claims}
    if len(marks) != 1 or "" in marks:
        return section
    return replace(section, mark=marks.pop(), claims=tuple(replace(claim, mark="") for claim in section.claims))


def _section(section: AnalysisSection, pdf: str, labels: Labels) -> SectionView:
    status = section.status
    if status in {SectionStatus.OK, SectionStatus.ABSTRACT_ONLY} and not section.claims:
        status = SectionStatus.FAILED  # a heading over nothing would look like a finding
    notes = {
        SectionStatus.OK: "",
        SectionStatus.NOT_STATED: labels.not_stated,
        SectionStatus.ABSTRACT_ONLY: labels.abstract_only,
        SectionStatus.FAILED: labels.failed,
    }
    shown = section.claims if status in {SectionStatus.OK, SectionStatus.ABSTRACT_ONLY} else ()
    return SectionView(
        title=literal(section.title),
        status=status.value,
        note=notes[status],
        prose=section.kind == "prose",
        claims=tuple(_claim(claim, pdf, labels) for claim in shown),
        evidence=tuple(_evidence(said, pdf, labels) for said in section.evidence),
    )


def _evidence(claim: Claim, pdf: str, labels: Labels) -> ClaimView:
    said = paper_text(claim.text)
    return replace(_claim(claim, pdf, labels), text=said, said=said, verified=True)


def _claim(claim: Claim, pdf: str, labels: Labels) -> ClaimView:
    sought = claim.unfound if claim.basis == "search" else ()
    view = ClaimView(
        text=model_text(claim.text),
        pages=page_links(claim.pages, pdf),
        quote=paper_text(claim.quote),
        verified=claim.verified,
        missing=clean(phrases.missing_line(claim, labels)),
        mark={"tables": labels.by_tables, "search": labels.by_search, "drawn": labels.by_program}.get(claim.basis, ""),
        sought=clean(labels.sought.format(terms=labels.listing.join(sought))) if sought else "",
    )
    framed = claim.text.removesuffix(f"“{claim.quote}”") if claim.quote else claim.text
    if framed == claim.text:
        return view
    return quotation(about([framed.rstrip("：: ").removesuffix(labels.quote)], labels), view.quote, view)


def quotation(terms: Inline, said: Inline, view: ClaimView) -> ClaimView:
    """*view* as a sentence of the paper after the *terms* that it is about; it needs no further quote."""
    lead = tuple(replace(span, bold=True) for span in terms.spans) + ((Span(Mark.TEXT, " "),) if terms else ())
    text = Inline((*lead, Span(Mark.TEXT, "“"), *said.spans, Span(Mark.TEXT, "”")))
    return replace(view, text=text, terms=terms, said=said, quote=EMPTY)
