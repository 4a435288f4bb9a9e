"""The workers of a cluster: Ray starts them, on any node, and finds out which died; each of those has a successor. The only file with Ray.

Nothing but papers, documents and analyses travels; each worker keeps a workspace of its own in a temporary folder, with the settings, the
profile and the prompts it was sent. What comes back is written by one process into one library, so nothing is kept twice.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import shutil
import tempfile
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from digest.analyses import Work, analyse_papers, kept_analysis, key_of
from digest.batch.worker import Duty, LibraryDesk, is_gone, name_of
from digest.errors import DigestError, ExtraMissing, PaperError, ServerFailed
from digest.library.codec import from_json, to_json
from digest.library.queue import Queue
from digest.machine import processors
from digest.records import Analysis, Document, Paper
from digest.stages import Silent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from digest.analysing.engine import Engine
    from digest.analysing.style import Style
    from digest.pipeline import Making
    from digest.wiring import Tools

_PACKAGE_PARENT = str(Path(__file__).resolve().parents[2])
_SENT_TO_SERVERS = 8  # papers in one call, where a server answers many requests at a time
_FOLDERS = "digest-hand-"  # their names begin so, and end with the process's
_LEAVING_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Sent:
    """One paper on its way to a worker, as JSON."""

    paper: str
    document: str | None
    before: str | None  # an analysis with failed sections


@dataclass(frozen=True, slots=True)
class Returned:
    """What came of it."""

    paper: str  # id
    analysis: str | None
    reason: str = ""
    retry: bool = True


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a worker can analyse nothing at all."""

    error: str
    hint: str
    exit_code: int


class Hand:
    """One worker, in a process of Ray's."""

    def __init__(self, duty: Duty, files: dict[str, bytes]) -> None:
        """Make its workspace of *files*, and remove what those that were killed here left of theirs."""
        self._duty, self._profile = duty, "profile.toml" in files
        for left in Path(tempfile.gettempdir()).glob(f"{_FOLDERS}[0-9]*@*"):
            if is_gone(left.name.removeprefix(_FOLDERS)):
                shutil.rmtree(left, ignore_errors=True)
        self._root = root = Path(tempfile.gettempdir()) / f"{_FOLDERS}{name_of(os.getpid())}"
        root.mkdir(mode=0o700)
        for name, content in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(content)
        weights = Path(duty.workspace) / "models"
        for path in weights.iterdir() if weights.is_dir() else ():  # a shared disk, or this machine
            if not (root / "models" / path.name).exists():
                (root / "models").mkdir(parents=True, exist_ok=True)
                (root / "models" / path.name).symlink_to(path)

    @cached_property
    def _tools(self) -> Tools:
        profile = str(self._root / "profile.toml") if self._profile else ""
        return replace(self._duty, workspace=str(self._root), profile=profile).tools()

    @cached_property
    def _style(self) -> Style:
        return self._tools.style(self._duty.style)

    @cached_property
    def _engine(self) -> Engine:
        return self._tools.engine(self._duty.model, self._duty.engine)

    def analyse(self, sent: Sequence[Sent]) -> list[Returned] | Refusal:
        """Analyse papers, as many side by side as the engine bears."""
        try:
            found = analyse_papers(self._tools, self._works(sent), self._style, self._engine, Silent())
            return [_returned(*one) for one in found]
        except DigestError as error:
            return Refusal(str(error), error.hint, error.exit_code)

    def leave(self) -> None:
        """Remove its workspace."""
        shutil.rmtree(self._root, ignore_errors=True)

    def _works(self, sent: Sequence[Sent]) -> Iterator[Work]:
        for one in sent:
            paper = from_json(Paper, one.paper)
            work = Work(paper, from_json(Document, one.document) if one.document else None)
            self._tools.store.add_papers([paper], today=dt.datetime.now(dt.UTC).date())
            if one.before:
                key = key_of(self._tools, work, self._style, self._engine)
                self._tools.store.add_analysis(key, from_json(Analysis, one.before))
            yield work


