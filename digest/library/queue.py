"""The queue of a batch: which papers wait, who has taken which, what came of each.

Every step is one transaction, so that processes can share a queue and each paper is taken by one of them. A claim names its
process: when that is gone, the claim is void and the paper is ready again.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from digest.library.codec import from_json, to_json
from digest.records import Skipped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from digest.library.store import Store

_MOST_LOST = 3  # times that a paper's process may die before the paper is blamed


class State(StrEnum):
    """Where a paper of a batch is."""

    WAITING = "waiting"  # to be downloaded and read
    READY = "ready"  # to be analysed
    TAKEN = "taken"
    DONE = "done"
    FAILED = "failed"


SETTLED = (State.DONE, State.FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What was asked for, and how far it is."""

    id: int
    date: dt.date  # of its digest
    title: str
    record: str  # pipeline.Selection as JSON
    begun: dt.datetime  # when it was last started
    ended: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """A batch in numbers."""

    states: dict[State, int]  # papers in each, also where there are none
    settled: int  # papers since it was last started
    tokens: int  # written for these
    last: dt.datetime | None  # when the last of these was settled
    workers: tuple[str, ...]  # that have taken papers

    @property
    def left(self) -> int:
        """Papers that are not settled."""
        return sum(count for state, count in self.states.items() if state not in SETTLED)


