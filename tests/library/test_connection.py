"""What a disk, a file's owner or another process does to an open library becomes a message, whatever is being done."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from digest.errors import LibraryError
from digest.library.connection import connect
from digest.library.embeddings import CachedEmbedder
from digest.library.store import NAME, Store
from tests.embedders import WordLengthEmbedder
from tests.library.examples import TODAY, add, document, paper


def test_a_full_disk_is_told_and_nothing_half_written_stays(store):
    add(store, "1", "abstract")
    pages = store.connection.execute("PRAGMA page_count").fetchone()[0]
    store.connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(LibraryError, match=r"library\.sqlite: the disk is full") as caught:
        store.add_papers([paper(str(n), "word " * 500) for n in range(2, 40)], today=TODAY)
    assert caught.value.hint.startswith("df -h ")
    assert [kept.id for kept in store.all_papers()] == ["1"]
    store.connection.execute("PRAGMA max_page_count = 1000000")
    assert store.add_papers([paper("2")], today=TODAY) == ["2"]


@pytest.mark.parametrize(
    "write",
    [
        lambda store: store.add_papers([paper("2")], today=TODAY),
        lambda store: store.add_document(document("aa")),
        lambda store: store.clear_failure("1", "read"),
        lambda store: store.rebuild_words(),
        lambda store: CachedEmbedder(WordLengthEmbedder(), store).embed(["new"]),
    ],
)
def test_a_library_that_may_only_be_read_says_so_at_every_write(store, write):
    add(store, "1", "abstract")
    store.connection.execute("PRAGMA query_only = ON")
    with pytest.raises(LibraryError, match="it may only be read"):
        write(store)
    store.connection.execute("PRAGMA query_only = OFF")


def test_a_library_that_another_process_keeps_locked_says_so(store, tmp_path):
    store.connection.execute("PRAGMA busy_timeout = 0")
    with closing(sqlite3.connect(tmp_path / NAME, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LibraryError, match="another process keeps it locked"):
            store.add_papers([paper("1")], today=TODAY)
    assert store.add_papers([paper("1")], today=TODAY) == ["1"]


@pytest.mark.parametrize("read", [lambda store: store.all_papers(), lambda store: store.units.get(range(400))])
def test_pages_that_turn_bad_are_told_by_whatever_reads_them(tmp_path, read):
    store = Store(tmp_path / NAME)
    store.add_papers([paper(str(n), "word " * 300) for n in range(400)], today=TODAY)
    store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    content = (tmp_path / NAME).read_bytes()
    (tmp_path / NAME).write_bytes(content[: 4096 * 4] + b"\xa5" * (len(content) - 4096 * 4))
    with pytest.raises(LibraryError, match=r"library\.sqlite: it is malformed"):
        read(Store(tmp_path / NAME))


def test_a_mistake_in_a_statement_stays_a_bug(store):
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        store.connection.execute("SELECT * FROM nowhere")
    with pytest.raises(sqlite3.IntegrityError):
        store.connection.execute("INSERT INTO file VALUES ('nobody', 'x', 'y', 0)")


def test_a_place_where_no_file_can_be_made_is_told(tmp_path):
    with pytest.raises(LibraryError, match="unable to open") as caught:
        connect(tmp_path / "nowhere" / NAME)
    assert caught.value.hint.startswith("ls -ld ")
