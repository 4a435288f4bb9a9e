"""Analysing a paper: one call a section, the same with prefix reuse, ours with one and two papers in flight, and the bound.

python -m bench.analysis [--models qwen3-0.6b,qwen3-1.7b,smollm2] [--paper-tokens 5000] [--share 1.0] [--short]

The sections are those of style `method`, each given *share* of its token limit; models of random weights (bench.shapes) cost what
real ones do. 5,000 tokens of paper and all answers fill the default context of 8,192, which is all SmolLM2 has. Every way runs in
a process of its own, so that its peak memory is its own. (a) and (b) are llama-cpp-python's high-level `Llama`; of their calls
two of middling length are made and the others counted like them, by the length of their answers in (b), where only the first
reads the paper. (c2) are two papers given at once: how many of them it has in flight the engine decides. (d) is the text read
once at full speed and every token written at the rate of 16 forks of one paper.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.shapes import SHAPES, write
from digest.analysing import load_style
from digest.analysing.engine import Completion, EngineModel, Job, Question
from digest.registry import Registry
from digest.workspace import Workspace, shipped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.analysing.llama import LlamaEngine

_WORDS = "diffusion network image noise step feature loss layer training sample method data model result map block scale "
_FORKS, _FORK_TOKENS = 16, 48  # what the best rate of writing is measured with
_WAYS = {
    "a": "one call a section, whole prompt",
    "b": "the same, prefix reused",
    "c1": "ours, one paper at a time",
    "c2": "ours, two papers given at once",
    "d": "bound",
}


def main(arguments: Sequence[str] = ()) -> None:
    """Measure every way with every model and print a table for each."""
    options = _options(arguments)
    if options.short:
        options.models, options.paper_tokens = "smollm2", 2048
    if options.way:
        print(json.dumps(_measure(options.way, Path(options.gguf), options.paper_tokens, options.share)))
        return
    for name in options.models.split(","):
        with tempfile.TemporaryDirectory() as folder:
            path = _model(name, Path(folder))
            found = {way: _in_own_process(way, path, options) for way in _WAYS}
        _print(name, found, options)


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", default="smollm2,qwen3-0.6b,qwen3-1.7b")
    parser.add_argument("--paper-tokens", type=int, default=5000)
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--short", action="store_true", help="one small model and a short paper: four minutes")
    parser.add_argument("--way", default="", help=argparse.SUPPRESS)
    parser.add_argument("--gguf", default="", help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def _model(name: str, folder: Path) -> Path:
    if name == "smollm2":
        registry = Registry.load(Workspace(shipped()))
        return registry.path(registry.card("smollm2-135m"))
    write(SHAPES[name], folder / f"{name}.gguf")
    return folder / f"{name}.gguf"


def _in_own_process(way: str, path: Path, options: argparse.Namespace) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.analysis", "--way", way, "--gguf", str(path)]
    command += ["--paper-tokens", str(options.paper_tokens), "--share", str(options.share)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, "OMP_WAIT_POLICY": "passive"})
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _print(name: str, found: dict[str, dict[str, float]], options: argparse.Namespace) -> None:
    print(f"\n{name}: {options.paper_tokens} tokens of paper, {found['c1']['tokens']:.0f} tokens written, two threads")
    print(f"{'':36} {'s a paper':>9} {'tokens/s':>9} {'times (a)':>9} {'times (b)':>9} {'of (d)':>7} {'peak GB':>8}")
    for way, title in _WAYS.items():
        row = found[way]
        ratios = [found["a"]["seconds"] / row["seconds"], found["b"]["seconds"] / row["seconds"], row["seconds"] / found["d"]["seconds"]]
        speed = f"{row['seconds']:9.1f} {row['tokens'] / row['seconds']:9.1f}"
        print(f"({way}) {title:32} {speed} " + "{:9.2f} {:9.2f} {:7.2f}".format(*ratios) + f" {row['peak'] / 1e9:8.2f}", flush=True)


# --- one way, in its own process --------------------------------------------------------------------------------------


def _measure(way: str, path: Path, paper_tokens: int, share: float) -> dict[str, float]:
    """Seconds for one paper, tokens written for it, and the peak of this process's memory in bytes."""
    limits = [max(8, int(section.max_tokens * share)) for section in load_style(Workspace(shipped()), "method").sections]
    paper = _WORDS * (paper_tokens // len(_WORDS.split()) + 1)
    if way == "d":
        seconds = _bound(path, paper, limits)
    elif way in "ab":
        seconds = _high_level(path, paper, limits, reuse=way == "b")
    else:
        seconds = _ours(path, paper, limits, papers=int(way[1]))
    return {"seconds": seconds, "tokens": sum(limits), "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}


def _context(paper: str, limits: Sequence[int]) -> int:
    return -(-(len(paper.split()) + 64 + sum(limits) + 32 * len(limits)) // 256) * 256


def _high_level(path: Path, paper: str, limits: Sequence[int], *, reuse: bool) -> float:
    """One `Llama` call a section. It keeps the prefix that two calls share of itself; (a) forgets it first."""
    import llama_cpp

    threads = len(os.sched_getaffinity(0))
    context = _context(paper, limits)
    model = llama_cpp.Llama(str(path), n_ctx=context, n_threads=threads, n_threads_batch=threads, n_batch=512, verbose=False)
    vocabulary = llama_cpp.llama_model_get_vocab(model.model)
    end = {token: -100.0 for token in range(model.n_vocab()) if llama_cpp.llama_vocab_is_eog(vocabulary, token)}
    prefix = model.tokenize(paper.encode(), special=False)
    asked = sorted(limits)[1:-1:3]  # two of eight, of middling length
    seconds = []
    for number, limit in enumerate(asked):
        if not reuse:
            model.reset()
        started = time.perf_counter()
        tail = model.tokenize(f"\n\nQuestion {number}: what does the paper say of this?".encode(), add_bos=False)
        model.create_completion(prefix + tail, max_tokens=limit, temperature=0.6, seed=7, logit_bias=end)
        seconds.append(time.perf_counter() - started)
    if reuse:
        return seconds[0] + sum(seconds[1:]) * (sum(limits) - asked[0]) / sum(asked[1:])
    return sum(seconds) * len(limits) / len(asked)


def _engine(path: Path, context: int) -> LlamaEngine:
    from digest.analysing.llama import LlamaEngine, LlamaSettings
    from digest.analysing.tune import Knobs

    class Tireless(LlamaEngine):
        """Pays for sampling and then writes any token: models of random weights, and small ones, stop or repeat themselves by chance."""

        draw = random.Random(7)

        def sample(self, sampler: Any, row: int) -> int:
            super().sample(sampler, row)
            return self.draw.randrange(1000, 40_000)

    model = EngineModel(id="m", title="", sha256="", languages=("en",), context_tokens=context)
    engine = Tireless(path, model, LlamaSettings(context_tokens=context, temperature=0.6), Knobs())
    engine.count("loads it")
    return engine


def _ours(path: Path, paper: str, limits: Sequence[int], *, papers: int) -> float:
    engine = _engine(path, _context(paper, limits))
    started = time.perf_counter()
    jobs = [_job(f"{number} {paper}", limits) for number in range(papers)]
    written = sum(done.output_tokens for _, done in engine.answer_all(iter(jobs)) if isinstance(done, Completion))
    seconds = (time.perf_counter() - started) / papers
    assert written == papers * sum(limits), f"{written} tokens were written, not {papers * sum(limits)}"
    return seconds


def _bound(path: Path, paper: str, limits: Sequence[int]) -> float:
    """Reading at full speed, then writing the tokens of all sections at the rate of sixteen forks."""
    engine = _engine(path, _context(paper, [_FORK_TOKENS] * _FORKS))
    seconds = []
    for asked in ([1], [_FORK_TOKENS] * _FORKS):
        started = time.perf_counter()
        for _ in engine.answer_all(iter([_job(paper, asked)])):
            pass
        seconds.append(time.perf_counter() - started)
    return seconds[0] + seconds[1] * sum(limits) / (_FORKS * _FORK_TOKENS)


def _job(paper: str, limits: Sequence[int]) -> Job:
    text = "\n\nQuestion {}: what does the paper say of this?"
    asked = [Question(id=str(i), text=text.format(i), max_tokens=limit, seed=7 + i) for i, limit in enumerate(limits)]
    return Job(system="Answer from the paper.", paper=paper, questions=deque(asked))


if __name__ == "__main__":
    main(sys.argv[1:])
