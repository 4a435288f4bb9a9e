"""What the letters of a font draw: a font may give "A" an outline without ink, and so say what no reader sees.

PyMuPDF's low-level functions, since nothing above them leads from a character code to its outline. Fonts that are not embedded, and
those whose letters are drawn by procedures (Type 3), are taken to be honest.
"""

from __future__ import annotations

import string
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from pymupdf import mupdf

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from digest.reading.page import Line

LETTERS = frozenset(string.ascii_letters)
_COMMON = frozenset("etaoin")
_BY_VALUE = {ord(letter): letter for letter in LETTERS}
_SIMPLE, _COMPOSITE = 256, 4096  # character codes looked at; Latin letters stand low in fonts with more
_FEW = 4  # letters in one font: no message is made of fewer
_NAME = 24  # characters that MuPDF keeps of every font name


class Fonts:
    """The embedded fonts of one document, each letter looked at once."""

    def __init__(self, doc: Any) -> None:
        self._doc, self._pdf = doc, mupdf.pdf_document_from_fz_document(doc.this)
        self._blank: dict[tuple[int, str], bool] = {}  # by the font's object number and letter
        self._loaded: dict[int, tuple[Any, dict[str, list[int]]]] = {}  # by object number: the font, character codes of each letter

    def blank(self, number: int, lines: Iterable[Line]) -> dict[str, frozenset[str]]:
        """By font name as in the spans of page *number*: letters that are used there and draw nothing, in any font of that name.

        Subsets of one font share its name, so what is named here may still have been drawn by another of them.
        """
        used: dict[str, list[str]] = defaultdict(list)
        for line in lines:
            for span in line.spans:
                used[span.font].append(span.text)
        wanted = {font[:_NAME]: (font, some) for font, texts in used.items() if len(some := LETTERS.intersection("".join(texts))) >= _FEW}
        found: dict[str, frozenset[str]] = {}
        for xref, kind, _, name, *_ in self._doc.get_page_fonts(number - 1) if wanted else ():
            font, letters = wanted.get((name.partition("+")[2] or name)[:_NAME], ("", frozenset()))
            if font and kind != "n/a":
                found[font] = found.get(font, frozenset()) | self._blank_of(xref, letters)
        return {font: letters for font, letters in found.items() if letters}

    def _blank_of(self, xref: int, letters: frozenset[str]) -> frozenset[str]:
        """Those of *letters* that draw nothing; where the commonest all do, no message can be made of the others."""
        common = letters & _COMMON
        return self._checked(xref, letters) if len(common) < _FEW or self._checked(xref, common) else frozenset()

    def _checked(self, xref: int, letters: frozenset[str]) -> frozenset[str]:
        new = {letter for letter in letters if (xref, letter) not in self._blank}
        if new:
            self._blank.update(dict.fromkeys(((xref, letter) for letter in new), False))
            self._blank.update(dict.fromkeys(((xref, letter) for letter in self._without_ink(xref, new)), True))
        return frozenset(letter for letter in letters if self._blank[xref, letter])

    def _without_ink(self, xref: int, letters: set[str]) -> Iterator[str]:
        if xref not in self._loaded:
            self._loaded[xref] = self._load(xref)
        font, codes = self._loaded[xref]
        identity, stroke = mupdf.FzMatrix(), mupdf.FzStrokeState()
        matrix = identity.internal()
        for letter, code in [(letter, code) for letter, found in codes.items() if letter in letters for code in found]:
            outline = mupdf.ll_fz_outline_glyph(font.font, mupdf.ll_pdf_font_cid_to_gid(font, code), matrix)
            if outline:
                box = mupdf.fz_bound_path(mupdf.FzPath(outline), stroke, identity)
                if box.x0 > box.x1:
                    yield letter

    def _load(self, xref: int) -> tuple[Any, dict[str, list[int]]]:
        """The font in object *xref* and the codes of its letters; none for fonts that are not looked at."""
        source = mupdf.pdf_load_object(self._pdf, xref)
        font = mupdf.ll_pdf_load_font(self._pdf.m_internal, None, source.m_internal)
        if font.font is None or mupdf.ll_fz_font_t3_procs(font.font):
            return font, {}
        if not font.to_unicode:
            return font, {letter: [ord(letter)] for letter in LETTERS}
        composite = mupdf.pdf_to_name(mupdf.pdf_dict_gets(source, "Subtype")) == "Type0"
        lookup, cmap, codes = mupdf.ll_pdf_lookup_cmap, font.to_unicode, dict[str, list[int]]()
        for code in range(_COMPOSITE if composite else _SIMPLE):
            if (letter := _BY_VALUE.get(lookup(cmap, code))) is not None:
                codes.setdefault(letter, []).append(code)
        return font, codes
