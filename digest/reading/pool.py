"""Reading processes: PDFs are hostile input, so each is read where a crash, a hang or a bomb costs that file only.

Processes are started when they are first needed, used again, and replaced when they die or have served long. They are new
interpreters, not forks: the parent may hold a model and its threads. One that outlives its parent ends at its next reply.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import weakref
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from multiprocessing import Pipe
from pathlib import Path
from typing import TYPE_CHECKING, Self

from digest.errors import PaperError, SetupError
from digest.machine import processors
from digest.reading.document import reader_name
from digest.reading.places import Marked
from digest.reading.worker import READY, Draw, Find, Limits, Problem, Read
from digest.records import Document, Figure, ReadStatus
from digest.workspace import replace_file, sha256_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from multiprocessing.connection import Connection

    from digest.reading.scan import Recogniser

_COMMAND = "from digest.reading.worker import main; main()"
_PACKAGE_PARENT = str(Path(__file__).resolve().parents[2])
_SERVES = 200  # files, then a fresh process: what the PDF library leaks is given back
_AHEAD = 8  # files read or waiting to be handed on, for each process: one slow file does not hold up the others
_WORDS = 4096  # bytes of a reply that says what went wrong
_DYING = 5.0  # seconds from the end of the line to the end of the process
_TIMERS = {-signal.SIGPROF, -signal.SIGALRM}


class Died(Exception):
    """A reading process ended while it had a task; *code* is its exit status, minus the signal."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code

    @property
    def document_status(self) -> ReadStatus:
        """What that says of the file."""
        return ReadStatus.TIMEOUT if self.code in _TIMERS else ReadStatus.UNREADABLE

    @property
    def reason(self) -> str:
        """The same in words."""
        if self.code in _TIMERS:
            return "took too long"
        name = signal.Signals(-self.code).name if self.code < 0 else f"exit status {self.code}"
        return f"ended the PDF library ({name})"


class _Worker:
    """One reading process and the line to it."""

    def __init__(self, limits: Limits) -> None:
        """Start it.

        Raises:
            SetupError: it does not come up.
        """
        mine, its = Pipe()
        path = os.pathsep.join(filter(None, (_PACKAGE_PARENT, os.environ.get("PYTHONPATH"))))
        self.served, self._limits, self._connection = 0, limits, mine
        self._process = subprocess.Popen(  # noqa: S603 our own interpreter, our own words
            [sys.executable, "-P", "-c", _COMMAND, str(its.fileno())],
            pass_fds=[its.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path, "OMP_THREAD_LIMIT": "1"},  # Tesseract would take every core in each process
        )
        its.close()
        self._stop = weakref.finalize(self, _stop, mine, self._process)
        try:
            mine.send(limits)
            assert mine.recv_bytes() == READY
        except (EOFError, OSError):
            self.stop()
            raise SetupError("the process that reads PDFs does not start", hint="digest doctor --json") from None

    def ask(self, task: Read | Draw | Find) -> object:
        """The reply to *task*.

        Raises:
            Died: there is none.
        """
        self.served += 1
        try:
            self._connection.send(task)
            reply = self._connection.recv_bytes((self._limits.reply_mb << 20) + _WORDS)
        except (EOFError, OSError):
            raise Died(self._end()) from None
        return pickle.loads(reply)  # noqa: S301 from our own process

    def _end(self) -> int:
        """The exit status of the process, which closed its end of the line or says things it should not."""
        try:
            return self._process.wait(_DYING)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def stop(self) -> None:
        """End it, whatever it does."""
        self._stop()


