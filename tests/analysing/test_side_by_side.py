"""Several papers at once: what becomes of each is its own."""

from __future__ import annotations

import dataclasses
import json
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from digest.analysing import Task, analyse, analyse_all
from digest.analysing.asking import LATE
from digest.errors import ContextTooSmall, DigestError, PaperError, ServerFailed
from digest.records import Analysis, AnalysisSection, SectionStatus
from tests.analysing.modelserver import engine, serve
from tests.engines import ScriptedEngine
from tests.loopback import Answer, LoopbackServer

if TYPE_CHECKING:
    from digest.analysing import Request

GOOD = "- Sharp Steps samples an image in 12 steps [p1]."


def titled(request: Request, title: str, **changes: Any) -> Request:
    return dataclasses.replace(request, paper=dataclasses.replace(request.paper, title=title, **changes))


def test_each_paper_comes_with_its_own_analysis_in_its_turn(request_):
    tasks = [Task(request=titled(request_, f"Paper {number}", id=str(number))) for number in range(3)]
    found = list(analyse_all(tasks, ScriptedEngine({"*": [GOOD]})))
    assert [task for task, _ in found] == tasks
    assert [made.paper for _, made in found if isinstance(made, Analysis)] == ["0", "1", "2"]


def test_what_is_wrong_with_one_paper_is_its_own(request_):
    nothing = dataclasses.replace(titled(request_, "Empty", abstract=""), document=None)
    long_title = titled(request_, "word " * 9000)
    tasks = [Task(request=one) for one in (nothing, long_title, request_)]
    found = {task.request.paper.title[:5]: made for task, made in analyse_all(tasks, ScriptedEngine({"*": [GOOD]}))}
    assert isinstance(found["Empty"], PaperError)
    assert isinstance(found["word "], ContextTooSmall)
    assert isinstance(found["Sharp"], Analysis)


def test_a_section_asked_again_does_not_hold_up_the_others(request_):
    """The second question is asked before the first one's second answer is known."""
    scripted = ScriptedEngine({"contribution": ["429 RESOURCE_EXHAUSTED: quota", GOOD], "*": [GOOD]})
    analyse(request_, scripted)
    assert [question.id for _, _, question in scripted.asked] == ["contribution", "weaknesses", "contribution"]


def test_a_section_that_there_is_no_time_for_is_left_to_a_later_run(request_):
    scripted = ScriptedEngine({"*": [GOOD]})
    ((_, made),) = analyse_all([Task(request=request_, left_out=frozenset({"weaknesses"}))], scripted)
    assert isinstance(made, Analysis)
    assert [(section.status, section.reason) for section in made.sections] == [(SectionStatus.OK, ""), (SectionStatus.FAILED, LATE)]
    assert [question.id for _, _, question in scripted.asked] == ["contribution"]
    assert made.unfinished


@pytest.fixture
def server():
    with LoopbackServer() as running:
        yield running


def test_a_server_has_requests_of_several_papers_in_flight(server, request_):
    """Two papers of two questions: four requests, of which the last of the first paper and the first of the second meet."""
    together = threading.Barrier(2, timeout=10)
    seen: list[str] = []

    def say(body):
        seen.append(body["messages"][1]["content"].split("\n")[0])
        if len(seen) in (1, 2):  # the first question of each paper
            together.wait()
        return GOOD

    tasks = [Task(request=titled(request_, f"Paper {number}")) for number in range(2)]
    found = [made for _, made in analyse_all(tasks, engine(serve(server, say)))]
    assert all(isinstance(made, Analysis) for made in found)
    assert sorted(seen[:2]) == ["Paper 0", "Paper 1"]


def test_a_paper_that_a_server_refuses_leaves_the_others(server, request_):
    def say(body):
        return Answer(status=404) if "Paper 1" in json.dumps(body) else GOOD

    tasks = [Task(request=titled(request_, f"Paper {number}")) for number in range(3)]
    found = {task.request.paper.title: made for task, made in analyse_all(tasks, engine(serve(server, say)))}
    assert isinstance(found.pop("Paper 1"), ServerFailed)
    assert all(isinstance(made, Analysis) for made in found.values())


def test_a_server_that_is_too_slow_is_not_waited_for(server, request_):
    def say(body):
        time.sleep(5)
        return GOOD

    started = time.monotonic()
    task = Task(request=request_, until=started + 0.3)
    ((_, made),) = analyse_all([task], engine(serve(server, say)))
    assert isinstance(made, Analysis | DigestError)
    assert time.monotonic() - started < 4


def test_what_was_answered_in_time_stays(request_):
    class Slow(ScriptedEngine):
        def _answered(self, job, question):
            done = super()._answered(job, question)
            return dataclasses.replace(done, finish="late", text="") if question.id == "weaknesses" else done

    kept: list[AnalysisSection] = []
    ((_, made),) = analyse_all([Task(request=request_, keep=kept.append)], Slow({"*": [GOOD]}))
    assert isinstance(made, Analysis)
    assert [section.status for section in made.sections] == [SectionStatus.OK, SectionStatus.FAILED]
    assert [section.id for section in kept] == ["contribution"]
