"""The units that came or went since the vectors were last brought up to date, as the database lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from digest.library.store import Store


class Changes:
    """The numbered list of changes of the searchable units; triggers of the schema write it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def since(self, after: int) -> tuple[int, list[int]] | None:
        """The number of the newest change, and the ids of the units that came or went after change *after*.

        None when the changes since then are no longer known: everything has to be compared.
        """
        newest = self.newest()
        oldest = self._store.connection.execute("SELECT min(number) FROM passage_change").fetchone()[0]
        if after > newest or (after < newest and (oldest is None or oldest > after + 1)):
            return None
        rows = self._store.connection.execute("SELECT DISTINCT id FROM passage_change WHERE number > ? ORDER BY id", (after,))
        return newest, [row[0] for row in rows]

    def newest(self) -> int:
        """The number of the newest change."""
        row = self._store.connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'passage_change'").fetchone()
        return int(row[0]) if row else 0

    def forget(self, upto: int) -> None:
        """The vectors hold everything up to change *upto*."""
        self._store.connection.execute("DELETE FROM passage_change WHERE number <= ?", (upto,))
