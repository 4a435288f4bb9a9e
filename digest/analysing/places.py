"""Where in a paper numbers and names stand together.

That a number occurs somewhere in a paper proves little of a sentence that uses it: 30.88 dB on Urban100 is wrong when the
paper measured it on DIV2K. So what one sentence says must be found in one place: a sentence with its neighbours, or a row
of a table with the words around the table.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from digest.analysing.quantities import Quantity, Values, holds, quantities, values_of
from digest.names import Vocabulary
from digest.text import fold, sentences

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from digest.records import Passage, Table

_CAPTION = re.compile(r"(?:Table|Figure|Fig\.|图|表)\s*[\dIVX]")
_SHARES = re.compile(r"%|accura|\bacc\b|\btop-?[15]\b|\bm?AP|\bm?IoU\b|precision|recall|\bF1\b|准确率", re.IGNORECASE)
_OURS = re.compile(r"\b(?:we|our|ours|us|proposed|this (?:paper|work|method|model|approach)|the (?:method|model))\b", re.IGNORECASE)
_CELL = re.compile(r"[^A-Za-z\u4e00-\u9fff]{0,24}%?")  # of a table: a number, with its sign or spread
_SHORT = 12  # words of a block that is a heading of columns, not prose
_ROW = 25  # words of a row with few numbers
_GROUP = 2  # things of a claim that must stand together in a further place


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the body and where its passage is."""

    text: str
    passage: Passage


@dataclass(slots=True)
class Place:
    """A text in which things may stand together."""

    texts: tuple[str, ...]  # folded
    page: int
    passage: str = ""  # id; empty for a row of a table
    sentence: int = -1  # index of its middle sentence
    shares: bool = False  # numbers without a sign may be shares: the table says so once
    _words: Vocabulary | None = field(default=None)
    _values: Values | None = field(default=None)
    _row: Vocabulary | None = field(default=None)

    @property
    def values(self) -> Values:
        """Its numbers."""
        if self._values is None:
            found: Values = {}
            for text in self.texts[:1] if self.sentence < 0 and not self.passage else self.texts:
                for value, units in values_of(text).items():
                    found.setdefault(value, set()).update(units)
                    if self.shares and not value.endswith("%"):
                        found.setdefault(f"{value}%", set()).add("")
            self._values = found
        return self._values

    @property
    def row(self) -> Vocabulary:
        """The words of its first text alone."""
        if self._row is None:
            self._row = Vocabulary(self.texts[:1])
        return self._row

    @property
    def words(self) -> Vocabulary:
        """Its words."""
        if self._words is None:
            self._words = Vocabulary(self.texts)
        return self._words


