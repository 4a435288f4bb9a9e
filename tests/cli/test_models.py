"""`digest models tune` and `eval` from the command line, with a tiny model of random weights."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from bench.shapes import SHAPES, VOCABULARY, write

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(not VOCABULARY.is_file(), reason="no vocabulary: make vocabulary")


@pytest.fixture(scope="module")
def gguf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "tiny.gguf"
    write(SHAPES["tiny-attention"], path)
    return path


def test_a_chat_model_is_tuned_and_then_run_as_it_was_fastest(digest, gguf, workspace):
    assert digest("models", "add", gguf, "--id", "tiny", "--context-tokens", 1024).exit_code == 0
    result = digest("models", "tune", "tiny", "--json")
    trials = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert {trial["model"] for trial in trials} == {"tiny"}
    assert {trial["flash_attention"] for trial in trials} == {True, False}
    assert all(trial["flash_attention"] for trial in trials if trial["papers"] > 1)
    assert all(trial["reading"] > 0 and trial["writing"] > 0 for trial in trials)
    (kept,) = json.loads(next(workspace.rglob("tuned.json")).read_text(encoding="utf-8"))["chat"].values()
    assert kept in [{key: value for key, value in trial.items() if key != "model"} for trial in trials]


def test_a_model_of_random_weights_is_not_fit_and_the_exit_code_says_so(digest, gguf):
    digest("models", "add", gguf, "--id", "tiny", "--context-tokens", 1024)
    result = digest("models", "eval", "tiny", "--style", "tiny", "--json", "--quiet")
    assert result.exit_code == 1
    score = json.loads(result.stdout)
    assert (score["model"], score["papers"]) == ("tiny", 5)
    assert "keys" in score["failures"]
    assert score["memory_bytes"] > 0


def test_a_file_that_is_no_model_is_refused_by_name(digest, tmp_path):
    wrong = tmp_path / "wrong.gguf"
    wrong.write_bytes(b"PK\x03\x04")
    result = digest("models", "add", wrong)
    assert result.exit_code == 2
    assert "wrong.gguf is not a GGUF file" in result.stderr


def test_a_broken_gguf_says_which_command_helps(digest, gguf, papers):
    broken = gguf.with_name("broken.gguf")
    broken.write_bytes(gguf.read_bytes()[:4000])
    digest("models", "add", broken, "--id", "broken")
    result = digest("analyse", papers / "sharp.pdf", "--model", "broken", "--quiet")
    assert result.exit_code == 3
    assert "digest models pull broken --force" in result.stderr


def test_a_model_that_nobody_has_is_named(digest, papers):
    result = digest("analyse", papers / "sharp.pdf", "--model", "nosuch", "--quiet")
    assert result.exit_code in (2, 3)
    assert "nosuch" in result.stderr
    assert "digest models list" in result.stderr
