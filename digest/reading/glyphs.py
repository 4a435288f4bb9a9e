"""What the letters of a font draw: a font may give "A" an outline without ink, or that of "B", and so say what no reader sees.

PyMuPDF's low-level functions, since nothing above them leads from a character code to what it draws.
"""

from __future__ import annotations

import itertools
import re
import string
from collections import Counter, defaultdict
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

from pymupdf import mupdf

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

    from digest.reading.page import Page
    from digest.records import Box

LETTERS = frozenset(string.ascii_letters)
_COMMON = frozenset("etaoin")
_ASCII = {ord(letter): letter for letter in LETTERS}
_SIMPLE, _COMPOSITE = 256, 4096  # character codes looked at; Latin letters stand low in fonts with more
_FEW = 4  # letters in one font: no message is made of fewer
_ENCODED = re.compile(r"\d+|/[^\s/\[\]<>()]*")
_DIFFERENCES = re.compile(r"/Differences\s*\[([^\]]*)\]")
_ORIGIN = re.compile(rb"/(Registry|Ordering)\s*\([^()]*\)")
_NUMBER, _DIGITS = re.compile(rb"<([0-9A-Fa-f]+)>"), 4
_MISSING = -1  # of a letter that the font neither has nor says that it has
_ADVANCE, _WIDEST = 0.5, 2.0  # em: of a letter as a rule; more has none
_SPECK = 0.001  # em: MuPDF gives what draws nothing a size, too
_SIDE, _EDGE = 48.0, 480  # pixels: an em of a letter that is drawn to be compared; where it is cut off


_MATRIX = mupdf.FzMatrix()
_UNIT = _MATRIX.internal()  # into the one above


class Faults(NamedTuple):
    """Letters that do not say what they show."""

    blank: frozenset[str] = frozenset()  # may draw nothing
    false: frozenset[str] = frozenset()  # draw another letter
    scale: float = 1.0  # by which letters are larger than their size says: of old TeX's bitmaps, whose unit is a pixel


class _Font(NamedTuple):
    name: str  # as spans have it
    handle: Any
    codes: dict[str, list[int]]  # of each letter
    declared: frozenset[int]  # codes of which the font itself says that they are letters
    procedures: bool  # draw its letters, as in fonts of type 3


class _Glyph(NamedTuple):
    """What a font draws for a letter."""

    font: _Font
    letter: str
    number: int
    box: Box  # in em
    named: str = ""  # by the font's program, where the font declares what its letters are

    @property
    def empty(self) -> bool:
        return self.box[2] - self.box[0] < _SPECK or self.box[3] - self.box[1] < _SPECK


