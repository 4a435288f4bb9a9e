"""A slice of ``bench/chaos.py``; ``DIGEST_CHAOS_SEEDS=500`` takes more of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bench import chaos

SEEDS = int(os.environ.get("DIGEST_CHAOS_SEEDS", "12"))


@pytest.mark.parametrize("seed", range(SEEDS))
def test_no_paper_is_lost_doubled_or_spoiled_whatever_the_network_does(seed):
    titles = chaos.titles_of(Path(__file__).parents[3] / "shared" / "data" / "metadata")
    assert chaos.one(seed, titles).wrong == []
