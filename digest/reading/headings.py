"""Which rows are headings, and of what kind the section under them is."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.reading.letters import clean
from digest.records import SectionKind

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from digest.reading.rows import Print, Row

_NUMBER = re.compile(
    r"^(?:(?P<digits>\d{1,2}(?:\.\d{1,2}){0,3})\.?|(?P<letter>[A-Z](?:\.\d{1,2}){1,3})\.?|(?P<roman>[IVX]{1,5})\.|(?P<item>\d{1,2})\)|(?P<single>[A-Z])(?:[.:]|(?=\s+[A-Z]))"
    r"|(?:Appendix|APPENDIX)\s+(?P<appendix>[A-Z])[.:]?)\s+(?=[\W\d]*[^\W\d_])"
)
_CHINESE = re.compile(
    r"^(第?[一二三四五六七八九十]{1,3}[章节、.．])\s*\S|^摘\s*要$|^关键词|^参\s*考\s*文\s*献$|^引\s*言$|^结\s*论$|^附\s*录"
)
_OPENS = re.compile(r"^(appendix|acknowledge?ment|references|bibliography|supplementa)", re.IGNORECASE)
_ENDS = re.compile(r"[,;]$")
_CLOSES = re.compile(r"^(abstract|keywords?|index terms|key words)\b", re.IGNORECASE)
_FAR = 200  # headings looked back over
_SIGNS = frozenset("×+−-=<>·/*≤≥∈")
_CONTENTS = re.compile(r"[^\W\d_].*?(\s|\.)\d{1,3}$")
_RUN_IN = re.compile(r"^(Abstract|ABSTRACT|Summary|SUMMARY|摘\s*要|Index Terms|Keywords?|Key words)\s*[—–:.：-]+\s*(?=\S)")

# In order: the first that matches names the kind.
_KINDS = [
    (SectionKind.ABSTRACT, r"abstract|summary$|摘\s*要"),
    (SectionKind.REFERENCES, r"references?( and notes)?:?$|bibliography|literature cited|works cited|参考文献|参 考 文 献"),
    (SectionKind.ACKNOWLEDGEMENT, r"acknowledge?ments?|acknowledgements?|funding|author contributions?|致谢|competing interests"),
    (SectionKind.APPENDIX, r"appendix|appendices|supplement|附录"),
    (SectionKind.LIMITATIONS, r"limitation|broader impact|societal impact|ethic|threats to validity|局限"),
    (SectionKind.CONCLUSION, r"conclu|closing remarks|summary and|future work|结论|总结"),
    (SectionKind.RELATED, r"related work|related literature|background|preliminar|prior work|previous work|literature review|相关工作"),
    (SectionKind.INTRODUCTION, r"introduction|引言|绪论"),
    (SectionKind.RESULTS, r"^results?\b|main results|^findings|^discussion|quantitative|qualitative|comparison (with|to)|结果"),
    (SectionKind.EXPERIMENTS, r"experiment|evaluation|ablation|implementation detail|datasets?\b|benchmark|setup|empirical|case stud|实验"),
    (SectionKind.METHOD, r"method|approach|model|architecture|framework|algorithm|proposed|formulation|training|overview|network|方法"),
]
_REFERENCES = re.compile(next(pattern for kind, pattern in _KINDS if kind is SectionKind.REFERENCES), re.IGNORECASE)
_MATCHERS = [(kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _KINDS]
_KNOWN = re.compile(
    r"^(abstract|summary|introduction|related works?|background|preliminaries|methods?|methodology|materials and methods|experiments?"
    r"|experimental (setup|results)|results?( and discussion)?|discussions?|conclusions?( and .{4,30})?|limitations?"
    r"|references?( and notes)?|bibliography|acknowledge?ments?|appendix|appendices"
    r"|supplementary materials?|broader impact|ethics statement|keywords|index terms)\s*[.:]?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """How this document sets its headings: learnt from those that are certain."""

    styles: frozenset[tuple[str, float]]  # (font, size) of numbered or known headings
    numbered: bool
    made: Print


def scheme(rows: Sequence[Row], made: Print) -> Scheme:
    """What the *rows* of a document show of its headings."""
    certain: Counter[tuple[str, float]] = Counter()
    numbers = 0
    for row in rows:
        styled = _is_styled(row, made)
        if not styled:
            continue
        text = tidy(row.text)
        if _NUMBER.match(text) and len(text) < 90:
            numbers += 1
            certain[_style(row)] += 1
        elif _KNOWN.match(text):
            certain[_style(row)] += 1
    return Scheme(styles=frozenset(certain), numbered=numbers >= 3, made=made)


def tidy(text: str) -> str:
    """A heading's text with white space folded."""
    return " ".join(clean(text).split())