class Cluster:
    """The workers of a cluster, tended as a crew is."""

    def __init__(self, address: str, duty: Duty, making: Making, *, size: int) -> None:
        """Connect to *address*; ``local`` starts a cluster of this machine alone.

        Raises:
            ExtraMissing: Ray is not installed.
            ServerFailed: there is no cluster at that address.
        """
        try:
            import ray
        except ImportError:
            raise ExtraMissing("ray", "pip install 'offline-digest[ray]'") from None
        self._ray, self._making, self._queue = ray, making, Queue(making.tools.store)
        local = address == "local"
        os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
        try:
            ray.init(
                address=None if local else address,
                num_cpus=max(size, processors()) if local else None,
                include_dashboard=False if local else None,
                log_to_driver=False,
                runtime_env={"env_vars": {"PYTHONPATH": _PACKAGE_PARENT}},
            )
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise ServerFailed(address, f"no Ray cluster answers ({type(error).__name__})") from None
        state: Any = ray  # without types of its own
        gpus = int(state.cluster_resources().get("GPU", 0))
        count = size or gpus or len(state.nodes())
        threads = max(1, processors() // count) if local else 0
        self._duty, self._files = replace(duty, threads=threads, on_gpu=bool(gpus)), _files(making.tools, duty.profile)
        make: Any = ray.remote(Hand)
        self._make = make.options(num_cpus=1, num_gpus=1 if gpus else 0, max_restarts=0)
        self._hands = [self._hired() for _ in range(count)]
        self._busy: dict[Any, tuple[Any, str]] = {}  # call -> worker, claim
        self._desks: dict[str, LibraryDesk] = {}
        self._calls = 0

    def _hired(self) -> Any:
        """A new worker; what it is sent waits until it is there, while Ray refuses what is sent to one that restarts."""
        return self._make.remote(self._duty, self._files)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        working = [hand for hand, _ in self._busy.values()]
        left = [hand.leave.remote() for hand in self._hands if hand not in working]
        self._ray.wait(left, num_returns=len(left), timeout=_LEAVING_SECONDS) if left else None
        for hand in self._hands:
            self._ray.kill(hand)
        self._ray.shutdown()
        self._queue.release(lambda worker: is_gone(worker) or worker in self._desks)

    def tend(self) -> None:
        """Keep what came back, give back what the dead had, and send each free worker the next papers.

        Raises:
            DigestError: a worker found that it cannot work at all.
        """
        done, _ = self._ray.wait(list(self._busy), num_returns=len(self._busy), timeout=0) if self._busy else ([], [])
        for call in done:
            self._take(call)
        working = [hand for hand, _ in self._busy.values()]
        for hand in self._hands:
            if hand not in working:
                self._send(hand)

    def _take(self, call: Any) -> None:
        hand, claim = self._busy.pop(call)
        desk = self._desks.pop(claim)
        try:
            returned: list[Returned] | Refusal = self._ray.get(call)
        except self._ray.exceptions.RayActorError:
            lost = self._queue.release(lambda worker: worker == claim, lost=1)
            self._making.progress.say(f"digest: a worker of the cluster died; {lost} papers are given to another")
            self._hands[self._hands.index(hand)] = self._hired()
            return
        if isinstance(returned, Refusal):
            self._desks[claim] = desk  # its papers go back to the queue
            error = DigestError(returned.error, hint=returned.hint)
            error.exit_code = returned.exit_code
            raise error
        for one in returned:
            self._keep(one, desk)

    def _keep(self, one: Returned, desk: LibraryDesk) -> None:
        making = self._making
        paper = making.tools.store.paper(one.paper)
        if paper is None:
            return
        if one.analysis:
            analysis = from_json(Analysis, one.analysis)
            making.tools.store.add_analysis(key_of(making.tools, desk.work_of(one.paper), making.style, making.engine), analysis)
            desk.settle(paper, analysis)
        else:
            desk.settle(paper, PaperError(paper.name, "analyse", one.reason, retry=one.retry))

    def _send(self, hand: Any) -> None:
        self._calls += 1
        claim, making = f"{name_of(os.getpid())}/{self._calls}", self._making
        desk = LibraryDesk(making.tools, self._duty.batch, claim)
        sent = []
        for _ in range(_SENT_TO_SERVERS if making.engine.name == "server" else 1):
            if (work := desk.claim()) is None:
                break
            before = kept_analysis(making.tools, work, making.style, making.engine)
            sent.append(Sent(to_json(work.paper), to_json(work.document) if work.document else None, to_json(before) if before else None))
        if sent:
            self._busy[hand.analyse.remote(sent)] = (hand, claim)
            self._desks[claim] = desk


def _returned(work: Work, found: Analysis | DigestError) -> Returned:
    if isinstance(found, Analysis):
        return Returned(work.paper.id, to_json(found))
    return Returned(work.paper.id, None, getattr(found, "reason", str(found)), getattr(found, "retry", True))


def _files(tools: Tools, profile: str) -> dict[str, bytes]:
    """What decides the words and is not in the package: settings, profile, the workspace's own prompts and cards."""
    root = tools.workspace.root
    paths = [root / "digest.toml", *(root / "prompts").rglob("*"), *(root / "models").glob("*.toml")]
    found = {path.relative_to(root).as_posix(): path.read_bytes() for path in paths if path.is_file()}
    with contextlib.suppress(FileNotFoundError):
        found["profile.toml"] = (Path(profile) if profile else root / "profile.toml").read_bytes()
    return found
