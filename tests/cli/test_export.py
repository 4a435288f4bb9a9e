"""``digest export``: which papers, where to, and what a second export leaves alone."""

import datetime as dt
import json

import pytest
import rispy

from digest.library.feedback import Feedback
from digest.library.store import NAME, Store
from tests.library.examples import add, analysis
from tests.library.examples import digest as edition


@pytest.fixture
def shelf(workspace):
    """Three papers: one in a digest, one liked, one only fetched."""
    store = Store(workspace / "index" / NAME)
    first = add(store, "2602.00001", "Deblurring.", authors=("Ada Lovelace",), categories=("cs.CV",))
    add(store, "2602.00002", "Denoising.", published=dt.date(2025, 1, 1), categories=("eess.IV",))
    add(store, "2602.00003", "Songs.")
    store.add_analysis("key", analysis("2602.00001"))
    store.add_digest(edition(dt.date(2026, 2, 16), first), sources="samples", folder="2026-02-16")
    Feedback(store).say("2602.00002", 1)
    store.close()


def ids(text: str) -> list[str]:
    return [item["number"].removeprefix("arXiv:") for item in json.loads(text)]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ((), ["2602.00001", "2602.00002"]),
        (("--all",), ["2602.00001", "2602.00003", "2602.00002"]),
        (("--liked",), ["2602.00002"]),
        (("--digest", "2026-02-16"), ["2602.00001"]),
        (("2602.00003v2", "2602.00001"), ["2602.00001", "2602.00003"]),
        (("--since", "2026-01-01"), ["2602.00001"]),
        (("--category", "eess.IV"), ["2602.00002"]),
    ],
)
def test_the_papers_meant_are_exported_newest_first(digest, shelf, options, expected):
    assert ids(digest("export", "csl", *options).stdout) == expected


def test_a_file_is_written_whole_and_told(digest, shelf, tmp_path):
    result = digest("export", "ris", "--all", "-o", tmp_path / "all.ris")
    assert result.stdout == f"3 papers: {tmp_path / 'all.ris'}\n"
    assert len(rispy.load(tmp_path / "all.ris")) == 3
    assert digest("export", "bibtex", "2602.00001").stdout.startswith("@misc{lovelace2602.00001,\n")


def test_notes_are_written_once_and_left_to_the_reader(digest, shelf, tmp_path):
    vault = tmp_path / "vault"
    assert digest("export", "obsidian", "-o", vault).stdout.startswith("2 new notes, 0 changed, 0 as they were")
    note = vault / "lovelace2602.00001.md"
    note.write_text(note.read_text(encoding="utf-8") + "mine\n", encoding="utf-8")
    (vault / "paper2602.00002.md").write_text("a note of my own", encoding="utf-8")
    again = digest("export", "obsidian", "-o", vault)
    assert again.stdout.startswith("0 new notes, 0 changed, 1 as they were")
    assert "paper2602.00002.md has no marker line and was left alone" in again.stderr
    assert note.read_text(encoding="utf-8").endswith("mine\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("obsidian",), "notes need a folder"),
        (("ris", "9999.99999"), "no paper of the library is called '9999.99999'"),
        (("ris", "--liked", "--all"), "one of them"),
        (("ris", "--digest", "2020-01-01"), "no digest of 2020-01-01"),
        (("ris", "--category", "math.NT"), "no paper of the library was chosen"),
        (("endnote",), "'endnote' is not one of"),
    ],
)
def test_a_wrong_call_says_what_is_wrong(digest, shelf, arguments, message):
    result = digest("export", *arguments)
    assert result.exit_code == 2
    assert message in result.stderr
