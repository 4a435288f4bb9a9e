"""One paper, whatever brought it: the names it goes by, the best of its ids, and one record made of two.

An arXiv id (or what a feed gives) is the best name, then a DOI, then what a metadata file says, then the hash of a file. Two
names of the best kind are two papers, whatever else they share.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from digest.records import Paper

if TYPE_CHECKING:
    from collections.abc import Iterable

    from digest.library.connection import Connection

_OWN_TABLES = ("passage", "alias", "author", "category")  # their rows are made anew or need more than another id


def rank_of(paper_id: str) -> int:
    """Place of an id among the kinds of ids, 0 for the best."""
    kind = paper_id.partition(":")[0] if ":" in paper_id else ""
    return {"": 0, "doi": 1, "file": 3}.get(kind, 2)


def merged(known: Paper, new: Paper) -> Paper:
    """What both sources say of one paper: *new*, and *known* where *new* says nothing.

    The other way round when *new* is of an older version or has no abstract to the known one; a source that tells no version
    counts as the oldest. A PDF on this disk is the full text rather than an address, unless it is of another version.
    """
    older = (known.version or 0) > (new.version or 0)
    first, second = (known, new) if older or (known.abstract and not new.abstract) else (new, known)
    values = {field.name: getattr(first, field.name) or getattr(second, field.name) for field in fields(Paper)}
    values["id"] = min(known.id, new.id, key=rank_of)
    values["version"] = max(known.version or 0, new.version or 0) or None
    values["upvotes"] = known.upvotes if new.upvotes is None else new.upvotes
    values["aliases"] = tuple(sorted({*known.aliases, *new.aliases, known.id, new.id} - {values["id"]}))
    of_this_version = (paper for paper in (new, known) if paper.version in (None, values["version"]))
    values["pdf"] = next((paper.pdf for paper in of_this_version if paper.pdf and "://" not in paper.pdf), values["pdf"])
    return Paper(**values)


def resolve(db: Connection, names: Iterable[str]) -> list[str]:
    """Ids of the kept papers that go by one of *names*, the best id first."""
    found = set()
    for name in names:
        row = db.execute("SELECT id FROM paper WHERE id = ?1 UNION ALL SELECT paper FROM alias WHERE name = ?1", (name,)).fetchone()
        if row:
            found.add(row[0])
    return sorted(found, key=lambda paper_id: (rank_of(paper_id), paper_id))


def owners(db: Connection, paper: Paper) -> list[str]:
    """Ids of the kept rows that are this very paper: the one of its own id or the best, and those with a lesser name."""
    ids = resolve(db, (paper.id, *paper.aliases))
    own = next(iter(resolve(db, [paper.id])), paper.id)
    best = min([own, *ids], key=rank_of)
    return [paper_id for paper_id in ids if paper_id == best or rank_of(paper_id) > rank_of(best)]


def rename(db: Connection, old: str, new: str) -> None:
    """Give everything that is kept of the paper *old* to *new*, whose row exists; *old* becomes another name of it."""
    for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        for key in db.execute(f"PRAGMA foreign_key_list('{table}')").fetchall():
            if key[2] == "paper" and table not in _OWN_TABLES:
                db.execute(f"UPDATE OR IGNORE {table} SET {key[3]} = ? WHERE {key[3]} = ?", (new, old))  # noqa: S608 names of the schema
    db.execute("UPDATE alias SET paper = ? WHERE paper = ?", (new, old))
    db.execute("DELETE FROM paper WHERE id = ?", (old,))
    set_aliases(db, new, [old])


def set_aliases(db: Connection, paper: str, names: Iterable[str]) -> None:
    """Let the paper go by *names* too, those that are no other paper's."""
    rows = [(name, paper) for name in names if name != paper]
    db.executemany("INSERT INTO alias SELECT ?1, ?2 WHERE NOT EXISTS (SELECT 1 FROM paper WHERE id = ?1) ON CONFLICT DO NOTHING", rows)
