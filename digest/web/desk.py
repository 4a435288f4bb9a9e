"""One workspace for several threads.

Every thread has a connection of its own to the database (``library.connection``), so readers wait for nobody, and a running
``digest run`` writes on beside them. What is written from here are single rows: a verdict, a scale, vectors. The lock of the workspace is
never taken: a run that began in that moment would be refused. Models are loaded by a thread of their own; nothing ever asks the network.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import gc
import hashlib
import threading
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from digest.errors import DigestError
from digest.library.feedback import Feedback
from digest.reader import judged, read_mind
from digest.wiring import Tools

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from digest.library.store import Store
    from digest.records import Document, Paper, Ranked
    from digest.workspace import Workspace

_THREADS = 8
_WAITING = 64  # requests that wait for a thread; more are sent away
_AT_ONCE = {"draw": 2, "rank": 1}  # of the work that takes long, so that most threads stay free for what is quick
_PICTURES = 64 << 20  # bytes of pictures kept
_DOCUMENTS = 16
_LOADING_SECONDS = 30  # that models may still take when the room is closed
_LARGEST_PDF = 300 << 20  # bytes

T = TypeVar("T")


class Crowded(DigestError):
    """More is asked at once than this server does."""


class Left(DigestError):
    """Whoever asked has gone."""


class Loading(DigestError):
    """The search is not ready yet."""


class Desk:
    """What pages ask of the workspace, from any thread."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.tools = Tools(workspace, offline=True)
        self.store: Store = self.tools.store
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="desk")
        self._asked = 0
        self._turns = {name: asyncio.Semaphore(number) for name, number in _AT_ONCE.items()}
        self._pictures, self._documents, self._hashes = Kept(_PICTURES), Kept(_DOCUMENTS), Kept(4096)
        self._ready = threading.Event()
        self._loader = threading.Thread(target=self._load, name="desk-models", daemon=True)
        self._failed: DigestError | None = None
        self._minds, self._reading_mind = Kept(1), threading.Lock()

    # --- threads ------------------------------------------------------------------------------------------------------

    async def ask(self, work: Callable[..., T], *arguments: Any, kind: str = "", wanted: Callable[[], bool] = lambda: True) -> T:
        """What *work* gives, done by a thread.

        Args:
            kind: draw or rank; "" for what is quick.
            wanted: asked when a thread is free: whether it is still worth beginning.

        Raises:
            Crowded: too many wait already.
            Left: it was not *wanted* any more.
        """

        def begin() -> T:
            if not wanted():
                raise Left("nobody waits for it")
            return work(*arguments)

        if self._asked >= _THREADS + _WAITING:
            raise Crowded("too much is asked at once", hint="try again in a moment")
        self._asked += 1
        try:
            async with self._turns.get(kind) or contextlib.nullcontext():
                return await asyncio.get_running_loop().run_in_executor(self._threads, begin)
        finally:
            self._asked -= 1

    def warm(self) -> None:
        """Load what searching and ranking need, in a thread of its own."""
        self._loader.start()

    def _load(self) -> None:
        try:
            self.tools.searcher.search("warm 预热", top_k=1)  # with the dictionary that a Chinese question needs
            _ = self.tools.embedder.rarity
            gc.collect()
            gc.freeze()  # what was loaded stays; to look through it for garbage would stop all readers
        except DigestError as error:
            self._failed = error
        finally:
            self._ready.set()

    def close(self) -> None:
        """Let go of threads, processes and files."""
        self._threads.shutdown(cancel_futures=True)
        if self._loader.is_alive():  # ONNX Runtime ends the process with SIGABRT when that is over while it starts
            self._loader.join(_LOADING_SECONDS)
        self.tools.close()

    @property
    def loading(self) -> bool:
        """Whether models are still being loaded."""
        return not self._ready.is_set()

    def with_models(self, *, wait: bool) -> Tools:
        """The tools, once searching and ranking can be done with them.

        Raises:
            Loading: not yet, and *wait* is not meant.
            DigestError: a model is missing.
        """
        if not self._ready.wait(None if wait else 0):
            raise Loading("the embedding model is being loaded")
        if self._failed:
            raise self._failed
        return self.tools

    # --- the reader ---------------------------------------------------------------------------------------------------

    def say(self, paper: Paper, verdict: int) -> None:
        """Keep what the reader says of *paper*: 1, -1, or 0 to take it back."""
        feedback = Feedback(self.store)
        if verdict:
            feedback.say(paper.id, verdict)
        else:
            feedback.forget(paper.id)

    def ranked(self, papers: Sequence[Paper], *, wait: bool = True) -> list[Ranked]:
        """*papers* as the profile and all that was said until now would have them, best first."""
        tools, today = self.with_models(wait=wait), dt.datetime.now().astimezone().date()
        feedback, path = Feedback(self.store), self.workspace.profile
        state = path.stat().st_mtime_ns if path.is_file() else 0
        key = (today, state, *feedback.papers(1), "", *feedback.papers(-1))
        with self._reading_mind:
            if (mind := self._minds.get(key)) is None:
                tools.__dict__.pop("profile", None)  # read it again: it may have changed
                mind = self._minds.keep(key, read_mind(tools, today=today), 1)
        return judged(tools, mind, papers, today=today)

    # --- files --------------------------------------------------------------------------------------------------------

    def document(self, paper: Paper) -> Document | None:
        """What was read of *paper*, by whichever version of the reader, or None."""
        file = self.store.file_of(paper.id)
        if file is None:
            return None
        held: Document | None = self._documents.get(file[0]) or self._documents.keep(file[0], self.store.document(file[0]), 1)
        return held

    def pdf(self, paper: Paper) -> Path | None:
        """The PDF that *paper* was read from: only that very file, by its hash, wherever the library found it."""
        file = self.store.file_of(paper.id)
        if file is None:
            return None
        path = Path(file[1])
        try:
            state = path.stat()
            key = (str(path), state.st_mtime_ns, state.st_ctime_ns, state.st_size, state.st_ino)
            if state.st_size > _LARGEST_PDF or not path.is_file():
                return None
            if self._hashes.get(key) is None:
                with path.open("rb") as opened:
                    self._hashes.keep(key, hashlib.file_digest(opened, "sha256").hexdigest(), 1)
        except (OSError, ValueError):
            return None
        return path if self._hashes.get(key) == file[0] else None

    def drawn(self, key: Hashable, draw: Callable[[], bytes]) -> bytes:
        """The picture *draw* makes in a reading process, kept under *key*."""
        picture = self._pictures.get(key)
        return bytes(self._pictures.keep(key, made := draw(), len(made)) if picture is None else picture)


class Kept:
    """The values asked for last, up to a total size."""

    def __init__(self, size: int) -> None:
        self._left, self._values, self._lock = size, OrderedDict[Any, tuple[Any, int]](), threading.Lock()

    def get(self, key: Hashable) -> Any:
        """The value under *key*, or None."""
        with self._lock:
            if key not in self._values:
                return None
            self._values.move_to_end(key)
            return self._values[key][0]

    def keep(self, key: Hashable, value: Any, size: int) -> Any:
        """Keep *value*, forgetting what was not asked for longest."""
        with self._lock:
            self._left -= size - self._values.pop(key, (None, 0))[1]
            self._values[key] = value, size
            while self._left < 0:
                self._left += self._values.popitem(last=False)[1][1]
        return value
