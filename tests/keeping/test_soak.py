"""Mornings lived in one process, some killed: a small slice of ``bench/soak.py``; ``DIGEST_SOAK_DAYS=35`` takes more of it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bench.world import SHARED

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.data
@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/data is not here")
def test_mornings_leave_nothing_behind():
    days = int(os.environ.get("DIGEST_SOAK_DAYS", "2"))
    done = subprocess.run(
        [sys.executable, "-m", "bench.soak", str(days), "7", "cs.MA", "3"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    assert "0 things went wrong" in done.stdout, done.stdout
    evenings = re.findall(r" (\d+) handles +(\d+) threads +(\d+) processes +(\d+) temporary", done.stdout)
    assert len(evenings) == days
    assert len(set(evenings[1:])) == 1, done.stdout  # on the first day things are loaded that stay
