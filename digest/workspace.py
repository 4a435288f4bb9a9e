"""Where things lie: the workspace's folders, the files shipped with the program, and how a file is written.

A workspace is any folder holding ``digest.toml``. Nothing here knows what the files mean.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import os
import re
import shlex
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TextIO

from digest.errors import UsageError, WorkspaceBusy

if TYPE_CHECKING:
    from collections.abc import Iterator

_TRIES, _TRY_SECONDS = 40, 0.05  # for a lock whose holder is dead
SETTINGS = "digest.toml"
PROFILE = "profile.toml"


@dataclass(frozen=True, slots=True)
class Workspace:
    """A folder with ``digest.toml`` and what the program keeps beside it."""

    root: Path

    @property
    def settings(self) -> Path:
        """The settings file."""
        return self.root / SETTINGS

    @property
    def profile(self) -> Path:
        """The research-interest profile."""
        return self.root / PROFILE

    @property
    def index(self) -> Path:
        """SQLite file, FAISS files and their manifest."""
        return self.root / "index"

    @property
    def tuned(self) -> Path:
        """What was measured to be fastest on this machine."""
        return self.index / "tuned.json"

    @property
    def models(self) -> Path:
        """Downloaded weights."""
        return self.root / "models"

    @property
    def papers(self) -> Path:
        """Downloaded PDFs."""
        return self.root / "papers"

    @property
    def digests(self) -> Path:
        """Output, a folder for each edition."""
        return self.root / "digests"

    @property
    def templates(self) -> Path:
        """Templates of digests that replace the shipped ones."""
        return self.root / "templates"

    def resource(self, *parts: str) -> Path:
        """A shipped file, or the workspace's own version of it where there is one."""
        own = self.root.joinpath(*parts)
        return own if own.exists() else shipped(*parts)

    @property
    def log(self) -> Path:
        """What the commands that write did, newest last."""
        return self.index / "digest.log"

    @property
    def progress(self) -> Path:
        """How far the command at work has come with its stage."""
        return self.index / "progress.json"

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the workspace for writing; the operating system frees the lock when the process dies.

        Raises:
            WorkspaceBusy: another process holds it.
        """
        self.index.mkdir(parents=True, exist_ok=True)
        path = self.index / "lock"
        with path.open("a+", encoding="utf-8", errors="backslashreplace") as file:
            if holder := _holder(file):
                raise WorkspaceBusy(holder, path)
            file.truncate(0)
            file.write(_who())
            file.flush()
            try:
                yield
            finally:
                file.truncate(0)  # who looks at the file without trying the lock sees that nobody holds it


def _holder(file: TextIO) -> str:
    """Who holds the lock on *file*; "" once it is ours.

    One that is dead is given a moment: a process killed while it starts another leaves its lock to that one until it has
    started (seen on a busy machine, once in 15 kills).
    """
    import fcntl

    for tries_left in reversed(range(_TRIES)):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip()
            if not tries_left or _lives(holder):
                return holder or "unknown process"
            time.sleep(_TRY_SECONDS)
        else:
            break
    return ""


def _lives(holder: str) -> bool:
    """Whether the process that ``_who`` named is there."""
    match = re.match(r"pid (\d{1,9}) ", holder)
    try:
        os.kill(int(match[1]) if match else 0, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another user's
        return True
    return match is not None


def _who() -> str:
    """This process, as another one is told of it: pid, since when, doing what."""
    now = dt.datetime.now().astimezone().isoformat(" ", "seconds")
    return f"pid {os.getpid()} since {now}: {shlex.join(['digest', *sys.argv[1:]])[:200]}"


def find_workspace(named: Path | None) -> Workspace:
    """The folder *named*, else the nearest one upwards from here that holds ``digest.toml``, else here.

    Raises:
        UsageError: *named* is not a folder.
    """
    if named is not None:
        if not named.is_dir():
            raise UsageError(f"workspace {named} is not a folder", hint=f"digest init {named}")
        return Workspace(named.resolve())
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / SETTINGS).is_file():
            return Workspace(folder)
    return Workspace(here)


def shipped(*parts: str) -> Path:
    """A file of the program itself: inside the wheel, or in the checkout the program runs from."""
    package = Path(__file__).resolve().parent
    packed = package / "resources"
    return (packed if packed.is_dir() else package.parent).joinpath(*parts)


@contextlib.contextmanager
def replace_file(path: Path) -> Iterator[BinaryIO]:
    """Write *path* whole or not at all: temporary name beside it, fsync, rename.

    On an error the old content stays and the temporary file is removed; a killed process leaves at most a
    ``*.partial`` file that is never read.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.", suffix=".partial")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_text(path: Path, text: str) -> None:
    """Write *text* as UTF-8, whole or not at all."""
    with replace_file(path) as file:
        file.write(text.encode())


def sha256_of(path: Path) -> str:
    """Hex sha256 of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def safe_name(text: str) -> str:
    """*text* as a file name of at most 100 ASCII characters; two texts never share one but for "/", ":" and "_"."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "_", text).strip("._")
    if name == text.translate(str.maketrans("/:", "__")) and 0 < len(name) <= 100:
        return name
    return f"{name[:80] or 'unnamed'}-{hashlib.sha256(text.encode(errors='surrogatepass')).hexdigest()[:12]}"
