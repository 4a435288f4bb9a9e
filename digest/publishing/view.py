"""A digest as its templates see it: every decision taken, every word chosen, nothing escaped yet.

Builds the page of either form from the records. Values are plain strings or ``Inline``; none is ever None.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from digest.publishing import phrases
from digest.publishing.inline import Inline, clean, literal, metadata, model_text
from digest.records import ReadStatus, ReasonKind, SectionStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from digest.publishing.labels import Labels
    from digest.records import Analysis, AnalysisSection, Claim, Digest, Document, Entry, Fact, Paper, Ranked, Reason

_SHOWN_FACTS = 8  # of one kind: a survey names a hundred data sets
RUN_REPORT = "run-report.md"  # beside the digest


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
    quote: str
    verified: bool
    missing: str  # what of it was not found in the paper
    mark: str  # that it was found or checked by the program itself


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionView:
    """A section of the analysis: claims, or the note that says why there are none, or both."""

    title: Inline
    status: str
    note: str
    prose: bool
    claims: tuple[ClaimView, ...]
    evidence: tuple[ClaimView, ...]  # sentences of the paper itself


@dataclass(frozen=True, slots=True, kw_only=True)
class FactView:
    """One fact, with every page it was found on."""

    value: Inline
    href: str  # where the value itself leads, when it is an address
    pages: tuple[Link, ...]
    quote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FactRow:
    """The facts of one kind; *more* says how many there are when not all are shown."""

    label: str
    facts: tuple[FactView, ...]
    more: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonView:
    """An interest, its part of the score in percent, and the sentence that matched."""

    interest: Inline
    share: int
    sentence: Inline
    note: str  # what it did, where it held the paper back


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """A paper read before."""

    title: Inline
    href: str
    date: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperView:
    """One paper of the page."""

    number: int
    anchor: str
    title: Inline
    short: Inline  # the name before a title's colon, when there is one
    line: ClaimView | None  # the contribution in one line
    line_note: str  # that it comes from the abstract only
    link: str  # the page a title leads to
    authors: str
    all_authors: str  # empty when *authors* names everybody
    published: str
    categories: str
    links: tuple[Link, ...]
    score: int
    bar: str
    closer: str  # than how many other papers
    explore: str  # that it was chosen for being different
    reasons: tuple[ReasonView, ...]
    avoided: tuple[ReasonView, ...]
    coverage: str
    grade: str
    hidden: str
    hidden_texts: tuple[str, ...]
    figure: str
    figure_caption: Inline
    facts: tuple[FactRow, ...]
    note: str  # in place of the sections
    sections: tuple[SectionView, ...]
    neighbours: tuple[Neighbour, ...]
    abstract: Inline
    provenance: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageView:
    """One edition."""

    title: str
    date: str
    lead: tuple[str, ...]
    report: str  # where the run report is
    notices: tuple[Inline, ...]
    nothing: tuple[str, ...]  # why there are no papers
    summary: tuple[SectionView, ...]  # over all papers; pages of its claims are links to papers
    papers: tuple[PaperView, ...]
    foot: str


def page_view(digest: Digest, title: str, labels: Labels) -> PageView:
    """*digest* under *title*, in the words of *labels*."""
    made = [labels.made_with.format(model=clean(digest.model))] if digest.model else []
    took = [labels.took.format(time=phrases.duration(digest.seconds, labels))] if digest.seconds else []
    retried = sum(skipped.retry for skipped in digest.skipped)
    why = phrases.nothing_new(digest.counts, digest.date, labels, shown=len(digest.entries))
    names = phrases.anchors(entry.ranked.paper for entry in digest.entries)
    papers = (_paper(entry, number, name, labels) for number, (entry, name) in enumerate(zip(digest.entries, names, strict=True), start=1))
    return PageView(
        title=clean(title),
        date=digest.date.isoformat(),
        lead=tuple(
            line
            for line in (why if digest.entries else "", phrases.scan_line(digest.counts, labels), _sentence(made + took, labels))
            if line
        ),
        report=RUN_REPORT,
        notices=tuple(literal(notice) for notice in digest.notices),
        summary=_summary(digest, dict(zip((e.ranked.paper.id for e in digest.entries), names, strict=True)), labels),
        nothing=() if digest.entries else (why, labels.nothing_hint),
        papers=tuple(papers),
        foot=labels.to_retry.format(n=retried) if retried else "",
    )


def paper_view(entry: Entry, number: int, labels: Labels) -> PaperView:
    """One paper for itself."""
    return _paper(entry, number, phrases.anchors([entry.ranked.paper])[0], labels)


def _sentence(parts: Sequence[str], labels: Labels) -> str:
    return labels.comma.join(parts) + labels.stop if parts else ""


def _paper(entry: Entry, number: int, anchor: str, labels: Labels) -> PaperView:
    paper, analysis = entry.ranked.paper, entry.analysis
    document = entry.document if entry.document and entry.document.status is ReadStatus.OK else None
    sections = _sections(analysis, entry.pdf, labels)
    line, line_note = _line(sections)
    folded = phrases.fold_authors(paper.authors, labels)
    everybody = labels.listing.join(metadata(name).plain for name in paper.authors)
    return PaperView(
        number=number,
        anchor=anchor,
        title=metadata(paper.title),
        short=metadata(_short_title(paper.title)),
        line=line,
        line_note=line_note,
        link=phrases.web_link(paper.link) or phrases.file_link(entry.pdf),
        authors=folded,
        all_authors="" if folded == everybody else everybody,
        published=paper.published.isoformat() if paper.published else "",
        categories=labels.listing.join(clean(category) for category in paper.categories),
        links=tuple(_links(paper, entry.pdf, labels)),
        score=entry.ranked.score,
        bar=phrases.score_bar(entry.ranked.score),
        closer=phrases.closer_line(entry.ranked.closer_than, labels),
        explore=labels.explore if any(reason.kind is ReasonKind.EXPLORE for reason in entry.ranked.reasons) else "",
        reasons=tuple(_reason(reason, labels) for reason in entry.ranked.reasons if phrases.percent(reason.share) > 0),
        avoided=tuple(_reason(reason, labels) for reason in _avoided(entry.ranked)),
        coverage=phrases.coverage_line(analysis.coverage, labels) if analysis else "",
        grade=phrases.grade_line(document.grade, labels) if document and document.grade else "",
        hidden=phrases.hidden_line(document, labels) if document else "",
        hidden_texts=tuple(clean(f"p.{hidden.page} {hidden.reason}: {hidden.text[:200]}") for hidden in document.hidden_text)
        if document
        else (),
        figure=phrases.file_link(entry.figure),
        figure_caption=literal(entry.figure_caption) if entry.figure_caption else literal(labels.figure),
        facts=_facts(document, entry.pdf, labels) if document else (),
        note="" if sections else labels.no_analysis,
        sections=sections,
        neighbours=tuple(_neighbour(neighbour) for neighbour in entry.neighbours),
        abstract=metadata(paper.abstract) if paper.abstract else literal(labels.no_abstract),
        provenance=_provenance(analysis, labels) if analysis else (),
    )


def _short_title(title: str) -> str:
    """The method's name before the colon, if the title starts with a short one."""
    name, colon, _ = title.partition(":")
    return name if colon and 1 < len(name) <= 24 and "$" not in name else title


