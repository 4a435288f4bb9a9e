"""A paper whose analysis was cut off goes on where it was, or is asked about afresh."""

from __future__ import annotations

import datetime as dt

import pytest

from digest.analyses import Work, analyse_papers, key_of
from digest.records import Analysis
from digest.stages import add_pdf, read_paper
from digest.workspace import shipped
from tests.engines import ScriptedEngine
from tests.keeping.scripted import Quiet, tools_in


@pytest.mark.parametrize("afresh", [False, True])
def test_a_section_that_was_kept_is_asked_again_only_where_all_are(tmp_path, afresh):
    tools, engine = tools_in(tmp_path), ScriptedEngine({"*": ["We propose a method."]})
    paper = add_pdf(tools, min(shipped("samples", "papers").glob("*.pdf")), dt.date(2026, 1, 30))
    work, style = Work(paper, read_paper(tools, paper)[0]), tools.style("brief")
    ((_, whole),) = analyse_papers(tools, [work], style, engine, Quiet())
    assert isinstance(whole, Analysis)
    tools.store.connection.execute("DELETE FROM analysis")
    tools.store.add_section(key_of(tools, work, style, engine), paper.id, whole.sections[0])
    engine.asked.clear()
    list(analyse_papers(tools, [work], style, engine, Quiet(), afresh=afresh))
    assert (whole.sections[0].id in {question.id for _, _, question in engine.asked}) is afresh
    assert len({question.id for _, _, question in engine.asked}) == len(style.sections) - (not afresh)
