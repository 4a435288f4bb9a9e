"""``digest rank`` and ``digest models tune``: what the command line prints is what the library's functions give."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from digest.config import load_profile
from digest.ranking import rank
from digest.records import Paper
from tests.embedders import minilm

if TYPE_CHECKING:
    from click.testing import Result

PAPERS = [
    Paper(id="sharp", title="Sharp in twelve steps", abstract="A diffusion model for image super-resolution. It is fast."),
    Paper(id="blur", title="Photographs without blur", abstract="We remove blur from photographs. A flow network restores texture."),
    Paper(id="song", title="Songs", abstract="We generate music with a language model."),
    Paper(id="short", title="A title alone", abstract=""),
]


@pytest.fixture
def feed(tmp_path):
    """The papers as a file; called with some of them, a file of those."""

    def write(papers):
        path = tmp_path / f"{len(papers)}.jsonl"
        path.write_text("\n".join(json.dumps({"id": p.id, "title": p.title, "abstract": p.abstract}) for p in papers), encoding="utf-8")
        return path

    return write


def lines(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_profile_written_from_a_paper_ranks_as_through_the_library(digest, feed, tmp_path):
    profile = tmp_path / "query.toml"
    profile.write_text(f'[[interest]]\nname = "query"\ntext = """{PAPERS[0].gist}"""\n', encoding="utf-8")
    found = lines(digest("rank", "--papers", feed(PAPERS), "--profile", profile, "--json", "--quiet"))
    expected = rank(PAPERS, load_profile(profile), minilm())
    assert [(row["id"], row["score"], row["relevance"]) for row in found] == [(r.paper.id, r.score, r.relevance) for r in expected]
    assert found[0]["id"] == "sharp"
    assert found[0]["relevance"] > found[1]["relevance"] + 0.2


def test_a_paper_scores_the_same_on_a_day_of_its_own(digest, feed):
    day = {row["id"]: row for row in lines(digest("rank", "--papers", feed(PAPERS), "--json", "--quiet"))}
    (alone,) = lines(digest("rank", "--papers", feed(PAPERS[:1]), "--json", "--quiet"))
    assert alone == day["sharp"]


def test_the_order_of_the_file_changes_nothing(digest, feed):
    forth = digest("rank", "--papers", feed(PAPERS), "--json", "--quiet").stdout
    assert digest("rank", "--papers", feed(PAPERS[::-1]), "--json", "--quiet").stdout == forth


def test_an_empty_day_and_an_empty_library_rank_nothing(digest, feed):
    assert lines(digest("rank", "--papers", feed([]), "--json", "--quiet")) == []
    assert lines(digest("rank", "--json", "--quiet")) == []


def test_tuning_keeps_the_fastest_faithful_way_and_ranking_uses_it(digest, feed, workspace):
    pytest.importorskip("onnxruntime")
    trials = lines(digest("models", "tune", "--json"))
    (best,) = [trial for trial in trials if trial["chosen"]]
    assert {trial["backend"] for trial in trials} == {"torch", "onnx", "onnx-int8"}
    assert best["texts_per_second"] == max(trial["texts_per_second"] for trial in trials if trial["cosine"] >= 0.985)
    assert json.loads((workspace / "index" / "tuned.json").read_text())["embedding"] == {"minilm-l6@53aa5117": best["backend"]}
    assert lines(digest("rank", "--papers", feed(PAPERS), "--json", "--quiet"))[0]["id"] == "sharp"


def test_a_model_that_nobody_knows_is_not_tuned(digest):
    result = digest("models", "tune", "gpt-0")
    assert result.exit_code == 2
    assert "gpt-0" in result.stderr
