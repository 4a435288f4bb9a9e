"""The database's tables, as the list of steps that lead to them.

``PRAGMA user_version`` says how many steps a file has taken. A released step is never edited: add another.
"""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

from digest.errors import LibraryError
from digest.library.tokens import spaced

if TYPE_CHECKING:
    from collections.abc import Sequence

STEPS = (
    """
    CREATE TABLE paper (
        id TEXT PRIMARY KEY,            -- without version
        record TEXT NOT NULL,           -- records.Paper
        published TEXT,                 -- ISO date
        first_seen TEXT NOT NULL        -- ISO date
    );
    CREATE TABLE file (                 -- the PDF a paper is read from
        paper TEXT PRIMARY KEY REFERENCES paper(id) ON DELETE CASCADE,
        sha256 TEXT NOT NULL,
        path TEXT NOT NULL
    );
    CREATE TABLE document (
        sha256 TEXT NOT NULL,
        reader TEXT NOT NULL,
        record TEXT NOT NULL,           -- records.Document
        PRIMARY KEY (sha256, reader)
    );
    CREATE TABLE passage (              -- what is searched: the abstract (page NULL) and the body
        id INTEGER PRIMARY KEY,         -- hash of the other columns: the key of its vector is never another text's
        paper TEXT NOT NULL REFERENCES paper(id) ON DELETE CASCADE,
        page INTEGER,
        section TEXT NOT NULL,
        text TEXT NOT NULL
    );
    CREATE INDEX passage_of_paper ON passage(paper);
    CREATE VIRTUAL TABLE passage_words USING fts5(
        text, content='passage', content_rowid='id', tokenize='porter unicode61 remove_diacritics 2'
    );
    CREATE TRIGGER passage_added AFTER INSERT ON passage BEGIN
        INSERT INTO passage_words(rowid, text) VALUES (new.id, new.text);
    END;
    CREATE TRIGGER passage_removed AFTER DELETE ON passage BEGIN
        INSERT INTO passage_words(passage_words, rowid, text) VALUES ('delete', old.id, old.text);
    END;
    CREATE TABLE embedding (
        embedder TEXT NOT NULL,
        hash BLOB NOT NULL,             -- of the text
        vector BLOB NOT NULL,           -- float32, little endian
        PRIMARY KEY (embedder, hash)
    ) WITHOUT ROWID;
    CREATE TABLE analysis (
        key TEXT PRIMARY KEY,           -- hash of everything that decides the words
        paper TEXT NOT NULL REFERENCES paper(id) ON DELETE CASCADE,
        record TEXT NOT NULL,           -- records.Analysis
        created TEXT NOT NULL
    );
    CREATE INDEX analysis_of_paper ON analysis(paper);
    CREATE TABLE digest (
        id INTEGER PRIMARY KEY,
        date TEXT NOT NULL,
        style TEXT NOT NULL,
        sources TEXT NOT NULL,
        folder TEXT NOT NULL,           -- below digests/
        record TEXT NOT NULL,           -- records.Digest
        UNIQUE (date, style, sources)
    );
    CREATE TABLE delivery (
        digest INTEGER NOT NULL REFERENCES digest(id) ON DELETE CASCADE,
        paper TEXT NOT NULL REFERENCES paper(id) ON DELETE CASCADE,
        PRIMARY KEY (digest, paper)
    ) WITHOUT ROWID;
    CREATE TABLE failure (              -- what a later run tries again
        paper TEXT NOT NULL REFERENCES paper(id) ON DELETE CASCADE,
        stage TEXT NOT NULL,
        reason TEXT NOT NULL,
        retry INTEGER NOT NULL,
        tries INTEGER NOT NULL,
        last TEXT NOT NULL,
        PRIMARY KEY (paper, stage)
    ) WITHOUT ROWID;
    """,
    """
    CREATE TABLE section (              -- settled sections of analyses that are still being made
        key TEXT NOT NULL,              -- of the analysis
        id TEXT NOT NULL,               -- of the section
        paper TEXT NOT NULL REFERENCES paper(id) ON DELETE CASCADE,
        record TEXT NOT NULL,           -- records.AnalysisSection
        PRIMARY KEY (key, id)
    ) WITHOUT ROWID;
    CREATE TABLE alias (                -- other names of a paper: of its file, its DOI, an id it had before
        name TEXT PRIMARY KEY,
        paper TEXT NOT NULL REFERENCES paper(id) ON DELETE CASCADE
    ) WITHOUT ROWID;
    CREATE INDEX alias_of_paper ON alias(paper);
    CREATE TABLE hashed (               -- files whose content was hashed, and how they stood then
        path TEXT PRIMARY KEY,
        state TEXT NOT NULL,
        sha256 TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX hashed_by_content ON hashed(sha256);
    CREATE INDEX paper_first_seen ON paper(first_seen);
    CREATE TABLE passage_change (       -- units that came or went since the vectors were last brought up to date
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id INTEGER NOT NULL
    );
    INSERT INTO passage_change(id) SELECT id FROM passage;
    CREATE TRIGGER passage_came AFTER INSERT ON passage BEGIN INSERT INTO passage_change(id) VALUES (new.id); END;
    CREATE TRIGGER passage_went AFTER DELETE ON passage BEGIN INSERT INTO passage_change(id) VALUES (old.id); END;
    ALTER TABLE delivery ADD COLUMN version INTEGER;  -- of the paper when it was delivered; NULL: not known
    CREATE TABLE mark (                 -- how far each list of a source was seen whole
        name TEXT PRIMARY KEY,
        day TEXT NOT NULL               -- ISO date
    ) WITHOUT ROWID;
    ALTER TABLE failure ADD COLUMN next_try TEXT;  -- ISO time in UTC; NULL: not by itself
    CREATE TABLE feedback (             -- what the reader said of a paper
        paper TEXT PRIMARY KEY REFERENCES paper(id) ON DELETE CASCADE,
        verdict INTEGER NOT NULL CHECK (verdict IN (-1, 1)),
        at TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE reference (            -- papers that scores are measured against, drawn once a month
        paper TEXT PRIMARY KEY REFERENCES paper(id) ON DELETE CASCADE,
        drawn TEXT NOT NULL             -- ISO date
    ) WITHOUT ROWID;
    CREATE TABLE scale (                -- how relevant the reference papers are to one state of the profile
        key TEXT PRIMARY KEY,           -- hash of profile, feedback, embedder and reference
        record TEXT NOT NULL            -- ranking.calibration.Scale
    ) WITHOUT ROWID;
    """,
    """
    ALTER TABLE passage ADD COLUMN kind TEXT NOT NULL DEFAULT '';  -- one of query.KINDS; '': a body that was kept before there were kinds
    UPDATE passage SET kind = 'abstract' WHERE page IS NULL;
    DROP TRIGGER passage_added;
    DROP TRIGGER passage_removed;
    DROP TABLE passage_words;
    CREATE VIEW passage_text AS SELECT id, spaced(text) AS text FROM passage;  -- tokens.spaced: Chinese as pairs of characters
    CREATE VIRTUAL TABLE passage_words USING fts5(
        text, content='passage_text', content_rowid='id', tokenize='porter unicode61 remove_diacritics 2'
    );
    CREATE TRIGGER passage_added AFTER INSERT ON passage BEGIN
        INSERT INTO passage_words(rowid, text) VALUES (new.id, spaced(new.text));
    END;
    CREATE TRIGGER passage_removed AFTER DELETE ON passage BEGIN
        INSERT INTO passage_words(passage_words, rowid, text) VALUES ('delete', old.id, spaced(old.text));
    END;
    INSERT INTO passage_words(passage_words) VALUES ('rebuild');
    ALTER TABLE paper ADD COLUMN source TEXT GENERATED ALWAYS AS (json_extract(record, '$.source')) VIRTUAL;
    CREATE INDEX paper_source ON paper(source);
    CREATE INDEX paper_published ON paper(published);
    CREATE TABLE category (             -- of each paper; triggers write it
        name TEXT NOT NULL COLLATE NOCASE,
        paper TEXT NOT NULL REFERENCES paper(id) ON DELETE CASCADE,
        PRIMARY KEY (name, paper)
    ) WITHOUT ROWID;
    CREATE INDEX category_of_paper ON category(paper);
    CREATE TABLE author (               -- of each paper; triggers write it
        id INTEGER PRIMARY KEY,
        paper TEXT NOT NULL REFERENCES paper(id) ON DELETE CASCADE,
        name TEXT NOT NULL
    );
    CREATE INDEX author_of_paper ON author(paper);
    CREATE VIRTUAL TABLE author_words USING fts5(
        name, content='author', content_rowid='id', tokenize='unicode61 remove_diacritics 2'
    );
    CREATE TRIGGER author_added AFTER INSERT ON author BEGIN
        INSERT INTO author_words(rowid, name) VALUES (new.id, new.name);
    END;
    CREATE TRIGGER author_removed AFTER DELETE ON author BEGIN
        INSERT INTO author_words(author_words, rowid, name) VALUES ('delete', old.id, old.name);
    END;
    CREATE TRIGGER paper_came AFTER INSERT ON paper BEGIN
        INSERT OR IGNORE INTO category SELECT value, new.id FROM json_each(new.record, '$.categories');
        INSERT INTO author(paper, name) SELECT new.id, value FROM json_each(new.record, '$.authors');
    END;
    CREATE TRIGGER paper_changed AFTER UPDATE OF record ON paper
    WHEN json_extract(old.record, '$.categories', '$.authors') <> json_extract(new.record, '$.categories', '$.authors') BEGIN
        DELETE FROM category WHERE paper = new.id;
        DELETE FROM author WHERE paper = new.id;
        INSERT OR IGNORE INTO category SELECT value, new.id FROM json_each(new.record, '$.categories');
        INSERT INTO author(paper, name) SELECT new.id, value FROM json_each(new.record, '$.authors');
    END;
    INSERT OR IGNORE INTO category SELECT value, paper.id FROM paper, json_each(record, '$.categories');
    INSERT INTO author(paper, name) SELECT paper.id, value FROM paper, json_each(record, '$.authors');
    CREATE TABLE score (                -- relevance to the reader when the paper was last ranked, 0 to 100
        paper TEXT PRIMARY KEY REFERENCES paper(id) ON DELETE CASCADE,
        value INTEGER NOT NULL,
        at TEXT NOT NULL                -- ISO date
    ) WITHOUT ROWID;
    CREATE INDEX score_by_value ON score(value);
    CREATE TABLE origin (id TEXT NOT NULL);  -- of this library, in one row, drawn once: what feed readers know it by
    INSERT INTO origin VALUES (lower(hex(randomblob(16))));
    CREATE TABLE batch (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL,             -- hash of what was asked for
        date TEXT NOT NULL,             -- of its digest
        title TEXT NOT NULL,            -- what was asked for, in words
        record TEXT NOT NULL,           -- pipeline.Selection
        begun TEXT NOT NULL,            -- when it was last started, ISO time in UTC
        ended TEXT,                     -- NULL: there is more to do
        UNIQUE (name, date)
    );
    CREATE TABLE queue (                -- the papers of each batch
        batch INTEGER NOT NULL REFERENCES batch(id) ON DELETE CASCADE,
        paper TEXT NOT NULL REFERENCES paper(id) ON DELETE CASCADE,
        place INTEGER NOT NULL,
        state TEXT NOT NULL,            -- queue.State
        worker TEXT,                    -- the process that has taken it
        tries INTEGER NOT NULL DEFAULT 0,  -- that came to an end
        lost INTEGER NOT NULL DEFAULT 0,   -- that died with their process
        problem TEXT,                   -- records.Skipped: why it has no full text, or no whole analysis
        tokens INTEGER NOT NULL DEFAULT 0, -- written for it
        ended TEXT,                     -- ISO time in UTC
        PRIMARY KEY (batch, paper)
    ) WITHOUT ROWID;
    CREATE INDEX queue_by_state ON queue(batch, state, place);
    """,
    """
    ALTER TABLE passage ADD COLUMN turns TEXT NOT NULL DEFAULT '';  -- places.Turns as JSON; '': it stands on one page, as far as is known
    ALTER TABLE file ADD COLUMN made INTEGER NOT NULL DEFAULT 0;    -- places.MADE when the units of the body were made
    CREATE INDEX file_by_made ON file(made);
    """,
)


