"""Putting a style's questions to an engine until each has an answer that can be used, or has failed twice.

The second time a question is asked it names what was wrong with the first answer: text that cannot be used at all, or
numbers and names that the paper does not hold.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from digest.analysing.reply import Reply, read_reply
from digest.records import AnalysisSection, SectionStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from digest.analysing.engine import Completion, Engine, Question
    from digest.analysing.prompts import Prompts
    from digest.analysing.screen import Screen
    from digest.analysing.style import SectionStyle

_MOST_NAMED = 6  # things that were not found, named to the model


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question and how its answers are judged."""

    style: SectionStyle
    question: Question
    screen: Screen


@dataclass(slots=True, kw_only=True)
class Interview:
    """The questions about one text, with what they cost."""

    engine: Engine
    prompts: Prompts
    system: str
    text: str  # of the paper, as the engine is given it
    judge: Callable[[SectionStyle, Reply], AnalysisSection]
    quote: Callable[[SectionStyle], AnalysisSection]  # sentences of the paper in place of an answer
    keep: Callable[[AnalysisSection], object]  # called as soon as a section is settled
    prompt_tokens: int = 0
    output_tokens: int = 0
    _first: dict[str, tuple[AnalysisSection, str]] = field(default_factory=dict)

    def hold(self, asked: Sequence[Asked]) -> dict[str, AnalysisSection]:
        """The sections that answer *asked*, by id."""
        by_id = {one.style.id: one for one in asked}
        settled = {}
        for completion, section, reply in self._answers([one.question for one in asked], by_id):
            if complaint := self._complaint(section, reply):
                self._first[section.id] = section, self.prompts.repair(by_id[section.id].question.text, completion.text, complaint)
            else:
                settled[section.id] = section
                self.keep(section)
        again = [self._again(by_id[name].question, text) for name, (_, text) in self._first.items()]
        for group in self._groups(again):
            for _, section, _ in self._answers(group, by_id):
                better = min(self._first[section.id][0], section, key=_doubts)
                settled[section.id] = better
                self.keep(better)
        return settled

    def _answers(self, questions: Sequence[Question], asked: Mapping[str, Asked]) -> Iterator[tuple[Completion, AnalysisSection, Reply]]:
        for completion in self.engine.answer(self.system, self.text, questions) if questions else ():
            self.prompt_tokens += completion.prompt_tokens
            self.output_tokens += completion.output_tokens
            one = asked[completion.id]
            if completion.finish == "quoted":
                yield completion, self.quote(one.style), Reply()
                continue
            ended = completion.finish != "length"
            reply = read_reply(completion.text, kind=one.style.kind, ended=ended, screen=one.screen)
            yield completion, self.judge(one.style, reply), reply

    def _complaint(self, section: AnalysisSection, reply: Reply) -> str:
        """What is to be said of an answer, in the model's language; "" for one that stands."""
        if reply.fault:
            return self.prompts.complaint(reason=reply.fault)
        unfound = dict.fromkeys(thing for claim in section.claims for thing in claim.unfound)
        return self.prompts.complaint(things=list(unfound)[:_MOST_NAMED]) if unfound else ""

    def _again(self, question: Question, text: str) -> Question:
        """*question* with the complaint, where that fits; as it was, with another seed, where it does not."""
        longer = dataclasses.replace(question, text=text, seed=question.seed + 1)
        fits = self.engine.room(self.system, [longer]) >= self.engine.count(self.text)
        return longer if fits else dataclasses.replace(question, seed=question.seed + 1)

    def _groups(self, questions: Sequence[Question]) -> Iterator[list[Question]]:
        """*questions* in as few groups as fit beside the text: a complaint is longer than the question it repeats."""
        size = self.engine.count(self.text) if questions else 0
        group: list[Question] = []
        for question in questions:
            if group and self.engine.room(self.system, [*group, question]) < size:
                yield group
                group = []
            group.append(question)
        if group:
            yield group


def _doubts(section: AnalysisSection) -> tuple[int, int, int]:
    """How little a section is worth: failed, its claims that name what the paper does not hold, its claims not borne out."""
    rank = {SectionStatus.FAILED: 2, SectionStatus.NOT_STATED: 1}.get(section.status, 0)
    return rank, sum(bool(claim.unfound) for claim in section.claims), -sum(claim.verified for claim in section.claims)
