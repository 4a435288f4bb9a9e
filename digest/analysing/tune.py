"""Finding the fastest way to run a chat model on this machine: measured, never guessed.

Flash attention makes decoding several times slower on some processors and is the fast path on a GPU; an 8-bit cache slows reading
there and halves the memory elsewhere; more threads than cores help nobody. So each knob is tried in turn on a small piece of the real
work, and what was faster is kept.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from digest.analysing.engine import Job, Question
from digest.errors import DigestError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from digest.analysing.engine import Completion

_WORDS = "diffusion network image noise step feature loss layer training sample method data model result map block scale "
_PAPER_WORDS, _QUESTIONS, _ANSWER_TOKENS = 500, 8, 24
_TYPICAL = 3000, 1200  # tokens read and written for a paper: what the knobs are weighed by
_BETTER = 0.95  # what a change must bring the time down to, so that noise changes nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Knobs:
    """How a model is run; what it says does not depend on them but for rounding."""

    threads: int
    flash_attention: bool
    cache_bits: int = 16  # of a key or value: 16 or 8
    papers: int = 1  # side by side


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


def measure(engine: Timed, *, papers: int = 1) -> Speed:
    """Read so many short papers, then answer several questions on each, all side by side."""
    paper = " ".join((_WORDS * _PAPER_WORDS).split()[:_PAPER_WORDS])
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


def tune(start: Knobs, processors: int, try_out: Callable[[Knobs], Speed]) -> Iterator[Trial]:
    """Try *start*, then each other value of each knob beside the best so far; the caller takes the ``best`` of the trials."""
    best = Trial(knobs=start, speed=try_out(start))
    yield best
    threads = sorted({processors, max(1, processors // 2), max(1, processors - 1)} - {start.threads})
    knobs: dict[str, list[Any]] = {
        "threads": list(threads),
        "flash_attention": [not start.flash_attention],
        "cache_bits": [8],
        "papers": [2, 4],
    }
    for name, values in knobs.items():
        for value in values:
            trial = Trial(knobs=replace(best.knobs, **{name: value}), speed=Speed(reading=0, writing=0))
            if not _sensible(trial.knobs, best.knobs):
                continue
            trial = replace(trial, speed=try_out(trial.knobs))
            yield trial
            best = better(best, trial)


def _sensible(knobs: Knobs, best: Knobs) -> bool:
    """Whether *knobs* can do better than *best*.

    llama.cpp keeps 8-bit values for flash attention only. Without it every token is held against the cells of all papers, which short
    trials hide and real papers show: 3,000 tokens of SmolLM2 beside as many take 1.7 times as long to read and 1.4 times to answer
    (docs/log.md). Four papers only where two did well.
    """
    return (knobs.cache_bits == 16 and knobs.papers == 1) or (knobs.flash_attention and knobs.papers <= 2 * best.papers)


def better(one: Trial, other: Trial) -> Trial:
    """*other* if it is clearly faster on a typical paper."""
    return other if other.speed.seconds(*_TYPICAL) < _BETTER * one.speed.seconds(*_TYPICAL) else one


def to_record(trial: Trial) -> dict[str, Any]:
    """*trial* as plain values, for a file."""
    return {**asdict(trial.knobs), **asdict(trial.speed)}


def from_record(record: dict[str, Any]) -> Trial | None:
    """The trial that *record* describes; None when it describes none."""
    try:
        bits = 8 if record["cache_bits"] == 8 else 16
        knobs = Knobs(
            threads=int(record["threads"]),
            flash_attention=bool(record["flash_attention"]),
            cache_bits=bits,
            papers=int(record.get("papers", 1)),  # not measured by the first release
        )
        speed = Speed(reading=float(record["reading"]), writing=float(record["writing"]))
    except (KeyError, TypeError, ValueError):
        return None
    return Trial(knobs=knobs, speed=speed) if min(knobs.threads, knobs.papers) > 0 and speed.reading > 0 and speed.writing > 0 else None
