"""The papers that scores are measured against: a sample of what the library saw in the last month.

It is drawn once and kept, so that a score stays what it was; drawn anew when it is a month old, or when the library has become
twice as large. The first is drawn from the first day's papers, as there is nothing else.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from digest.library.store import Store

_DAYS = 30
_AT_MOST = 800
_AT_LEAST = 30
# Papers of a folder were chosen by the reader, those named by id too: they say nothing of papers at large.
_CHOSEN_SOURCES = ("folder", "samples", "ids")


def reference_papers(store: Store, *, today: dt.date) -> list[str]:
    """Ids of the reference, by id; none where the library has seen too few papers."""
    rows = store.connection.execute("SELECT paper, drawn FROM reference ORDER BY paper").fetchall()
    held = [row[0] for row in rows]
    fresh = bool(rows) and (today - dt.date.fromisoformat(rows[0][1])).days < _DAYS
    if fresh and len(held) == _AT_MOST:
        return held
    seen = _seen(store, today)
    if not held and len(seen) < _AT_LEAST:
        seen = _seen(store, today + dt.timedelta(days=1))
    if len(seen) < _AT_LEAST or (fresh and len(seen) < 2 * len(held)):
        return held
    drawn = sorted(sorted(seen, key=_hash)[:_AT_MOST])
    with store.transaction() as db:
        db.execute("DELETE FROM reference")
        db.executemany("INSERT INTO reference VALUES (?, ?)", [(paper_id, today.isoformat()) for paper_id in drawn])
        db.execute("DELETE FROM scale")
    return drawn


def _seen(store: Store, before: dt.date) -> list[str]:
    """Papers first seen in the month before that day, itself left out: no paper is measured against its own batch."""
    marks = ", ".join("?" * len(_CHOSEN_SOURCES))
    rows = store.connection.execute(
        f"SELECT id FROM paper WHERE first_seen >= ? AND first_seen < ?"  # noqa: S608 question marks
        f" AND json_extract(record, '$.source') NOT IN ({marks})",
        ((before - dt.timedelta(days=_DAYS)).isoformat(), before.isoformat(), *_CHOSEN_SOURCES),
    )
    return [row[0] for row in rows]


def _hash(paper_id: str) -> str:
    """An order that has nothing to do with what the papers are about, the same everywhere."""
    return hashlib.sha256(paper_id.encode(errors="surrogatepass")).hexdigest()


def kept_scale(store: Store, key: str) -> str | None:
    """The scale kept under *key*, as JSON."""
    row = store.connection.execute("SELECT record FROM scale WHERE key = ?", (key,)).fetchone()
    return row[0] if row else None


def keep_scale(store: Store, key: str, record: str) -> None:
    """Keep a scale under the hash of everything that decided it."""
    with store.transaction() as db:
        db.execute("INSERT OR REPLACE INTO scale VALUES (?, ?)", (key, record))
