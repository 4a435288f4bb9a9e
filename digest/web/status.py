"""What the command that works in the workspace is doing, as its lock, its log and its progress tell. Nothing is touched."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.machine import is_running

if TYPE_CHECKING:
    from digest.workspace import Workspace

_TAIL_BYTES = 65_536
_LINE = re.compile(r"(?P<at>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),\d+ \[(?P<pid>\d+)\] (?P<said>.*)")
_HOLDER = re.compile(r"pid (\d+) since (\S+ \S+): (.*)", re.DOTALL)
_BEGAN, _ENDED = "began: ", ("ended", "failed: ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A stage that began, or something that was said."""

    at: str
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """One command: the one at work, or the last one."""

    command: str = ""  # "" when there never was one
    began: str = ""
    running: bool = False
    failed: str = ""  # why, in its own words
    steps: tuple[Step, ...] = ()
    stage: str = ""  # at work on it now
    done: int = 0
    total: int = 0


def status(workspace: Workspace) -> Status:
    """What is going on in *workspace*, or how the last command ended."""
    pid, since, command = _holder(workspace)
    lines = _last_command(_log(workspace))
    said = [line["said"] for line in lines]
    logged = bool(lines) and (not pid or int(lines[0]["pid"]) == pid)
    stage, done, total = _progress(workspace) if pid else ("", 0, 0)
    return Status(
        command=command or (said[0].removeprefix(_BEGAN) if said else ""),
        began=since or (lines[0]["at"] if lines else ""),
        running=bool(pid),
        failed=said[-1].removeprefix("failed: ") if logged and not pid and said[-1].startswith("failed: ") else "",
        steps=tuple(Step(at=line["at"], said=line["said"]) for line in lines[1:] if not line["said"].startswith(_ENDED)) if logged else (),
        stage=stage,
        done=done,
        total=total,
    )


def _holder(workspace: Workspace) -> tuple[int, str, str]:
    """Process, since when and command of who holds the lock; (0, "", "") when nobody does. The lock itself is not tried:
    a run that began in that moment would find it taken.
    """
    try:
        match = _HOLDER.match((workspace.index / "lock").read_text(encoding="utf-8", errors="replace"))
    except OSError:
        match = None
    if not match or not is_running(int(match[1])):
        return 0, "", ""
    return int(match[1]), match[2], match[3].strip()


def _log(workspace: Workspace) -> list[str]:
    try:
        with workspace.log.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - _TAIL_BYTES))
            return file.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return []


def _last_command(lines: list[str]) -> list[re.Match[str]]:
    """The lines of the command that began last."""
    matches = [match for line in lines if (match := _LINE.fullmatch(line))]
    began = [n for n, match in enumerate(matches) if match["said"].startswith(_BEGAN)]
    if not began:
        return []
    first = matches[began[-1]]
    return [match for match in matches[began[-1] :] if match["pid"] == first["pid"]]


def _progress(workspace: Workspace) -> tuple[str, int, int]:
    try:
        told = json.loads(workspace.progress.read_text(encoding="utf-8"))
        return str(told["stage"]), int(told["done"]), int(told["total"])
    except (OSError, ValueError, KeyError, TypeError):
        return "", 0, 0
