"""Running text of models and metadata as spans of plain text, code and mathematics.

A model's words are data: of all markup only ``**bold**``, `` `code` `` and ``$math$`` are understood, everything else
is text. This module parses; ``html`` and ``markdown`` write.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from digest.publishing import latex
from digest.publishing.typography import gap, typeset
from digest.text import shorten

# Controls, marks that turn the direction of text (they can make a claim read backwards), surrogates, which UTF-8
# cannot hold, and private characters, which no font shows alike and which stand in for formulas below.
_UNSHOWN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff\ue000-\uf8ff]"
)
_FIRST_PRIVATE, _PRIVATE = 0xE000, 6400

# Bounded repeats keep hostile text linear. As in Pandoc, "$" opens before a character and closes after one and not
# before a digit, so that "$5 and $10" stay prices; nor does it open before four words of prose.
_MATH = (
    r"\$\$(?P<display>(?:\\.|[^$\\]){1,2000})\$\$"
    r"|(?<![\\$])\$(?!\s)(?![^$]*?(?<!\\)(?:\b[A-Za-z]{3,},? ){4})(?P<dollar>(?:\\.|[^$\\]){1,2000})(?<!\s)\$(?![\d$])"
    r"|\\\((?P<round>.{1,2000}?)\\\)"
    r"|\\\[(?P<square>.{1,2000}?)\\\]"
)
_FORMULA = re.compile(_MATH)
_BOLD = re.compile(r"(?<!\*)\*\*(?![\s*])((?:(?!\*\*).){1,2000})(?<![\s*])\*\*(?!\*)")
_CODE_OR_MATH = re.compile(r"(?<!`)`(?P<code>[^`]{1,500})`(?!`)|" + _MATH)
_ASIDE = re.compile(r" ?\[\d{1,3}(?:(?:, ?|[–-])\d{1,3})*\]| ?[•▪◦](?= )")
_RAISED = re.compile(r"\^(?:\{([\d+-]+)\}|(\d))")
_FIGURES = re.compile(r"[\d.,+\-−–×%~ ]*")


class Mark(StrEnum):
    """What a span is."""

    TEXT = "text"
    CODE = "code"
    MATH = "math"  # its text is LaTeX without delimiters


@dataclass(frozen=True, slots=True)
class Span:
    """A run of one kind."""

    mark: Mark
    text: str
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Inline:
    """One line of running text, ready to be written in any form."""

    spans: tuple[Span, ...]

    def __bool__(self) -> bool:
        return bool(self.spans)

    @property
    def plain(self) -> str:
        """The words without marks; formulas as LaTeX."""
        return "".join(span.text for span in self.spans)


EMPTY = Inline(())


def clean(text: str) -> str:
    """*text* on one line: white space folded, characters that cannot or must not be shown removed."""
    return " ".join(_UNSHOWN.sub("", text).split())


def model_text(text: str) -> Inline:
    """What a model wrote."""
    text = clean(text)
    spans: list[Span] = []
    end = 0
    for match in _BOLD.finditer(text):
        spans += [*_plain_spans(text[end : match.start()], bold=False), *_plain_spans(match[1], bold=True)]
        end = match.end()
    return _set(Inline((*spans, *_plain_spans(text[end:], bold=False))))


def brief(text: Inline, limit: int) -> Inline:
    """*text* in at most about *limit* characters, cut at a word; without the numbers of its references and marks of a list."""
    spans: list[Span] = []
    for span in text.spans:
        shown = replace(span, text=_ASIDE.sub("", span.text)) if span.mark is Mark.TEXT else span
        shown = shown if spans else replace(shown, text=shown.text.lstrip())
        room = limit - sum(len(span.text) for span in spans)
        if len(shown.text) > room:
            cut = shorten(shown.text, room) if shown.mark is Mark.TEXT and room > 1 else "…"
            return Inline((*spans, replace(shown, mark=Mark.TEXT, text=(" " if shown.text[:1] == " " else "") + cut)))
        spans.append(shown)
    return Inline(tuple(spans))


def metadata(text: str) -> Inline:
    """A title, abstract or name as a source gives it: LaTeX commands become text, formulas stay formulas."""
    formulas: dict[str, Span] = {}

    def stand_in(match: re.Match[str]) -> str:
        """One private character for the formula: ``\\textbf{$k$-means}`` must be decoded without splitting its braces."""
        character = chr(_FIRST_PRIVATE + len(formulas))
        formulas[character] = _formula(match, bold=False)
        return character

    words = latex.to_text(_FORMULA.sub(stand_in, clean(text), count=_PRIVATE))
    spans = (formulas.get(part) or Span(Mark.TEXT, part) for part in re.split("([\ue000-\uf8ff])", words))
    return Inline(tuple(span for span in spans if span.text))


def pieces(source: str) -> list[tuple[bool, str]]:
    """*source* cut into formulas, with their delimiters, and what stands between them; each with whether it is a formula."""
    found, end = [], 0
    for match in _FORMULA.finditer(source):
        found += [(False, source[end : match.start()]), (True, match[0])]
        end = match.end()
    return [(formula, text) for formula, text in (*found, (False, source[end:])) if text]


def paper_text(text: str) -> Inline:
    """A sentence, caption or value of a paper as the reader took it from the page: words verbatim, formulas between dollars."""
    text = clean(text)
    spans: list[Span] = []
    end = 0
    for match in _FORMULA.finditer(text):
        spans += [_words(text[end : match.start()], bold=False), _formula(match, bold=False)]
        end = match.end()
    spans.append(_words(text[end:], bold=False))
    return Inline(tuple(span for span in spans if span.text))


def literal(text: str) -> Inline:
    """Text without any markup: a notice, an interest, a file name."""
    text = clean(text)
    return Inline((Span(Mark.TEXT, text),) if text else ())


def _set(text: Inline) -> Inline:
    """*text* with its Chinese set well, within its runs and where they meet."""
    spans: list[Span] = []
    for span in text.spans:
        run = replace(span, text=typeset(span.text)) if span.mark is Mark.TEXT else span
        space = gap(spans[-1].text, run.text, formula={spans[-1].mark, run.mark} != {Mark.TEXT}) if spans else ""
        spans += [Span(Mark.TEXT, space), run] if space else [run]
    return Inline(tuple(spans))


def _plain_spans(text: str, *, bold: bool) -> list[Span]:
    spans: list[Span] = []
    end = 0
    for match in _CODE_OR_MATH.finditer(text):
        spans.append(_words(text[end : match.start()], bold=bold))
        spans.append(Span(Mark.CODE, match["code"].strip(), bold) if match["code"] else _formula(match, bold=bold))
        end = match.end()
    spans.append(_words(text[end:], bold=bold))
    return [span for span in spans if span.text]


def _words(text: str, *, bold: bool) -> Span:
    """Words between formulas; the dollars of a displayed formula that was cut in two mean nothing."""
    return Span(Mark.TEXT, text.replace("$$", "").replace(r"\$", "$"), bold)


def _formula(match: re.Match[str], *, bold: bool) -> Span:
    r"""A formula span; ``$95.65\%$``, ``$4\times$`` and the ``$^3$`` of a name become text."""
    source = (match["display"] or match["dollar"] or match["round"] or match["square"]).strip()
    figures = re.sub(r"\\times ?", "×", re.sub(r"\\sim ?", "~", source.replace(r"\%", "%")))
    if _FIGURES.fullmatch(figures):
        return Span(Mark.TEXT, figures, bold)
    if power := _RAISED.fullmatch(source):
        return Span(Mark.TEXT, latex.raised(power[1] or power[2]), bold)
    return Span(Mark.MATH, source, bold)
