"""An engine behind an OpenAI-compatible server, on loopback: what is sent, what is tried again, what is refused."""

import json
import threading
from dataclasses import replace

import pytest

from digest.analysing import analyse
from digest.analysing.engine import Question, answer
from digest.analysing.server import is_loopback
from digest.errors import ContextTooSmall, ServerFailed
from digest.records import SectionStatus
from tests.analysing.modelserver import CHAT, chat, engine, serve
from tests.analysing.test_replies import BAD, check, request_with_abstract
from tests.loopback import Answer, LoopbackServer

__all__ = ["request_with_abstract"]
GOOD = "- Sharp Steps samples an image in 12 steps [p1]."
QUESTIONS = [Question(id=str(n), text=f"\n\nQuestion {n}?", max_tokens=50, seed=7) for n in range(5)]


@pytest.fixture
def server():
    with LoopbackServer() as running:
        yield running


@pytest.fixture(autouse=True)
def no_pause(monkeypatch):
    monkeypatch.setattr("digest.analysing.endpoints._REST_SECONDS", 0.0)


def test_an_analysis_through_a_server_is_checked_like_any_other(server, request_):
    analysis = analyse(request_, engine(serve(server, lambda body: GOOD)))
    assert {section.status for section in analysis.sections} == {SectionStatus.OK}
    assert all(claim.verified for section in analysis.sections for claim in section.claims)
    assert (analysis.provenance.engine, analysis.provenance.model) == ("server", "org/Qwen3-4B")
    assert analysis.timing.output_tokens == 60


def test_every_request_begins_with_the_same_messages_and_the_question_is_last(server):
    list(answer(engine(serve(server, lambda body: "Fine.")), "System.", "Paper.", QUESTIONS))
    bodies = [json.loads(request.body) for request in server.asked(CHAT)]
    assert {body["messages"][0]["content"] for body in bodies} == {"System."}
    assert sorted(body["messages"][1]["content"] for body in bodies) == [f"Paper.\n\nQuestion {n}?" for n in range(5)]
    assert {(body["seed"], body["max_tokens"], body["stream"]) for body in bodies} == {(7, 50, False)}
    assert bodies[0]["messages"][1]["content"].endswith("Question 0?")


def test_after_the_first_question_has_read_the_paper_the_others_are_in_flight_together(server):
    together = threading.Barrier(4, timeout=10)

    def say(body):
        if not body["messages"][1]["content"].endswith("Question 0?"):
            together.wait()
        return "Fine."

    assert len(list(answer(engine(serve(server, say)), "System.", "Paper.", QUESTIONS))) == 5


def test_a_busy_server_is_asked_again(server):
    answers = iter([Answer(status=503), Answer(status=429, headers={"Retry-After": "0"}), chat("Fine.")])
    assert [c.text for c in answer(engine(serve(server, lambda body: next(answers))), "s", "p", QUESTIONS[:1])] == ["Fine."]


def test_a_server_that_is_gone_leaves_its_questions_to_the_next(server, unused_port):
    url = serve(server, lambda body: "Fine.")
    found = list(answer(engine(f"http://127.0.0.1:{unused_port}/v1", url), "s", "p", QUESTIONS))
    assert [completion.text for completion in found] == ["Fine."] * 5


def test_no_server_at_all_is_said_with_the_address(unused_port):
    with pytest.raises(ServerFailed, match=str(unused_port)):
        engine(f"http://127.0.0.1:{unused_port}/v1")


@pytest.mark.parametrize(
    "wrong",
    [
        Answer("<html>502</html>"),
        Answer("{}"),
        Answer('{"choices": []}'),
        Answer("[]"),
        Answer('{"choices": [{"message": null}]}'),
        Answer(status=401),
        Answer(status=404),
    ],
)
def test_an_answer_that_is_none_is_an_error_of_ours(server, wrong):
    with pytest.raises(ServerFailed):
        list(answer(engine(serve(server, lambda body: wrong)), "s", "p", QUESTIONS[:1]))


def test_a_server_whose_context_is_smaller_than_configured_says_so(server):
    refusal = Answer('{"error": {"message": "This model\'s maximum context length is 2048 tokens"}}', status=400)
    with pytest.raises(ContextTooSmall):
        list(answer(engine(serve(server, lambda body: refusal)), "s", "p", QUESTIONS[:1]))


def test_a_paper_that_does_not_fit_is_not_sent(server):
    with pytest.raises(ContextTooSmall):
        list(answer(engine(serve(server, lambda body: "Fine."), context_tokens=1024), "s", "word " * 3000, QUESTIONS))
    assert server.asked(CHAT) == []


def test_a_cut_answer_and_one_that_repeats_itself_say_how_they_ended(server):
    answers = iter([chat("Half a", finish="length"), chat("Start. " + "again and again " * 30)])
    found = [*answer(engine(serve(server, lambda body: next(answers))), "s", "p", QUESTIONS[:2])]
    assert [completion.finish for completion in found] == ["length", "loop"]


@pytest.mark.parametrize(("url", "local"), [("http://127.0.0.1:8080/v1", True), ("http://[::1]/v1", True), ("http://localhost:1/v1", True)])
def test_this_machine_is_known_by_its_address(url, local):
    assert is_loopback(url) is local
    assert not is_loopback("http://10.0.0.3/v1")
    assert not is_loopback("https://127.0.0.1.evil.example/v1")


def test_no_fault_of_a_reply_reaches_a_page_through_a_server(server, request_with_abstract):
    """The whole corpus through one server: each case twice, as many are asked again."""
    now = {"text": ""}
    asked_of = engine(serve(server, lambda body: now["text"]))
    for kind, case in BAD:
        request, now["text"] = replace(request_with_abstract, language=case["language"]), case["text"]
        before = len(server.asked(CHAT))
        check(kind, case, request, analyse(request, asked_of), asked=len(server.asked(CHAT)) - before)
