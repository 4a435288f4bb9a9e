from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from digest.errors import LibraryError
from digest.library.store import NAME, Store
from digest.library.upkeep import Fault, check, remove_orphans, statistics
from digest.workspace import Workspace
from tests.library.examples import add


def workspace_of(store: Store) -> Workspace:
    return Workspace(store.path.parent)


def test_a_library_is_counted_by_what_it_holds(store, searcher, tmp_path):
    add(store, "1", "abstract", "aa", "bbb")
    searcher.sync()
    counts = statistics(store, tmp_path)
    assert {name: counts[name] for name in ("papers", "passages", "embeddings", "vectors", "embedder", "analyses")} == {
        "papers": 1,
        "passages": 3,
        "embeddings": 3,
        "vectors": 3,
        "embedder": "word-length",
        "analyses": 0,
    }


def test_a_sound_library_has_no_faults(store):
    add(store, "1", "abstract")
    assert check(store, workspace_of(store)) == []


def test_a_missing_pdf_is_told_and_cannot_be_mended(store, tmp_path):
    add(store, "1", "abstract", "aa")
    assert check(store, workspace_of(store)) == [Fault("the PDF of 1 is gone: /papers/1.pdf", mended=False)]


def test_what_a_killed_process_left_is_removed(store, tmp_path):
    left = [tmp_path / "papers" / ".x.pdf.abc.partial", tmp_path / "digests" / "2026-02-16" / ".digest.md.abc.partial"]
    kept = tmp_path / "models" / "m.gguf.0123.download"  # a download goes on with it
    for path in (*left, kept):
        path.parent.mkdir(parents=True)
        path.touch()
    faults = check(store, workspace_of(store))
    assert [fault.mended for fault in faults] == [True, True]
    assert not any(path.exists() for path in left)
    assert kept.exists()
    assert check(store, workspace_of(store)) == []


def test_a_word_index_that_differs_from_the_passages_is_made_anew(store):
    add(store, "1", "aa")
    store.connection.execute("INSERT INTO passage_words(passage_words) VALUES ('delete-all')")
    assert store.units.matching(["aa"], 5) == []
    assert check(store, workspace_of(store)) == [Fault("the word index differs from the passages", mended=True)]
    assert len(store.units.matching(["aa"], 5)) == 1


def test_rows_that_refer_to_nothing_are_told(store):
    add(store, "1", "", "aa")
    with closing(sqlite3.connect(store.path)) as other:  # without foreign keys
        other.execute("DELETE FROM paper")
        other.commit()
    assert sorted(fault.text for fault in check(store, workspace_of(store))) == [
        "1 rows of file belong to nothing",
        "1 rows of passage belong to nothing",
        "the PDF of 1 is gone: /papers/1.pdf",
    ]
    for table in ("file", "passage"):
        remove_orphans(store, table)
    assert check(store, workspace_of(store)) == []
    assert store.count("passage") == store.count("file") == 0


def test_a_damaged_database_is_told_and_is_no_crash(tmp_path):
    store = Store(tmp_path / NAME)
    add(store, "1", "abstract", *(f"word {n}" * 50 for n in range(800)))
    store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    content = (tmp_path / NAME).read_bytes()
    half = len(content) // 2
    (tmp_path / NAME).write_bytes(content[:half] + b"\xff" * (len(content) - half))
    damaged = Store(tmp_path / NAME)
    faults = check(damaged, Workspace(tmp_path))
    damaged.close()
    assert faults
    assert not any(fault.mended for fault in faults)


def test_a_library_whose_tables_cannot_be_read_is_refused(tmp_path):
    Store(tmp_path / NAME).close()
    content = (tmp_path / NAME).read_bytes()
    (tmp_path / NAME).write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    with pytest.raises(LibraryError, match="malformed"):
        Store(tmp_path / NAME)
