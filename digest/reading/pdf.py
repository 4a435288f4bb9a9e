"""The one place that knows PyMuPDF: a PDF file in, plain page records and pixels out.

A PDF is hostile input. Whatever MuPDF raises on one becomes `CannotRead` with a status; its messages go nowhere.
It takes no measures against time or memory: that is for the process it runs in.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pymupdf
from pymupdf import mupdf

from digest.errors import PaperError
from digest.reading import lines
from digest.reading.glyphs import LETTERS, Faults, Fonts
from digest.reading.hidden import Shades
from digest.reading.page import Graphic, Line, Page, Span, union
from digest.records import Box, Figure, ReadStatus

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from digest.reading.scan import Recogniser

pymupdf.TOOLS.mupdf_display_errors(False)
pymupdf.TOOLS.mupdf_display_warnings(False)

# What PyMuPDF 2.0 raises on PDFs that are broken: its own FileDataError is a RuntimeError, a page that the page tree promises and
# does not have is an IndexError, a name that is not UTF-8 a ValueError.
_FAILURES = (RuntimeError, ValueError, IndexError, mupdf.FzErrorBase)
_SHOWN = pymupdf.TEXT_IGNORE_ACTUALTEXT  # what a page says in the place of what it shows is no print
_TEXT = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_CID_FOR_UNKNOWN_UNICODE | _SHOWN
_WORDS = pymupdf.TEXTFLAGS_WORDS | _SHOWN
_DRAWN = _TEXT | pymupdf.TEXT_CLIP | pymupdf.TEXT_PRESERVE_IMAGES | pymupdf.TEXT_COLLECT_VECTORS
_EVERYWHERE = mupdf.FzRect(mupdf.FzRect.Fixed_INFINITE)
_NEARLY_ALL, _MOST = 0.8, 0.5  # letters of a span that draw nothing, or others: of those some draw themselves by chance
_STAMP = 80  # characters
_SCAN_DPI = 200
_WHITE = 4  # points around a figure
_TALLEST = 4000  # pixels: a tall sliver must not become a picture of gigabytes
_KINDS = {0: "text", 1: "image", 3: "path"}  # block types of MuPDF's structured text; grids and structure are left out


class CannotRead(Exception):
    """A file that has no pages to read, and why."""

    def __init__(self, status: ReadStatus) -> None:
        super().__init__(status.value)
        self.status = status


class Pdf:
    """An open PDF file."""

    def __init__(self, data: bytes, recogniser: Recogniser | None = None) -> None:
        """Open the bytes of a file.

        Args:
            recogniser: for pages that are pictures without text.

        Raises:
            CannotRead: PASSWORD, EMPTY (no bytes, no pages) or UNREADABLE (no PDF, or none of its pages can be found).
        """
        self._data, self._recogniser = data, recogniser
        if not data.strip():
            raise CannotRead(ReadStatus.EMPTY)
        try:
            self._doc = pymupdf.open(stream=data, filetype="pdf")
            locked, self.pages = bool(self._doc.needs_pass), len(self._doc) if not self._doc.needs_pass else 0
        except _FAILURES as error:
            raise CannotRead(ReadStatus.UNREADABLE) from error
        if locked:
            raise CannotRead(ReadStatus.PASSWORD)
        if not self.pages:
            raise CannotRead(ReadStatus.UNREADABLE if self._doc.is_repaired else ReadStatus.EMPTY)  # its pages are lost, or there are none

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._doc.close()

    def page(self, number: int) -> Page | None:
        """The page *number*, from 1; None where it is broken beyond reading.

        The page is interpreted once, without bounds, so that text off the page is seen; what was recorded is run with clipping, for
        images and vectors in painting order and what is left of the text, and without, for all text. On 8 CVPR papers this takes
        twice the time of plain `get_text()`; `get_texttrace` and `get_drawings` for the same knowledge take four times (PyMuPDF 2.0).
        """
        try:
            page = self._doc[number - 1]
            found = _page(page, number)
            if self._recogniser and _is_picture(found):
                with pymupdf.open(stream=_recognised(page, self._recogniser), filetype="pdf") as doc:
                    found = _page(doc[0], number)
        except _FAILURES:
            return None
        return found

    def with_faults(self, pages: Sequence[Page]) -> list[Page]:
        """*pages* with those spans marked whose letters may draw nothing, or others than they say."""
        try:
            faults = Fonts(self._doc).faults(pages)
        except _FAILURES:
            return list(pages)
        return [replace(page, lines=tuple(_with_faults(line, faults) for line in page.lines)) for page in pages] if faults else list(pages)

    def shades(self, number: int, boxes: list[Box]) -> list[Shades]:
        """The shades in each box of page *number*, drawn with two pixels to the point, fewer on a page of metres; all alike off it.

        Where the page cannot be drawn nothing can be said against it, and every box is given full contrast.
        """
        try:
            page = self._doc[number - 1]
            clip = pymupdf.Rect(union(boxes)) & page.rect  # images beyond it are not even decoded
            if clip.is_empty:
                return [Shades(255, 255, 255)] * len(boxes)
            scale = min(2.0, _TALLEST / max(clip.width, clip.height))
            picture = page.get_pixmap(matrix=pymupdf.Matrix(scale, scale), colorspace=pymupdf.csGRAY, alpha=False, clip=clip)
        except _FAILURES:
            return [Shades(0, 0, 255)] * len(boxes)
        return [_shades(picture, box, scale) for box in boxes]

    def picture(self, number: int, box: Box | None, width_pixels: int) -> bytes:
        """A PNG of *box* with a little white around it, or of all of page *number*; empty where it cannot be drawn."""
        try:
            return self._picture(self._doc[number - 1], box, width_pixels)
        except _FAILURES:
            return b""

    @staticmethod
    def _picture(page: Any, box: Box | None, width_pixels: int) -> bytes:
        x0, y0, x1, y1 = box or page.rect
        region = pymupdf.Rect(x0 - _WHITE, y0 - _WHITE, x1 + _WHITE, y1 + _WHITE) & page.rect
        if region.is_empty:
            region = page.rect
        zoom = min(width_pixels / region.width, _TALLEST / region.height)
        return bytes(page.get_pixmap(matrix=pymupdf.Matrix(zoom, zoom), clip=region, alpha=False).tobytes("png"))

    def words(self, number: int) -> list[tuple[str, Box]]:
        """The words of page *number* with their boxes as it is drawn, turned or not, in the order of the file."""
        page = self._doc[number - 1]
        turn = page.rotation_matrix
        return [(word[4], tuple(pymupdf.Rect(word[:4]) * turn)) for word in page.get_text("words", flags=_WORDS)]

    def size(self, number: int) -> tuple[float, float]:
        """Width and height of page *number* as it is drawn."""
        shown = self._doc[number - 1].rect
        return float(shown.width), float(shown.height)

    def hidden_layers(self) -> Iterator[tuple[int, str]]:
        """Yield (page, line) for text of layers that are switched off, from page 1 on.

        A second copy of the file is told nothing of layers, so that all of them are shown, whatever switches them; words that stand
        there and not here are hidden.
        """
        try:
            if self._doc.xref_get_key(self._doc.pdf_catalog(), "OCProperties")[0] == "null":
                return
            with pymupdf.open(stream=self._data, filetype="pdf") as bare:
                bare.xref_set_key(bare.pdf_catalog(), "OCProperties", "null")
                for number in range(1, self.pages + 1):
                    seen = set(_words(self._doc, number))
                    hidden = [word for word in _words(bare, number) if word not in seen]
                    for _, words in itertools.groupby(hidden, key=lambda word: word[5]):
                        yield number, " ".join(word[4] for word in words)
        except _FAILURES:
            return


def _words(doc: Any, number: int) -> list[tuple[Any, ...]]:
    """(x0, y0, x1, y1, word, block) of a page, to the point; none where it is broken."""
    try:
        return [(*map(round, word[:4]), word[4], word[5]) for word in doc[number - 1].get_text("words", flags=_WORDS)]
    except _FAILURES:
        return []


def crops(path: Path, figures: Sequence[Figure], *, width_pixels: int) -> list[bytes]:
    """A PNG of the region of each figure in the PDF at *path*, *width_pixels* wide; empty where its page cannot be drawn.

    A figure without a box is its whole page.

    Raises:
        PaperError: the file cannot be opened at all.
    """
    try:
        with Pdf(path.read_bytes()) as pdf:
            return [pdf.picture(figure.page, figure.box, width_pixels) for figure in figures]
    except (OSError, CannotRead) as error:
        raise PaperError(path.name, "crop", str(error), retry=False) from error


def words(path: Path, number: int) -> tuple[tuple[float, float], list[tuple[str, Box]]]:
    """Width and height of page *number* of the PDF at *path*, and its words with their boxes, in the order of the file.

    Raises:
        PaperError: the file cannot be read, or has no such page.
    """
    try:
        with Pdf(path.read_bytes()) as pdf:
            return pdf.size(number), pdf.words(number)
    except (OSError, CannotRead, *_FAILURES) as error:
        raise PaperError(path.name, "locate", str(error), retry=False) from error


def _page(page: Any, number: int) -> Page:
    recorded = _recorded(page)
    drawn = _text_page(recorded, _DRAWN)
    blocks = drawn.extractBLOCKS()
    graphics = tuple([_graphic(block) for block in blocks if block[6] in _KINDS])
    content, spaced = _text_page(recorded, _TEXT | pymupdf.TEXT_INHIBIT_SPACES).extractDICT(), lines.texts(blocks)
    bare = lines.letters(content)
    if lines.same(bare, spaced):  # on five of six pages: nothing is clipped away, and no picture parts the text
        found = lines.lines(content, spaced)
    else:
        shown = sum([len(text) - text.count(" ") for text in spaced])
        whole = _text_page(recorded, _TEXT)
        spaced = lines.texts(whole.extractBLOCKS())
        if not lines.same(bare, spaced):  # on one of fifty: letters that the library takes for spaces
            content = whole.extractDICT()
            bare = spaced = lines.letters(content)
        found = lines.lines(content, spaced)
        if sum([len(text) - text.count(" ") for text in bare]) > shown:
            found = lines.clipped(found, drawn.extractWORDS())
    return Page(number=number, width=page.rect.width, height=page.rect.height, lines=tuple(found), graphics=graphics)


def _recorded(page: Any) -> Any:
    """What *page* draws, with annotations, which a reader sees, too: interpreted once, to be run several times.

    It is recorded as if within a tile: of other drawing MuPDF's list leaves out what lies wholly beyond a clipping path.
    """
    found, everywhere, upright = mupdf.FzDisplayList(_EVERYWHERE), _EVERYWHERE, mupdf.FzMatrix()
    device = mupdf.fz_new_list_device(found)
    mupdf.fz_begin_tile(device, everywhere, everywhere, 1, 1, upright)
    mupdf.fz_run_page(page.this, device, upright, mupdf.FzCookie())
    mupdf.fz_end_tile(device)
    mupdf.fz_close_device(device)
    return found


def _text_page(recorded: Any, flags: int) -> Any:
    """The structured text of what was *recorded*, without bounds."""
    text = mupdf.FzStextPage(_EVERYWHERE)
    device = mupdf.fz_new_stext_device(text, mupdf.FzStextOptions(flags))
    mupdf.fz_run_display_list(recorded, device, mupdf.FzMatrix(), _EVERYWHERE, mupdf.FzCookie())
    mupdf.fz_close_device(device)
    return pymupdf.TextPage(text)


def _is_picture(page: Page) -> bool:
    """Whether there is something to recognise: a picture and no text beside a stamp."""
    return sum(len(line.text) for line in page.lines) < _STAMP and any(graphic.kind == "image" for graphic in page.graphics)


def _recognised(page: Any, recogniser: Recogniser) -> bytes:
    """A PDF of one page: the picture of *page* under an unpainted layer of its words."""
    picture = page.get_pixmap(dpi=_SCAN_DPI, alpha=False)
    return bytes(picture.pdfocr_tobytes(compress=False, language=recogniser.languages, tessdata=recogniser.folder))


def _with_faults(line: Line, faults: dict[str, Faults]) -> Line:
    """*line* with the spans marked most of whose letters are faulty, and as high as they are."""
    if faults.keys().isdisjoint([span.font for span in line.spans]):
        return line
    spans = tuple(_marked(span, faults[span.font]) if span.font in faults else span for span in line.spans)
    x0, y0, x1, y1 = line.box
    if line.upright:
        y0, y1 = (
            min(y0, *(span.baseline - 0.7 * span.size for span in spans)),
            max(y1, *(span.baseline + 0.2 * span.size for span in spans)),
        )
    return line._replace(spans=spans, box=(x0, y0, x1, y1))


def _marked(span: Span, faults: Faults) -> Span:
    letters = [letter for letter in span.text if letter in LETTERS]
    blank, false = (sum(letter in faulty for letter in letters) for faulty in faults[:2])
    return span._replace(
        size=span.size * faults.scale,
        blank=faults.scale > 1 or (blank > 0 and blank >= _NEARLY_ALL * len(letters)),
        false=false > 0 and false >= _MOST * len(letters),
    )


def _graphic(block: tuple[Any, ...]) -> Graphic:
    """One entry of `extractBLOCKS`; a vector's text says ``<vector filled, color: #ffffff, alpha: 255, is-rect: true, …>``."""
    kind = _KINDS[block[6]]
    covers = kind == "image" or (kind == "path" and "vector filled" in block[4] and "alpha: 255, is-rect: true" in block[4])
    return Graphic(kind, block[:4], covers)


def _shades(picture: Any, box: Box, scale: float) -> Shades:
    left, top, width, height = picture.x, picture.y, picture.width, picture.height
    x0, y0, x1, y1 = (round(scale * edge) for edge in box)
    x0, x1, y0, y1 = max(0, x0 - left), min(width, x1 + 1 - left), max(0, y0 - top), min(height, y1 + 1 - top)
    samples = picture.samples_mv
    pixels = sorted(b"".join(samples[y * width + x0 : y * width + x1] for y in range(y0, y1))) if x0 < x1 else []
    return Shades(pixels[0], pixels[len(pixels) // 2], pixels[-1]) if pixels else Shades(255, 255, 255)
