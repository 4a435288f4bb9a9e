"""The rows of what is searched: units, each with an id of its own for ever."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from digest.library.filters import OF_AUTHOR, Filter
from digest.library.places import page_at
from digest.library.query import ANALYSIS
from digest.library.tokens import all_of, any_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from digest.library.connection import Connection
    from digest.library.places import Place, Turns

_ONE_BY_ONE = 50  # rows
Group = Literal["abstract", "body", "analysis"]
_GROUPS = {
    "abstract": "page IS NULL",
    "body": f"page IS NOT NULL AND kind <> '{ANALYSIS}'",
    "analysis": f"kind = '{ANALYSIS}'",
}


_KEPT = 10_000  # words whose number of units is remembered: that they are a little out of date does no harm
_FEWEST_WORDS = 3  # of a query that are looked for, however many units hold them
_LOOKED_AT = 2000  # units, about, that are ranked: half the time of all, and 0.94 of their first fifty (docs/log.md)
_MOST_HELD = 100_000  # times that the words of a query may stand in units, for all of them to be gone through
EVERYTHING = 2**31 - 1  # as a limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """Something that is searched: an abstract (``page`` None), a passage, caption or table, a claim with the page it rests on."""

    id: int
    paper: str
    page: int | None
    section: str
    text: str
    kind: str = ""
    turns: Turns = ()

    def page_at(self, position: int) -> int | None:
        """The page on which the character at *position* of its text stands."""
        return page_at(position, self.page, self.turns)


def unit_id(paper: str, place: Place) -> int:
    """63 bits of a hash: the same passage of the same paper has the same id, in every library and for ever."""
    key = "\0".join((paper, str(place.page), place.section, place.text))
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest()) >> 1


class Units:
    """The searchable units of one library."""

    def __init__(self, connection: Callable[[], Connection]) -> None:
        """*connection* gives the one of the thread that asks."""
        self._connection = connection
        self._spread = lru_cache(_KEPT)(self._counted)

    def put(self, db: Connection, paper: str, places: Iterable[Place], group: Group) -> None:
        """Make *places* the units of that group of the paper; what stays the same is not touched."""
        wanted = {unit_id(paper, place): place for place in places}
        rows = db.execute(f"SELECT id, kind, turns FROM passage WHERE paper = ? AND {_GROUPS[group]}", (paper,))  # noqa: S608 fixed
        held = {row[0]: (row[1], row[2]) for row in rows.fetchall()}
        db.executemany("DELETE FROM passage WHERE id = ?", [(unit,) for unit in held.keys() - wanted.keys()])
        told = {unit: (place.kind, json.dumps(place.turns) if place.turns else "") for unit, place in wanted.items()}
        changed = [(*told[unit], unit) for unit in held.keys() & wanted.keys() if held[unit] != told[unit]]
        db.executemany("UPDATE passage SET kind = ?, turns = ? WHERE id = ?", changed)
        # In rising order, because FTS5 writes out its pending words whenever a row id falls.
        new = [(unit, paper, *wanted[unit][:3], *told[unit]) for unit in sorted(wanted.keys() - held.keys())]
        # A claim may be a passage word for word, as one that quotes is not: then the passage stays what it is.
        db.executemany("INSERT OR IGNORE INTO passage (id, paper, page, section, text, kind, turns) VALUES (?, ?, ?, ?, ?, ?, ?)", new)

    def ids(self) -> set[int]:
        """Ids of everything searchable."""
        return {row[0] for row in self._connection().execute("SELECT id FROM passage")}

    def get(self, ids: Iterable[int]) -> list[Unit]:
        """The units with those ids, in their order; unknown ids are left out."""
        wanted = list(ids)
        rows = self._connection().execute(
            "SELECT passage.id, paper, page, section, text, kind, turns FROM json_each(?) AS wanted"
            " JOIN passage ON passage.id = wanted.value",
            (json.dumps(wanted),),
        )
        found = {row[0]: _unit(*row) for row in rows.fetchall()}
        return [found[unit] for unit in wanted if unit in found]

    def of(self, paper: str, group: Group) -> list[Unit]:
        """The units of one paper, by page."""
        condition = _GROUPS[group]
        rows = self._connection().execute(f"SELECT id FROM passage WHERE paper = ? AND {condition} ORDER BY page, id", (paper,))  # noqa: S608
        return self.get([row[0] for row in rows.fetchall()])

    def matching(self, words: Sequence[str], limit: int, among: Sequence[int] | None = None) -> list[int]:
        """Ids of the units, *among* those given, that hold any of *words*, best first (BM25).

        Where the list is limited and some words stand in many units, the units that hold none of the others are left out: common words
        alone hardly bring one to the top, but take most of the time. In a library so large that going through them takes longer than a
        reader waits, only the rarest are looked for, all of them at once where even they are common.
        """
        rare, order = self._rarest(words), "rank"
        condition, values = "", list[str]()
        if self._held(words) > _MOST_HELD:
            words, every = rare, any_of(rare) if self._held(rare) <= _MOST_HELD else all_of(rare)
        else:
            every = any_of(words)
        if among is not None:
            # Rows are asked for one by one only where they are few: of 1,600 that took 1.6 s, all that match 20 ms (10,000 abstracts).
            row, order = ("rowid", "rank") if len(among) <= _ONE_BY_ONE else ("+rowid", "bm25(passage_words)")
            condition, values = f"AND {row} IN (SELECT value FROM json_each(?))", [json.dumps(among)]  # noqa: S608 ours
        elif limit < EVERYTHING and len(rare) < len(words):
            condition, values = "AND +rowid IN (SELECT rowid FROM passage_words WHERE passage_words MATCH ?)", [any_of(rare)]
            order = "bm25(passage_words)"  # as "rank" it would be computed before the condition is looked at
        rows = self._connection().execute(
            f"SELECT rowid FROM passage_words WHERE passage_words MATCH ? {condition} ORDER BY {order}, rowid LIMIT ?",  # noqa: S608 fixed
            (every, *values, limit),
        )
        return [row[0] for row in rows.fetchall()]

    def _rarest(self, words: Sequence[str]) -> list[str]:
        """The rarest of *words*, as many as stand in few units together."""
        kept, held = list[str](), 0
        for word in sorted(words, key=self._spread):
            held += self._spread(word)
            if len(kept) >= _FEWEST_WORDS and held > _LOOKED_AT:
                break
            kept.append(word)
        return kept

    def _held(self, words: Sequence[str]) -> int:
        return sum(map(self._spread, words))

    def _counted(self, word: str) -> int:
        rows = self._connection().execute("SELECT count(*) FROM passage_words WHERE passage_words MATCH ?", (any_of([word]),))
        return int(rows.fetchone()[0])

    def papers(self, ids: Iterable[int], wanted: Filter | None = None) -> dict[int, str]:
        """Of the units *ids* those that *wanted* lets pass, with the paper of each."""
        condition, values = ("", ()) if wanted is None else (f"JOIN paper ON paper.id = passage.paper WHERE {wanted.by_row}", wanted.values)
        rows = self._connection().execute(
            f"SELECT passage.id, passage.paper FROM json_each(?) AS asked JOIN passage ON passage.id = asked.value {condition}",  # noqa: S608
            (json.dumps(list(ids)), *values),
        )
        return {row[0]: row[1] for row in rows.fetchall()}

    def passing(self, wanted: Filter, limit: int = -1) -> list[int]:
        """Ids of units that *wanted* lets pass, at most *limit* of them, in no order."""
        query = f"SELECT passage.id FROM passage JOIN paper ON paper.id = passage.paper WHERE {wanted.condition} LIMIT ?"  # noqa: S608 ours
        return [row[0] for row in self._connection().execute(query, (*wanted.values, limit))]

    def any_match(self, expression: str) -> bool:
        """Whether any unit matches the FTS5 *expression*."""
        return bool(self._connection().execute("SELECT 1 FROM passage_words WHERE passage_words MATCH ? LIMIT 1", (expression,)).fetchall())

    def first(self, wanted: Filter, limit: int) -> list[int]:
        """The first unit that *wanted* lets pass of each paper, the abstract if it can be, the newest papers first."""
        rows = self._connection().execute(
            "SELECT passage.id, min(coalesce(page, 0)) FROM passage JOIN paper ON paper.id = passage.paper"  # noqa: S608 ours
            f" WHERE {wanted.condition} GROUP BY paper.id ORDER BY paper.published DESC, paper.id LIMIT ?",
            (*wanted.values, limit),
        )
        return [row[0] for row in rows]

    def of_author(self, expression: str, limit: int) -> list[int]:
        """The abstracts, or else first pages, of the newest papers by whom the FTS5 *expression* names."""
        return self.first(Filter(f"paper.id IN ({OF_AUTHOR})", (expression,)), limit)


def _unit(number: int, paper: str, page: int | None, section: str, text: str, kind: str, turns: str) -> Unit:
    return Unit(id=number, paper=paper, page=page, section=section, text=text, kind=kind, turns=json.loads(turns) if turns else ())
