"""PDF -> Document: the order of the steps, each of which knows only its own part."""

from __future__ import annotations

import gc
import hashlib
import itertools
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from digest.errors import UsageError
from digest.reading import floats, front, furniture, headings, hidden, layout, notes, prose, references, sections
from digest.reading.facts import Stated, facts
from digest.reading.figures import figure
from digest.reading.grade import grade
from digest.reading.letters import clean
from digest.reading.passages import paged_sentences, passages
from digest.reading.prose import Piece, Vocabulary, Writer
from digest.reading.results import results
from digest.reading.rows import Print, Row, measure, rows
from digest.reading.tables import is_table, table
from digest.records import Document, Figure, Footnote, HiddenText, ReadStatus, SectionKind
from digest.text import sentences

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from digest.reading.page import Line, Page
    from digest.reading.scan import Recogniser

READER_VERSION = "1.7"
_FEW_LETTERS = 20  # in the whole file: fewer on pages that are pictures are a stamp, not a text


@dataclass(slots=True)
class Sheet:
    """One page while the document is put together."""

    page: Page
    lines: list[Line]  # visible
    rows: list[Row] = field(default_factory=list)
    floats: list[floats.Float] = field(default_factory=list)
    loose: list[Row] = field(default_factory=list)
    runs: list[list[Row]] = field(default_factory=list)  # body columns in reading order
    notes: list[Row] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)


def reader_name(*, ocr: bool = False) -> str:
    """The reader's version and options: what else than the file decides a document."""
    return f"{READER_VERSION}+ocr" if ocr else READER_VERSION


def read(path: Path, *, recogniser: Recogniser | None = None) -> Document:
    """Read the PDF at *path* in full.

    A file that cannot be read is a document too: its status says why. No time or memory limit is kept here: `digest.reading.pool` does.

    Args:
        recogniser: of pages that are pictures; None: they have no text.

    Raises:
        UsageError: there is no file at *path*.
    """
    from digest.reading.pdf import CannotRead, Pdf

    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot open {path}: {error.strerror}", hint="digest read --help") from error
    sha256 = hashlib.sha256(data).hexdigest()
    try:
        with _uncollected(), Pdf(data, recogniser) as pdf:
            reports = hidden.layers(list(pdf.hidden_layers()))
            pages = [page for number in range(1, pdf.pages + 1) if (page := pdf.page(number))]
            sheets = []
            for page in pdf.with_faults(pages):
                lines, found = hidden.split(page, partial(pdf.shades, page.number))
                sheets.append(Sheet(page, lines))
                reports += found
            document = compose(sheets, reports, sha256=sha256, pages=pdf.pages)
    except CannotRead as problem:
        document = Document(sha256=sha256, reader=READER_VERSION, status=problem.status)
    return replace(document, reader=reader_name(ocr=True)) if recogniser else document


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the search for cycles: a page is thousands of records and has none, and looking for them is a twentieth of the time."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def compose(sheets: Sequence[Sheet], reports: Sequence[HiddenText], *, sha256: str, pages: int) -> Document:
    """The document on *sheets*, which hold visible lines only.

    Args:
        reports: what was hidden.
        pages: of the file; those missing from *sheets* could not be read.
    """
    characters = (character for sheet in sheets for line in sheet.lines for character in line.text if character.isalpha())
    letters = len(list(itertools.islice(characters, _FEW_LETTERS)))
    if not letters or (letters < _FEW_LETTERS and _is_scanned(sheets)):
        blank = not letters and len(sheets) == pages and not any(sheet.page.graphics for sheet in sheets)
        status = ReadStatus.UNREADABLE if not sheets else ReadStatus.EMPTY if blank else ReadStatus.NO_TEXT
        return Document(sha256=sha256, reader=READER_VERSION, status=status, pages=pages, hidden_text=tuple(reports))
    made = _lay_out(sheets)
    writer = Writer(made, Vocabulary(row.text for sheet in sheets for row in sheet.rows))
    opening = front.find([row for run in sheets[0].runs for row in run], made)
    _break_into_pieces(sheets, made, writer, opening)
    return _document(sheets, writer, opening, reports, sha256=sha256, pages=pages)


