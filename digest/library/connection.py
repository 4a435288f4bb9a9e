"""Connections to SQLite, one a thread, whose errors are this program's: disk full, read-only, locked, damaged, unreadable.

A mistake in a statement is a bug and keeps its own error. Reading rows can fail as much as asking for them, so both are watched.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import sqlite3
import threading
import time
from typing import TYPE_CHECKING, Any

from digest.errors import LibraryError
from digest.library.schema import STEPS
from digest.library.tokens import spaced

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PAGE_BYTES = 4096
_RESTORE = (
    "mv {path} {path}.broken && cp BACKUP {path}  # a copy that `digest index backup` made; without one: sqlite3 {path}.broken .recover"
)
# Primary result codes (https://www.sqlite.org/rescode.html) that tell of the disk, the file or another process, not of a statement.
_STATES = {
    sqlite3.SQLITE_FULL: ("the disk is full", "df -h {folder}"),
    sqlite3.SQLITE_READONLY: ("it may only be read", "ls -ld {folder} {path}"),
    sqlite3.SQLITE_PERM: ("it may not be opened", "ls -ld {folder} {path}"),
    sqlite3.SQLITE_CANTOPEN: ("unable to open it", "ls -ld {folder} {path}"),
    sqlite3.SQLITE_BUSY: ("another process keeps it locked", "wait for it, or stop it and run again"),
    sqlite3.SQLITE_LOCKED: ("another process keeps it locked", "wait for it, or stop it and run again"),
    sqlite3.SQLITE_IOERR: ("the disk cannot read or write it", "df -h {folder}"),
    sqlite3.SQLITE_CORRUPT: ("it is malformed", _RESTORE),
    sqlite3.SQLITE_NOTADB: ("the file is not a database", _RESTORE),
}
_GONE = ("a part of it is gone", "digest index check")  # SQLite has no code of its own for it


class _Cursor(sqlite3.Cursor):
    connection: Connection

    def execute(self, *arguments: Any) -> _Cursor:
        with self.connection.told():
            return super().execute(*arguments)

    def executemany(self, *arguments: Any) -> _Cursor:
        with self.connection.told():
            return super().executemany(*arguments)

    def fetchone(self) -> Any:
        with self.connection.told():
            return super().fetchone()

    def fetchall(self) -> list[Any]:
        with self.connection.told():
            return super().fetchall()

    def __next__(self) -> Any:
        try:
            return super().__next__()
        except sqlite3.DatabaseError as error:
            raise self.connection.meant(error) from error


class Connection(sqlite3.Connection):
    """What ``sqlite3.connect`` makes with this class as its factory; ``path`` is the file it was told."""

    path: Path

    def cursor(self, factory: Any = _Cursor) -> Any:
        """A cursor whose errors are those of ``told``."""
        return super().cursor(factory)

    def execute(self, *arguments: Any) -> Any:
        """See ``sqlite3.Connection``, whose own (3.11) does not ask ``cursor``."""
        return self.cursor().execute(*arguments)

    def executemany(self, *arguments: Any) -> Any:
        """See ``execute``."""
        return self.cursor().executemany(*arguments)

    @contextlib.contextmanager
    def told(self) -> Iterator[None]:
        """Turn what the disk, the file or another process did into an error that says so.

        Raises:
            LibraryError: names the file and the state it is in.
        """
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise self.meant(error) from error

    def meant(self, error: sqlite3.DatabaseError) -> Exception:
        """*error* as a message; itself when it tells of a mistake in the program."""
        code = getattr(error, "sqlite_errorcode", None)
        state = _GONE if _is_of_schema(error) else _STATES.get(code & 0xFF) if code is not None else None
        if state is None:
            return error
        full = state is _STATES[sqlite3.SQLITE_IOERR] and _is_full(self.path.parent)
        said, hint = _STATES[sqlite3.SQLITE_FULL] if full else state
        return LibraryError(f"{self.path}: {said} ({error})", hint=hint.format(path=self.path, folder=self.path.parent))


class Connections:
    """The connections to one file, one for each thread that asks: a transaction holds what its own thread does, and nothing else."""

    def __init__(self, path: Path) -> None:
        self._path, self._mine, self._all = path, threading.local(), list[Connection]()

    def mine(self) -> Connection:
        """The connection of this thread, opened at its first use. See ``connect``."""
        held: Connection | None = getattr(self._mine, "connection", None)
        if held is None:
            held = self._mine.connection = connect(self._path)
            self._all.append(held)
        return held

    def close(self) -> None:
        """Close those of all threads."""
        for connection in self._all:
            connection.close()


def connect(path: Path, *, wait_seconds: float = 30) -> Connection:
    """Open *path*, making it, with write-ahead logging: readers and the writer do not wait for each other.

    Raises:
        LibraryError: it cannot be opened, or is no database.
    """
    try:
        connection = sqlite3.connect(path, timeout=wait_seconds, isolation_level=None, check_same_thread=False, factory=Connection)
    except sqlite3.OperationalError as error:
        raise LibraryError(f"{path}: {error}", hint=f"ls -ld {path.parent} {path}") from None
    connection.path = path
    with contextlib.ExitStack() as on_error:
        on_error.callback(connection.close)
        _use_wal(connection)
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA temp_store = MEMORY")  # what a statement could undo: as files 115 of 174 kB written for each abstract
        connection.create_function("spaced", 1, spaced, deterministic=True)
        on_error.pop_all()
    return connection


def copy_to(connection: Connection, target: Path) -> None:
    """Write the database as it is at this moment into the new file *target*; writers go on meanwhile.

    Raises:
        LibraryError: one of the two cannot be read or written, or the copy is not sound.
    """
    with contextlib.closing(sqlite3.connect(target, factory=Connection)) as copy, copy.told():
        copy.path = target
        connection.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
        if copy.execute("PRAGMA quick_check").fetchall() != [("ok",)]:
            raise LibraryError(f"{target}: the copy is not sound", hint="digest index check")


def _is_of_schema(error: sqlite3.DatabaseError) -> bool:
    """Whether it tells of a table that every library has."""
    missing = re.match(r"no such table: (?:main\.)?(\w+)$", str(error))
    return missing is not None and any(f" TABLE {missing[1]} " in step for step in STEPS)


def _is_full(folder: Path) -> bool:
    """Whether no page fits any more: SQLite calls it an I/O error when it finds no room for its own notes."""
    return shutil.disk_usage(folder).free < _PAGE_BYTES


def _use_wal(connection: Connection) -> None:
    """Switch to write-ahead logging.

    SQLite does not wait for the lock that the first switch takes, whatever the timeout (3.40.1: 1 of 60 openers of a new
    file, six at once, was refused), so it is asked again.
    """
    for tries_left in reversed(range(100)):
        try:
            sqlite3.Connection.cursor(connection).execute("PRAGMA journal_mode = WAL")
        except sqlite3.DatabaseError as error:
            if not (error.sqlite_errorname.startswith("SQLITE_BUSY") and tries_left):
                raise connection.meant(error) from None
            time.sleep(0.05)
        else:
            return
