from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from digest.config import Settings, load_profile, load_settings
from digest.errors import UsageError
from digest.workspace import shipped

if TYPE_CHECKING:
    from collections.abc import Callable

INTEREST = '[[interest]]\nname = "SR"\ntext = "Super-resolution."\n'


def settings_fault(tmp_path, text: str) -> str:
    return fault_of(load_settings, tmp_path / "digest.toml", text)


def profile_fault(tmp_path, text: str) -> str:
    return fault_of(load_profile, tmp_path / "profile.toml", text)


def fault_of(load: Callable[[Path], object], path: Path, text: str) -> str:
    """What *load* says of a file that holds *text*: one line that begins with the file."""
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        load(path)
    assert str(caught.value).startswith(f"{path}")
    assert "\n" not in str(caught.value)
    return str(caught.value).removeprefix(f"{path}: ")


def test_without_a_file_every_setting_has_its_default(tmp_path):
    assert load_settings(tmp_path / "digest.toml") == Settings()


def test_the_shipped_files_are_valid_and_state_the_defaults():
    assert load_settings(shipped("digest.toml")) == Settings()
    assert len(load_profile(shipped("profile.toml")).interest) == 6


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('langauge = "zh"', "unknown key langauge (allowed here: language, style, sources, reading, ranking, analysis, feed, mail)"),
        ("[ranking]\ntopk = 3", "unknown key ranking.topk (allowed here: top_k, threshold, max_alike, explore, embedder)"),
        (
            '[ranking]\nlanguage = "en"',
            (
                "unknown key ranking.language (allowed here: top_k, threshold, max_alike, explore, embedder;"
                " language belongs above the first [table])"
            ),
        ),
        ('language = "fr"', "language = 'fr': should be 'zh' or 'en'"),
        ("[ranking]\ntop_k = 0", "ranking.top_k = 0: should be greater than 0"),
        ("[ranking]\nthreshold = 101", "ranking.threshold = 101: should be less than or equal to 100"),
        ('[ranking]\ntop_k = "3"', "ranking.top_k = '3': should be a valid integer"),
        ("[sources]\ndelay_seconds = inf", "sources.delay_seconds = inf: should be a finite number"),
        ("[sources]\ndefault = [1]", "sources.default.1 = 1: should be a valid string"),
        ('[analysis]\nengine = "ollama"', "analysis.engine = 'ollama': should be 'auto', 'llama', 'server' or 'extractive'"),
        ("[analysis]\ncontext_tokens = 10", "analysis.context_tokens = 10: should be greater than or equal to 1024"),
        ("ranking = 3", "ranking = 3: should be a valid dictionary or instance of RankingSettings"),
    ],
)
def test_a_wrong_setting_is_told_with_its_key_and_what_it_may_be(tmp_path, text, fault):
    assert settings_fault(tmp_path, text) == fault


def test_all_faults_are_told_at_once(tmp_path):
    fault = settings_fault(tmp_path, 'language = "fr"\n[ranking]\ntop_k = -1\n')
    assert "language" in fault
    assert "ranking.top_k" in fault


def test_a_file_that_is_no_toml_is_told_with_the_line(tmp_path):
    assert "is not TOML" in settings_fault(tmp_path, "language = zh")
    assert "line 1" in settings_fault(tmp_path, "language = zh")


def test_a_file_that_is_no_text_is_told(tmp_path):
    path = tmp_path / "digest.toml"
    path.write_bytes(b"language = \xff")
    with pytest.raises(UsageError, match="is not TOML"):
        load_settings(path)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("liked = []", "interest is missing"),
        ("interest = []", "interest = []: List should have at least 1 item after validation, not 0"),
        ('[[interest]]\nname = "SR"', "interest.1.text is missing"),
        (INTEREST + INTEREST + "wieght = 2.0", "unknown key interest.2.wieght (allowed here: name, text, weight, keywords, papers)"),
        (INTEREST + "weight = 0", "interest.1.weight = 0: should be greater than 0"),
        (INTEREST + "weight = 11", "interest.1.weight = 11: should be less than or equal to 10"),
        (INTEREST + '[[avoid]]\nwords = "x"\ntext = "y"', "unknown key avoid.1.words (allowed here: name, text, weight)"),
        (
            INTEREST + 'liked = ["2601.1"]',
            "unknown key interest.1.liked (allowed here: name, text, weight, keywords, papers; liked belongs above the first [table])",
        ),
    ],
)
def test_a_wrong_profile_is_told_with_its_key_and_what_it_may_be(tmp_path, text, fault):
    assert profile_fault(tmp_path, text) == fault


def test_a_whole_number_will_do_as_a_weight(tmp_path):
    path = tmp_path / "profile.toml"
    path.write_text(INTEREST + "weight = 2\n")
    assert load_profile(path).interest[0].weight == 2.0


def test_a_profile_that_is_not_there_is_told_with_the_command_that_helps(tmp_path):
    with pytest.raises(UsageError, match="no profile at") as caught:
        load_profile(tmp_path / "profile.toml")
    assert caught.value.hint == "digest init"


def test_settings_cannot_be_changed_once_they_are_read():
    with pytest.raises(ValidationError):
        Settings().language = "en"