def _lay_out(sheets: Sequence[Sheet]) -> Print:
    """Find rows, furniture, floats, columns and footnotes of every sheet; return how the document is set."""
    for sheet, page in zip(sheets, furniture.without_rules([sheet.page for sheet in sheets]), strict=True):
        sheet.page = page
        sheet.rows = rows(sheet.page, furniture.without_line_numbers(sheet.lines))
    made = measure([row for sheet in sheets for row in sheet.rows])
    heads = furniture.running([(sheet.page, sheet.rows) for sheet in sheets])
    listed = False  # from the references on
    for sheet in sheets:
        sheet.rows = [row for row in sheet.rows if not furniture.is_furniture(row, sheet.page, heads, made.size)]
    for sheet, parted in zip(sheets, floats.once([floats.part(sheet.page, sheet.rows, made) for sheet in sheets]), strict=True):
        beside = [row for row in parted.body if notes.in_margin(row, made)]
        sheet.floats, sheet.loose = parted.floats, parted.loose + beside
        for run in layout.columns([row for row in parted.body if row not in beside] if beside else parted.body, made):
            listed = listed or any(headings.is_references(row.text) for row in run)
            body, below = notes.footnotes(run, made, height=sheet.page.height, listed=listed)
            sheet.runs.append(body)
            sheet.notes += below
    return made


def _break_into_pieces(sheets: Sequence[Sheet], made: Print, writer: Writer, opening: front.Front) -> None:
    scheme = headings.scheme([row for sheet in sheets for run in sheet.runs for row in run], made)
    gone = set(map(id, opening.rows))
    for sheet in sheets:
        for run in sheet.runs:
            sheet.pieces += prose.pieces([row for row in run if id(row) not in gone], writer, made, scheme)


def _document(
    sheets: Sequence[Sheet], writer: Writer, opening: front.Front, reports: Sequence[HiddenText], *, sha256: str, pages: int
) -> Document:
    raw = sections.parts([piece for sheet in sheets for piece in sheet.pieces])
    listed = [row for part in raw if part.kind is SectionKind.REFERENCES for piece in part.pieces for row in piece.rows]
    entries = references.entries(listed, writer)
    for part in raw:
        part.pieces = [] if part.kind is SectionKind.REFERENCES else prose.sew(part.pieces, writer)
        part.sentences = [found for piece in part.pieces for found in paged_sentences(piece)]
    body = [part for part in sections.without_front(raw) if part.kind is not SectionKind.REFERENCES]
    found = tuple(sections.section(part) for part in body)
    pictures = tuple(figure(one, writer) for sheet in sheets for one in sheet.floats)
    below = [note for sheet in sheets for note in notes.records(sheet.notes, writer)]
    text = _text(opening, _ordered(sheets, raw, pictures, entries, writer), writer)
    shown = [(one, sheet.page) for sheet in sheets for one in sheet.floats]
    gridded = [table(one, picture, page) for (one, page), picture in zip(shown, pictures, strict=True) if is_table(picture)]
    grids = tuple(one for one in gridded if one.rows)
    abstract = sections.abstract(raw)
    stated = facts(opening.title, list(_stated(body, pictures, below)))
    unread = pages - len(sheets)
    return Document(
        sha256=sha256,
        reader=READER_VERSION,
        status=ReadStatus.OK,
        pages=pages,
        title=opening.title,
        authors=opening.authors,
        abstract=abstract,
        text=text,
        sections=found,
        passages=passages(body),
        figures=pictures,
        tables=grids,
        footnotes=tuple(below),
        references=entries,
        page_texts=tuple(_page_texts(sheets, pictures, writer, opening, pages)),
        hidden_text=tuple(reports),
        facts=(*stated, *results(grids, opening.title, abstract)),
        grade=grade(text, pages=pages, unread=unread, scanned=_is_scanned(sheets), sections=found),
    )


def _text(opening: front.Front, ordered: Iterable[str], writer: Writer) -> str:
    """All that is printed for readers, in reading order: title and names, then the *ordered* paragraphs."""
    lines = [writer.joined(writer.row(row) for row in opening.rows)] if opening.rows else []
    return "\n\n".join([*lines, *ordered])


