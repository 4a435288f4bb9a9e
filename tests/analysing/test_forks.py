"""A fork says what a sequence alone would say: the same tokens through the real engine, three ways a model remembers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import llama_cpp
import numpy as np
import pytest

from bench.shapes import SHAPES, VOCABULARY, write
from digest.analysing.batching import Row
from digest.analysing.engine import EngineModel, Question, answer
from digest.analysing.llama import LlamaEngine, LlamaSettings
from digest.analysing.tune import Knobs
from tests.engines import smollm2

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Logits = np.ndarray[Any, np.dtype[np.float32]]

PAPER = "Sharp Steps is a diffusion model for image super-resolution. It samples an image in 12 steps and reaches 30.88 dB on DIV2K. " * 3
QUESTION, OTHERS = "\n\nWhat was measured?", ("\n\nWhat is new?", "\n\nHow does it work, step by step, and why?", "\n\nLimits?")
ANSWER = " It measures 30.88 dB on DIV2K in 12 steps."


@pytest.fixture(scope="module", params=["smollm2", "tiny-attention", "tiny-sliding", "tiny-hybrid"])
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LlamaEngine]:
    if request.param == "smollm2":
        path = smollm2(0.0)._path
    else:
        if not VOCABULARY.is_file():
            pytest.skip("no vocabulary: make vocabulary")
        path = tmp_path_factory.mktemp("models") / f"{request.param}.gguf"
        write(SHAPES[request.param], path)
    model = EngineModel(id=request.param, title="", sha256="", languages=("en",), context_tokens=512)
    made = LlamaEngine(path, model, LlamaSettings(context_tokens=512, temperature=0.0), Knobs(threads=1, gpu_layers=0))
    made.count("loads it")
    yield made
    made.close()


def rows(tokens: Sequence[int], sequence: int, start: int, *, wanted: bool) -> list[Row]:
    return [Row(token, start + i, sequence, wanted) for i, token in enumerate(tokens)]


def logits(engine: LlamaEngine, row: int) -> Logits:
    size = llama_cpp.llama_vocab_n_tokens(llama_cpp.llama_model_get_vocab(engine._weights))
    return np.ctypeslib.as_array(llama_cpp.llama_get_logits_ith(engine._context, row), shape=(size,)).copy()


def alone(engine: LlamaEngine, prompt: Sequence[int], answer: Sequence[int], *, batch: int, step: int) -> Logits:
    """What one sequence says after each token of *answer*, decoded *batch* and then *step* tokens at a time."""
    engine.drop(0)
    for start in range(0, len(prompt), batch):
        engine.decode(rows(prompt[start : start + batch], 0, start, wanted=False))
    said = []
    for start in range(0, len(answer), step):
        part = rows(answer[start : start + step], 0, len(prompt) + start, wanted=True)
        engine.decode(part)
        said += [logits(engine, row) for row in range(len(part))]
    engine.drop(0)
    return np.stack(said)


def forked(engine: LlamaEngine, paper: Sequence[int], tails: Sequence[Sequence[int]], answer: Sequence[int]) -> Logits:
    """What the first of several forks of one paper says, all fed the same answer in the same batches."""
    engine.decode(rows(paper, 0, 0, wanted=False))
    for number, tail in enumerate(tails, 1):
        engine.fork(0, number)
        engine.decode(rows(tail, number, len(paper), wanted=False))
    said = []
    for i, token in enumerate(answer):
        engine.decode([Row(token, len(paper) + len(tail) + i, number, True) for number, tail in enumerate(tails, 1)])
        said.append(logits(engine, 0))
    for number in range(len(tails) + 1):
        engine.drop(number)
    return np.stack(said)


def log_probabilities(x: Logits) -> Logits:
    shifted = x - x.max(-1, keepdims=True)
    logs: Logits = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
    return logs


def apart(one: Logits, other: Logits) -> float:
    """The largest difference in log-probability, of tokens that are not out of the question."""
    first, second = log_probabilities(one), log_probabilities(other)
    return float(np.abs(first - second)[first > first.max(-1, keepdims=True) - 10].max())


def test_a_fork_agrees_with_a_sequence_alone_as_well_as_two_batch_sizes_agree_with_each_other(engine: LlamaEngine):
    paper, tail, answer = engine._tokens(PAPER), engine._tokens(QUESTION), engine._tokens(ANSWER)
    tails = [tail, *map(engine._tokens, OTHERS)]
    one_by_one = alone(engine, paper + tail, answer, batch=512, step=1)
    others = [alone(engine, paper + tail, answer, batch=batch, step=step) for batch, step in ((512, 4), (32, 1), (8, 2))]
    rounding = max(apart(one_by_one, other) for other in others)
    assert apart(one_by_one, forked(engine, paper, tails, answer)) <= 2 * rounding + 1e-4


def test_a_fork_of_another_paper_says_something_else(engine: LlamaEngine):
    """So that agreement means something."""
    paper, tail, answer = engine._tokens(PAPER), engine._tokens(QUESTION), engine._tokens(ANSWER)
    changed = engine._tokens(PAPER.replace("12 steps", "1,000 steps"))
    one_by_one = alone(engine, paper + tail, answer, batch=512, step=1)
    rounding = apart(one_by_one, alone(engine, paper + tail, answer, batch=32, step=1))
    assert apart(one_by_one, forked(engine, changed, [tail], answer)) > 4 * rounding + 2e-4


def test_questions_are_answered_whatever_the_model_remembers_with(engine: LlamaEngine):
    asked = [Question(id=str(i), text=text, max_tokens=4, seed=7) for i, text in enumerate((QUESTION, *OTHERS))]
    assert {done.id for done in answer(engine, "Answer.", PAPER, asked)} == {"0", "1", "2", "3"}