def migrate(connection: sqlite3.Connection, name: str, *, steps: Sequence[str] = STEPS) -> None:
    """Take the steps that the database has not taken yet, each whole or not at all.

    Raises:
        LibraryError: a newer program wrote it.
    """
    taken = _taken(connection)
    if taken > len(steps):
        raise LibraryError(
            f"{name} was written by a newer version of this program (schema {taken}, known {len(steps)})",
            hint="pip install -U offline-digest",
        )
    for number, step in enumerate(steps[taken:], taken + 1):
        try:
            connection.executescript(f"BEGIN IMMEDIATE; {step}; PRAGMA user_version = {number}; COMMIT;")
        except sqlite3.OperationalError:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            if _taken(connection) < number:  # otherwise another process took the step in the same moment
                raise


def lacking(connection: sqlite3.Connection) -> list[str]:
    """What every library of this version has and this one has lost, as "table paper" or "trigger paper_came"; sorted."""
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as whole:
        whole.create_function("spaced", 1, spaced, deterministic=True)
        migrate(whole, ":memory:")
        return sorted(_objects(whole) - _objects(connection))


def _objects(connection: sqlite3.Connection) -> set[str]:
    return {f"{kind} {name}" for kind, name in connection.execute("SELECT type, name FROM sqlite_master").fetchall()}


def _taken(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
