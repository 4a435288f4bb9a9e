"""Finding the fastest way to run a chat model on this machine: measured, never guessed.

Flash attention makes decoding several times slower on some processors and is the fast path on a GPU; an 8-bit cache slows reading
there and halves the memory elsewhere; more threads than cores help nobody; a GPU without room for the whole model may still take half of
it. So each knob is tried in turn on a small piece of the real work, and what was faster is kept.
"""

from __future__ import annotations

import contextlib
import itertools
import time
from collections import deque
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from digest.analysing.engine import Job, Question
from digest.errors import DigestError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from digest.analysing.engine import Completion

_WORDS = "diffusion network image noise step feature loss layer training sample method data model result map block scale"
_GLANCE = 500  # words
_QUESTIONS, _ANSWER_TOKENS = 8, 24
_TYPICAL = 3000, 1200  # tokens read and written for a paper: what the knobs are weighed by
_EARLIER = {"batch": 512, "cache_bits": 16, "papers": 1, "answers": 16, "gpu_layers": -1}  # what was not always measured
_BETTER = 0.95  # what a change must bring the time down to, so that noise changes nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Knobs:
    """How a model is run; what it says of a paper that fits its context does not depend on them but for rounding."""

    threads: int = 0  # 0: as many as this process may use
    batch: int = 512  # tokens decoded at once while reading
    flash_attention: bool | None = None  # None: where the build has a GPU; on CPUs it made decoding 3 to 10 times slower
    cache_bits: int = 16  # of a key or value: 16 or 8; 8 needs flash attention
    papers: int = 0  # read and asked about side by side; 0: one, four on a GPU
    answers: int = 16  # written side by side
    gpu_layers: int = -1  # -1: all, where the build has a GPU


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """How fast a model reads and writes, in tokens a second; writing counts all answers together."""

    reading: float
    writing: float

    def seconds(self, read: int, written: int) -> float:
        """Time for reading and writing so many tokens."""
        return read / self.reading + written / self.writing


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Knobs and what they gave."""

    knobs: Knobs
    speed: Speed


class Timed(Protocol):
    """An engine under one set of knobs."""

    def count(self, text: str) -> int:
        """Tokens of *text*."""

    def answer_all(self, jobs: Iterator[Job]) -> Iterator[tuple[Job, Completion | DigestError]]:
        """Answer the questions of *jobs*."""


def measure(engine: Timed, *, papers: int = 1, words: int = _GLANCE) -> Speed:
    """Read so many papers of so many words, then answer several questions on each, all side by side.

    The longer a paper, the slower an answer: SmolLM2 writes 120 tokens a second behind 500 words and 25 behind 2,500.
    """
    paper = " ".join(itertools.islice(itertools.cycle(_WORDS.split()), words))
    texts = [f"{number} {paper}" for number in range(papers)]
    read = sum(map(engine.count, texts))  # loads the model, so that loading is not measured
    seconds, written = [], 1
    for questions, tokens in ((1, 1), (_QUESTIONS, _ANSWER_TOKENS)):
        asked = [Question(id=str(i), text=f"\n\nQuestion {i}?", max_tokens=tokens, seed=i) for i in range(questions)]
        started = time.perf_counter()
        jobs = (Job(system="Answer.", paper=text, questions=deque(asked)) for text in texts)
        written = sum(map(_tokens, engine.answer_all(jobs)))
        seconds.append(time.perf_counter() - started)
    return Speed(reading=read / seconds[0], writing=max(1, written) / seconds[1])


def _tokens(answered: tuple[Job, Completion | DigestError]) -> int:
    _, answer = answered
    if isinstance(answer, DigestError):
        raise answer
    return answer.output_tokens


def tune(start: Knobs, try_out: Callable[[Knobs], Speed], *, processors: int, layers: int = 0) -> Iterator[Trial]:
    """Try *start*, then other values of each knob beside the best so far; the caller takes the ``better`` of the trials.

    *layers*: those of the model that a GPU can take, 0 without one. Where it has no memory for all, it is given three, two or one quarter,
    or none. A way that this machine cannot go is no trial.

    Raises:
        DigestError: the model does not run here at all.
    """
    best = _first([start, *(replace(start, gpu_layers=layers * part // 4) for part in (3, 2, 1, 0) if layers)], try_out)
    yield best
    tried = {best.knobs}
    others: dict[str, list[Any]] = {
        "gpu_layers": [0] if layers else [],
        "threads": sorted({processors, max(1, processors // 2), max(1, processors - 1)}),
        "batch": [256, 1024, 2048],
        "flash_attention": [not start.flash_attention],
        "cache_bits": [8],
        "papers": [2, 4, 8, 16],
        "answers": [4, 8, 32, 64],
    }
    for name, value in [(name, value) for name, values in others.items() for value in values]:
        knobs = replace(best.knobs, **{name: value})
        if knobs in tried or not _sensible(knobs, best.knobs):
            continue
        tried.add(knobs)
        try:
            trial = Trial(knobs=knobs, speed=try_out(knobs))
        except DigestError:
            continue
        yield trial
        best = better(best, trial)


def _first(ways: list[Knobs], try_out: Callable[[Knobs], Speed]) -> Trial:
    """The first of *ways* that this machine can go."""
    *others, last = ways
    for knobs in others:
        with contextlib.suppress(DigestError):
            return Trial(knobs=knobs, speed=try_out(knobs))
    return Trial(knobs=last, speed=try_out(last))


def _sensible(knobs: Knobs, best: Knobs) -> bool:
    """Whether *knobs* can do better than *best*: twice as much of a thing is tried only where so much did well.

    llama.cpp keeps 8-bit values for flash attention only. Without it every token is held against the cells of all papers, which short
    trials hide and real papers show: 3,000 tokens of SmolLM2 beside as many take 1.7 times as long to read and 1.4 times to answer
    (docs/log.md). More answers than a trial asks for would change nothing.
    """
    if not knobs.flash_attention and (knobs.cache_bits == 8 or knobs.papers > 1):
        return False
    asked = knobs.papers * _QUESTIONS
    if knobs.answers != best.answers and min(knobs.answers, asked) == min(best.answers, asked):
        return False
    return knobs.batch <= 2 * best.batch and knobs.papers <= 2 * best.papers and knobs.answers <= 2 * best.answers


def better(one: Trial, other: Trial) -> Trial:
    """*other* if it is clearly faster on a typical paper."""
    return other if other.speed.seconds(*_TYPICAL) < _BETTER * one.speed.seconds(*_TYPICAL) else one


def to_record(trial: Trial) -> dict[str, Any]:
    """*trial* as plain values, for a file."""
    return {**asdict(trial.knobs), **asdict(trial.speed)}


def from_record(record: dict[str, Any]) -> Trial | None:
    """The trial that *record* describes; None when it describes none. What an earlier release did not measure is as it was then."""
    try:
        values = {**_EARLIER, **record}
        knobs = Knobs(flash_attention=bool(values["flash_attention"]), **{name: int(values[name]) for name in ("threads", *_EARLIER)})
        speed = Speed(reading=float(record["reading"]), writing=float(record["writing"]))
    except (KeyError, TypeError, ValueError):
        return None
    known = min(knobs.threads, knobs.batch, knobs.papers, knobs.answers) > 0 and knobs.cache_bits in (8, 16)
    return Trial(knobs=knobs, speed=speed) if known and speed.reading > 0 and speed.writing > 0 else None
