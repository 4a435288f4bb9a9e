"""What the commands share: the workspace, options that several of them have, JSON lines and progress."""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import json
import logging
import re
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import click

from digest.errors import WorkspaceBusy
from digest.workspace import find_workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.progress import Progress as RichProgress
    from rich.progress import Task, TaskID

    from digest.wiring import Tools

as_json = click.option("--json", "as_json", is_flag=True, help="One JSON object a line on stdout.")
offline = click.option("--offline", is_flag=True, help="Open no network connection.")
quiet = click.option("--quiet", "-q", is_flag=True, help="No progress on stderr.")
engine_name = click.option(
    "--engine",
    type=click.Choice(["auto", "llama", "server", "extractive"]),
    default="auto",
    show_default=True,
    help="What writes: a local model, a server, or the paper's own sentences.",
)
again_given = click.option("--again", is_flag=True, help="Also take papers that an earlier digest delivered.")
profile_file = click.option(
    "--profile", type=click.Path(path_type=Path, dir_okay=False), help="Interest profile. [default: profile.toml of the workspace]"
)
LOG = logging.getLogger("digest")
_PATIENCE_SECONDS = 10  # that a search embeds before it answers with what there is
_NOTE_SECONDS = 1.0
_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes, and in which form; "" where the settings say so."""

    style: str
    model: str
    engine: str


def written(command: Callable[..., None]) -> Callable[..., None]:
    """Give *command* the options ``--style``, ``--model`` and ``--engine``, and what they say as ``writer``."""

    @click.option("--style", default="", help="Report style: daily, method, brief, or a folder below prompts/. [default: of digest.toml]")
    @click.option("--model", default="", help="Chat model that writes. [default: of digest.toml]")
    @engine_name
    @functools.wraps(command)
    def with_writer(*arguments: Any, style: str, model: str, engine: str, **options: Any) -> None:
        command(*arguments, writer=Writer(style, model, engine), **options)

    return with_writer


def today() -> dt.date:
    """The day it is where the reader is."""
    return dt.datetime.now().astimezone().date()


class Day(click.ParamType[dt.date]):
    """A date as ``2026-11-20``, or ``today``."""

    name = "date"

    def convert(self, value: str | dt.date, param: click.Parameter | None, ctx: click.Context | None) -> dt.date:
        """See ``click.ParamType.convert``."""
        if isinstance(value, dt.date):
            return value
        if value == "today":
            return today()
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a date such as 2026-11-20", param, ctx)


class Duration(click.ParamType[float]):
    """A time span as ``30m``, ``1h30m`` or ``90s``, in seconds."""

    name = "duration"

    def convert(self, value: str | float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """See ``click.ParamType.convert``."""
        if isinstance(value, int | float):
            return float(value)
        match = _DURATION.fullmatch(value)
        if not value or not match:
            self.fail(f"{value!r} is not a time span such as 30m, 1h30m or 90s", param, ctx)
        hours, minutes, seconds = (int(part or 0) for part in match.groups())
        return float(hours * 3600 + minutes * 60 + seconds)


def tools_of(ctx: click.Context, *, offline: bool = False, profile: Path | None = None) -> Tools:
    """What the workspace of this call offers, until the call ends."""
    from digest.wiring import Tools

    tools = Tools(find_workspace(ctx.obj), offline=offline, profile=profile)
    ctx.call_on_close(tools.close)
    return tools


@contextlib.contextmanager
def writing(tools: Tools, *, quiet: bool) -> Iterator[Reporter]:
    """Hold the workspace for a command that changes it: logged, locked, rid of what a killed process left, with progress.

    Raises:
        WorkspaceBusy: another process holds it.
    """
    from digest.cli.journal import journal
    from digest.library.upkeep import sweep

    with journal(tools.workspace), tools.workspace.lock(), Reporter(quiet=quiet, board=tools.workspace.progress) as progress:
        sweep(tools.workspace)
        yield progress


def bring_up_to_date(tools: Tools) -> None:
    """Make everything read searchable, unless another command is at work: then what it has indexed so far is searched.

    Where there is much to embed, after a change of the embedding model say, each command does a part of it and does not wait for the rest.
    """
    with contextlib.suppress(WorkspaceBusy), tools.workspace.lock():
        tools.searcher.sync(seconds=_PATIENCE_SECONDS)
        if old := tools.searcher.outdated():
            click.echo(
                f"digest: captions, tables and facts of {old} full texts are not searched yet; at once: digest index rebuild", err=True
            )
        if missing := tools.searcher.pending():
            left = f"{missing} passages are not embedded yet and found by their words alone"
            click.echo(f"digest: {left}; to do it all at once: digest index rebuild", err=True)


def json_line(value: object) -> str:
    """*value* as one line of JSON."""
    return json.dumps(value, ensure_ascii=False, default=str)


def print_json(value: object) -> None:
    """The same on stdout."""
    click.echo(json_line(value))


class Reporter:
    """Progress on stderr: a bar on a terminal, a line a stage elsewhere, nothing when quiet."""

    def __init__(self, *, quiet: bool = False, board: Path | None = None) -> None:
        """*board* is a file that tells other processes how far this one has come."""
        self._quiet, self._board = quiet, board
        self._name, self._done, self._total, self._noted = "", 0, 0, 0.0
        self._bars: RichProgress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        if not self._quiet and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
            from rich.text import Text

            class Ahead(TimeRemainingColumn):
                """What was noted of a stage, where it knows better than its steps how long it takes."""

                def render(self, task: Task) -> Text:
                    return Text(task.fields["note"]) if task.fields["note"] else super().render(task)

            columns = (TextColumn("{task.description:8}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), Ahead())
            self._bars = Progress(*columns, console=Console(stderr=True))
            self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bars:
            self._bars.stop()
        if self._board:
            self._board.unlink(missing_ok=True)

    def _note(self) -> None:
        """Write the board, at most once a second; nothing depends on it."""
        if self._board and (not self._done or time.monotonic() - self._noted > _NOTE_SECONDS):
            self._noted = time.monotonic()
            with contextlib.suppress(OSError):
                self._board.write_text(json.dumps({"stage": self._name, "done": self._done, "total": self._total}), encoding="utf-8")

    def stage(self, name: str, total: int) -> None:
        """See ``stages.Progress``."""
        LOG.info("%s: %d", name, total)
        self._name, self._done, self._total = name, 0, total
        self._note()
        if self._bars:
            self._task = self._bars.add_task(name, total=total, note="")
        elif not self._quiet:
            click.echo(f"{name}: {total}", err=True)

    def advance(self, steps: int = 1) -> None:
        """See ``stages.Progress``."""
        self._done += steps
        self._note()
        if self._bars and self._task is not None:
            self._bars.advance(self._task, steps)

    def note(self, line: str) -> None:
        """See ``stages.Progress``; on a terminal only."""
        LOG.info("%s", line)
        if self._bars and self._task is not None:
            self._bars.update(self._task, note=line)

    def say(self, line: str) -> None:
        """See ``stages.Progress``."""
        LOG.info("%s", line)
        if self._bars:
            self._bars.console.print(line, markup=False)
        elif not self._quiet:
            click.echo(line, err=True)
