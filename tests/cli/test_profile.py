"""What the reader says of papers and how the profile is understood, through the command line and the real embedding model."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from digest.config import load_profile
from digest.library.store import NAME, Store
from digest.records import Paper
from tests.embedders import minilm_model

RAIN = "Rain streaks are removed from photographs by one network."
SONG = "A model writes melodies and lyrics for pop songs."


@pytest.fixture
def library(workspace):
    """Eight papers: four on rain, four on songs."""
    minilm_model()
    store = Store(workspace / "index" / NAME)
    papers = [Paper(id=f"2601.0000{i}", title=f"Rain {'I' * i}", abstract=RAIN) for i in range(1, 5)]
    papers += [Paper(id=f"2601.0001{i}", title=f"Song {'I' * i}", abstract=SONG) for i in range(1, 5)]
    store.add_papers(papers, today=dt.date(2026, 1, 12))
    store.close()
    return workspace


def scores(digest) -> dict[str, int]:
    rows = [json.loads(line) for line in digest("rank", "--json", "-q").stdout.splitlines()]
    return {row["id"]: row["score"] for row in rows}


def test_a_like_lifts_what_is_like_it_and_can_be_taken_back(library, digest):
    before = scores(digest)
    said = json.loads(digest("like", "2601.00001", "--json").stdout)
    assert (said["verdict"], said["changed"]) == (1, True)
    after = [json.loads(line) for line in digest("rank", "--json", "-q").stdout.splitlines()]
    assert after[0]["id"].startswith("2601.0000")
    assert {"liked", "Rain I"} <= {value for reason in after[0]["reasons"] for value in (reason["kind"], reason["interest"])}
    assert digest("like", "Rain I", "--undo").exit_code == 2  # two titles hold it
    assert json.loads(digest("like", "2601.00001", "--undo", "--json").stdout)["changed"] is True
    assert scores(digest) == before


def test_a_dislike_replaces_a_like(library, digest):
    digest("like", "2601.00011")
    digest("dislike", "2601.00011")
    lines = [json.loads(line) for line in digest("profile", "show", "--json").stdout.splitlines()]
    assert [(line["kind"], line["name"]) for line in lines if line["kind"] in {"liked", "disliked"}] == [("disliked", "2601.00011")]


def test_a_paper_that_nobody_knows_cannot_be_liked(library, digest):
    result = digest("like", "no such paper")
    assert (result.exit_code, "no paper of the library matches" in result.stderr) == (2, True)


def test_show_tells_how_chinese_is_read(library, digest):
    text = '[[interest]]\nname = "三维"\ntext = "三维高斯泼溅，陶器"\npapers = ["2601.00001", "nowhere"]\n'
    (library / "profile.toml").write_text(text, encoding="utf-8")
    shown, known, unknown = [json.loads(line) for line in digest("profile", "show", "--json").stdout.splitlines()]
    assert (shown["text"], shown["missed"]) == ("3D Gaussian splatting", ["陶器"])
    assert (known["text"], unknown["missed"]) == ("Rain I", ["nowhere"])


def test_check_finds_what_is_odd(library, digest):
    twice = '[[interest]]\nname = "a"\ntext = "Removing rain."\n[[interest]]\nname = "b"\ntext = "Removal of rain."\n'
    (library / "profile.toml").write_text('liked = ["nowhere"]\n' + twice + '[[interest]]\nname = "c"\ntext = "陶器"\n', encoding="utf-8")
    result = digest("profile", "check", "-q", "--json")
    assert result.exit_code == 1
    assert {json.loads(line)["kind"] for line in result.stdout.splitlines()} == {"overlap", "untranslated", "unknown"}


def test_check_tells_of_an_interest_that_is_avoided_as_well(library, digest):
    text = '[[interest]]\nname = "a"\ntext = "Removing rain."\n[[avoid]]\nname = "b"\ntext = "Removal of rain."\n'
    (library / "profile.toml").write_text(text, encoding="utf-8")
    (found,) = [json.loads(line) for line in digest("profile", "check", "-q", "--json").stdout.splitlines()]
    assert (found["kind"], found["interest"]) == ("avoided", "a")


def test_rank_says_which_interest_nobody_can_read(library, digest):
    (library / "profile.toml").write_text('[[interest]]\nname = "陶"\ntext = "陶器"\n', encoding="utf-8")
    assert "'陶'" in digest("rank").stderr


def test_check_has_nothing_to_say_of_a_sound_profile(library, digest):
    assert digest("profile", "check", "-q").stdout == "nothing odd was found\n"


def test_a_backtest_compares_the_profile_with_what_feedback_taught(library, digest):
    assert digest("profile", "backtest").exit_code == 2  # nothing liked yet
    digest("like", "2601.00001", "2601.00002", "2601.00003", "2601.00004")
    found = json.loads(digest("profile", "backtest", "-k", "1", "-q", "--json").stdout)
    assert (found["liked"], found["papers"]) == (4, 8)
    assert found["taught"]["recall"] == 1.0 >= found["written"]["recall"]


def test_an_empty_library_is_no_reason_to_fail(workspace, digest):
    minilm_model()
    ranked = digest("rank", "-q")
    assert (ranked.exit_code, ranked.stderr) == (0, "the library is empty: digest run\n")
    assert digest("profile", "show").exit_code == 0
    assert digest("profile", "check", "-q").exit_code == 0


BIB = """
@article{a, title={Removing rain from photographs}, abstract={Image restoration: rain and haze are removed by one network.}}
@article{b, title={Deraining in one step}, abstract={Image restoration of rainy photographs, deraining with attention.}}
@article{c, title={Singing machines}, abstract={Music generation: a language model writes songs.}}
@article{d, title={Melodies from text}, abstract={Music generation and audio generation from a prompt.}, eprint={2601.00011}}
"""


def test_an_export_becomes_a_profile_that_can_be_read_back(library, digest, tmp_path):
    (tmp_path / "library.bib").write_text(BIB, encoding="utf-8")
    made = tmp_path / "made.toml"
    assert digest("profile", "import", tmp_path / "library.bib", "--interests", "2", "--output", made, "-q").exit_code == 0
    profile = load_profile(made)
    assert any("音乐生成" in interest.name for interest in profile.interest)
    assert any("图像复原" in interest.name for interest in profile.interest)
    assert any(interest.papers == ["2601.00011"] for interest in profile.interest)
    again = digest("profile", "import", tmp_path / "library.bib", "--output", made, "-q")
    assert (again.exit_code, "is there already" in again.stderr) == (2, True)


def test_ids_are_looked_up_in_the_library_and_wrong_ones_are_told(library, digest, tmp_path):
    ids = tmp_path / "ids.txt"
    ids.write_text("2601.00001\n2601.00011v2\n# a remark\n", encoding="utf-8")
    result = digest("profile", "import", ids, "--offline", "-q")
    assert (result.exit_code, result.stdout.count("[[interest]]")) == (0, 1)
    ids.write_text("2601.99999\n", encoding="utf-8")
    result = digest("profile", "import", ids, "--offline", "-q")
    assert (result.exit_code, "2601.99999 is not in the library" in result.stderr) == (1, True)
    assert f"digest profile import {ids}" in result.stderr
    ids.write_text("not an id\n", encoding="utf-8")
    assert "is no arXiv id" in digest("profile", "import", ids, "-q").stderr
    ids.write_text("", encoding="utf-8")
    assert "names no paper" in digest("profile", "import", ids, "-q").stderr
