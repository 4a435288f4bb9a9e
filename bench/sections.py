"""One call a section against forked sections: the same engine, the same paper, the same questions, in one run.

python -m bench.sections
"""

import time
from collections.abc import Sequence

from digest.analysing.engine import EngineModel, Question
from digest.analysing.llama import LlamaEngine, LlamaSettings
from digest.reading import read
from digest.registry import Registry
from digest.workspace import Workspace, shipped

_PAPER_WORDS = 550  # about 800 tokens
_ASKED = ("What is new?", "How does it work?", "What was measured?", "What are the limits?", "What can be reused?", "What is compared?")
_MAX_TOKENS = 48


def main() -> None:
    """Print seconds and tokens a second of both ways, and their ratio."""
    engine = _engine()
    paper = " ".join(read(shipped("samples", "papers", "forked-sections.pdf")).text.split()[:_PAPER_WORDS])
    questions = [Question(id=str(i), text=f"\n\n{text}", max_tokens=_MAX_TOKENS, seed=7) for i, text in enumerate(_ASKED)]
    engine.count(paper)  # loads the model
    print(f"{engine.count(paper)} tokens of paper, {len(questions)} questions of at most {_MAX_TOKENS} tokens")
    alone = _time("one call a section", engine, paper, [[question] for question in questions])
    forked = _time("forked sections", engine, paper, [questions])
    print(f"ratio of tokens a second: {forked / alone:.2f}")


def _time(name: str, engine: LlamaEngine, paper: str, calls: Sequence[list[Question]]) -> float:
    started = time.perf_counter()
    tokens = sum(done.output_tokens for questions in calls for done in engine.answer("Answer from the paper.", paper, questions))
    seconds = time.perf_counter() - started
    print(f"{name:20} {seconds:6.1f} s  {tokens} tokens  {tokens / seconds:6.1f} tokens/s")
    return tokens / seconds


def _engine() -> LlamaEngine:
    registry = Registry.load(Workspace(shipped()))
    card = registry.card("smollm2-135m")
    model = EngineModel(id=card.id, title=card.title, sha256=card.sha256, languages=card.languages, context_tokens=2048)
    return LlamaEngine(registry.path(card), model, LlamaSettings(context_tokens=2048, threads=0, gpu_layers=0, temperature=0.0))


if __name__ == "__main__":
    main()