class Places:
    """Every place of a paper."""

    def __init__(self, passages: Sequence[Passage], pages: Sequence[str], own: Iterable[str] = (), tables: Sequence[Table] = ()) -> None:
        """Prepare.

        Args:
            pages: every visible word of each page, blocks apart by blank lines; rows of tables are blocks of their own.
            tables: those of the pages that could be read as rows of cells.
            own: names of what the paper proposes: where it says "we", they are meant.
        """
        self.sentences = [Sentence(text, passage) for passage in passages for text in sentences(passage.text)]
        self._tables = tables
        self._passages, self._pages, self._own = passages, pages, {name.casefold() for name in own}

    @cached_property
    def around(self) -> list[Place]:
        """A place for each sentence: the sentence and its neighbours in the same passage."""
        folded = [fold(sentence.text) for sentence in self.sentences]
        found = []
        for index, sentence in enumerate(self.sentences):
            near = [
                folded[i]
                for i in (index - 1, index, index + 1)
                if 0 <= i < len(folded) and self.sentences[i].passage.id == sentence.passage.id
            ]
            found.append(Place(tuple(near), sentence.passage.page, sentence.passage.id, index))
        return found

    @cached_property
    def _rows(self) -> list[Place]:
        """A place for each row of numbers outside the body, with the words of the captions and column heads of its page."""
        found = [place for table in self._tables for place in _rows_of(table)]
        for number, page in enumerate(self._pages, 1):
            blocks = _with_their_cells([fold(block) for block in page.split("\n\n")])
            heads = [b for b in blocks if _CAPTION.match(b) or (len(b.split()) <= _SHORT and not b.endswith(".")) or " Table " in b]
            words = " ; ".join(b for b in heads if len(quantities(b)) < 2 or _CAPTION.match(b))
            shares = bool(_SHARES.search(words))
            found += [Place((block, words), number, shares=shares) for block in blocks if _CAPTION.match(block) or _is_row(block)]
        return found

    @cached_property
    def _whole(self) -> dict[str, Place]:
        return {passage.id: Place((fold(passage.text),), passage.page, passage.id) for passage in self._passages}

    @cached_property
    def values(self) -> Values:
        """Every number of the paper."""
        texts = (*self._pages, *(passage.text for passage in self._passages))
        found = dict(Place((fold("\n".join(texts)),), 1).values)
        for row in self._rows:
            for value, units in row.values.items():
                found[value] = found.get(value, set()) | units
        return found

    def alone(self, sentence: Sentence) -> Place:
        """*sentence*, one of ``sentences``, without its neighbours."""
        return Place((fold(sentence.text),), sentence.passage.page, sentence.passage.id, self._index[id(sentence)])

    @cached_property
    def _index(self) -> dict[int, int]:
        return {id(sentence): index for index, sentence in enumerate(self.sentences)}

    def together(self, numbers: Sequence[Quantity], names: Sequence[str], cited: Sequence[str]) -> list[Place]:
        """The fewest places that hold all *numbers* and *names*, best first; none when they do not stand together.

        A further place is taken only for things that stand together there: one thing alone, found elsewhere, is what a
        wrong number or a wrong name looks like. A passage that the model named counts as one place.
        """
        wanted: list[Quantity | str] = [*numbers, *names]
        found: list[Place] = []
        while wanted:
            best, held = None, 0
            for place in self._candidates(cited):
                count = sum(self.holds(place, thing) for thing in wanted)
                if count > held and self._is_about(place, names):
                    best, held = place, count
                    if held == len(wanted):
                        break
            if best is None or (found and held < _GROUP):
                return []
            found.append(best)
            wanted = [thing for thing in wanted if not self.holds(best, thing)]
        return found

    def _candidates(self, cited: Sequence[str]) -> Iterator[Place]:
        yield from (place for place in self.around if place.passage in cited)
        yield from (self._whole[name] for name in cited if name in self._whole)
        yield from (place for place in self.around if place.passage not in cited)
        yield from self._rows

    def _is_about(self, place: Place, names: Sequence[str]) -> bool:
        """Whether a row of a table names something of the claim itself; what stands above it may belong to any row."""
        if place.passage or not names:
            return True
        row = place.row
        return any(name in row for name in names) or bool(self._own and _OURS.search(place.texts[0]))

    def holds(self, place: Place, thing: Quantity | str) -> bool:
        """Whether a number or a name stands in *place*."""
        if isinstance(thing, Quantity):
            return holds(place.values, thing)
        return thing in place.words or (thing.casefold() in self._own and any(map(_OURS.search, place.texts)))


def _with_their_cells(blocks: Sequence[str]) -> list[str]:
    """*blocks* with cells that stand alone, a number each, joined to the label before them."""
    found: list[str] = []
    for block in blocks:
        if _CELL.fullmatch(block) and found and len(found[-1].split()) <= _ROW:
            found[-1] = f"{found[-1]} {block}"
        else:
            found.append(block)
    return found


def _rows_of(table: Table) -> Iterator[Place]:
    """A place for each row of *table* that holds numbers, with its caption and the rows without any."""
    rows = [fold(" ; ".join(row)) for row in table.rows]
    words = " ; ".join([fold(table.caption), *(row for row in rows if not quantities(row) or row is rows[0])])
    shares = bool(_SHARES.search(words))
    return (Place((row, words), table.page, shares=shares) for row in rows if quantities(row))


def _is_row(block: str) -> bool:
    """Whether *block*, folded, is a row of a table: numbers, and little prose between them; no entry of the references."""
    numbers, told = len(quantities(block)), len(block.split())
    return numbers > 1 and not block.startswith("[") and (told <= _ROW or numbers * 4 > told)
