"""Pieces of the body into sections."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from digest.reading import headings, leads
from digest.reading.prose import Kind, Piece
from digest.records import Section, SectionKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.reading.rows import Row
    from digest.records import PagedBox


class Said(NamedTuple):
    """A sentence and where it stands."""

    page: int  # of its first word
    text: str
    boxes: tuple[PagedBox, ...] = ()


@dataclass(slots=True)
class Part:
    """A section in the making: its heading and the pieces under it."""

    title: str
    level: int
    page: int
    pieces: list[Piece] = field(default_factory=list)
    kind: SectionKind = SectionKind.OTHER
    sentences: list[Said] = field(default_factory=list)  # filled when the pieces are whole
    row: Row | None = None  # of the heading, where that has a line of its own
    leads: bool = False  # the title is the beginning of the first piece


def parts(pieces: Sequence[Piece]) -> list[Part]:
    """The *pieces* under their headings; what stands before the first heading has an empty title."""
    titles = [piece for piece in pieces if piece.kind is Kind.HEADING]
    plausible = headings.in_sequence([headings.tidy(piece.text) for piece in titles])
    false = {id(piece) for piece, fits in zip(titles, plausible, strict=True) if not fits}
    found: list[Part] = []
    for each in pieces:
        piece = replace(each, kind=Kind.TEXT) if id(each) in false else each
        if piece.kind is Kind.HEADING:
            found.append(Part(headings.tidy(piece.text), 1, piece.page, row=piece.rows[0]))
        elif piece.kind is Kind.TEXT and (split := headings.run_in(piece.text)):
            found.append(Part(split[0], 1, piece.page, pieces=[_rest(piece, split[1])]))
        elif piece.kind is Kind.TEXT and found and not headings.is_references(found[-1].title) and (title := _lead(piece)):
            found.append(Part(title, 1, piece.page, pieces=[piece], leads=True))
        else:
            if not found:
                found.append(Part("", 1, piece.page))
            found[-1].pieces.append(piece)
    inside = {place for place, part in enumerate(found) if part.leads}
    for part, level in zip(found, headings.levels([part.title for part in found], inside), strict=True):
        part.level = level
    for part, kind in zip(found, headings.kinds([(part.title, part.level) for part in found]), strict=True):
        part.kind = kind
    return found


def _lead(piece: Piece) -> str:
    return leads.lead(piece.text, piece.rows)


def _rest(piece: Piece, text: str) -> Piece:
    cut = len(piece.text) - len(text)
    starts = tuple((max(0, offset - cut), page) for offset, page in piece.starts)
    return replace(piece, text=text, starts=starts)


def without_front(found: Sequence[Part]) -> list[Part]:
    """*found* without what stands before the abstract, which is addresses and the like, and without a stray line that has no heading."""
    start = next((i for i, part in enumerate(found) if part.kind is SectionKind.ABSTRACT and part.page == 1), 0)
    return [part for part in found[start:] if part.title or sum(len(piece.text.split()) for piece in part.pieces) >= 40]


def section(part: Part) -> Section:
    """*part* as a record."""
    text = "\n\n".join(piece.text for piece in part.pieces)
    return Section(title=part.title, kind=part.kind, level=part.level, page=part.page, text=text)


def abstract(found: Sequence[Part]) -> str:
    """The abstract: the section of that name, or else the first long paragraph before the introduction."""
    for part in found:
        if part.kind is SectionKind.ABSTRACT and part.pieces:
            return "\n\n".join(piece.text for piece in part.pieces)
    for part in found:
        if part.kind is SectionKind.INTRODUCTION:
            break
        for piece in part.pieces:
            if piece.kind is Kind.TEXT and len(piece.text.split()) >= 60:
                return piece.text
    return ""
