"""What runs in a reading process: one PDF after another, under limits that the operating system enforces.

The timers are the kernel's, so they end a process that hangs inside the PDF library, too; `digest.reading.pool` reads from the exit
status what happened. A task comes as a record, the reply goes back as one pickle. No file is written.
"""

from __future__ import annotations

import gc
import pickle
import resource
import signal
import sys
import traceback
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from digest.errors import DigestError

if TYPE_CHECKING:
    from digest.reading.places import Marked
    from digest.reading.scan import Recogniser
    from digest.records import Document, Figure

READY = b"ready"
_PATIENCE = 5  # times the processor seconds by the clock: a busy machine is no fault of the file, a read that never returns is


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one file may cost."""

    seconds: float = 60.0  # of processor time
    memory_mb: int = 2048  # of address space, the program's own 200 included; kept where the system can (not on macOS)
    reply_mb: int = 64  # of what was read, as it is sent back


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """Read a PDF in full; the reply is its document."""

    path: Path
    recogniser: Recogniser | None = None  # for scanned pages

    def run(self) -> Document:
        """Do it."""
        from digest.reading.document import read

        return read(self.path, recogniser=self.recogniser)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """Draw figures of a PDF; the reply is a PNG for each, empty where the page cannot be drawn."""

    path: Path
    figures: tuple[Figure, ...]
    width_pixels: int

    def run(self) -> list[bytes]:
        """Do it."""
        from digest.reading.pdf import crops

        return crops(self.path, self.figures, width_pixels=self.width_pixels)


@dataclass(frozen=True, slots=True, kw_only=True)
class Find:
    """Find a sentence on a page of a PDF; the reply says where it stands."""

    path: Path
    page: int
    quote: str

    def run(self) -> Marked:
        """Do it."""
        from digest.reading.places import quoted

        return quoted(self.path, self.page, self.quote)


@dataclass(frozen=True, slots=True)
class Problem:
    """The reply to a task that failed, in words for the user."""

    reason: str


def main() -> None:
    """Serve the connection whose descriptor is the first argument, until the other end is gone."""
    connection = Connection(int(sys.argv[1]))
    limits: Limits = connection.recv()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then ends this process
    load()
    _limit(resource.RLIMIT_AS, limits.memory_mb << 20)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_CORE, 0)
    gc.freeze()
    connection.send_bytes(READY)
    while True:
        try:
            task: Read | Draw | Find = connection.recv()
        except EOFError:
            return
        _set_timers(limits.seconds)
        reply = _answer(task, limits)
        _set_timers(0)
        connection.send_bytes(reply)


def load() -> None:
    """Load the reader without what `import pymupdf` takes in where it is installed: layout models, with NumPy and ONNX Runtime."""
    for unwanted in ("pymupdf.layout", "pymupdf4llm"):
        sys.modules.setdefault(unwanted, None)  # type: ignore[arg-type] # importing it then fails, which PyMuPDF 2.0 takes for absent
    import digest.reading.pdf  # noqa: F401


def _answer(task: Read | Draw | Find, limits: Limits) -> bytes:
    try:
        reply = pickle.dumps(task.run(), pickle.HIGHEST_PROTOCOL)
    except MemoryError:
        reply = pickle.dumps(Problem(f"needs more than {limits.memory_mb} MB of memory"))
    except DigestError as error:
        reply = pickle.dumps(Problem(str(error)))
    except Exception as error:  # noqa: BLE001 a PDF that no rule foresaw must not end the run; what broke is told
        place = traceback.extract_tb(error.__traceback__)[-1]
        reply = pickle.dumps(Problem(f"{type(error).__name__} in {Path(place.filename).name}, line {place.lineno}"))
    if len(reply) > limits.reply_mb << 20:
        return pickle.dumps(Problem(f"holds more than {limits.reply_mb} MB of text"))
    return reply


def _set_timers(seconds: float) -> None:
    signal.setitimer(signal.ITIMER_PROF, seconds)  # SIGPROF and SIGALRM end a process that does not handle them
    signal.setitimer(signal.ITIMER_REAL, _PATIENCE * seconds)


def _limit(kind: int, value: int) -> None:
    """Lower one limit of this process, never above the one it was started under."""
    hard = resource.getrlimit(kind)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    try:
        resource.setrlimit(kind, (value, value))
    except (ValueError, OSError):  # macOS refuses a limit of the address space
        return