def is_heading(row: Row, before: Row | None, after: Row | None, scheme: Scheme, column: float) -> bool:
    """Whether *row* is a heading or one line of it, given its neighbours in the column and the width of that."""
    made = scheme.made
    styled = _is_styled(row, made)
    text = tidy(row.text) if row.words and len(row.text) < (120 if styled else 50) else ""
    too_small = row.size < (0.75 if text.isupper() else 0.85) * made.size
    if not text or too_small or _ENDS.search(text) or _is_contents(row, before, after):
        return False
    if (_CHINESE.match(text) and len(text) < 40) or (styled and before is not None and _goes_on(before, row, made)):
        return True
    known, number = _KNOWN.match(text), _NUMBER.match(text)
    alone = _stands_alone(row, before, after, made)
    if text[0].islower() or (text.endswith(".") and not (styled and (known or (number and row.bold)))):
        return False
    if known or (styled and not number and _OPENS.match(text) and row.words <= 8):
        return bool(known and styled) or alone
    if number:
        return _is_numbered_heading(row, number, alone) if styled else _is_plain_heading(row, number, before, after, made)
    return styled and alone and _is_free_heading(row, scheme, column, text)


def _is_numbered_heading(row: Row, number: re.Match[str], alone: bool) -> bool:
    """A single letter is a number only where it cannot be the first word: in bold, in capitals, or in a short line of its own."""
    after = row.text.strip()[number.end() :].lstrip()[:1]
    if after in _SIGNS or (after.islower() and not row.bold):
        return False
    if number["item"]:
        return all(span.font == row.font for span in row.spans if span.text.strip()) and not row.text.rstrip().endswith(":")
    return number["single"] is None or row.bold or (row.text.isupper() and row.words > 1) or (row.words <= 10 and alone)


def _is_plain_heading(row: Row, number: re.Match[str], before: Row | None, after: Row | None, made: Print) -> bool:
    """A numbered heading in the body's own print, told from the items of a list by the white above and below it."""
    formula = any(span.font in made.math for span in row.spans)
    if formula or not number["digits"] or row.words > 9 or after is None:
        return False
    above = before is None or row.y0 - before.y0 > 1.5 * made.leading or row.y0 < before.y0
    return above and after.y0 - row.y0 > 1.4 * made.leading and abs(after.x0 - row.x0) < 30


def _is_contents(row: Row, before: Row | None, after: Row | None) -> bool:
    """Whether *row* is a line of a table of contents: it ends in a page number, and so does a neighbour."""
    if not row.text.rstrip()[-1:].isdigit() or not _CONTENTS.search(row.text.strip()):
        return False
    return any(near is not None and _CONTENTS.search(near.text.strip()) for near in (before, after))


def _goes_on(before: Row, row: Row, made: Print) -> bool:
    """Whether *row* is the second line of the numbered heading *before*."""
    if _style(before) != _style(row) or not _is_styled(before, made) or not _follows(before, row):
        return False
    text = tidy(before.text)
    return bool(_NUMBER.match(text)) and not text.endswith(".") and not _NUMBER.match(tidy(row.text))


def _is_free_heading(row: Row, scheme: Scheme, column: float, text: str) -> bool:
    """A heading told by its looks: set like others, short, not ending like a sentence."""
    made = scheme.made
    if text.endswith((":", "?")) or row.words > 12 or row.x1 - row.x0 > 0.92 * column or not text[0].isupper():
        return False
    like_others = _style(row) in scheme.styles and (not scheme.numbered or row.size > made.size + 0.4)
    larger = row.size > made.size + 1.4 and row.words <= 10
    below_numbers = row.bold and _style(row) in scheme.styles and row.words <= 6 and row.size > made.size - 0.3
    return like_others or larger or below_numbers or (not scheme.numbered and row.bold)


def _stands_alone(row: Row, before: Row | None, after: Row | None, made: Print) -> bool:
    above = before is None or row.y0 - before.y0 > 1.25 * made.leading or row.y0 < before.y0
    below = after is None or after.y0 - row.y0 > 0.9 * made.leading
    return above and below and (after is None or after.y0 < row.y0 or not (row.x1 > after.x0 > row.x0 + 60))


def _is_styled(row: Row, made: Print) -> bool:
    if row.bold or row.size > made.size + 0.6:
        return True
    return (row.text.isupper() and row.words > 0 and row.size > 0.75 * made.size) or (row.font != made.font and "ital" in row.font.lower())


def _style(row: Row) -> tuple[str, float]:
    return row.font, round(row.size, 1)


def _follows(before: Row, row: Row) -> bool:
    return 0 < row.y0 - before.y0 < 1.6 * row.size


