"""The engine without a model: it quotes. Every section is the sentences of the paper that touch its question, in a frame.

It stands in where no model is installed, and says what a reader can trust: the words are the paper's, each with its page.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from digest.analysing.engine import Completion, EngineModel
from digest.analysing.telling import asks_for_weakness
from digest.records import AnalysisSection, SectionStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from digest.analysing.engine import Job, Question
    from digest.analysing.style import SectionStyle
    from digest.analysing.verify import Evidence

_FRAMES = {"zh": ("{terms}：“{sentence}”", "原文：“{sentence}”", "、"), "en": ("{terms}: “{sentence}”", "“{sentence}”", ", ")}
_QUOTED, _OF_A_PART = 3, 10  # sentences: on a question; of a part that is asked for as such
_LONGEST_TERMS = 4


class ExtractiveEngine:
    """Answers nothing itself: ``quoted`` tells the caller to take the paper's own sentences."""

    name = "extractive"
    model = EngineModel(id="extractive", title="extractive", sha256="", languages=("zh", "en"), context_tokens=0)

    def count(self, text: str) -> int:
        """See ``Engine.count``: words."""
        return len(text.split())

    def room(self, system: str, questions: Sequence[Question]) -> int:  # noqa: ARG002 the protocol
        """See ``Engine.room``: there is no limit."""
        return 1 << 30

    def answer_all(self, jobs: Iterator[Job]) -> Iterator[tuple[Job, Completion]]:
        """See ``Engine.answer_all``."""
        for job in jobs:
            while job.questions:
                yield job, Completion(id=job.questions.popleft().id, text="", finish="quoted", output_tokens=0, prompt_tokens=0)


def quoted_section(
    style: SectionStyle, evidence: Evidence, language: str, *, status: SectionStatus, glossed: Callable[[str], Sequence[str]]
) -> AnalysisSection:
    """The sentences of the paper that touch the question of *style*, each as a claim.

    Args:
        glossed: Chinese terms for the English ones in a sentence; a Chinese frame opens with them.
    """
    framed, plain, comma = _FRAMES[language]
    claims = []
    itself = style.evidence in style.parts  # the question is after a part of the paper as such
    found = () if itself else evidence.nearest(style.evidence, style.parts, count=_QUOTED)
    if not found and asks_for_weakness(style.evidence):  # any other sentence is no weakness
        return AnalysisSection(id=style.id, title=style.title[language], status=SectionStatus.NOT_STATED, kind="bullets")
    for claim in found or evidence.opening(style.parts, count=_OF_A_PART if itself else _QUOTED):
        terms = comma.join(list(glossed(claim.quote))[:_LONGEST_TERMS]) if language == "zh" else ""
        claims.append(replace(claim, text=(framed if terms else plain).format(terms=terms, sentence=claim.quote)))
    title = style.title[language]
    if not claims:
        return AnalysisSection(
            id=style.id, title=title, status=SectionStatus.FAILED, kind="bullets", reason="the paper has no sentence that can be quoted"
        )
    return AnalysisSection(id=style.id, title=title, status=status, kind="bullets", claims=tuple(claims))
