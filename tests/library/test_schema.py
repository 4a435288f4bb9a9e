from __future__ import annotations

import sqlite3
import threading
from contextlib import closing

import pytest

from digest.errors import LibraryError
from digest.library.codec import to_json
from digest.library.connection import connect
from digest.library.schema import STEPS, migrate
from digest.library.store import NAME, Store
from tests.library.examples import TODAY, digest, document, paper


def version(path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def test_an_empty_file_takes_every_step(tmp_path):
    path = tmp_path / "new" / NAME
    Store(path).close()
    assert version(path) == len(STEPS)


def test_opening_again_changes_nothing(tmp_path):
    store = Store(tmp_path / NAME)
    store.add_papers([paper()], today=TODAY)
    store.close()
    again = Store(tmp_path / NAME)
    assert again.all_papers() == [paper()]
    again.close()
    assert version(tmp_path / NAME) == len(STEPS)


def test_a_library_of_a_newer_program_is_left_alone(tmp_path):
    path = tmp_path / NAME
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {len(STEPS) + 1}")
    with pytest.raises(LibraryError, match="written by a newer version") as caught:
        Store(path)
    assert caught.value.hint == "pip install -U offline-digest"
    assert version(path) == len(STEPS) + 1


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path):
    path = tmp_path / NAME
    path.write_bytes(b"Dear diary, " * 1000)
    with pytest.raises(LibraryError, match="file is not a database") as caught:
        Store(path)
    assert caught.value.hint.startswith(f"mv {path} {path}.broken")
    assert path.read_bytes() == b"Dear diary, " * 1000


def test_a_folder_in_the_place_of_the_database_is_refused(tmp_path):
    (tmp_path / NAME).mkdir()
    with pytest.raises(LibraryError, match="unable to open"):
        Store(tmp_path / NAME)


def test_a_step_that_fails_leaves_nothing_of_itself_and_can_be_taken_later(tmp_path):
    path = tmp_path / NAME
    with closing(connect(path)) as connection:
        with pytest.raises(sqlite3.OperationalError, match="table paper already exists"):
            migrate(connection, NAME, steps=[*STEPS, "CREATE TABLE extra (x); CREATE TABLE paper (x);"])
        assert version(path) == len(STEPS)
        migrate(connection, NAME, steps=[*STEPS, "CREATE TABLE extra (x);"])
        assert version(path) == len(STEPS) + 1


def test_several_may_open_a_new_library_in_the_same_moment(tmp_path):
    start, opened = threading.Barrier(4), []

    def open_it() -> None:
        start.wait()
        opened.append(Store(tmp_path / NAME))

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 4
    for store in opened:
        store.close()


def library_of_schema_1(path) -> None:
    """A library as version 0.1.0 wrote it: a paper, its body, its delivery, a failure."""
    kept, body = paper("2602.00001", version=1), document("aa", "bbb")
    edition = digest(TODAY, kept)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        migrate(db, path.name, steps=STEPS[:1])
        db.execute("INSERT INTO paper VALUES (?, ?, ?, ?)", (kept.id, to_json(kept), "2026-02-16", "2026-02-16"))
        db.execute("INSERT INTO file VALUES (?, ?, ?)", (kept.id, body.sha256, "/papers/1.pdf"))
        db.execute("INSERT INTO document VALUES (?, ?, ?)", (body.sha256, "1.0", to_json(body)))
        for number, text in enumerate(("aa", "bbb"), 1):
            db.execute("INSERT INTO passage VALUES (?, ?, ?, ?, ?)", (number, kept.id, number, "1 Method", text))
        db.execute("INSERT INTO digest VALUES (1, '2026-02-16', 'daily', 'arxiv', '2026-02-16', ?)", (to_json(edition),))
        db.execute("INSERT INTO delivery VALUES (1, ?)", (kept.id,))
        db.execute("INSERT INTO failure VALUES (?, 'analyse', 'slow', 1, 2, '2026-02-16T07:00:00+00:00')", (kept.id,))


def test_a_library_of_the_first_release_keeps_everything_in_the_newest_schema(tmp_path):
    library_of_schema_1(tmp_path / NAME)
    store = Store(tmp_path / NAME)
    assert version(tmp_path / NAME) == len(STEPS)
    assert store.all_papers() == [paper("2602.00001", version=1)]
    assert store.named("2602.00001") == paper("2602.00001", version=1)
    assert store.document(document("aa", "bbb").sha256, "1.0") == document("aa", "bbb")
    assert store.delivered(date=TODAY.replace(day=17), style="daily", sources="arxiv") == {"2602.00001": None}
    assert [(failure.stage, failure.tries) for failure in store.failures()] == [("analyse", 2)]
    assert store.units.matching(["bbb"], 5) == [2]
    assert store.faults() == []
    store.add_papers([paper("2602.00001", "newer words", version=2)], today=TODAY)
    assert store.count("paper") == 1
    assert {unit.kind for unit in store.units.of("2602.00001", "body")} == {""}
    store.rebuild_units()
    assert {unit.kind for unit in store.units.of("2602.00001", "body")} == {"method"}
    store.close()
