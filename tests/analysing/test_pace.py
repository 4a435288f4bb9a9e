"""What a time budget allows, by a clock that the test turns."""

from __future__ import annotations

import math

import pytest

from digest.analysing import load_style
from digest.analysing.engine import Completion
from digest.analysing.pace import WHOLE, Pace
from digest.analysing.tune import Speed
from digest.errors import BudgetTooSmall
from digest.workspace import Workspace, shipped

DAILY = load_style(Workspace(shipped()), "daily").questions  # limits of 260 + 420 + 320 + 260 = 1,260 tokens
SPEED = Speed(reading=100.0, writing=20.0)
LONG = 20_000  # tokens of a body that no context holds
# A whole paper: 2/3 of 8,192 tokens, 400 of the system's words and 4 questions of 110, and three quarters of 1,260 written.
WHOLE_SECONDS = (5461 + 400 + 440) / 100 + 945 / 20  # 110 s


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def pace(papers: int, seconds: float, clock: Clock, *, speed: Speed | None = SPEED) -> Pace:
    return Pace(papers=papers, context_tokens=8192, speed=speed, until=clock.now + seconds, clock=clock)


def spend(made: Pace, clock: Clock, *, times: float = 1.0, read: int = 6301) -> None:
    """A paper is read and its four sections are written as planned; it takes *times* as long as measured."""
    for number, section in enumerate(DAILY):
        written = section.max_tokens * 3 // 4
        clock.now += times * ((read if not number else 0) / 100 + written / 20)
        made.hear(Completion(id=section.id, text="", finish="stop", output_tokens=written, prompt_tokens=0 if number else read))


def test_with_time_enough_every_paper_is_read_whole():
    made = pace(3, 3 * WHOLE_SECONDS / 0.9 + 1, clock := Clock())
    for _ in range(3):
        assert made.depth(DAILY, LONG) == WHOLE
        spend(made, clock)


def test_with_less_time_the_papers_share_it_and_are_read_less_deep():
    made = pace(3, 3 * WHOLE_SECONDS * 0.8, Clock())
    depth = made.depth(DAILY, LONG)
    assert depth
    assert depth.most_tokens == 2048
    assert not depth.left_out


def test_the_least_important_sections_are_left_out_first():
    made = pace(2, 2 * 72, Clock())
    depth = made.depth(DAILY, LONG)
    assert depth
    assert depth.left_out == {"takeaways"}


def test_where_even_the_shallowest_is_too_much_for_all_the_first_papers_have_it():
    """42 s a paper: 1,024 + 400 + 2 * 110 tokens read, three quarters of 680 written; 90 % of 160 s is enough for three."""
    made = pace(10, 160, clock := Clock())
    depths = []
    for _ in range(10):
        depths.append(made.depth(DAILY, LONG))
        if depths[-1]:
            clock.now += 42
            made.hear(Completion(id="contribution", text="", finish="stop", output_tokens=510, prompt_tokens=1644))
    assert [depth is not None for depth in depths] == [True] * 3 + [False] * 7
    assert {depth.most_tokens for depth in depths if depth} == {1024}


def test_a_budget_too_small_for_one_paper_names_the_smallest_that_works():
    with pytest.raises(BudgetTooSmall) as error:
        pace(3, 20, Clock()).depth(DAILY, LONG)
    enough = error.value.needed_seconds
    assert pace(3, enough + 1, Clock()).depth(DAILY, LONG)


def test_a_short_paper_costs_less_than_a_long_one():
    assert pace(1, 70, Clock()).depth(DAILY, 500) == WHOLE
    assert pace(1, 70, Clock()).depth(DAILY, LONG) != WHOLE


def test_what_the_run_needed_so_far_corrects_the_plan():
    """Everything takes three times as long as measured: the second paper is read less deep than the first."""
    made = pace(2, 3.2 * WHOLE_SECONDS, clock := Clock())
    assert made.depth(DAILY, LONG) == WHOLE
    spend(made, clock, times=2.0)
    second = made.depth(DAILY, LONG)
    assert second
    assert second.most_tokens


def test_the_time_left_is_known_at_first_from_the_tuned_speed_and_then_from_what_was_seen():
    made = pace(2, 10_000, clock := Clock())
    made.depth(DAILY, LONG)
    assert made.seconds_left == pytest.approx(2 * WHOLE_SECONDS)
    spend(made, clock)
    assert made.seconds_left == pytest.approx(WHOLE_SECONDS, rel=0.01)


def test_without_a_tuned_speed_nothing_is_said_of_the_time_before_something_was_seen():
    clock = Clock()
    made = Pace(papers=2, context_tokens=8192, clock=clock)
    assert made.depth(DAILY, LONG) == WHOLE
    before = made.seconds_left
    spend(made, clock, times=1.5)
    assert before is None
    assert made.seconds_left == pytest.approx(1.5 * WHOLE_SECONDS, rel=0.2)


def test_papers_in_flight_are_counted_before_the_next_is_promised_anything():
    made = pace(2, 1.5 * WHOLE_SECONDS, Clock())
    first, second = made.depth(DAILY, LONG), made.depth(DAILY, LONG)
    assert first
    assert second
    assert math.inf > second.most_tokens > 0


def test_papers_analysed_before_cost_nothing():
    made = pace(3, WHOLE_SECONDS / 0.9 + 1, Clock())
    made.found()
    made.found()
    assert made.depth(DAILY, LONG) == WHOLE
