"""How far each list of a source was seen whole, so that the next run leaves no gap."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from digest.library.store import Store
    from digest.records import Paper


class Marks:
    """What sources may know of earlier runs (``sources.Memory``).

    A mark is written by ``keep`` alone, after the papers are in the library: a run that is killed before has seen nothing.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._reached: dict[str, dt.date] = {}

    def paper(self, paper_id: str) -> Paper | None:
        """The paper as the library has it, or None."""
        return self._store.paper(paper_id)

    def mark(self, name: str) -> dt.date | None:
        """The day up to which the list *name* was seen whole, or None."""
        row = self._store.connection.execute("SELECT day FROM mark WHERE name = ?", (name,)).fetchone()
        return dt.date.fromisoformat(row[0]) if row else None

    def reach(self, name: str, day: dt.date) -> None:
        """Remember, once ``keep`` is called, that the list *name* was seen whole up to *day*."""
        self._reached[name] = max(day, self._reached.get(name, day))

    def keep(self) -> None:
        """Write what was reached; a mark never moves back."""
        self._store.connection.executemany(
            "INSERT INTO mark VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET day = max(day, excluded.day)",
            [(name, day.isoformat()) for name, day in self._reached.items()],
        )
        self._reached.clear()
