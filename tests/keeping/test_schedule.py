"""What `digest schedule` prints is what the timers of the three systems understand."""

from __future__ import annotations

import plistlib
import shlex
import sys

import pytest
from click.testing import CliRunner

from digest.cli import main


@pytest.fixture
def workspace(tmp_path):
    folder = tmp_path / "my 100% papers"
    folder.mkdir()
    return folder


def printed(workspace, *arguments: str) -> str:
    result = CliRunner().invoke(main, ["--workspace", str(workspace), "schedule", *arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


def expected(workspace, *options: str) -> list[str]:
    return [sys.executable, "-m", "digest.cli", "--workspace", str(workspace), "run", "--quiet", *options]


def test_cron_runs_the_very_command_at_that_time(workspace):
    line = printed(workspace, "--cron", "--at", "6:05", "--", "--source", "my folder").splitlines()[-1]
    minute, hour, *days, command = line.split(" ", 5)
    assert (minute, hour, days) == ("5", "6", ["*", "*", "*"])
    assert r"\%" in command
    assert "%" not in command.replace(r"\%", "")
    assert shlex.split(command.replace(r"\%", "%").removesuffix(" >/dev/null")) == expected(workspace, "--source", "my folder")


def test_systemd_gets_a_service_and_a_timer_that_makes_up_for_a_sleep(workspace):
    text = printed(workspace, "--systemd", "--at", "07:30")
    (start,) = [line for line in text.splitlines() if line.startswith("ExecStart=")]
    assert shlex.split(start.removeprefix("ExecStart=").replace("%%", "%")) == expected(workspace)
    assert "OnCalendar=*-*-* 07:30:00" in text
    assert "Persistent=true" in text
    assert str(workspace / "index" / "digest.log") in text


def test_launchd_gets_a_property_list(workspace):
    values = plistlib.loads(printed(workspace, "--launchd", "--at", "07:30").encode())
    assert values["ProgramArguments"] == expected(workspace)
    assert values["StartCalendarInterval"] == {"Hour": 7, "Minute": 30}


@pytest.mark.parametrize("arguments", [["--at", "25:00"], ["--at", "7"], ["cron"], ["--", "--budget", "1x"], ["--", "--source", "a\nb"]])
def test_what_no_timer_understands_is_refused(workspace, arguments):
    result = CliRunner().invoke(main, ["--workspace", str(workspace), "schedule", *arguments])
    assert result.exit_code == 2
