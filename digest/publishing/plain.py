"""A digest as lines of plain text, each run of a line with the part it plays: for a terminal, a pipe, a mail without HTML.

What a run looks like is for the caller to say; no text of a model or paper can hold a control sequence.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import unquote

from digest.publishing.inline import Inline, Mark, clean
from digest.publishing.math import to_plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from digest.publishing.claims import ClaimView, Link, SectionView
    from digest.publishing.labels import Labels
    from digest.publishing.paper import PaperView
    from digest.publishing.view import PageView


class Part(StrEnum):
    """What a run of text is in its line."""

    TITLE = "title"
    HEADING = "heading"
    BODY = "body"
    QUIET = "quiet"
    SCORE = "score"
    DOUBT = "doubt"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Run:
    """Text that plays one part."""

    part: Part
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line before it is wrapped: the lines that follow it begin under its text, not under its mark."""

    runs: tuple[Run, ...] = ()
    indent: int = 0
    mark: str = ""  # "• ", before the text

    @property
    def text(self) -> str:
        """The whole line, unwrapped."""
        return " " * self.indent + self.mark + "".join(run.text for run in self.runs)


BLANK = Line()


def plain(text: Inline) -> str:
    """*text* with its formulas in Unicode: ``x_LR``, ``‖ξ‖^α``."""
    return "".join((to_plain(span.text) or span.text) if span.mark is Mark.MATH else span.text for span in text.spans)


def page_lines(page: PageView, labels: Labels) -> Iterator[Line]:
    """A whole edition."""
    yield _line(Part.TITLE, f"{page.title} · {page.date}")
    yield from (_line(Part.QUIET, line) for line in page.lead)
    yield from (_line(Part.DOUBT, plain(notice), mark="! ") for notice in page.notices)
    yield from (_line(Part.BODY, line) for line in page.nothing)
    for section in page.summary:
        yield BLANK
        yield from _section(section, labels)
    if page.papers:
        yield BLANK
        yield _line(Part.HEADING, labels.overview)
    for paper in page.papers:
        yield from _quick(paper, labels)
    for paper in page.papers:
        yield BLANK
        yield from paper_lines(paper, labels)
    yield from _near(page, labels)
    if page.foot:
        yield BLANK
        yield _line(Part.QUIET, page.foot)


def paper_lines(paper: PaperView, labels: Labels, *, abstract: bool = False) -> Iterator[Line]:
    """One paper; with its *abstract* where it stands alone."""
    yield _line(Part.TITLE, plain(paper.title), mark=f"{paper.number}. " if paper.number else "")
    yield from (_line(Part.BODY, text) for text in (plain(paper.translated or paper.terms), paper.authors) if text)
    meta = [paper.published, paper.categories, *(clean(unquote(link.href)) for link in paper.links)]
    yield _line(Part.QUIET, " · ".join(text for text in meta if text))
    yield BLANK
    closer = [Run(Part.QUIET, f"  {paper.closer}")] if paper.closer else []
    yield Line((Run(Part.HEADING, f"{labels.score} "), Run(Part.SCORE, f"{paper.score} {paper.bar}"), *closer))
    for reason in paper.reasons:
        said = f" “{plain(reason.sentence)}”" if reason.sentence else ""
        yield Line((Run(Part.BODY, f"{plain(reason.interest)} "), Run(Part.SCORE, f"{reason.share}%"), Run(Part.QUIET, said)), 2, "• ")
    for reason in paper.avoided:
        yield Line((Run(Part.BODY, f"{plain(reason.interest)} −{reason.share}% "), Run(Part.QUIET, reason.note)), 2, "• ")
    for name, value in ((labels.coverage, paper.coverage), (labels.grade, paper.grade), ("", paper.hidden)):
        if value:
            yield _line(Part.QUIET, f"{name} {value}".strip(), indent=2)
    yield from _facts(paper, labels)
    if abstract:
        yield from (BLANK, _line(Part.HEADING, labels.abstract), _line(Part.BODY, plain(paper.abstract), indent=2))
    if paper.note:
        yield from (BLANK, _line(Part.QUIET, paper.note))
    for section in paper.sections:
        yield BLANK
        yield from _section(section, labels)
    if paper.neighbours:
        yield from (BLANK, _line(Part.HEADING, labels.neighbours))
        yield from (_line(Part.BODY, f"{plain(old.title)} {old.date}".rstrip(), indent=2, mark="• ") for old in paper.neighbours)
    if paper.provenance:
        yield from (BLANK, _line(Part.QUIET, " · ".join(paper.provenance)))


