"""Rows into paragraphs: where one begins, what a hyphen at the end of a line means, which formulas stand on lines of their own."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from digest.reading import formula, headings, leads
from digest.reading.mathmark import mark
from digest.reading.rows import WORD, Print, Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_BROKEN = re.compile(r"([^\W\d_]+)[-\u2010\u2011\u00ad]$")
_HYPHENS = re.compile("[\u2010\u2011]")
_BREAKS = ("-", "\u2010", "\u2011", "\u00ad")
_FIRST = re.compile(r"^([^\W\d_]+)")
_TOKEN = re.compile(r"[^\W\d_]+(?:[-\u2010\u2011][^\W\d_]+)*")
_SENTENCE_ENDS = re.compile(r"[.!?:。！？：][\"'”’)\]$]*$")
_ITEM = re.compile(r"^\s*([•◦▪■●–∙·‣]|\(?(\d{1,2}|[ivx]{1,4}|[a-z])[.)]\s|\[\d{1,3}\])")
# What English compounds begin with; all were seen at line ends without other evidence in 18 CVPR papers, or are of their kind.
_COMPOUNDING = frozenset(
    "all class cross data deep end fast few fine first full half hand high human image large left light long low mid multi non object"
    " one open pixel real right self semi short single small so state task text three time top two ultra video well zero".split()
)
_CJK = re.compile(r"[\u3000-\u9fff\uff00-\uffef]")
_NUMBERED = re.compile(r"^\s*\(?[A-Z]?\d{1,3}(\.\d{1,3})?[a-z]?\)\s*$")


class Kind(StrEnum):
    """What a piece of the body is."""

    TEXT = "text"
    HEADING = "heading"
    FORMULA = "formula"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A paragraph, heading or displayed formula, or the part of one that stands in one column."""

    kind: Kind
    text: str  # formulas in dollar signs, no line breaks
    page: int
    rows: tuple[Row, ...]
    indented: bool = False
    starts: tuple[tuple[int, int], ...] = ()  # (offset in text, page) where a paragraph goes on on another page


class Vocabulary:
    """The words of one document: the evidence for what a hyphen at a line's end means."""

    def __init__(self, texts: Iterable[str]) -> None:
        """Count the words of *texts*, which are lines in the order of the file, but for the halves of words that a line's end breaks."""
        self._words: Counter[str] = Counter()
        broken = False
        for text in texts:
            tokens = _TOKEN.findall((text if text.isascii() else _HYPHENS.sub("-", text)).lower())
            first, broken = int(broken), text.rstrip().endswith(_BREAKS)
            self._words.update(tokens[first : len(tokens) - broken])

    def keeps_hyphen(self, left: str, right: str) -> bool:
        """Whether *left*-*right* is written so within lines.

        Where neither form occurs, the halves decide: "full-matrix" is made of two words, "con-vexity" is not, "Navier-Stokes" of names.
        """
        named = right[0].isupper()
        left, right = left.lower(), right.lower()
        together, apart = self._words[left + right], self._words[f"{left}-{right}"]
        if together != apart:
            return apart > together
        return named or left in _COMPOUNDING or bool(self._words[left] and self._words[right])


class Writer:
    """Writes rows out as text, for one document."""

    def __init__(self, made: Print, vocabulary: Vocabulary) -> None:
        self._made, self._vocabulary = made, vocabulary

    def row(self, row: Row) -> str:
        """One row, its formulas marked."""
        return " ".join(mark(row.spans, self._made.math, self._made.modern).split())

    def joined(self, parts: Iterable[str]) -> str:
        """Lines of one paragraph as one line."""
        text = ""
        for part in parts:
            text = self.join(text, part) if text else part
        return text

    def join(self, text: str, line: str) -> str:
        """*text* continued by *line*."""
        broken = _BROKEN.search(text[-40:]) if text.endswith(_BREAKS) else None
        first = _FIRST.match(line) if broken else None
        if broken and first:
            keeps = not text.endswith("\u00ad") and self._vocabulary.keeps_hyphen(broken[1], first[1])
            return f"{text[:-1]}-{line}" if keeps else text[:-1] + line
        if text and line and _CJK.match(text[-1]) and _CJK.match(line[0]):
            return text + line
        if text.endswith("$") and line.startswith("$") and not text.endswith("$$"):
            return text[:-1] + " " + line[1:]
        return f"{text} {line}"


def pieces(run: Sequence[Row], writer: Writer, made: Print, scheme: headings.Scheme) -> Iterator[Piece]:
    """The paragraphs, headings and formulas of one column, from top to bottom."""
    if not run:
        return
    left, right = _edges(run, made)
    open_rows: list[Row] = []
    kind = Kind.TEXT
    for index, row in enumerate(run):
        after = run[index + 1] if index + 1 < len(run) else None
        before = run[index - 1] if index else None
        now = _kind(row, before, after, scheme, left, right, made)
        if open_rows and (now != kind or _breaks(open_rows, row, now, left, right, made)):
            yield _piece(kind, open_rows, writer, left)
            open_rows = []
        kind = now
        open_rows.append(row)
    yield _piece(kind, open_rows, writer, left)


