"""Tuning, on machines whose speed is a formula, and once on the real one."""

from __future__ import annotations

import functools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.analysing.tune import Knobs, Speed, Trial, better, from_record, measure, to_record, tune
from digest.machine import tuned, with_tuned
from tests.engines import smollm2

START = Knobs(threads=8, flash_attention=False)


def best_of(try_out) -> tuple[Knobs, list[Knobs]]:
    trials = list(tune(START, 8, try_out))
    return functools.reduce(better, trials).knobs, [trial.knobs for trial in trials]


def test_every_knob_is_tried_beside_the_best_so_far():
    """Four threads write twice as fast as eight; flash attention reads a tenth faster, an 8-bit cache slows reading."""
    best, tried = best_of(
        lambda knobs: Speed(
            reading=100 * (1.1 if knobs.flash_attention else 1) * (0.5 if knobs.cache_bits == 8 else 1),
            writing=80 if knobs.threads == 4 else 40,
        )
    )
    assert best == Knobs(threads=4, flash_attention=True)
    assert tried == [
        START,
        Knobs(threads=4, flash_attention=False),
        Knobs(threads=7, flash_attention=False),
        Knobs(threads=4, flash_attention=True),
        Knobs(threads=4, flash_attention=True, cache_bits=8),
        Knobs(threads=4, flash_attention=True, papers=2),
    ]


def test_four_papers_at_once_are_tried_where_two_did_well():
    best, tried = best_of(lambda knobs: Speed(reading=100, writing=40 * knobs.papers * (1 + knobs.flash_attention)))
    assert (best.flash_attention, best.papers) == (True, 4)
    assert [knobs.papers for knobs in tried][-2:] == [2, 4]


def test_without_flash_attention_papers_take_turns():
    """Each token is held against the cells of all papers then, and no trial is long enough to show it."""
    best, tried = best_of(lambda knobs: Speed(reading=100, writing=4 if knobs.flash_attention else 40 * knobs.papers))
    assert best.papers == 1
    assert {knobs.papers for knobs in tried} == {1}


def test_an_8_bit_cache_is_not_tried_without_flash_attention():
    _, tried = best_of(lambda knobs: Speed(reading=100, writing=4 if knobs.flash_attention else 40))
    assert {knobs.cache_bits for knobs in tried} == {16}


def test_noise_changes_nothing():
    assert best_of(lambda knobs: Speed(reading=100 if knobs == START else 102, writing=40 if knobs == START else 41))[0] == START


def test_one_processor_is_one_thread():
    assert {trial.knobs.threads for trial in tune(Knobs(threads=1, flash_attention=False), 1, lambda _: Speed(reading=1, writing=1))} == {1}


def test_time_is_reading_and_writing():
    assert Speed(reading=50, writing=20).seconds(3000, 1200) == 60 + 60


@given(
    st.builds(
        Knobs, threads=st.integers(1, 64), flash_attention=st.booleans(), cache_bits=st.sampled_from([8, 16]), papers=st.integers(1, 8)
    ),
    st.floats(0.1, 1e4),
)
def test_a_trial_comes_back_from_its_record(knobs, speed):
    trial = Trial(knobs=knobs, speed=Speed(reading=speed, writing=2 * speed))
    assert from_record(json.loads(json.dumps(to_record(trial)))) == trial


@pytest.mark.parametrize("record", [{}, {"threads": "x"}, to_record(Trial(knobs=START, speed=Speed(reading=0, writing=1)))])
def test_a_record_that_makes_no_sense_is_none(record):
    assert from_record(record) is None


def test_what_is_kept_for_one_model_leaves_the_others(tmp_path):
    file = tmp_path / "tuned.json"
    file.write_text(with_tuned(file, "chat", "a", {"threads": 2}))
    file.write_text(with_tuned(file, "embedding", "a", "onnx"))
    file.write_text(with_tuned(file, "chat", "b", {"threads": 4}))
    assert [tuned(file, "chat", "a"), tuned(file, "embedding", "a"), tuned(file, "chat", "b"), tuned(file, "chat", "c")] == [
        {"threads": 2},
        "onnx",
        {"threads": 4},
        None,
    ]
    for damaged in ("", "[]", '{"chat": 3}', "{"):
        file.write_text(damaged)
        assert tuned(file, "chat", "a") is None


def test_a_real_model_has_a_speed():
    speed = measure(smollm2(0.0))
    assert speed.reading > 0
    assert speed.writing > 0