def _links(paper: Paper, pdf: str, labels: Labels) -> Iterable[Link]:
    if page := phrases.web_link(paper.link):
        yield Link(name=phrases.link_name(page, labels), href=page)
    if file := phrases.file_link(pdf) or phrases.web_link(paper.pdf):
        yield Link(name="PDF", href=file)


def _reason(reason: Reason, labels: Labels) -> ReasonView:
    about_paper = reason.kind in {ReasonKind.LIKED, ReasonKind.DISLIKED}
    name = metadata(reason.interest).plain if about_paper else reason.interest
    return ReasonView(
        interest=literal(phrases.reason_name(reason.kind, name, labels)),
        share=phrases.percent(abs(reason.share)),
        sentence=metadata(reason.sentence),
        note=labels.disliked if reason.kind is ReasonKind.DISLIKED else labels.avoided,
    )


def _avoided(ranked: Ranked) -> Iterable[Reason]:
    return (reason for reason in ranked.reasons if reason.share < 0)


def _neighbour(paper: Paper) -> Neighbour:
    date = paper.published.isoformat() if paper.published else ""
    return Neighbour(title=metadata(paper.title), href=phrases.web_link(paper.link), date=date)


def _pages(pages: Iterable[int], pdf: str) -> tuple[Link, ...]:
    return tuple(Link(name=f"p.{page}", href=phrases.page_link(pdf, page)) for page in dict.fromkeys(pages))