def _ordered(
    sheets: Sequence[Sheet], parts: Sequence[sections.Part], pictures: Sequence[Figure], entries: Sequence[str], writer: Writer
) -> Iterator[str]:
    """Headings, paragraphs and references in reading order, and captions between the paragraphs where they stand."""
    places = {id(row): place for place, row in enumerate(row for sheet in sheets for run in sheet.runs for row in run)}
    shown = deque(_placed(sheets, places, pictures, writer))
    for part in parts:
        listed = entries if part.kind is SectionKind.REFERENCES else ()
        entries = () if listed else entries
        for row, text in itertools.chain(
            [(part.row, "" if part.leads else part.title)], ((piece.rows[0], piece.text) for piece in part.pieces)
        ):
            while shown and row is not None and shown[0][0] <= places[id(row)]:
                yield from shown.popleft()[1]
            if text:
                yield text
        yield from listed
    for _, lines in shown:
        yield from lines


def _placed(sheets: Sequence[Sheet], places: dict[int, int], pictures: Sequence[Figure], writer: Writer) -> Iterator[tuple[int, list[str]]]:
    """(place of the row it stands before, caption and the words of its picture) for each float, in reading order."""
    unseen, start = iter(pictures), 0
    for sheet in sheets:
        end = start + sum(map(len, sheet.runs))
        found = []
        for one in sheet.floats:
            picture, before = next(unseen), layout.next_row(one.box or one.caption.box, sheet.runs)
            lines = [f"{picture.label}. {picture.caption}", *_worded(one, writer)]
            found.append((end if before is None else places[id(before)], lines))
        yield from sorted(found, key=lambda pair: pair[0])
        start = end


def _worded(one: floats.Float, writer: Writer) -> list[str]:
    """What can be read as words inside a figure: the steps of an algorithm, example prompts; not axis labels or cells."""
    if one.caption.label.startswith("Algorithm"):
        return [writer.row(row) for row in layout.settle(one.rows)]
    blocks = [list(block) for _, block in itertools.groupby(one.rows, key=lambda row: row.block)]
    return [writer.joined(writer.row(row) for row in block) for block in blocks if _reads(block)]


def _reads(block: Sequence[Row]) -> bool:
    """Whether *block* has lines of several words, which are not all names, as headings of a table are."""
    words = sum(row.words for row in block)
    return words >= max(6, 3.5 * len(block)) and sum(floats.small_words(row) for row in block) > 0.3 * words


def _page_texts(sheets: Sequence[Sheet], pictures: Sequence[Figure], writer: Writer, opening: front.Front, pages: int) -> Iterator[str]:
    """All visible words of each page: body, captions, what stands in figures and tables, footnotes."""
    texts = {}
    for sheet in sheets:
        number = sheet.page.number
        parts = [writer.joined(writer.row(row) for row in opening.rows)] if sheet is sheets[0] and opening.rows else []
        parts += [piece.text for piece in sheet.pieces]
        parts += [f"{one.label}. {one.caption}" for one in pictures if one.page == number]
        for one in sheet.floats:
            lines = one.rows if one.caption.label.startswith("Figure") else layout.settle(one.rows)  # words of a picture stand in none
            parts += [clean(row.text) for row in lines]
        parts += [clean(row.text) for row in sheet.loose]
        parts += [writer.joined(writer.row(row) for row in sheet.notes)] if sheet.notes else []
        parts += [" ".join(line.text.split()) for line in sheet.lines if not line.upright]
        texts[number] = "\n\n".join(parts)
    return (texts.get(number, "") for number in range(1, pages + 1))


def _stated(parts: Sequence[sections.Part], pictures: Sequence[Figure], below: Sequence[Footnote]) -> Iterator[Stated]:
    """Every sentence with its page: body, captions, footnotes."""
    for part in parts:
        yield from ((said.page, said.text) for said in part.sentences)
    for one in pictures:
        yield from ((one.page, sentence) for sentence in sentences(one.caption))
    for note in below:
        yield from ((note.page, sentence) for sentence in sentences(note.text))


def _is_scanned(sheets: Sequence[Sheet]) -> bool:
    """Whether most pages are one picture with the text layer of a recogniser."""
    pictures = 0
    for sheet in sheets:
        area = 0.7 * sheet.page.width * sheet.page.height
        boxes = [graphic.box for graphic in sheet.page.graphics if graphic.kind == "image"]
        pictures += any((x1 - x0) * (y1 - y0) > area for x0, y0, x1, y1 in boxes)
    return 2 * pictures > len(sheets)
