"""The library's database: papers, documents, passages, analyses, digests, failures.

One writer at a time (``Workspace.lock``); readers are never blocked (WAL). Every method that writes is one
transaction, so a process killed at any moment leaves whole things only. Threads share a store: each has a connection of its own.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.errors import LibraryError
from digest.library.codec import from_json, to_json
from digest.library.connection import Connections
from digest.library.identity import merged, owners, rename, resolve, set_aliases
from digest.library.places import MADE, Place, of_abstract, of_analysis, of_body
from digest.library.schema import migrate
from digest.library.units import Units
from digest.records import Analysis, AnalysisSection, Digest, Document, Paper, Ranked, SectionStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from digest.library.connection import Connection

NAME = "library.sqlite"
_FIRST_RETRY, _LAST_RETRY = dt.timedelta(hours=1), dt.timedelta(days=1)  # pauses before a failed stage is tried again


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A stage that failed for a paper, to be tried again."""

    paper: str
    stage: str
    reason: str
    retry: bool
    tries: int
    next_try: dt.datetime | None = None  # None: not by itself


def _time(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None


class Store:
    """The database of one workspace."""

    def __init__(self, path: Path) -> None:
        """Open *path*, making it and taking missing schema steps.

        Raises:
            LibraryError: the file is not a database, or a newer program's, or cannot be opened.
        """
        self.path = path
        self.units = Units(lambda: self.connection)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connections = Connections(path)
        with contextlib.ExitStack() as on_error:
            on_error.callback(self.close)
            with self.connection.told():
                migrate(self.connection, path.name)
            on_error.pop_all()

    def close(self) -> None:
        """Close the file; the object is of no use afterwards."""
        self._connections.close()

    @property
    def connection(self) -> Connection:
        """This thread's own."""
        return self._connections.mine()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Everything inside happens or nothing does."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield self.connection
            self.connection.execute("COMMIT")
        except BaseException:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            raise

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[None]:
        """Everything read inside is of one moment, whatever others write."""
        self.connection.execute("BEGIN")
        try:
            yield
        finally:
            self.connection.execute("COMMIT")

    # --- papers -------------------------------------------------------------------------------------------------------

    def add_papers(self, papers: Iterable[Paper], *, today: dt.date) -> list[str]:
        """Keep *papers* and their abstracts; return the ids that were not known before, by this or another name.

        What is known of a newer version stays; a source that tells no version counts as the oldest. A paper that was kept
        under a lesser name, as that of its file, gets its better one, with everything that is kept of it.
        """
        new = []
        with self.transaction() as db:
            for paper in papers:
                known = [kept for paper_id in owners(db, paper) if (kept := self.paper(paper_id))]
                whole = functools.reduce(lambda kept, more: merged(more, kept), known, paper) if known else paper
                if not known:
                    new.append(whole.id)
                if known != [whole]:
                    self._put_paper(db, whole, min([today, *map(self._first_seen, known)]))
                for kept in known:
                    if kept.id != whole.id:
                        body = [Place(unit.page, unit.section, unit.text, unit.kind, unit.turns) for unit in self.units.of(kept.id, "body")]
                        rename(db, kept.id, whole.id)
                        if body:
                            self.units.put(db, whole.id, body, "body")
                        self._put_findings(db, whole.id)
                set_aliases(db, whole.id, whole.aliases)
        return new

    def _put_paper(self, db: Connection, paper: Paper, today: dt.date) -> None:
        db.execute(
            "INSERT INTO paper (id, record, published, first_seen) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET record = excluded.record, published = excluded.published",
            (paper.id, to_json(paper), paper.published.isoformat() if paper.published else None, today.isoformat()),
        )
        self.units.put(db, paper.id, of_abstract(paper), "abstract")

    def paper(self, paper_id: str) -> Paper | None:
        """The paper with that id, or None."""
        row = self.connection.execute("SELECT record FROM paper WHERE id = ?", (paper_id,)).fetchone()
        return from_json(Paper, row[0]) if row else None

    def named(self, name: str) -> Paper | None:
        """The paper that goes by *name*: its id, an earlier one, ``file:<sha256>`` or ``doi:<DOI>``."""
        ids = resolve(self.connection, [name])
        return self.paper(ids[0]) if ids else None

    def _first_seen(self, paper: Paper) -> dt.date:
        row = self.connection.execute("SELECT first_seen FROM paper WHERE id = ?", (paper.id,)).fetchone()
        return dt.date.fromisoformat(row[0])

    def first_seen_since(self, date: dt.date, ids: Iterable[str] | None = None) -> set[str]:
        """Those of *ids*, or of all papers, that were not known before *date*."""
        query, values = "SELECT id FROM paper WHERE first_seen >= ?", [date.isoformat()]
        if ids is not None:
            query += " AND id IN (SELECT value FROM json_each(?))"
            values.append(json.dumps(list(ids)))
        return {row[0] for row in self.connection.execute(query, values)}

    def paper_of_file(self, sha256: str) -> Paper | None:
        """The paper that was read from the file with that hash, or None."""
        row = self.connection.execute(
            "SELECT record FROM paper JOIN file ON file.paper = paper.id WHERE sha256 = ? ORDER BY id LIMIT 1", (sha256,)
        ).fetchone()
        return from_json(Paper, row[0]) if row else None

    def all_papers(self) -> list[Paper]:
        """Every paper, by id."""
        return [from_json(Paper, row[0]) for row in self.connection.execute("SELECT record FROM paper ORDER BY id")]

    def newest_papers(self) -> Iterator[Paper]:
        """Yield every paper, the newest first."""
        for row in self.connection.execute("SELECT record FROM paper ORDER BY published DESC, id"):
            yield from_json(Paper, row[0])

    def parts(self, size: int) -> Iterator[list[Paper]]:
        """Yield every paper, *size* at a time, by id; in between anything may be written."""
        last = ""
        while rows := self.connection.execute("SELECT id, record FROM paper WHERE id > ? ORDER BY id LIMIT ?", (last, size)).fetchall():
            yield [from_json(Paper, row[1]) for row in rows]
            last = rows[-1][0]

    def papers(self, ids: Sequence[str]) -> dict[str, Paper]:
        """The known papers among *ids*, by id."""
        query = "SELECT paper.id, record FROM json_each(?) AS wanted JOIN paper ON paper.id = wanted.value"
        found = dict(self.connection.execute(query, (json.dumps(ids),)).fetchall())
        return {paper_id: from_json(Paper, found[paper_id]) for paper_id in ids if paper_id in found}

    def matching_ids(self, part: str) -> list[str]:
        """Ids of papers whose id or title contains *part*; the exact id alone when there is one."""
        if self.paper(part):
            return [part]
        rows = self.connection.execute(
            "SELECT id FROM paper WHERE instr(id, ?1) OR instr(lower(json_extract(record, '$.title')), lower(?1)) ORDER BY id", (part,)
        )
        return [row[0] for row in rows]

    # --- documents ----------------------------------------------------------------------------------------------------

    def document(self, sha256: str, reader: str | None = None) -> Document | None:
        """What that version of the reader made of the file with that hash; None: whichever version read it."""
        row = self.connection.execute(
            "SELECT record FROM document WHERE sha256 = ?1 AND reader = ifnull(?2, reader)", (sha256, reader)
        ).fetchone()
        return from_json(Document, row[0]) if row else None

    def add_document(self, document: Document) -> None:
        """Keep *document*; one made by an older reader from the same file is dropped."""
        with self.transaction() as db:
            db.execute("DELETE FROM document WHERE sha256 = ?", (document.sha256,))
            db.execute("INSERT INTO document VALUES (?, ?, ?)", (document.sha256, document.reader, to_json(document)))

    def set_file(self, paper_id: str, document: Document, path: Path) -> None:
        """Say that *document*, read from *path*, is the body of the paper, and make its passages searchable."""
        with self.transaction() as db:
            db.execute("INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?)", (paper_id, document.sha256, str(path), MADE))
            self.units.put(db, paper_id, of_body(document), "body")

    def file_of(self, paper_id: str) -> tuple[str, str] | None:
        """(sha256, path) of the PDF the paper was read from."""
        row = self.connection.execute("SELECT sha256, path FROM file WHERE paper = ?", (paper_id,)).fetchone()
        return (row[0], row[1]) if row else None

    def files(self) -> list[tuple[str, str]]:
        """(paper, path of its PDF) of every paper that was read."""
        return [(row[0], row[1]) for row in self.connection.execute("SELECT paper, path FROM file ORDER BY paper")]

    def loose_at(self, path: str) -> list[Paper]:
        """The papers known only by their file that were last seen at *path*."""
        rows = self.connection.execute(
            "SELECT record FROM paper WHERE id >= 'file:' AND id < 'file;' AND json_extract(record, '$.pdf') = ?", (path,)
        )
        return [from_json(Paper, row[0]) for row in rows]

    def succeed(self, old: str, new: str) -> None:
        """The paper *old* is the paper *new* in another file: everything kept of it goes over, and *old* is a name of *new*."""
        with self.transaction() as db:
            rename(db, old, new)
            self._put_findings(db, new)

    # --- analyses and digests -----------------------------------------------------------------------------------------

    def analysis(self, key: str) -> Analysis | None:
        """The analysis made under exactly that key."""
        row = self.connection.execute("SELECT record FROM analysis WHERE key = ?", (key,)).fetchone()
        return from_json(Analysis, row[0]) if row else None

    def add_analysis(self, key: str, analysis: Analysis) -> None:
        """Keep *analysis* under the hash of everything that decided it."""
        with self.transaction() as db:
            db.execute(
                "INSERT OR REPLACE INTO analysis VALUES (?, ?, ?, ?)",
                (key, analysis.paper, to_json(analysis), dt.datetime.now(dt.UTC).isoformat(timespec="seconds")),
            )
            db.execute("DELETE FROM section WHERE key = ?", (key,))
            self._put_findings(db, analysis.paper)

    def _put_findings(self, db: Connection, paper: str) -> None:
        """Make searchable what the newest analysis of each style says of the paper."""
        query = "SELECT record, max(rowid) FROM analysis WHERE paper = ? GROUP BY json_extract(record, '$.style')"
        analyses = [from_json(Analysis, row[0]) for row in db.execute(query, (paper,)).fetchall()]
        self.units.put(db, paper, [place for analysis in analyses for place in of_analysis(analysis)], "analysis")

    def sections(self, key: str) -> dict[str, AnalysisSection]:
        """The settled sections, by id, of an analysis that is still being made under that key."""
        rows = self.connection.execute("SELECT id, record FROM section WHERE key = ?", (key,))
        return {row[0]: from_json(AnalysisSection, row[1]) for row in rows}

    def add_section(self, key: str, paper_id: str, section: AnalysisSection) -> None:
        """Keep a settled section until its analysis is whole; one that failed is not worth keeping."""
        if section.status is not SectionStatus.FAILED:
            with self.transaction() as db:
                db.execute("INSERT OR REPLACE INTO section VALUES (?, ?, ?, ?)", (key, section.id, paper_id, to_json(section)))

    def edition_folder(self, date: dt.date, style: str, sources: str) -> str:
        """The folder of that edition below ``digests/``: the date, and a number for the further editions of a day."""
        row = self.connection.execute(
            "SELECT folder FROM digest WHERE date = ? AND style = ? AND sources = ?", (date.isoformat(), style, sources)
        ).fetchone()
        if row:
            return str(row[0])
        taken = self.connection.execute("SELECT count(*) FROM digest WHERE date = ?", (date.isoformat(),)).fetchone()[0]
        return date.isoformat() if not taken else f"{date.isoformat()}-{taken + 1}"

    def add_digest(self, digest: Digest, *, sources: str, folder: str) -> None:
        """Keep *digest* in place of an earlier one of the same date, style and sources.

        A paper counts as delivered when its analysis is whole; any other is a candidate again the next day.
        """
        with self.transaction() as db:
            row = db.execute(
                "INSERT INTO digest (date, style, sources, folder, record) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (date, style, sources) DO UPDATE SET record = excluded.record RETURNING id",
                (digest.date.isoformat(), digest.style, sources, folder, to_json(digest)),
            ).fetchone()
            db.execute("DELETE FROM delivery WHERE digest = ?", row)
            finished = [entry.ranked.paper for entry in digest.entries if entry.analysis and not entry.analysis.unfinished]
            db.executemany(
                "INSERT OR IGNORE INTO delivery (digest, paper, version) VALUES (?, ?, ?)",
                [(row[0], paper.id, paper.version) for paper in finished],
            )

    def delivered(self, *, date: dt.date, style: str, sources: str) -> dict[str, int | None]:
        """Papers of other days' digests, and of this day's other editions in the same style, with the newest version delivered.

        Of days to come too: a clock that went back, or a digest made for later, repeats no paper. What this very edition held
        stays in it when it is made again.
        """
        rows = self.connection.execute(
            "SELECT paper, max(version) FROM delivery JOIN digest ON digest.id = delivery.digest"
            " WHERE (date <> ?1 OR (style = ?2 AND sources <> ?3)) AND paper NOT IN (SELECT paper FROM delivery"
            " JOIN digest ON digest.id = delivery.digest WHERE date = ?1 AND style = ?2 AND sources = ?3) GROUP BY paper",
            (date.isoformat(), style, sources),
        )
        return {row[0]: row[1] for row in rows}

    # --- failures -----------------------------------------------------------------------------------------------------

    def add_failure(
        self, paper_id: str, stage: str, reason: str, *, retry: bool, not_before: dt.datetime | None = None, now: dt.datetime | None = None
    ) -> None:
        """Remember that *stage* failed for the paper, and when it is to be tried again: later each time, never before *not_before*."""
        now = (now or dt.datetime.now(dt.UTC)).astimezone(dt.UTC)
        with self.transaction() as db:
            row = db.execute("SELECT tries FROM failure WHERE paper = ? AND stage = ?", (paper_id, stage)).fetchone()
            tries = (row[0] if row else 0) + 1
            pause = min(_FIRST_RETRY * 3 ** min(tries - 1, 10), _LAST_RETRY)
            next_try = max(now + pause, not_before or now).astimezone(dt.UTC).isoformat(timespec="seconds") if retry else None
            db.execute(
                "INSERT OR REPLACE INTO failure (paper, stage, reason, retry, tries, last, next_try) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (paper_id, stage, reason, retry, tries, now.isoformat(timespec="seconds"), next_try),
            )

    def clear_failure(self, paper_id: str, stage: str) -> None:
        """The stage has worked for the paper."""
        self.connection.execute("DELETE FROM failure WHERE paper = ? AND stage = ?", (paper_id, stage))

    def failures(self) -> list[Failure]:
        """What failed and has not worked since."""
        rows = self.connection.execute("SELECT paper, stage, reason, retry, tries, next_try FROM failure ORDER BY paper, stage")
        return [
            Failure(paper=paper, stage=stage, reason=reason, retry=bool(retry), tries=tries, next_try=_time(next_try))
            for paper, stage, reason, retry, tries, next_try in rows
        ]

    def due(self, stage: str, now: dt.datetime, limit: int) -> list[Paper]:
        """Papers for which *stage* is to be tried again by now, the longest waiting first."""
        rows = self.connection.execute(
            "SELECT paper FROM failure WHERE stage = ? AND retry AND next_try <= ? ORDER BY next_try, paper LIMIT ?",
            (stage, now.astimezone(dt.UTC).isoformat(timespec="seconds"), limit),
        ).fetchall()
        return [paper for row in rows if (paper := self.paper(row[0]))]

    def seen_since(self, day: dt.date, source: str) -> list[Paper]:
        """Papers of *source* that came to the library on *day* or later, by id."""
        rows = self.connection.execute(
            "SELECT record FROM paper WHERE first_seen >= ? AND json_extract(record, '$.source') = ? ORDER BY id", (day.isoformat(), source)
        )
        return [from_json(Paper, row[0]) for row in rows]

    def count(self, table: str) -> int:
        """Rows of *table*, one of the schema's names."""
        return int(self.connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 fixed names

    def faults(self) -> list[str]:
        """What SQLite finds wrong with its own file; empty when it is sound."""
        try:
            rows = [row[0] for row in self.connection.execute("PRAGMA integrity_check")]
        except LibraryError as error:
            return [str(error)]
        try:
            self.connection.execute("INSERT INTO passage_words(passage_words, rank) VALUES ('integrity-check', 1)")
        except LibraryError:
            rows.append("the word index differs from the passages")
        return [row for row in rows if row != "ok"]

    def rebuild_words(self) -> None:
        """Make the word index anew from the passages."""
        self.connection.execute("INSERT INTO passage_words(passage_words) VALUES ('rebuild')")

    def outdated(self) -> list[str]:
        """The papers whose full texts were made searchable by a release that made less of them."""
        return [row[0] for row in self.connection.execute("SELECT paper FROM file WHERE made < ? ORDER BY paper", (MADE,))]

    def rebuild_units(self, on_progress: Callable[[int], None] = lambda _: None, *, papers: Sequence[str] | None = None) -> None:
        """Make the units of *papers*, else of every one, anew from document and analyses; tells how many papers are done."""
        every = "SELECT id FROM paper ORDER BY id"
        for paper_id in [row[0] for row in self.connection.execute(every).fetchall()] if papers is None else papers:
            query = "SELECT record FROM document JOIN file USING (sha256) WHERE paper = ? ORDER BY reader DESC LIMIT 1"
            body = self.connection.execute(query, (paper_id,)).fetchone()
            with self.transaction() as db:
                if body:
                    self.units.put(db, paper_id, of_body(from_json(Document, body[0])), "body")
                db.execute("UPDATE file SET made = ? WHERE paper = ?", (MADE, paper_id))
                self._put_findings(db, paper_id)
            on_progress(1)

    def add_scores(self, ranked: Iterable[Ranked], *, today: dt.date) -> None:
        """Keep how relevant papers were found on that day, in place of what was kept before."""
        rows = [(item.paper.id, item.score, today.isoformat()) for item in ranked]
        with self.transaction() as db:
            db.executemany("INSERT OR REPLACE INTO score SELECT id, ?2, ?3 FROM paper WHERE id = ?1", rows)
