"""Hashes of files that were computed once: a file is read again only when it changed, by whatever its folder says of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from digest.workspace import sha256_of

if TYPE_CHECKING:
    from pathlib import Path

    from digest.library.store import Store

_SETTLED_SECONDS = 0.1  # a file that changed a moment ago may change again without a trace: clocks of file systems tick every 4 ms or so


class FileHashes:
    """sha256 of files by path, kept in the library with size, times and inode at that moment."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, path: Path) -> str:
        """The hex sha256 of the file at *path*.

        Raises:
            OSError: it cannot be read.
        """
        state = path.stat()
        now = f"{state.st_size}|{state.st_mtime_ns}|{state.st_ctime_ns}|{state.st_ino}"
        key = str(path).encode("utf-8", "surrogateescape").hex() if not str(path).isprintable() else str(path)
        known = self._store.connection.execute("SELECT state, sha256 FROM hashed WHERE path = ?", (key,)).fetchone()
        if known and known[0] == now:
            return str(known[1])
        sha256 = sha256_of(path)
        if abs(time.time() - state.st_ctime) > _SETTLED_SECONDS:
            self._store.connection.execute("INSERT OR REPLACE INTO hashed VALUES (?, ?, ?)", (key, now, sha256))
        return sha256