class Queue:
    """The batches of one library."""

    def __init__(self, store: Store) -> None:
        self._store = store

    # --- batches ------------------------------------------------------------------------------------------------------

    def batches(self, *, name: str = "") -> list[Batch]:
        """The batches, the newest first; with *name* those that asked for the same."""
        query = "SELECT id, date, title, record, begun, ended FROM batch WHERE ? IN ('', name) ORDER BY id DESC"
        return [
            Batch(
                id=row[0],
                date=dt.date.fromisoformat(row[1]),
                title=row[2],
                record=row[3],
                begun=_time(row[4]),
                ended=row[5] and _time(row[5]),
            )
            for row in self._store.connection.execute(query, (name,))
        ]

    def begin(self, name: str, date: dt.date, title: str, record: str, papers: Iterable[str]) -> Batch:
        """A batch of *papers*, in that order; where there is one of that name and date, those that it lacks come to it."""
        with self._store.transaction() as db:
            number = db.execute(
                "INSERT INTO batch (name, date, title, record, begun) VALUES (?, ?, ?, ?, ?) ON CONFLICT (name, date)"
                " DO UPDATE SET record = excluded.record RETURNING id",
                (name, date.isoformat(), title, record, _now()),
            ).fetchone()[0]
            rows = [(number, paper, place) for place, paper in enumerate(papers)]
            db.executemany("INSERT OR IGNORE INTO queue (batch, paper, place, state) VALUES (?, ?, ?, 'waiting')", rows)
        return next(batch for batch in self.batches(name=name) if batch.id == number)

    def start(self, batch: int) -> None:
        """Work on it begins, or goes on."""
        self._store.connection.execute("UPDATE batch SET begun = ?, ended = NULL WHERE id = ?", (_now(), batch))

    def end(self, batch: int) -> None:
        """There is nothing more to do."""
        self._store.connection.execute("UPDATE batch SET ended = ? WHERE id = ?", (_now(), batch))

    def again(self, batch: int) -> None:
        """Let what failed be tried once more; what had no full text is downloaded and read again."""
        self._store.connection.execute(
            "UPDATE queue SET state = 'waiting', tries = 0, lost = 0, problem = NULL, ended = NULL WHERE batch = ? AND"
            " (state = 'failed' OR json_extract(problem, '$.retry'))",
            (batch,),
        )

    # --- papers -------------------------------------------------------------------------------------------------------

    def waiting(self, batch: int) -> set[str]:
        """Papers that are to be read."""
        query = "SELECT paper FROM queue WHERE batch = ? AND state = 'waiting'"
        return {row[0] for row in self._store.connection.execute(query, (batch,))}

    def ready(self, batch: int, problems: dict[str, Skipped | None]) -> None:
        """These papers are read, or have a problem that kept them from it; either way they are ready to be analysed."""
        rows = [(to_json(problem) if problem else None, batch, paper) for paper, problem in problems.items()]
        with self._store.transaction() as db:
            db.executemany("UPDATE queue SET state = 'ready', problem = ? WHERE batch = ? AND paper = ? AND state = 'waiting'", rows)

    def claim(self, batch: int, worker: str) -> str | None:
        """Take the next paper that is ready; None when none is."""
        row = self._store.connection.execute(
            "UPDATE queue SET state = 'taken', worker = ?2 WHERE batch = ?1 AND paper = (SELECT paper FROM queue"
            " WHERE batch = ?1 AND state = 'ready' ORDER BY tries, place LIMIT 1) RETURNING paper",
            (batch, worker),
        ).fetchall()
        return row[0][0] if row else None

    def settle(self, batch: int, paper: str, state: State, *, problem: Skipped | None = None, tokens: int = 0) -> None:
        """A try of *paper* has come to an end; a problem of its full text stays, unless there is another."""
        self._store.connection.execute(
            "UPDATE queue SET state = ?3, worker = NULL, tries = tries + 1, problem = coalesce(?4, problem), tokens = tokens + ?5,"
            " ended = ?6 WHERE batch = ?1 AND paper = ?2",
            (batch, paper, state, to_json(problem) if problem else None, tokens, _now()),
        )

    def tries(self, batch: int, paper: str) -> int:
        """How often analysing *paper* came to an end."""
        row = self._store.connection.execute("SELECT tries FROM queue WHERE batch = ? AND paper = ?", (batch, paper)).fetchone()
        return int(row[0])

    def release(self, gone: Callable[[str], bool], *, lost: int = 0) -> int:
        """Give back what the workers that are *gone* had taken, and return how much that was.

        Args:
            lost: 1 where a worker died by itself: a paper of which that is said three times has failed.
        """
        with self._store.transaction() as db:
            holders = [row[0] for row in db.execute("SELECT DISTINCT worker FROM queue WHERE state = 'taken'").fetchall()]
            freed = 0
            for worker in filter(gone, holders):
                freed += db.execute(
                    "UPDATE queue SET state = 'ready', worker = NULL, lost = lost + ? WHERE state = 'taken' AND worker = ?", (lost, worker)
                ).rowcount
            if lost:
                fatal = db.execute("SELECT batch, paper FROM queue WHERE state = 'ready' AND lost >= ?", (_MOST_LOST,)).fetchall()
                reason = f"the process that analysed it died {_MOST_LOST} times"
                rows = [
                    (to_json(Skipped(paper=paper, title="", stage="analyse", reason=reason, retry=True)), n, paper) for n, paper in fatal
                ]
                db.executemany("UPDATE queue SET state = 'failed', problem = ? WHERE batch = ? AND paper = ?", rows)
        return freed

    def problems(self, batch: int) -> dict[str, Skipped]:
        """What is wrong with papers, by id."""
        query = "SELECT paper, problem FROM queue WHERE batch = ? AND problem IS NOT NULL ORDER BY place"
        return {row[0]: from_json(Skipped, row[1]) for row in self._store.connection.execute(query, (batch,))}

    def tally(self, batch: Batch) -> Tally:
        """How far it is."""
        db, number = self._store.connection, batch.id
        states = dict(db.execute("SELECT state, count(*) FROM queue WHERE batch = ? GROUP BY state", (number,)).fetchall())
        begun = db.execute("SELECT begun FROM batch WHERE id = ?", (number,)).fetchone()[0]
        settled, tokens, last = db.execute(
            "SELECT count(*), total(tokens), max(ended) FROM queue WHERE batch = ? AND state IN ('done', 'failed') AND ended >= ?",
            (number, begun),
        ).fetchone()
        workers = db.execute("SELECT DISTINCT worker FROM queue WHERE batch = ? AND worker IS NOT NULL ORDER BY worker", (number,))
        return Tally(
            states={state: states.get(state, 0) for state in State},
            settled=settled,
            tokens=int(tokens),
            last=last and _time(last),
            workers=tuple(row[0] for row in workers),
        )


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")


def _time(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)