class Fonts:
    """The fonts of one document."""

    def __init__(self, doc: Any) -> None:
        self._doc, self._pdf = doc, mupdf.pdf_document_from_fz_document(doc.this)
        self._seen: set[int] = set()  # resources that fonts were looked for in

    def faults(self, pages: Sequence[Page]) -> dict[str, Faults]:
        """By name, as in the spans of *pages*: the letters in use that are not what they say, in any font of that name.

        Subsets of one font share its name, so what is named here may still have been drawn by another of them.
        """
        texts: dict[str, list[str]] = defaultdict(list)
        for page in pages:
            for line in page.lines:
                for span in line.spans:
                    texts[span.font].append(span.text)
        used = {name: Counter("".join(parts)) for name, parts in texts.items()}
        used = {name: count for name, count in used.items() if len(LETTERS & count.keys()) >= _FEW}
        fonts = [font for page in pages for font in self._of(page.number, used)]
        glyphs = [glyph for font in fonts for glyph in _glyphs(font, used.get(font.name, ()))]
        blank, false = _blank(glyphs, used), _false(glyphs, used)
        scales = _scales(pages, {font.name for font in fonts if font.procedures})
        faulty = {name for found in (blank, false, scales) for name in found if found[name]}
        return {name: Faults(frozenset(blank[name]), frozenset(false[name]), scales.get(name, 1.0)) for name in faulty}

    def _of(self, number: int, used: Container[str]) -> Iterator[_Font]:
        """The fonts of page *number* whose names are *used*, and those of procedures, without those seen before."""
        page = mupdf.pdf_page_from_fz_page(self._doc[number - 1].this)
        yield from self._within(mupdf.pdf_dict_get_inheritable(page.obj(), mupdf.PDF_ENUM_NAME_Resources), used)

    def _within(self, resources: Any, used: Container[str]) -> Iterator[_Font]:
        stack = mupdf.pdf_resource_stack()  # fonts of type 3 take from it what they lack; without one MuPDF 1.28 crashes
        stack.resources = resources.m_internal
        for source in self._unseen(resources, "Font"):
            handle = mupdf.PdfFontDesc(mupdf.ll_pdf_load_font(self._pdf.m_internal, stack, source.m_internal))
            loaded = handle.m_internal
            if loaded.font is None:
                continue
            name = mupdf.ll_fz_font_name(loaded.font)
            name = name[7:] if name[6:7] == "+" else name
            procedures = bool(mupdf.ll_fz_font_t3_procs(loaded.font))
            if name in used or procedures:
                yield _Font(name, handle, *self._codes(loaded, source, procedures), procedures)
        for form in self._unseen(resources, "XObject"):
            yield from self._within(mupdf.pdf_dict_gets(form, "Resources"), used)

    def _unseen(self, resources: Any, kind: str) -> Iterator[Any]:
        held = mupdf.pdf_dict_gets(resources, kind)
        for index in range(mupdf.pdf_dict_len(held)):
            found = mupdf.pdf_dict_get_val(held, index)
            number = mupdf.pdf_to_num(found)
            if not number or number not in self._seen:
                self._seen.add(number)
                yield found

    def _codes(self, font: Any, source: Any, procedures: bool) -> tuple[dict[str, list[int]], frozenset[int]]:
        """(the character codes of each letter, those that are declared): by the table for copying text, or else by the encoding."""
        composite, cmap = mupdf.pdf_to_name(mupdf.pdf_dict_gets(source, "Subtype")) == "Type0", font.to_unicode
        named = {} if composite else self._differences(source)
        letters = named if composite else {**_ASCII, **named}
        lookup, copied = mupdf.ll_pdf_lookup_cmap, dict[int, str]()
        for code in self._listed(source, _COMPOSITE if composite else _SIMPLE) if cmap else ():
            if (value := lookup(cmap, code)) > 0:
                copied[code] = chr(value)
        found: dict[str, list[int]] = {}
        for code, letter in {**letters, **copied}.items():
            if letter in LETTERS:
                found.setdefault(letter, []).append(code)
        return found, frozenset(copied.keys() | named.keys() if procedures else copied.keys())

    def _listed(self, source: Any, count: int) -> Iterable[int]:
        """Codes below *count* that the table for copying text may speak of: all, where it is no plain list of numbers."""
        number = mupdf.pdf_to_num(mupdf.pdf_dict_gets(source, "ToUnicode"))
        table = _ORIGIN.sub(b"", self._doc.xref_stream(number) or b"(") if number else b"("
        if b"(" in table or b"usecmap" in table:
            return range(count)
        numbers = [int(found, 16) for found in _NUMBER.findall(table) if len(found) <= _DIGITS]
        ranges = (range(first, last) for first, last in itertools.pairwise(numbers) if 0 < last - first < _SIMPLE)
        return {code for code in itertools.chain(numbers, *ranges) if code < count}

    def _differences(self, source: Any) -> dict[int, str]:
        """What the encoding of a simple font says beyond ASCII's: names by code, of letters the letter itself."""
        encoding = mupdf.pdf_dict_gets(source, "Encoding")
        owner = mupdf.pdf_to_num(encoding) or mupdf.pdf_to_num(source)
        listed = _DIFFERENCES.search(self._doc.xref_object(owner)) if owner else None
        found, code = {}, 0
        for token in _ENCODED.findall(listed[1]) if listed else ():
            if token[0] == "/":
                found[code] = token[1:]
                code += 1
            else:
                code = int(token)
        return found


