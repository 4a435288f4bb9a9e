"""Several servers of one model: the quick one gets more, one that fails is left alone, every question is answered once."""

from collections import Counter, deque

import pytest

from digest.analysing.endpoints import Endpoints
from digest.analysing.engine import Completion, Job, Question
from tests.analysing.modelserver import CHAT, Troubled, engine


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_the_server_that_will_be_done_first_is_taken(clock):
    pool = Endpoints(["slow", "quick"], width=8, clock=clock)
    slow, quick = pool.all
    for endpoint, seconds in ((slow, 4.0), (quick, 1.0)):
        endpoint.running += 1
        pool.answered(endpoint, seconds)
    taken = Counter(found.url for paper in range(10) if (found := pool.take(paper)))
    assert taken == {"quick": 8, "slow": 2}


def test_a_paper_stays_with_the_server_that_has_read_it(clock):
    pool = Endpoints(["a", "b"], width=8, clock=clock)
    first = pool.take(1)
    assert all(pool.take(1) is first for _ in range(7))
    assert pool.take(1) is not first  # it bears no more


def test_a_server_that_fails_rests_each_time_twice_as_long_and_is_tried_with_one_question(clock):
    pool = Endpoints(["only"], width=8, clock=clock)
    for rest in (0.5, 1.0, 2.0):
        endpoint = pool.take(1)
        assert endpoint is not None
        pool.failed(endpoint)
        assert endpoint.rests_until == clock.now + rest
        assert pool.take(1, until=clock.now) is None
        clock.now += rest
    endpoint = pool.take(1)
    assert endpoint is not None
    assert endpoint.suspect
    pool.answered(endpoint, 1.0)
    assert not endpoint.suspect


def test_requests_that_fail_together_are_one_failure(clock):
    pool = Endpoints(["only"], width=4, clock=clock)
    taken = [pool.take(paper) for paper in range(4)]
    for endpoint in taken:
        assert endpoint is not None
        pool.failed(endpoint)
    assert pool.all[0].failures == 1
    assert pool.all[0].running == 0


def test_a_busy_server_gets_half_as_much_and_slowly_more_again(clock):
    pool = Endpoints(["only"], width=8, clock=clock)
    endpoint = pool.take(1)
    assert endpoint is not None
    pool.busy(endpoint, 3.0)
    assert (endpoint.window, endpoint.rests_until) == (4.0, clock.now + 3.0)
    clock.now += 3
    for _ in range(4):
        taken = pool.take(1)
        assert taken is not None
        pool.answered(taken, 1.0)
    assert 4.8 < endpoint.window < 5.0


def test_one_slow_one_failing_at_random_one_that_dies_and_every_question_is_answered_once(monkeypatch):
    monkeypatch.setattr("digest.analysing.endpoints._REST_SECONDS", 0.01)  # as long as an answer of the quick one
    with Troubled("Fine.").serving() as three:
        jobs = [
            Job(
                system="s",
                paper=f"Paper {n}. ",
                questions=deque(Question(id=str(k), text=f"Question {k}?", max_tokens=9, seed=7) for k in range(3)),
            )
            for n in range(40)
        ]
        found = list(engine(*three.urls, parallel=6).answer_all(iter(jobs)))
    assert all(isinstance(done, Completion) for _, done in found)
    assert len({(job.paper, done.id) for job, done in found if isinstance(done, Completion)}) == len(found) == 120
    assert three.times == {1}
    assert three.load["quick"] > 2 * three.load["slow"] > 0
    assert three.load["mortal"] == 6
    assert len(three.servers["mortal"].asked(CHAT)) < 40
