"""One paper of a digest as its templates see it: every decision taken, every word chosen, nothing escaped yet."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.publishing import phrases
from digest.publishing.claims import TITLE, ClaimView, Link, SectionView, about, one_line, section_views
from digest.publishing.factcard import FactRow, best_result, fact_rows, own_code
from digest.publishing.inline import Inline, clean, literal, metadata, model_text, paper_text
from digest.records import ReadStatus, ReasonKind, SectionStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from digest.publishing.labels import Labels
    from digest.records import Analysis, Document, Entry, Paper, Ranked, Reason

_CHINESE = re.compile("[\u4e00-\u9fff]")
_LABEL = re.compile(r"^((?:Figure|Fig\.|Table|图|表) ?[^\s:]{1,8}): ")  # of a figure, before its caption


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonView:
    """An interest, its part of the score in percent, and the sentence that matched."""

    interest: Inline
    share: int
    sentence: Inline  # empty where the reason before it names the same
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
    translated: Inline  # the title in the reader's language, where a model gave it
    terms: Inline  # what it is about, for a reader of Chinese
    short: Inline  # the name before a title's colon, when there is one
    line: ClaimView | None  # the contribution in one line
    line_note: str  # that it comes from the abstract only
    best: Inline  # the first main result in which it is ahead
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
    figure_name: str
    figure_caption: Inline
    facts: tuple[FactRow, ...]
    note: str  # in place of the sections
    sections: tuple[SectionView, ...]
    neighbours: tuple[Neighbour, ...]
    abstract: Inline
    provenance: tuple[str, ...]


def paper_view(entry: Entry, number: int, anchor: str, labels: Labels, *, picture: str = "") -> PaperView:
    """*entry* as number *number* of its page.

    Args:
        picture: address of the figure, where it is not the file beside the page.
    """
    paper, analysis = entry.ranked.paper, entry.analysis
    document = entry.document if entry.document and entry.document.status is ReadStatus.OK else None
    pdf = phrases.file_link(entry.pdf) or phrases.web_link(paper.pdf)
    sections = section_views(analysis, pdf, labels)
    line, line_note = one_line(sections, entry.terms, labels)
    folded = phrases.fold_authors(paper.authors, labels)
    everybody = phrases.join_names([metadata(name).plain for name in paper.authors])
    return PaperView(
        number=number,
        anchor=anchor,
        title=metadata(paper.title),
        translated=model_text(translated_title(analysis, paper)),
        terms=about(entry.terms, labels),
        short=metadata(paper.short),
        line=line,
        line_note=line_note,
        best=best_result(document),
        link=phrases.web_link(paper.link) or pdf,
        authors=folded,
        all_authors="" if folded == everybody else everybody,
        published=paper.published.isoformat() if paper.published else "",
        categories=", ".join(clean(category) for category in paper.categories),
        links=tuple(_links(paper, pdf, own_code(document), labels)),
        score=entry.ranked.score,
        bar=phrases.score_bar(entry.ranked.score),
        closer=phrases.closer_line(entry.ranked.closer_than, labels),
        explore=labels.explore if any(reason.kind is ReasonKind.EXPLORE for reason in entry.ranked.reasons) else "",
        reasons=tuple(_reasons((r for r in entry.ranked.reasons if phrases.percent(r.share) > 0), labels)),
        avoided=tuple(_reasons(_avoided(entry.ranked), labels)),
        coverage=phrases.coverage_line(analysis.coverage, labels) if analysis else "",
        grade=phrases.grade_line(document.grade, labels) if document and document.grade else "",
        hidden=phrases.hidden_line(document, labels) if document else "",
        hidden_texts=_hidden_texts(document, labels) if document else (),
        figure=picture or phrases.file_link(entry.figure),
        figure_name=clean(_figure_name(entry.figure_caption, labels)),
        figure_caption=paper_text(_LABEL.sub("", entry.figure_caption)),
        facts=fact_rows(document, pdf, labels) if document else (),
        note="" if sections else labels.no_analysis,
        sections=sections,
        neighbours=tuple(map(_neighbour, entry.neighbours)),
        abstract=metadata(paper.abstract) if paper.abstract else literal(labels.no_abstract),
        provenance=_provenance(analysis, labels) if analysis else (),
    )


def translated_title(analysis: Analysis | None, paper: Paper) -> str:
    """The title in Chinese, if a section gives it and it is no copy of the original."""
    sections = analysis.sections if analysis and analysis.provenance.engine != "extractive" else ()
    claims = next((s.claims for s in sections if s.id == TITLE and s.status in {SectionStatus.OK, SectionStatus.ABSTRACT_ONLY}), ())
    text = claims[0].text if claims else ""
    return text if _CHINESE.search(text) and not _CHINESE.search(paper.title) else ""


def _figure_name(caption: str, labels: Labels) -> str:
    label = _LABEL.match(caption)
    if not label:
        return labels.figure
    numbered = re.fullmatch(r"(?:Figure|Fig\.|图) ?(\S+)", label[1])
    return labels.figure + labels.mid + (labels.figure_label.format(n=numbered[1]) if numbered else label[1])


def _links(paper: Paper, pdf: str, code: str, labels: Labels) -> Iterable[Link]:
    if page := phrases.web_link(paper.link):
        yield Link(name=phrases.link_name(page, labels), href=page)
    if pdf:
        yield Link(name="PDF", href=pdf)
    if code:
        yield Link(name=labels.code_link, href=code)


def _reasons(reasons: Iterable[Reason], labels: Labels) -> Iterator[ReasonView]:
    said = ""
    for reason in reasons:
        about_paper = reason.kind in {ReasonKind.LIKED, ReasonKind.DISLIKED}
        name = metadata(reason.interest).plain if about_paper else reason.interest
        yield ReasonView(
            interest=literal(phrases.reason_name(reason.kind, name, labels)),
            share=phrases.percent(abs(reason.share)),
            sentence=metadata("" if reason.sentence == said else reason.sentence),
            note=labels.disliked if reason.kind is ReasonKind.DISLIKED else labels.avoided,
        )
        said = reason.sentence


def _avoided(ranked: Ranked) -> Iterable[Reason]:
    return (reason for reason in ranked.reasons if reason.share < 0)


def _neighbour(paper: Paper) -> Neighbour:
    date = paper.published.isoformat() if paper.published else ""
    return Neighbour(title=metadata(paper.title), href=phrases.web_link(paper.link), date=date)


def _hidden_texts(document: Document, labels: Labels) -> tuple[str, ...]:
    return tuple(
        clean(f"p.{hidden.page} {phrases.in_words(hidden.reason, labels.hidden_reasons)}: {hidden.text[:200]}")
        for hidden in document.hidden_text
    )


def _provenance(analysis: Analysis, labels: Labels) -> tuple[str, ...]:
    claims = [claim for section in analysis.sections if section.id != TITLE for claim in section.claims]
    made, timing = analysis.provenance, analysis.timing
    model = labels.by_hand if made.engine == "extractive" else f"{labels.model} {made.model}"
    lines: Sequence[str] = (
        phrases.claims_line(claims, labels) if claims else "",
        model + (f" ({made.model_sha256[:8]})" if made.model_sha256 else ""),
        f"{labels.prompts} {analysis.style}@{made.prompts_sha256[:8]}",
        f"{labels.seed} {made.seed}" if made.engine != "extractive" else "",
        f"{labels.reader} {made.reader}" if made.reader else "",
        labels.tokens.format(prompt=f"{timing.prompt_tokens:,}", output=f"{timing.output_tokens:,}") if timing.output_tokens else "",
        phrases.duration(timing.seconds, labels) if timing.output_tokens else "",
    )
    return tuple(clean(line) for line in lines if line)