def _stop(connection: Connection, process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    connection.close()  # last: a thread that waits on it is woken by the end of the process


class Pool:
    """Reads PDFs in processes of their own, several at once."""

    def __init__(self, *, workers: int = 0, limits: Limits | None = None, recogniser: Recogniser | None = None) -> None:
        """Start nothing yet.

        Args:
            workers: processes at once; 0: as many as there are processors for this process.
            recogniser: of the text of scanned pages; None: they are left without.
        """
        self.workers = workers or processors()
        self._limits, self._recogniser = limits or Limits(), recogniser
        self._idle: list[_Worker] = []
        self._busy: set[_Worker] = set()
        self._stopping = False

    @property
    def reader(self) -> str:
        """Names the version and options of the reader: with a file's hash the key of its document."""
        return reader_name(ocr=self._recogniser is not None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def read(self, path: Path) -> Document:
        """The document of the PDF at *path*; its status says when there is nothing to read, or when reading it went wrong."""
        try:
            reply = self._ask(Read(path=path, recogniser=self._recogniser))
        except Died as end:
            return self._failed(path, end.document_status, end.reason)
        return reply if isinstance(reply, Document) else self._failed(path, ReadStatus.UNREADABLE, _reason(reply))

    def read_all(self, paths: Iterable[Path]) -> Iterator[Document]:
        """Yield the document of each of *paths*, in their order, while the next ones are being read."""
        waiting: deque[Future[Document]] = deque()
        threads = ThreadPoolExecutor(self.workers)
        try:
            for path in paths:
                waiting.append(threads.submit(self.read, path))
                if len(waiting) > _AHEAD * self.workers:
                    yield waiting[0].result()
                    waiting.popleft()
            while waiting:
                yield waiting[0].result()
                waiting.popleft()
        finally:
            if waiting:  # interrupted: the threads wait for processes that read on, or are just being started
                self._stopping = True
                self.close()
            threads.shutdown(cancel_futures=True)
            self._stopping = False
        while len(self._idle) > 1:  # one stays for what is read singly
            self._idle.pop().stop()

    def crop(self, path: Path, figures: Iterable[Figure], *, width_pixels: int = 1200) -> list[bytes]:
        """A PNG of each figure of the PDF at *path*, *width_pixels* wide; empty where it cannot be drawn."""
        wanted = tuple(figures)
        try:
            reply = self._ask(Draw(path=path, figures=wanted, width_pixels=width_pixels)) if wanted else []
        except Died as end:
            raise PaperError(path.name, "crop", end.reason, retry=False) from None
        if not isinstance(reply, list):
            raise PaperError(path.name, "crop", _reason(reply), retry=False)
        return reply

    def save_crop(self, path: Path, figure: Figure, out: Path) -> None:
        """Write the picture of *figure* to *out*, replacing what is there.

        Raises:
            PaperError: it cannot be drawn.
        """
        (picture,) = self.crop(path, [figure])
        if not picture:
            raise PaperError(path.name, "crop", f"{figure.label} on page {figure.page} cannot be drawn", retry=False)
        with replace_file(out) as file:
            file.write(picture)

    def page(self, path: Path, number: int, *, width_pixels: int) -> bytes:
        """A PNG of page *number* of the PDF at *path*; empty where it cannot be drawn.

        Raises:
            PaperError: the file cannot be opened.
        """
        return self.crop(path, [Figure(page=number, label="", caption="")], width_pixels=width_pixels)[0]

    def find(self, path: Path, page: int, quote: str) -> Marked:
        """Where the sentence *quote* stands on *page* of the PDF at *path*.

        Raises:
            PaperError: the file cannot be read, or has no such page.
        """
        try:
            reply = self._ask(Find(path=path, page=page, quote=quote))
        except Died as end:
            raise PaperError(path.name, "locate", end.reason, retry=False) from None
        if not isinstance(reply, Marked):
            raise PaperError(path.name, "locate", _reason(reply), retry=False)
        return reply

    def close(self) -> None:
        """End all processes, those at work too; the pool can be used again."""
        for worker in [*self._idle, *self._busy]:
            worker.stop()
        self._idle.clear()

    def _ask(self, task: Read | Draw | Find) -> object:
        try:
            worker = self._idle.pop()
        except IndexError:
            worker = _Worker(self._limits)
        self._busy.add(worker)
        try:
            if self._stopping:
                worker.stop()  # asked, it is found dead
            reply = worker.ask(task)
        except BaseException:
            worker.stop()
            raise
        finally:
            self._busy.discard(worker)
        if isinstance(reply, Problem) or worker.served >= _SERVES:
            worker.stop()
        else:
            self._idle.append(worker)
        return reply

    def _failed(self, path: Path, status: ReadStatus, reason: str) -> Document:
        try:
            sha256 = sha256_of(path)
        except OSError:
            sha256 = ""
        return Document(sha256=sha256, reader=self.reader, status=status, problem=reason)


def _reason(reply: object) -> str:
    return reply.reason if isinstance(reply, Problem) else "gave no answer"
