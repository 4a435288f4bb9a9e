"""Measure decoding several answers as sequences forked from one prefilled prefix, against one call an answer.

Usage: python samples/measure/forked_sections.py MODEL.gguf [THREADS]
Speed does not depend on what the tokens say, so the prefix is a fixed walk over the vocabulary and decoding is greedy.
"""

import ctypes
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

import llama_cpp as ll
import numpy as np

PREFIXES = (512, 2048)
REPEATS = 1  # the best of these is printed: more of them help on a shared machine
SEQUENCES = (1, 4, 8, 16)
STEPS = 32
SECTIONS, QUESTION_TOKENS, ANSWER_TOKENS = 7, 24, 60
T = TypeVar("T")
Place = tuple[int, int, int, bool]  # token, position, sequence, wants logits


class Runner:
    """A llama.cpp context whose cells are one pool shared by all sequences."""

    def __init__(self, path: str, threads: int) -> None:
        ll.llama_backend_init()
        self.quiet = ll.llama_log_callback(lambda *_: None)
        ll.llama_log_set(self.quiet, ctypes.c_void_p(0))
        self.model = ll.llama_model_load_from_file(path.encode(), ll.llama_model_default_params())
        self.words = ll.llama_vocab_n_tokens(ll.llama_model_get_vocab(self.model))
        params = ll.llama_context_default_params()
        params.n_ctx, params.n_batch, params.n_ubatch, params.n_seq_max = 8192, 512, 512, 16
        params.kv_unified, params.n_threads, params.n_threads_batch = True, threads, threads
        params.flash_attn_type = ll.LLAMA_FLASH_ATTN_TYPE_DISABLED
        self.context = ll.llama_init_from_model(self.model, params)
        self.memory = ll.llama_get_memory(self.context)
        self.batch = ll.llama_batch_init(512, 0, 1)

    def walk(self, count: int, start: int = 0) -> list[int]:
        """Return *count* token ids, the same for the same start."""
        return [1000 + (start + 7919 * n) % (self.words - 2000) for n in range(count)]

    def clear(self) -> None:
        """Forget all sequences."""
        ll.llama_memory_clear(self.memory, True)

    def decode(self, places: Sequence[Place]) -> None:
        """Run the places through the model, at most 512 at a time."""
        for begin in range(0, len(places), 512):
            part = places[begin : begin + 512]
            self.batch.n_tokens = len(part)
            for i, (token, position, sequence, wanted) in enumerate(part):
                self.batch.token[i], self.batch.pos[i], self.batch.logits[i] = token, position, wanted
                self.batch.n_seq_id[i], self.batch.seq_id[i][0] = 1, sequence
            if ll.llama_decode(self.context, self.batch) != 0:
                raise RuntimeError("llama_decode failed")

    def best(self, row: int) -> int:
        """Return the likeliest token at *row* of the last batch."""
        logits = ll.llama_get_logits_ith(self.context, row)
        return int(np.ctypeslib.as_array(logits, shape=(self.words,)).argmax())

    def prefill(self, tokens: Sequence[int], sequence: int = 0, start: int = 0) -> None:
        """Read *tokens* into *sequence* from position *start*, keeping the logits of the last."""
        last = len(tokens) - 1
        self.decode([(token, start + i, sequence, i == last) for i, token in enumerate(tokens)])

    def fork(self, sequences: Sequence[int]) -> None:
        """Let each sequence share the cells of sequence 0; nothing is copied."""
        for sequence in sequences:
            ll.llama_memory_seq_cp(self.memory, 0, sequence, -1, -1)

    def answer(self, first: dict[int, int], position: int, steps: int) -> dict[int, list[int]]:
        """Decode *steps* tokens of every sequence in *first* together, one batch a step."""
        written = {sequence: [token] for sequence, token in first.items()}
        for step in range(steps - 1):
            self.decode([(tokens[-1], position + step, sequence, True) for sequence, tokens in written.items()])
            for row, tokens in enumerate(written.values()):
                tokens.append(self.best(row))
        return written


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Return the seconds that *work* took and its result."""
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def speeds(run: Runner) -> None:
    """Print tokens per second of prefill and of decoding with 1 to 16 forks."""
    print("prefix  prefill  " + "  ".join(f"{n:>3d} seq" for n in SEQUENCES) + "   (tokens/s)")
    for length in PREFIXES:
        prefills: list[float] = []
        rates: dict[int, float] = dict.fromkeys(SEQUENCES, 0.0)
        for count in SEQUENCES * REPEATS:
            run.clear()
            prefills.append(timed(partial(run.prefill, run.walk(length)))[0])
            first = {sequence: run.best(-1) + sequence for sequence in range(count)}
            run.fork(range(1, count))
            seconds, _ = timed(partial(run.answer, first, length, STEPS + 1))
            rates[count] = max(rates[count], count * STEPS / seconds)
        print(f"{length:6d}  {length / min(prefills):7.0f}  " + "  ".join(f"{rate:7.0f}" for rate in rates.values()), flush=True)


def calls(run: Runner, prefix: list[int], questions: list[list[int]]) -> list[list[int]]:
    """Answer each question in a call of its own: the whole prompt is read every time."""
    answers = []
    for question in questions:
        run.clear()
        run.prefill([*prefix, *question])
        answers.append(run.answer({0: run.best(-1)}, len(prefix) + len(question), ANSWER_TOKENS)[0])
    return answers


def forks(run: Runner, prefix: list[int], questions: list[list[int]]) -> list[list[int]]:
    """Answer all questions, of one length, as forks of one prefix."""
    run.clear()
    run.prefill(prefix)
    run.fork(range(1, len(questions)))
    first = {}
    for sequence, question in enumerate(questions):
        run.prefill(question, sequence, len(prefix))
        first[sequence] = run.best(-1)
    return list(run.answer(first, len(prefix) + len(questions[0]), ANSWER_TOKENS).values())


def whole_analysis(run: Runner, length: int) -> None:
    """Time seven answers: one call each with the whole prompt, and forks of one prefix."""
    prefix = run.walk(length)
    questions = [run.walk(QUESTION_TOKENS, start=100 * (n + 1)) for n in range(SECTIONS)]
    slow, fast = [], []
    for _ in range(REPEATS):
        seconds, alone = timed(lambda: calls(run, prefix, questions))
        slow.append(seconds)
        seconds, together = timed(lambda: forks(run, prefix, questions))
        fast.append(seconds)
    same = sum(a == b for a, b in zip(alone, together, strict=True))
    print(
        f"{length} tokens, {SECTIONS} answers of {ANSWER_TOKENS}: calls {min(slow):.1f} s, forks {min(fast):.1f} s, "
        f"ratio {min(slow) / min(fast):.1f}, same tokens in {same}",
        flush=True,
    )


def main(path: str, threads: int) -> None:
    """Print the times of whole analyses, then the speeds."""
    run = Runner(path, threads)
    for length in (814, 3096):
        whole_analysis(run, length)
    speeds(run)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 2)
