"""What an engine is: something that answers several questions about one paper.

The paper comes first and is the same for all questions, so that an engine may read it once.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from digest.errors import DigestError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from digest.records import SectionKind

# The model ended it; the token limit did; it began to repeat itself; its job's time was over; it is no model's text but
# sentences of the paper.
Finish = Literal["stop", "length", "loop", "late", "quoted"]


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
    query: str = ""  # English words that find its evidence: for an engine that quotes instead of writing
    parts: tuple[SectionKind, ...] = ()  # kinds of sections to look in first


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """What the model wrote."""

    id: str  # of the question
    text: str  # as it came, without thinking
    finish: Finish
    output_tokens: int
    prompt_tokens: int  # newly read for this question; the shared part counts for the first one


@dataclass(slots=True, kw_only=True, eq=False)
class Job:
    """A paper and what is still to be asked about it."""

    system: str
    paper: str
    questions: deque[Question]  # the engine takes them off; one put back is asked too
    until: float = math.inf  # time.monotonic() from which on nothing more of it is wanted


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

    def answer_all(self, jobs: Iterator[Job]) -> Iterator[tuple[Job, Completion | DigestError]]:
        """Answer every question of *jobs*, each completion as soon as it ends, about as many papers side by side as do well here.

        The next job is asked for when there is a place for it, so *jobs* may be made as they are needed. A question added to a job
        that came with the completion just handed out is answered too. Of a job whose time is over every open question ends as
        ``late``. An error is the job's own and ends it: nothing is ever cut silently to make it fit; the others go on.
        """


def answer(engine: Engine, system: str, paper: str, questions: Sequence[Question]) -> Iterator[Completion]:
    """Answer *questions* about one *paper*, each completion as soon as it ends.

    Raises:
        DigestError: it could not be done; ``ContextTooSmall`` where they do not fit together.
    """
    for _, done in engine.answer_all(iter([Job(system=system, paper=paper, questions=deque(questions))])):
        if isinstance(done, DigestError):
            raise done
        yield done
