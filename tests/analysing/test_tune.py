"""Tuning, on machines whose speed is a formula, and once on the real one."""

from __future__ import annotations

import functools
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.analysing.tune import Knobs, Speed, Trial, better, from_record, measure, to_record, tune
from digest.errors import DigestError
from digest.machine import tuned, with_tuned
from tests.engines import smollm2

START = Knobs(threads=8, flash_attention=False, papers=1)


def best_of(try_out, *, layers: int = 0) -> tuple[Knobs, list[Knobs]]:
    start = replace(START, flash_attention=layers > 0)
    trials = list(tune(start, try_out, processors=8, layers=layers))
    return functools.reduce(better, trials).knobs, [trial.knobs for trial in trials]


def test_every_knob_is_tried_beside_the_best_so_far():
    """Four threads write twice as fast as eight; flash attention reads a tenth faster, an 8-bit cache slows reading."""
    best, tried = best_of(
        lambda knobs: Speed(
            reading=100 * (1.1 if knobs.flash_attention else 1) * (0.5 if knobs.cache_bits == 8 else 1),
            writing=80 if knobs.threads == 4 else 40,
        )
    )
    four = replace(START, threads=4)
    flash = replace(four, flash_attention=True)
    assert best == flash
    assert tried == [
        START,
        four,
        replace(four, threads=7),
        replace(four, batch=256),
        replace(four, batch=1024),
        flash,
        replace(flash, cache_bits=8),
        replace(flash, papers=2),
        replace(flash, answers=4),
    ]


def test_twice_as_many_are_tried_where_so_many_did_well():
    best, tried = best_of(
        lambda knobs: Speed(
            reading=min(1024, knobs.batch), writing=10 * min(40, knobs.answers, 8 * knobs.papers) * (1 + bool(knobs.flash_attention))
        )
    )
    assert (best.batch, best.flash_attention, best.papers, best.answers) == (1024, True, 2, 16)
    assert {knobs.batch for knobs in tried} == {256, 512, 1024, 2048}
    assert {knobs.papers for knobs in tried} == {1, 2, 4}
    assert {knobs.answers for knobs in tried} == {4, 8, 16}  # two papers ask no more than sixteen questions


def test_more_answers_than_are_asked_for_are_not_tried():
    _, tried = best_of(lambda _: Speed(reading=100, writing=40))
    assert {knobs.answers for knobs in tried} == {4, 16}


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


def test_without_a_gpu_there_are_no_layers_to_give():
    assert {knobs.gpu_layers for knobs in best_of(lambda _: Speed(reading=100, writing=40))[1]} == {-1}


def test_a_gpu_that_is_slower_than_the_processor_gets_no_layers():
    best, _ = best_of(lambda knobs: Speed(reading=100 if knobs.gpu_layers else 300, writing=40), layers=28)
    assert best.gpu_layers == 0


def test_a_gpu_without_memory_for_the_whole_model_is_given_what_fits():
    """Memory for 15 layers of 28 and one paper."""

    def try_out(knobs: Knobs) -> Speed:
        if not 0 <= knobs.gpu_layers <= 15 or knobs.papers > 1:
            raise DigestError("m: no memory for the weights")
        return Speed(reading=100 + 10 * knobs.gpu_layers, writing=40)

    best, tried = best_of(try_out, layers=28)
    assert best == replace(START, flash_attention=True, gpu_layers=14)
    assert {knobs.papers for knobs in tried} == {1}


def test_a_model_that_does_not_run_at_all_is_told():
    def try_out(knobs: Knobs) -> Speed:
        raise DigestError(f"no memory with {knobs.gpu_layers} layers")

    with pytest.raises(DigestError, match="with 0 layers"):
        best_of(try_out, layers=28)


def test_one_processor_is_one_thread():
    start = Knobs(threads=1, flash_attention=False, papers=1)
    assert {trial.knobs.threads for trial in tune(start, lambda _: Speed(reading=1, writing=1), processors=1)} == {1}


def test_time_is_reading_and_writing():
    assert Speed(reading=50, writing=20).seconds(3000, 1200) == 60 + 60


@given(
    st.builds(
        Knobs,
        threads=st.integers(1, 64),
        batch=st.integers(1, 4096),
        flash_attention=st.booleans(),
        cache_bits=st.sampled_from([8, 16]),
        papers=st.integers(1, 8),
        answers=st.integers(1, 64),
        gpu_layers=st.integers(-1, 80),
    ),
    st.floats(0.1, 1e4),
)
def test_a_trial_comes_back_from_its_record(knobs, speed):
    trial = Trial(knobs=knobs, speed=Speed(reading=speed, writing=2 * speed))
    assert from_record(json.loads(json.dumps(to_record(trial)))) == trial


@pytest.mark.parametrize("record", [{}, {"threads": "x"}, to_record(Trial(knobs=START, speed=Speed(reading=0, writing=1)))])
def test_a_record_that_makes_no_sense_is_none(record):
    assert from_record(record) is None


def test_what_an_earlier_release_did_not_measure_is_as_it_was_then():
    trial = from_record({"threads": 2, "flash_attention": False, "cache_bits": 16, "reading": 60.0, "writing": 20.0})
    assert trial == Trial(knobs=Knobs(threads=2, flash_attention=False, papers=1), speed=Speed(reading=60, writing=20))


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
