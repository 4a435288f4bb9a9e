"""A run with a time budget: what is left out is said, and made up for by the next run."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from digest.analyses import Work, analyse_papers, budget_notice
from digest.analysing.asking import LATE
from digest.analysing.pace import Pace
from digest.analysing.tune import Speed
from digest.errors import BudgetTooSmall
from digest.records import Analysis, SectionStatus
from digest.stages import add_pdf, read_paper
from digest.workspace import shipped
from tests.engines import ScriptedEngine
from tests.keeping.scripted import Quiet, ScriptedTools, edition, tools_in

if TYPE_CHECKING:
    from pathlib import Path

DAY = dt.date(2026, 1, 30)
GOOD = "We propose a method."


@pytest.fixture
def tools(tmp_path: Path) -> ScriptedTools:
    return tools_in(tmp_path)


def analysed(tools: ScriptedTools, pace: Pace | None = None) -> tuple[list[Analysis], list[str]]:
    """A sample paper analysed at that pace, and what was said."""
    progress = Quiet()
    paper = add_pdf(tools, min(shipped("samples", "papers").glob("*.pdf")), DAY)
    works = [Work(paper, read_paper(tools, paper)[0])]
    found = analyse_papers(tools, works, tools.style("daily"), ScriptedEngine({"*": [GOOD]}), progress, pace=pace)
    return [made for _, made in found if isinstance(made, Analysis)], progress.said


def in_seconds(seconds: float) -> Pace:
    """At 30 tokens a second a paper costs 34 s at 1,024 tokens of it and half of its sections, more than 50 s in full."""
    return Pace(papers=1, context_tokens=8192, speed=Speed(reading=100.0, writing=30.0), until=1e9 + seconds, clock=lambda: 1e9)


def failed(analyses: list[Analysis]) -> list[tuple[str, str]]:
    return [(section.id, section.reason) for made in analyses for section in made.sections if section.status is SectionStatus.FAILED]


def test_what_a_budget_leaves_out_is_said_and_made_up_for_by_the_next_run(tools: ScriptedTools):
    pace = in_seconds(35 / 0.9)
    short, said = analysed(tools, pace)
    assert sorted({name for name, _ in failed(short)}) == ["takeaways", "weaknesses"]
    assert {reason for _, reason in failed(short)} == {LATE}
    assert [line.partition(": time for ")[2] for line in said if "time for" in line] == [
        "1,024 tokens of it, without takeaways, weaknesses"
    ]
    line = budget_notice(pace.given, tools.style("daily"), 90.0, "zh")
    assert line == "时间预算 1 分 30 秒：1 篇只读正文的一部分（约 1,024 词元），1 篇略去对我的启发、潜在缺陷。下次运行会补上。"
    whole, _ = analysed(tools)
    assert failed(whole) == []
    assert all(one.coverage.share > part.coverage.share for one, part in zip(whole, short, strict=True))


def test_with_time_later_only_what_was_left_out_is_asked(tools: ScriptedTools):
    analysed(tools, in_seconds(35 / 0.9))
    (more,), _ = analysed(tools, in_seconds(1000))
    assert failed([more]) == []
    assert more.provenance.seed == 1007


def test_time_enough_leaves_out_nothing(tools: ScriptedTools):
    made = edition(tools, DAY, "samples", top_k=2, budget_seconds=600.0)
    assert not any("时间预算" in line for line in made.digest.notices)
    assert all(entry.analysis and not entry.analysis.unfinished for entry in made.digest.entries)


def test_a_budget_that_is_too_small_is_refused_with_one_that_is_not(tools: ScriptedTools):
    with pytest.raises(BudgetTooSmall) as error:
        edition(tools, DAY, "samples", top_k=2, budget_seconds=0.01)
    assert error.value.hint.startswith("digest run --budget ")


def test_analyses_that_are_there_need_no_budget(tools: ScriptedTools):
    first = edition(tools, DAY, "samples", top_k=2)
    again = edition(tools, DAY, "samples", top_k=2, budget_seconds=0.01)
    assert [entry.analysis for entry in again.digest.entries] == [entry.analysis for entry in first.digest.entries]
