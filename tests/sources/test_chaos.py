"""A slice of ``bench/chaos.py``; ``DIGEST_CHAOS_SEEDS=500`` takes more of it."""

from __future__ import annotations

import os

import pytest

from bench import chaos
from bench.world import SHARED, Real

SEEDS = int(os.environ.get("DIGEST_CHAOS_SEEDS", "6"))


@pytest.mark.parametrize("seed", range(SEEDS))
def test_no_paper_is_lost_doubled_or_spoiled_whatever_the_network_does(seed):
    assert chaos.one(seed).wrong == []


def test_real_answers_are_given_byte_for_byte():
    feeds = Real.load().feeds
    if not feeds:
        pytest.skip("no ../shared/data/feeds here")
    files = {path.read_bytes() for path in (SHARED / "feeds/arxiv_atom").glob("real_*.xml") if "error" not in path.name}
    assert {feed.answer(set(feed.entries)) for feed in feeds} == files