def _glyphs(font: _Font, used: Container[str]) -> Iterator[_Glyph]:
    """What *font* draws for the letters *used*."""
    loaded = font.handle.m_internal
    for letter, codes in font.codes.items():
        for code in codes if letter in used else ():
            number = mupdf.ll_pdf_font_cid_to_gid(loaded, code)
            if font.procedures:
                mupdf.ll_fz_prepare_t3_glyph(loaded.font, number)
            box = mupdf.ll_fz_bound_glyph(loaded.font, number, _UNIT)  # known: recording a page asked for it
            declared = code in font.declared
            named = mupdf.ll_fz_get_glyph_name2(loaded.font, number) if declared and not font.procedures else ""
            if not declared and (font.procedures or not number):
                number = _MISSING
            yield _Glyph(font, letter, number, (box.x0, box.y0, box.x1, box.y1), named)


def _scales(pages: Iterable[Page], drawn_by_procedures: set[str]) -> dict[str, float]:
    """By font name the scale of letters that are far wider than their size."""
    wide: dict[str, list[float]] = defaultdict(list)
    for span in (span for page in pages for line in page.lines for span in line.spans) if drawn_by_procedures else ():
        if span.font in drawn_by_procedures and span.size:
            wide[span.font].append((span.x1 - span.x0) / (span.size * len(span.text)))
    return {name: width / _ADVANCE for name, widths in wide.items() if (width := median(widths)) > _WIDEST}


def _blank(glyphs: Iterable[_Glyph], used: dict[str, Counter[str]]) -> dict[str, set[str]]:
    """By font name the letters that draw nothing; where the commonest all draw, no message can be made of the others.

    A letter that is missing from a font is blank only if no other of its name draws it.
    """
    found, missing, drawn = (defaultdict[str, set[str]](set) for _ in range(3))
    for glyph in glyphs:
        kind = drawn if not glyph.empty else missing if glyph.number == _MISSING else found
        kind[glyph.font.name].add(glyph.letter)
    for name, count in used.items():
        found[name] |= missing[name] - drawn[name]
        common = _COMMON & count.keys()
        if len(common) >= _FEW and not common & found[name]:
            found[name].clear()
    return found


def _false(glyphs: Iterable[_Glyph], used: dict[str, Counter[str]]) -> dict[str, set[str]]:
    """By font name the letters that are named as others, or have the shape of one that stands for it more often in the document."""
    found: dict[str, set[str]] = defaultdict(set)
    shapes: dict[Box, list[_Glyph]] = defaultdict(list)
    for glyph in glyphs:
        if glyph.named in LETTERS and _class(glyph.named) != _class(glyph.letter):
            found[glyph.font.name].add(glyph.letter)
        if not glyph.font.procedures and not glyph.empty and glyph.number > 0:
            shapes[glyph.box].append(glyph)
    for near in shapes.values():
        for alike in _drawn_alike(near) if len({_class(glyph.letter) for glyph in near}) > 1 else ():
            count = Counter[str]()
            for glyph in alike:
                count[_class(glyph.letter)] += used[glyph.font.name][glyph.letter]
            honest = count.most_common(1)[0][0]
            for glyph in alike:
                if _class(glyph.letter) != honest:
                    found[glyph.font.name].add(glyph.letter)
    return found


def _class(letter: str) -> str:
    """Letters that fonts may draw alike: small capitals, and the strokes of I and l."""
    return "l" if letter in "iI" else letter.lower()


def _drawn_alike(near: Iterable[_Glyph]) -> Iterable[list[_Glyph]]:
    """Those of the glyphs *near*, which are alike in size, that are the same drawing."""
    scale, everywhere = mupdf.FzMatrix(_SIDE, 0, 0, _SIDE, 0, 0), mupdf.FzIrect(-_EDGE, -_EDGE, _EDGE, _EDGE)
    groups: dict[bytes, list[_Glyph]] = defaultdict(list)
    for glyph in near:
        font = mupdf.FzFont(mupdf.ll_fz_keep_font(glyph.font.handle.m_internal.font))
        drawn = mupdf.fz_render_glyph_pixmap(font, glyph.number, scale, everywhere, 8)
        groups[bytes(mupdf.fz_pixmap_samples_memoryview(drawn)) if drawn.m_internal else b""].append(glyph)
    return [group for drawn, group in groups.items() if drawn]
