from __future__ import annotations

import json
import subprocess
import sys

import pytest

from digest.sources.pace import HostClosed, Pace, state_folder

HOST = "export.arxiv.org"


def strike(pace: Pace, times: int, *, refused: bool = True) -> HostClosed:
    """Fail *times*; the last failure closes the host."""
    for _ in range(times - 1):
        pace.failed(HOST, "HTTP 429", refused=refused)
    with pytest.raises(HostClosed) as closed:
        pace.failed(HOST, "HTTP 429", refused=refused)
    return closed.value


def seconds_left(pace: Pace) -> float:
    with pytest.raises(HostClosed) as closed:
        pace.take_turn(HOST)
    return closed.value.until.timestamp() - pace.clock.now()


def test_requests_to_a_host_are_three_seconds_apart_and_hosts_do_not_wait_for_each_other(clock):
    pace = Pace(clock=clock, delay_seconds=3.0)
    for host in (HOST, HOST, "huggingface.co", HOST):
        pace.take_turn(host)
    assert clock.slept == [3.0, 3.0]


def test_two_processes_share_the_turns(clock, tmp_path):
    Pace(tmp_path, clock=clock).take_turn(HOST)
    Pace(tmp_path, clock=clock).take_turn(HOST)
    assert clock.slept == [3.0]


def test_many_real_processes_never_share_a_turn(tmp_path):
    code = f"""
from pathlib import Path
from digest.sources.pace import Clock, Pace
class Still(Clock):
    now, sleep = (lambda self: 1000.0), (lambda self, seconds: None)
for _ in range(20):
    Pace(Path({str(tmp_path)!r}), clock=Still()).take_turn("h")
"""
    processes = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(3)]
    assert [process.wait() for process in processes] == [0, 0, 0]
    assert json.loads((tmp_path / "h.json").read_text(encoding="utf-8"))["next_turn"] == 1000.0 + 60 * 3.0


def test_three_refusals_in_a_row_close_a_host_for_a_quarter_of_an_hour(clock):
    pace = Pace(clock=clock)
    assert strike(pace, 3).problem == "HTTP 429"
    assert seconds_left(pace) == 900


def test_other_troubles_weigh_half_as_much(clock):
    pace = Pace(clock=clock)
    strike(pace, 6, refused=False)
    assert seconds_left(pace) == 300


def test_a_closed_host_is_remembered_by_the_next_process(clock, tmp_path):
    strike(Pace(tmp_path, clock=clock), 3)
    assert seconds_left(Pace(tmp_path, clock=clock)) == 900


def test_the_first_refusal_after_a_pause_doubles_it_and_an_answer_forgives_all(clock):
    pace = Pace(clock=clock)
    strike(pace, 3)
    clock.time += 901
    strike(pace, 1)
    assert seconds_left(pace) == 1800
    clock.time += 1801
    pace.take_turn(HOST)
    pace.worked(HOST)
    strike(pace, 3)
    assert seconds_left(pace) == 900


def test_a_pause_never_grows_beyond_six_hours(clock):
    pace = Pace(clock=clock)
    strike(pace, 3)
    for _ in range(20):
        clock.time += seconds_left(pace) + 1
        strike(pace, 1)
    assert seconds_left(pace) == 6 * 3600


def test_a_wish_is_granted_up_to_a_day(clock):
    pace = Pace(clock=clock)
    with pytest.raises(HostClosed):
        pace.close(HOST, "HTTP 503", 1e12)
    assert seconds_left(pace) == 24 * 3600


def test_a_clock_set_back_makes_nobody_wait_longer(clock, tmp_path):
    strike(Pace(tmp_path, clock=clock), 3)
    clock.time -= 40 * 365 * 86_400
    assert seconds_left(Pace(tmp_path, clock=clock)) == 900
    again = Pace(clock=clock)
    again.take_turn(HOST)
    clock.time -= 1e6
    again.take_turn(HOST)
    assert clock.slept == [3.0]


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"strikes": "many"}', '{"written": NaN, "next_turn": 1e999}', "\x00" * 100])
def test_a_damaged_file_is_an_empty_one(clock, tmp_path, text):
    (tmp_path / f"{HOST}.json").write_text(text, encoding="utf-8")
    Pace(tmp_path, clock=clock).take_turn(HOST)
    assert clock.slept == []


def test_a_folder_that_cannot_be_written_costs_only_the_memory(clock, tmp_path):
    (tmp_path / "file").write_text("in the way")
    pace = Pace(tmp_path / "file" / "hosts", clock=clock)
    pace.take_turn(HOST)
    pace.take_turn(HOST)
    assert clock.slept == [3.0]


def test_state_lies_where_the_user_keeps_state(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert state_folder() == tmp_path / "offline-digest" / "hosts"
