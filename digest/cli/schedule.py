"""``digest schedule``: the entry that makes a timer of the operating system run the digest every day."""

from __future__ import annotations

import plistlib
import re
import shlex
import sys
from pathlib import Path

import click

from digest.cli.run import run
from digest.errors import UsageError
from digest.workspace import Workspace, find_workspace

_KINDS = ("systemd", "cron", "launchd")


class TimeOfDay(click.ParamType[tuple[int, int]]):
    """A time of day as ``07:30``."""

    name = "time"

    def convert(self, value: str | tuple[int, int], param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        """See ``click.ParamType.convert``."""
        if isinstance(value, tuple):
            return value
        match = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", value)
        if not match:
            self.fail(f"{value!r} is not a time of day such as 07:30", param, ctx)
        return int(match[1]), int(match[2])


@click.command(context_settings={"ignore_unknown_options": True})
@click.option("--systemd", "kind", flag_value="systemd", help="A service and a timer of the user. [default on Linux]")
@click.option("--cron", "kind", flag_value="cron", help="A line for crontab.")
@click.option("--launchd", "kind", flag_value="launchd", help="A property list for launchd. [default on macOS]")
@click.option("--at", type=TimeOfDay(), default="07:30", show_default=True, help="When, every day.")
@click.argument("options", nargs=-1, type=click.UNPROCESSED, metavar="[-- OPTION]...")
@click.pass_context
def schedule(ctx: click.Context, kind: str | None, at: tuple[int, int], options: tuple[str, ...]) -> None:
    """Print what makes this machine run `digest run` for this workspace every day; nothing is installed.

    What stands behind -- is given to `digest run`. How each run went is in index/digest.log of the workspace.

    \b
    Examples:
      digest schedule --at 07:30
      digest schedule --cron --at 6:00 -- --source arxiv --source hf --budget 2h
    """
    run.make_context("digest run", list(options))  # a timer that fails every morning is noticed late
    workspace = find_workspace(ctx.obj)
    command = [sys.executable, "-m", "digest.cli", "--workspace", str(workspace.root), "run", "--quiet", *options]
    if any(ord(character) < 32 for word in command for character in word):
        raise UsageError("a path or an option holds a line break or another control character", hint="digest schedule --help")
    kind = kind or ("launchd" if sys.platform == "darwin" else "systemd")
    click.echo({"systemd": _systemd, "cron": _cron, "launchd": _launchd}[kind](workspace, command, *at), nl=False)


def _systemd(workspace: Workspace, command: list[str], hour: int, minute: int) -> str:
    """Two files; ``Persistent`` makes up for a morning the machine slept through."""
    words = " ".join('"{}"'.format(word.translate({37: "%%", 36: "$$", 92: r"\\", 34: r"\""})) for word in command)
    folder = Path("~/.config/systemd/user")
    return f"""\
# {folder}/digest.service
[Unit]
Description=Digest of new papers
[Service]
Type=oneshot
ExecStart={words}
Nice=10
# 4: written, but some papers failed; they are tried again
SuccessExitStatus=4

# {folder}/digest.timer
[Unit]
Description=Digest of new papers, every day
[Timer]
OnCalendar=*-*-* {hour:02}:{minute:02}:00
RandomizedDelaySec=5min
Persistent=true
[Install]
WantedBy=timers.target

# then: systemctl --user daemon-reload && systemctl --user enable --now digest.timer
# without being logged in: loginctl enable-linger
# log: {workspace.log}
"""


def _cron(workspace: Workspace, command: list[str], hour: int, minute: int) -> str:
    """One line; in a crontab a bare % would end it. Only what goes wrong is mailed."""
    line = shlex.join(command).replace("%", r"\%")
    return f"# crontab -e   (log: {workspace.log})\n{minute} {hour} * * * {line} >/dev/null\n"


def _launchd(workspace: Workspace, command: list[str], hour: int, minute: int) -> str:
    """A property list for ~/Library/LaunchAgents; a missed time is made up for when the machine wakes."""
    values = {
        "Label": "digest.daily",
        "ProgramArguments": command,
        "StartCalendarInterval": {"Hour": hour, "Minute": minute},
        "ProcessType": "Background",
        "StandardErrorPath": str(workspace.log.with_name("launchd.log")),
    }
    place = "~/Library/LaunchAgents/digest.daily.plist"
    head, body = plistlib.dumps(values, sort_keys=False).decode().split("<plist", 1)
    return f"{head}<!-- {place}, then: launchctl bootstrap gui/$(id -u) {place} -->\n<plist{body}"