# --- the analysis -----------------------------------------------------------------------------------------------------


def _sections(analysis: Analysis | None, pdf: str, labels: Labels) -> tuple[SectionView, ...]:
    """The sections in their order; none when all failed, since one note then says it all."""
    sections = tuple(_section(section, pdf, labels) for section in analysis.sections) if analysis else ()
    return sections if any(section.status != SectionStatus.FAILED for section in sections) else ()


def _summary(digest: Digest, anchors: dict[str, str], labels: Labels) -> tuple[SectionView, ...]:
    """The sections over all papers that have something to say; each statement leads to the papers it names."""
    places = {paper: Link(name=str(number), href=f"#{name}") for number, (paper, name) in enumerate(anchors.items(), 1)}
    views = []
    for section in digest.summary:
        claims = []
        for claim in section.claims:
            links = tuple(places[paper] for paper in dict.fromkeys(claim.papers) if paper in places)
            claims.append(replace(_claim(claim, "", labels), pages=links))
        if claims and section.status is not SectionStatus.FAILED:
            views.append(replace(_section(section, "", labels), claims=tuple(claims)))
    return tuple(views)


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
        evidence=tuple(_claim(claim, pdf, labels) for claim in section.evidence),
    )


def _claim(claim: Claim, pdf: str, labels: Labels) -> ClaimView:
    return ClaimView(
        text=model_text(claim.text),
        pages=_pages(claim.pages, pdf),
        quote=clean(claim.quote),
        verified=claim.verified,
        missing=clean(phrases.missing_line(claim, labels)),
        mark={"tables": labels.by_tables, "search": labels.by_search, "drawn": labels.by_program}.get(claim.basis, ""),
    )


def _line(sections: Sequence[SectionView]) -> tuple[ClaimView | None, str]:
    """The first claim of the first full section, a verified one before others; failing that, of an abstract-only one, with its note."""
    for status in (SectionStatus.OK, SectionStatus.ABSTRACT_ONLY):
        for section in sections:
            if section.status == status:
                return next((claim for claim in section.claims if claim.verified), section.claims[0]), section.note
    return None, ""


def _provenance(analysis: Analysis, labels: Labels) -> tuple[str, ...]:
    claims = [claim for section in analysis.sections for claim in section.claims]
    made, timing = analysis.provenance, analysis.timing
    lines = (
        phrases.claims_line(claims, labels) if claims else "",
        f"{labels.model} {made.model}" + (f" ({made.model_sha256[:8]})" if made.model_sha256 else ""),
        f"{labels.prompts} {analysis.style}@{made.prompts_sha256[:8]}",
        f"{labels.seed} {made.seed}",
        f"{labels.reader} {made.reader}",
        labels.tokens.format(prompt=f"{timing.prompt_tokens:,}", output=f"{timing.output_tokens:,}"),
        phrases.duration(timing.seconds, labels),
    )
    return tuple(clean(line) for line in lines if line)


# --- the fact card ----------------------------------------------------------------------------------------------------


def _facts(document: Document, pdf: str, labels: Labels) -> tuple[FactRow, ...]:
    """Facts by kind, known kinds first; that there is no code is a finding too, if anything was found at all."""
    kinds = [*labels.fact_kinds, *(fact.kind for fact in document.facts if fact.kind not in labels.fact_kinds)]
    rows = []
    for kind in dict.fromkeys(kinds):
        found = _merged([fact for fact in document.facts if fact.kind == kind], pdf)
        label = labels.fact_kinds.get(kind, kind)
        if found:
            more = labels.more_facts.format(n=len(found)) if len(found) > _SHOWN_FACTS else ""
            rows.append(FactRow(label=label, facts=found[:_SHOWN_FACTS], more=more))
        elif kind == "code" and document.facts:
            rows.append(FactRow(label=label, facts=(), more=labels.no_code))
    return tuple(rows)


def _merged(facts: Sequence[Fact], pdf: str) -> tuple[FactView, ...]:
    """One view for each value, with all its pages."""
    by_value: dict[str, list[Fact]] = {}
    for fact in facts:
        by_value.setdefault(clean(fact.value).casefold(), []).append(fact)
    return tuple(
        FactView(
            value=literal(same[0].value),
            href=phrases.web_link(same[0].value),
            pages=_pages(sorted(fact.page for fact in same), pdf),
            quote=clean(same[0].quote),
        )
        for same in by_value.values()
    )
