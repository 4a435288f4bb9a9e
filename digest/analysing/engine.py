"""What an engine is: something that answers several questions about one paper.

The paper comes first and is the same for all questions, so that an engine may read it once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Finish = Literal["stop", "length", "loop"]  # the model ended it; the token limit did; it began to repeat itself


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineModel:
    """Which model an engine runs."""

    id: str
    title: str
    sha256: str
    languages: tuple[str, ...]
    context_tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One request about the paper."""

    id: str
    text: str
    max_tokens: int
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """What the model wrote."""

    id: str  # of the question
    text: str  # as it came, without thinking
    finish: Finish
    output_tokens: int
    prompt_tokens: int  # newly read for this question; the shared part counts for the first one


class Engine(Protocol):
    """Runs one model. Not safe for use from two threads."""

    @property
    def name(self) -> str:
        """``llama``, ``server``, ``extractive``."""

    @property
    def model(self) -> EngineModel:
        """The model it runs."""

    def count(self, text: str) -> int:
        """Tokens of *text*, by the model's own tokenizer."""

    def room(self, system: str, questions: Sequence[Question]) -> int:
        """Tokens left for the paper in a context that also holds *system*, all *questions* and their answers."""

    def answer(self, system: str, paper: str, questions: Sequence[Question]) -> Iterator[Completion]:
        """Answer *questions* about *paper*, each completion as soon as it ends.

        Raises:
            ContextTooSmall: they do not fit together; never is anything cut silently.
        """


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

    def answer(self, system: str, paper: str, questions: Sequence[Question]) -> Iterator[Completion]:
        """See ``Engine.answer``."""
        for question in questions:
            self.asked.append((system, paper, question))
            left = self.replies.get(question.id) or self.replies["*"]
            text = left.pop(0) if len(left) > 1 else left[0]
            tokens = self.count(text)
            yield Completion(id=question.id, text=text, finish="stop", output_tokens=tokens, prompt_tokens=self.count(paper))