def starts_anew(row: Row, last: Row) -> bool:
    """Whether of two heading rows in sequence the second begins another heading."""
    text = tidy(row.text)
    return bool(_NUMBER.match(text) or _KNOWN.match(text)) or not _follows(last, row) or _style(row) != _style(last)


def levels(titles: Sequence[str], inside: Collection[int] = ()) -> list[int]:
    """1 for "3 Method", 2 for "3.1 Layers", and so on.

    A heading without a number, and none of those that every paper has, stands under the numbered one before it.

    Args:
        inside: places of those that stand in the first line of their paragraph: they are under the one before, whatever they say.
    """
    found, last = [], 0
    roman = any((number := _NUMBER.match(title)) and number["roman"] for title in titles)  # then letters number their subsections
    for place, title in enumerate(titles):
        number = _NUMBER.match(title)
        digits = (number["digits"] or number["letter"] or "") if number else ""
        if number and not number["item"] and (place not in inside or "." in digits):
            last = digits.count(".") + 1 if digits else 2 if roman and number["single"] else 1
            found.append(last)
        else:
            top = _OPENS.match(title) or _CLOSES.match(title) or (_KNOWN.match(title) and place not in inside)
            found.append(1 if top else last + 1)
            last = 0 if is_references(title) else last
    return found


def bare(title: str) -> str:
    """*title* without its number."""
    number = _NUMBER.match(title)
    return title[number.end() :] if number else title


def run_in(text: str) -> tuple[str, str] | None:
    """("Abstract", the rest) of a paragraph that begins with its own heading."""
    match = _RUN_IN.match(text)
    return (match.group(1), text[match.end() :]) if match else None


def kind_of(title: str) -> SectionKind:
    """What the words of a section's *title* say it is for."""
    text = bare(title)
    return next((kind for kind, matcher in _MATCHERS if matcher.search(text)), SectionKind.OTHER)


def is_references(text: str) -> bool:
    """Whether a row says no more than "References"."""
    return len(text) < 32 and bool(_REFERENCES.search(bare(text.strip())))


_AFTER_METHOD = {SectionKind.EXPERIMENTS, SectionKind.RESULTS, SectionKind.CONCLUSION}
_OWN = {SectionKind.LIMITATIONS, SectionKind.ACKNOWLEDGEMENT, SectionKind.REFERENCES, SectionKind.APPENDIX}


def kinds(titles: Sequence[tuple[str, int]]) -> list[SectionKind]:
    """The kind of each section of a paper, from its (title, level) in order.

    A subsection that says nothing is of the kind of its section; a section that says nothing and stands between the introduction and
    the experiments is the method, which authors like to call by a name of its own; everything after the references is appendix.
    """
    found = [kind_of(title) for title, _ in titles]
    last_reference = max((i for i, kind in enumerate(found) if kind is SectionKind.REFERENCES), default=len(found))
    begun = trials = False
    parent = SectionKind.OTHER
    for i, (_, depth) in enumerate(titles):
        if i > last_reference and found[i] is not SectionKind.ACKNOWLEDGEMENT:
            found[i] = SectionKind.APPENDIX
            continue
        if depth == 1:
            if found[i] is SectionKind.OTHER and begun and not trials:
                found[i] = SectionKind.METHOD
            parent = found[i]
            trials = trials or parent in _AFTER_METHOD
        elif parent is not SectionKind.OTHER and found[i] not in _OWN:
            found[i] = parent
        begun = begun or found[i] in {SectionKind.INTRODUCTION, SectionKind.RELATED}
    return found


def in_sequence(titles: Sequence[str]) -> list[bool]:
    """Which of the headings *titles*, in order, can be what they seem: the longest row of numbers that count up.

    Those of a list or of addresses are not on it. Of two rows as long the one that begins later is taken: addresses stand first.
    """
    numbers = {i: [int(part) for part in number["digits"].split(".")] for i, title in enumerate(titles) if (number := _digits(title))}
    places = list(numbers)
    length, before = [1] * len(places), [-1] * len(places)
    for b, place in enumerate(places):
        for a in range(max(0, b - _FAR), b):
            if length[a] + 1 >= length[b] and _counts_up(numbers[places[a]], numbers[place]):
                length[b], before[b] = length[a] + 1, a
    at = max(range(len(places)), key=lambda b: (length[b], b), default=-1)
    on = set()
    while at >= 0:
        on.add(places[at])
        at = before[at]
    return [i in on or i not in numbers for i in range(len(titles))]


def _digits(title: str) -> re.Match[str] | None:
    number = _NUMBER.match(title)
    return number if number and number["digits"] else None


def _counts_up(last: list[int], number: list[int]) -> bool:
    return number[0] - last[0] in ((0, 1) if len(number) > 1 else (1, 2))