def wrapped(lines: Iterable[Line], width: int) -> Iterator[Line]:
    """*lines* broken to at most *width* cells; a Chinese character takes two."""
    from digest.publishing.wrapping import broken

    for line in lines:
        indent = line.indent + len(line.mark)
        for number, runs in enumerate(broken([(run.part, run.text) for run in line.runs], max(20, width - indent)) or [[]]):
            shown = tuple(Run(Part(part), text) for part, text in runs)
            yield replace(line, runs=shown) if number == 0 else Line(shown, indent)


def _line(part: Part, text: str, *, indent: int = 0, mark: str = "") -> Line:
    return Line((Run(part, text),), indent, mark)


def _quick(paper: PaperView, labels: Labels) -> Iterator[Line]:
    runs = (Run(Part.SCORE, f"{paper.score:3d} {paper.bar}"), Run(Part.BODY, f" {plain(paper.title)}"))
    yield Line(runs, 2, f"{paper.number:2d} ")
    yield from (Line((Run(Part.QUIET, plain(text)),), 5) for text in (paper.translated, paper.best) if text)
    if paper.line:
        doubt = () if paper.line.verified else (Run(Part.DOUBT, f" [{labels.unverified}]"),)
        yield Line((Run(Part.QUIET, plain(paper.line.text)), *doubt), 5)


def _facts(paper: PaperView, labels: Labels) -> Iterator[Line]:
    if paper.facts:
        yield from (BLANK, _line(Part.HEADING, labels.facts))
    for row in paper.facts:
        runs = [Run(Part.QUIET, f"{row.label}  ")]
        for group in row.groups:
            gap = " · " if len(runs) > 1 else ""
            runs += [Run(Part.BODY, gap + " · ".join(plain(fact.value) for fact in group.facts)), *_pages(group.pages)]
        more = f" {row.more}" if row.groups and row.more else row.more
        yield Line((*runs, Run(Part.QUIET, more)), 2)


def _section(section: SectionView, labels: Labels) -> Iterator[Line]:
    remark = [Run(Part.QUIET, f"  {text}") for text in (section.note, section.mark) if text]
    yield Line((Run(Part.HEADING, plain(section.title)), *remark))
    if section.prose and section.sound:
        yield Line(tuple(run for claim in section.sound for run in (*_claim(claim, labels), Run(Part.BODY, " "))), 2)
    else:
        yield from (Line(tuple(_claim(claim, labels)), 2, "• ") for claim in section.sound)
    if section.evidence:
        yield _line(Part.QUIET, labels.evidence, indent=2)
        yield from (Line((Run(Part.BODY, plain(said.text)), *_pages(said.pages)), 2, "“ ") for said in section.evidence)
    if section.doubted:
        yield _line(Part.QUIET, labels.doubted.format(n=len(section.doubted)), indent=2)
        yield from (Line((Run(Part.QUIET, plain(claim.text)),), 2, "? ") for claim in section.doubted)


def _claim(claim: ClaimView, labels: Labels) -> Iterator[Run]:
    yield Run(Part.BODY, plain(claim.text))
    if not claim.verified:
        yield Run(Part.DOUBT, f" [{labels.unverified}{labels.aside.format(claim.missing) if claim.missing else ''}]")
    if claim.mark:
        yield Run(Part.QUIET, f" {claim.mark}{labels.aside.format(claim.sought) if claim.sought else ''}")
    yield from _pages(claim.pages)


def _pages(pages: Sequence[Link]) -> Iterator[Run]:
    return (Run(Part.PAGE, f" [{page.name}]") for page in pages)


def _near(page: PageView, labels: Labels) -> Iterator[Line]:
    if page.near:
        yield from (BLANK, _line(Part.HEADING, labels.near))
    for paper in page.near:
        yield Line((Run(Part.SCORE, f"{paper.score:3d} "), Run(Part.BODY, plain(paper.title))), 2)