def _edges(run: Sequence[Row], made: Print) -> tuple[float, float]:
    """Where full lines of a column begin and end."""
    wide = [row for row in run if row.x1 - row.x0 > 0.7 * made.column] or list(run)
    lefts, rights = sorted(row.x0 for row in wide), sorted(row.x1 for row in wide)
    return lefts[len(lefts) // 4], rights[(3 * len(rights)) // 4]


def _kind(row: Row, before: Row | None, after: Row | None, scheme: headings.Scheme, left: float, right: float, made: Print) -> Kind:
    if headings.is_heading(row, before, after, scheme, max(right - left, 0.9 * made.column)):
        return Kind.HEADING
    if _is_formula(row, left, made):
        return Kind.FORMULA
    return Kind.TEXT


def _is_formula(row: Row, left: float, made: Print) -> bool:
    """A row of mathematics set apart: indented, in math fonts for a third at least, with next to no words."""
    if _NUMBERED.match(row.text):
        return True
    if row.words > 8 or row.x0 <= left + 0.5 * row.size:
        return False
    letters = len(row.text.replace(" ", "")) or 1
    math = sum([len(span.text.strip()) for span in row.spans if span.font in made.math])
    return math > 0.3 * letters and sum([len(word) >= 4 for word in WORD.findall(row.text)]) <= 2


def _breaks(rows: Sequence[Row], row: Row, kind: Kind, left: float, right: float, made: Print) -> bool:
    """Whether *row* begins a new piece of the same kind."""
    last = rows[-1]
    step = row.y0 - last.y0
    if kind is Kind.FORMULA:
        return step > 4 * made.leading
    if kind is Kind.HEADING:
        return headings.starts_anew(row, last)
    if abs(row.size - last.size) > 0.15 * made.size or step > 1.45 * max(made.leading, 1.15 * row.size) or step < -row.size:
        return True
    if _ITEM.match(row.text) and (row.x0 <= rows[0].x0 + 1 or last.x1 < right - 2 * row.size):
        return _ends_sentence(last.text) or last.x1 < right - 2 * row.size or not row.text.strip()[0].isalnum()
    indented = row.x0 - left > 0.6 * row.size and row.x0 - last.x0 > 0.6 * row.size
    short = last.x1 < right - 1.5 * row.size
    ended = short and _ends_sentence(last.text)
    run_in = not last.spans[-1].bold and leads.opens(row) and (short or _ends_sentence(last.text))
    hanging = len(rows) == 1 and rows[0].x0 < row.x0 - 3 and bool(_ITEM.match(rows[0].text))
    return ended or run_in or (indented and not hanging and (len(rows) > 1 or _ends_sentence(last.text)))


def _ends_sentence(text: str) -> bool:
    return bool(_SENTENCE_ENDS.search(text[-12:].rstrip()))


def _piece(kind: Kind, rows: Sequence[Row], writer: Writer, left: float) -> Piece:
    if kind is Kind.FORMULA:
        text = "$$" + " ".join(" ".join(formula.write(row.spans).split()) for row in rows) + "$$"
    else:
        text = writer.joined(writer.row(row) for row in rows)
    first = rows[0]
    indented = first.x0 - left > 0.6 * first.size
    return Piece(kind=kind, text=text, page=first.page, rows=tuple(rows), indented=indented, starts=((0, first.page),))


def sew(found: Sequence[Piece], writer: Writer) -> list[Piece]:
    """*found* with paragraphs put together that run over columns, pages and floats."""
    whole: list[Piece] = []
    for piece in found:
        last = whole[-1] if whole else None
        if last and piece.text and _runs_on(last, piece):
            text = writer.join(last.text, piece.text)
            start = len(text) - len(piece.text)
            starts = last.starts if piece.page == last.starts[-1][1] else (*last.starts, (start, piece.page))
            whole[-1] = replace(last, text=text, rows=last.rows + piece.rows, starts=starts)
        elif piece.text:
            whole.append(piece)
    return whole


def _runs_on(last: Piece, piece: Piece) -> bool:
    if last.kind is not Kind.TEXT or piece.kind is not Kind.TEXT or abs(last.rows[-1].size - piece.rows[0].size) > 0.6:
        return False
    row, end = piece.rows[0], last.rows[-1]
    same_run = row.page == end.page and row.y0 > end.y0 and abs(row.x0 - end.x0) < 40
    if _ends_sentence(last.text) or _ITEM.match(piece.text):
        return False
    return piece.text[0].islower() or (not same_run and not piece.indented)
