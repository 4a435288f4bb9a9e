"""``digest run --reanalyse``: the same papers, another model, and what that changed."""

import json

import pytest

from digest.library.past import Past
from digest.library.store import NAME, Store
from tests.analysing.modelserver import serve
from tests.cli.test_engines import GOOD, configure
from tests.loopback import LoopbackServer

DAY = ("--date", "2026-11-20")


@pytest.fixture
def served(digest, papers, workspace):
    """A digest that quotes the papers, and then a server whose model writes."""
    with LoopbackServer() as server:
        configure(workspace, serve(server, lambda _: GOOD))
        assert digest("run", "--source", papers, "--engine", "extractive", "--top-k", 1, *DAY, "--quiet").exit_code == 0
        yield server


def test_another_model_analyses_again_the_change_is_told_and_the_earlier_analysis_stays(digest, served, workspace):
    result = digest("run", "--reanalyse", "--engine", "server", *DAY, "--quiet")
    assert result.exit_code == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0].startswith("Sharp Steps")
    assert "extractive" in lines[1]
    assert lines[2].startswith("  全部陈述：")
    assert "一：" in lines[3]
    report = (workspace / "digests" / "2026-11-20" / "run-report.md").read_text(encoding="utf-8")
    assert "## 重新分析的变化" in report
    assert "30.88 dB" in (workspace / "digests" / "2026-11-20" / "digest.md").read_text(encoding="utf-8")

    store = Store(workspace / "index" / NAME)
    ((folder, edition),) = Past(store).editions()
    engines = [analysis.provenance.engine for analysis in Past(store).analyses(edition.entries[0].ranked.paper.id)]
    store.close()
    assert folder == "2026-11-20"
    assert sorted(engines) == ["extractive", "server"]
    assert not any("没有可用的语言模型" in notice for notice in edition.notices)


def test_the_same_model_changes_nothing(digest, served):
    (made,) = [
        json.loads(line) for line in digest("run", "--reanalyse", "--engine", "extractive", *DAY, "--json", "--quiet").stdout.splitlines()
    ]
    assert [change["sections"] for change in made["changes"]] == [[]]
    assert "没有变化" in digest("run", "--reanalyse", "--engine", "extractive", *DAY, "--quiet").stdout


def test_a_model_that_fails_costs_no_paper_its_analysis(digest, served, workspace):
    page = workspace / "digests" / "2026-11-20" / "digest.md"
    before = [line for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("- ")]
    configure_again = (workspace / "digest.toml").read_text(encoding="utf-8").replace("/v1", "/v2")
    (workspace / "digest.toml").write_text(configure_again, encoding="utf-8")
    digest("run", "--reanalyse", "--engine", "server", *DAY, "--quiet")
    assert [line for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("- ")] == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(("--date", "2020-01-01"), "no digest of 2020-01-01"), ((*DAY, "--source", "arxiv"), "takes the papers of a digest")],
)
def test_a_wrong_call_is_told(digest, workspace, arguments, message):
    result = digest("run", "--reanalyse", *arguments, "--quiet")
    assert result.exit_code == 2
    assert message in result.stderr
