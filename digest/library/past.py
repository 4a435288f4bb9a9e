"""What was kept of earlier days: editions within dates, every analysis of a paper, the papers that a reader has met."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING

from digest.library.codec import from_json
from digest.records import Analysis, Digest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.library.store import Store

_FIRST, _LAST = dt.date.min, dt.date.max


class Past:
    """Questions about one library's past; none of them writes."""

    def __init__(self, store: Store) -> None:
        self._connection = store.connection

    @property
    def origin(self) -> uuid.UUID:
        """What tells this library from every other one; it never changes."""
        return uuid.UUID(self._connection.execute("SELECT id FROM origin").fetchone()[0])

    def editions(self, *, since: dt.date = _FIRST, until: dt.date = _LAST, limit: int = -1) -> Iterator[tuple[str, Digest]]:
        """Yield (folder, digest) of the editions from *since* to *until*, newest first; at most *limit* unless it is negative."""
        rows = self._connection.execute(
            "SELECT folder, record FROM digest WHERE date BETWEEN ? AND ? ORDER BY date DESC, id DESC LIMIT ?",
            (since.isoformat(), until.isoformat(), limit),
        )
        for row in rows:
            yield row[0], from_json(Digest, row[1])

    def edition(self, folder: str) -> Digest | None:
        """The edition in *folder*."""
        row = self._connection.execute("SELECT record FROM digest WHERE folder = ?", (folder,)).fetchone()
        return from_json(Digest, row[0]) if row else None

    def folders(self) -> list[str]:
        """The folder of every edition, newest first."""
        return [row[0] for row in self._connection.execute("SELECT folder FROM digest ORDER BY date DESC, id DESC")]

    def sources(self, folder: str) -> str:
        """The set of sources that the edition in *folder* is of."""
        return str(self._connection.execute("SELECT sources FROM digest WHERE folder = ?", (folder,)).fetchone()[0])

    def analyses(self, paper_id: str) -> list[Analysis]:
        """Every analysis of a paper, the newest first."""
        rows = self._connection.execute("SELECT record FROM analysis WHERE paper = ? ORDER BY created DESC, rowid DESC", (paper_id,))
        return [from_json(Analysis, row[0]) for row in rows]

    def days(self) -> dict[str, dt.date]:
        """The day of each paper: when it was published, else when it came to the library."""
        rows = self._connection.execute("SELECT id, coalesce(published, first_seen) FROM paper")
        return {row[0]: dt.date.fromisoformat(row[1]) for row in rows}

    def scores(self) -> list[int]:
        """The score that each ranked paper got last, 0 to 100."""
        return [row[0] for row in self._connection.execute("SELECT value FROM score")]

    def liked(self, *, since: dt.date, until: dt.date) -> list[str]:
        """Ids of the papers that were liked from *since* to *until*, the last first."""
        rows = self._connection.execute(
            "SELECT paper FROM feedback WHERE verdict > 0 AND substr(at, 1, 10) BETWEEN ? AND ? ORDER BY at DESC, paper",
            (since.isoformat(), until.isoformat()),
        )
        return [row[0] for row in rows]

    def met(self) -> set[str]:
        """Ids of the papers that were in a digest, were analysed or were liked."""
        rows = self._connection.execute(
            "SELECT paper FROM delivery UNION SELECT paper FROM analysis UNION SELECT paper FROM feedback WHERE verdict > 0"
        )
        return {row[0] for row in rows}
