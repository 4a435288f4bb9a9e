"""Weeks of listings and kills at any moment: a small slice of what ``bench/replay.py`` and ``bench/kill.py`` measure whole.

``DIGEST_KILLS=200`` kills that often.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bench.replay import counted, days, live

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"


@pytest.mark.data
@pytest.mark.skipif(not (SHARED / "data" / "metadata").is_dir(), reason="../shared/data/metadata is not here")
def test_a_week_lived_again_keeps_each_paper_once_and_counts_as_the_raw_files_do(tmp_path):
    week = days()[:9]
    lived = live(SHARED, tmp_path, week)
    expected = counted(SHARED, week)
    assert lived.new == expected
    assert lived.papers == sum(expected)
    assert expected[week.index(week[5])] == 0  # a Saturday that repeats the Friday
    assert set(lived.delivered.values()) == {1}
    again = live(SHARED, tmp_path, week)
    assert again.papers == lived.papers


def test_a_process_killed_at_any_moment_is_made_up_for_by_the_next():
    times = int(os.environ.get("DIGEST_KILLS", "6"))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "bench.kill", str(times)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    assert re.search(r"not sound or not the same afterwards: 0;", done.stdout), done.stdout
