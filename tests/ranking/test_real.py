"""The starter profile and the real model: relevant papers come first, and scores mean something."""

from __future__ import annotations

import pytest

from digest.config import load_profile
from digest.ranking import rank
from digest.records import Paper, Ranked
from digest.workspace import shipped
from tests.embedders import minilm

ON_TOPIC = {
    "superres": ("Arbitrary-scale super-resolution in one step", "We restore fine detail at any scale with a single network."),
    "flow": ("Straighter paths for image generation", "A rectified flow is trained so that few sampling steps suffice."),
    "rain": ("Seeing through the storm", "Rain streaks and haze are removed from photographs by one network for all weather."),
}
OFF_TOPIC = {
    "market": ("Price impact in thin markets", "We estimate how large orders move prices of rarely traded bonds."),
    "proof": ("A short proof of a theorem on graphs", "Every planar graph without short cycles has a colouring with three colours."),
    "speech": ("Dialects in speech recognition", "Error rates of commercial systems differ between speakers of regional dialects."),
}


@pytest.fixture(scope="module")
def ranked() -> list[Ranked]:
    papers = [Paper(id=name, title=title, abstract=abstract) for name, (title, abstract) in (OFF_TOPIC | ON_TOPIC).items()]
    return rank(papers, load_profile(shipped("profile.toml")), minilm())


def test_relevant_papers_come_first_with_room_above_them(ranked):
    assert {item.paper.id for item in ranked[:3]} == set(ON_TOPIC)
    assert all(30 < item.score < 100 for item in ranked[:3])


def test_unrelated_papers_score_low(ranked):
    assert all(item.score < 10 for item in ranked[3:])


def test_the_first_reason_is_the_interest_a_reader_would_name(ranked):
    first = {item.paper.id: item.reasons[0] for item in ranked[:3]}
    assert first["superres"].interest == "超分辨率"
    assert first["flow"].interest == "流匹配"
    assert first["rain"].interest == "图像复原"
    assert first["rain"].sentence == ON_TOPIC["rain"][1]
