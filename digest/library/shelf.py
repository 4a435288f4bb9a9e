"""The library as a reader walks along it: editions by day, and all that is kept of one paper."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.library.codec import from_json
from digest.records import Analysis, Digest, Paper

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from digest.library.filters import Filter
    from digest.library.store import Store
    from digest.records import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One line of the list of digests."""

    folder: str
    date: dt.date
    style: str
    titles: tuple[str, ...]  # of the papers it delivered


def editions(store: Store, *, limit: int = 10_000, skip: int = 0) -> list[Edition]:
    """The digests, newest first, without what stands in them."""
    rows = store.connection.execute(
        "SELECT id, folder, date, style FROM digest ORDER BY date DESC, id DESC LIMIT ? OFFSET ?", (limit, skip)
    ).fetchall()
    return [Edition(folder=row[1], date=dt.date.fromisoformat(row[2]), style=row[3], titles=_titles(store, row[0])) for row in rows]


def _titles(store: Store, digest: int) -> tuple[str, ...]:
    rows = store.connection.execute(
        "SELECT json_extract(record, '$.title') FROM delivery JOIN paper ON paper.id = delivery.paper WHERE digest = ? ORDER BY paper.id",
        (digest,),
    )
    return tuple(row[0] for row in rows)


def edition(store: Store, folder: str) -> Digest | None:
    """The digest of that folder, or None."""
    row = store.connection.execute("SELECT record FROM digest WHERE folder = ?", (folder,)).fetchone()
    return from_json(Digest, row[0]) if row else None


def delivered_entry(store: Store, paper_id: str) -> Entry | None:
    """The paper as the newest digest that delivered it showed it, or None."""
    row = store.connection.execute(
        "SELECT record FROM digest JOIN delivery ON delivery.digest = digest.id WHERE delivery.paper = ?"
        " ORDER BY date DESC, id DESC LIMIT 1",
        (paper_id,),
    ).fetchone()
    entries = from_json(Digest, row[0]).entries if row else ()
    return next((entry for entry in entries if entry.ranked.paper.id == paper_id), None)


def newest_analysis(store: Store, paper_id: str) -> Analysis | None:
    """The analysis of the paper that was made last, or None."""
    row = store.connection.execute("SELECT record FROM analysis WHERE paper = ? ORDER BY created DESC LIMIT 1", (paper_id,)).fetchone()
    return from_json(Analysis, row[0]) if row else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """Some of the papers that a filter lets pass, and how many there are."""

    papers: list[Paper]
    total: int


def papers_on(store: Store, wanted: Filter | None, *, title: str = "", limit: int, skip: int = 0) -> Shelf:
    """The papers that *wanted*, a condition on papers alone, lets pass, the newest first.

    Args:
        title: words that must stand in the title, in this order.
    """
    condition, values = (wanted.condition, wanted.values) if wanted else ("1", ())
    if title:
        condition += " AND instr(lower(json_extract(record, '$.title')), lower(?))"
        values = (*values, title)
    total = store.connection.execute(f"SELECT count(*) FROM paper WHERE {condition}", values).fetchone()[0]  # noqa: S608 ours
    rows = store.connection.execute(
        "SELECT record FROM paper WHERE id IN (SELECT id FROM paper"  # noqa: S608 ours; sorting whole records takes twice as long
        f" WHERE {condition} ORDER BY published DESC, id LIMIT ? OFFSET ?) ORDER BY published DESC, id",
        (*values, limit, skip),
    )
    return Shelf(papers=[from_json(Paper, row[0]) for row in rows], total=total)


def names(store: Store) -> tuple[list[str], list[str]]:
    """The categories, the most frequent first, and the sources that the library knows."""
    categories = store.connection.execute("SELECT name FROM category GROUP BY name ORDER BY count(*) DESC, name LIMIT 40").fetchall()
    sources = store.connection.execute("SELECT DISTINCT source FROM paper WHERE source <> '' ORDER BY source").fetchall()
    return [row[0] for row in categories], [row[0] for row in sources]


def marks(store: Store, ids: Sequence[str]) -> tuple[dict[str, int], set[str]]:
    """Of the papers *ids* what the reader said of them, and which were read in full."""
    asked = json.dumps(list(ids))
    said = store.connection.execute("SELECT paper, verdict FROM feedback WHERE paper IN (SELECT value FROM json_each(?))", (asked,))
    read = store.connection.execute("SELECT paper FROM file WHERE paper IN (SELECT value FROM json_each(?))", (asked,))
    return {row[0]: row[1] for row in said}, {row[0] for row in read}


def pdfs(store: Store, ids: Iterable[str]) -> dict[str, str]:
    """Of those of the papers *ids* that were read in full, the path of the PDF."""
    query = "SELECT paper, file.path FROM json_each(?) AS wanted JOIN file ON file.paper = wanted.value"
    return dict(store.connection.execute(query, (json.dumps(list(ids)),)).fetchall())
