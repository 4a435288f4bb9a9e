"""What the reader said of papers."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from digest.library.store import Store

LIKED, DISLIKED = 1, -1


class Feedback:
    """Likes and dislikes kept in one library, the last word on each paper."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def say(self, paper_id: str, verdict: int) -> bool:
        """Keep *verdict* on a paper of the library; False when it was known already."""
        if self.of(paper_id) == verdict:
            return False
        with self._store.transaction() as db:
            now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
            db.execute("INSERT OR REPLACE INTO feedback VALUES (?, ?, ?)", (paper_id, verdict, now))
        return True

    def forget(self, paper_id: str) -> bool:
        """Take back what was said of a paper; False when nothing was."""
        with self._store.transaction() as db:
            return bool(db.execute("DELETE FROM feedback WHERE paper = ?", (paper_id,)).rowcount)

    def of(self, paper_id: str) -> int:
        """LIKED, DISLIKED, or 0 when nothing was said of the paper."""
        row = self._store.connection.execute("SELECT verdict FROM feedback WHERE paper = ?", (paper_id,)).fetchone()
        return int(row[0]) if row else 0

    def papers(self, verdict: int) -> list[str]:
        """Ids of the papers with that *verdict*, by id."""
        rows = self._store.connection.execute("SELECT paper FROM feedback WHERE verdict = ? ORDER BY paper", (verdict,))
        return [row[0] for row in rows]
