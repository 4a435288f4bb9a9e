"""Putting a style's questions to an engine until each has an answer that can be used, or has failed twice.

The second time a question is asked it names what was wrong with the first answer: text that cannot be used at all, or
numbers and names that the paper does not hold. It goes back into the paper's job at once, so that no other answer waits.
"""

from __future__ import annotations

import dataclasses
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from digest.analysing.engine import Job
from digest.analysing.reply import Reply, read_reply
from digest.records import AnalysisSection, SectionStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from digest.analysing.engine import Completion, Engine, Question
    from digest.analysing.prompts import Prompts
    from digest.analysing.screen import Screen
    from digest.analysing.style import SectionStyle

_MOST_NAMED = 6  # things that were not found, named to the model
LATE = "the time budget ran out"  # reason of a section that was not asked, or not answered in time


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question and how its answers are judged."""

    style: SectionStyle
    question: Question
    screen: Screen


@dataclass(slots=True, kw_only=True)
class Interview:
    """The questions about one text, what became of them and what they cost."""

    engine: Engine
    prompts: Prompts
    system: str
    text: str  # of the paper, as the engine is given it
    asked: dict[str, Asked]
    until: float
    judge: Callable[[SectionStyle, Reply], AnalysisSection]
    quote: Callable[[SectionStyle], AnalysisSection]  # sentences of the paper in place of an answer
    name: Callable[[SectionStyle, str], AnalysisSection]  # the paper's title, of what was answered
    leave_out: Callable[[SectionStyle, str], AnalysisSection]
    keep: Callable[[AnalysisSection], object]  # called as soon as a section is settled
    settled: dict[str, AnalysisSection] = field(default_factory=dict)
    prompt_tokens: int = 0
    output_tokens: int = 0
    _first: dict[str, AnalysisSection] = field(default_factory=dict)  # answers that a second one may be better than

    def job(self) -> Job:
        """What the engine is to do; ``hear`` adds to it."""
        return Job(system=self.system, paper=self.text, questions=deque(one.question for one in self.asked.values()), until=self.until)

    @property
    def over(self) -> bool:
        """Whether every question is settled."""
        return self.settled.keys() >= self.asked.keys()

    def hear(self, completion: Completion, job: Job) -> None:
        """Take an answer: settle its section, or ask again in *job*."""
        self.prompt_tokens += completion.prompt_tokens
        self.output_tokens += completion.output_tokens
        one = self.asked[completion.id]
        first = self._first.get(completion.id)
        if completion.finish == "late":
            self.settled[completion.id] = first or self.leave_out(one.style, LATE)
            return
        if completion.finish == "quoted":
            self._settle(self.quote(one.style))
            return
        if one.style.kind == "title":  # there or not: nothing is lost without it
            self._settle(self.name(one.style, completion.text))
            return
        reply = read_reply(completion.text, kind=one.style.kind, ended=completion.finish != "length", screen=one.screen)
        section = self.judge(one.style, reply)
        if first:
            self._settle(min(first, section, key=_doubts))
        elif complaint := self._complaint(section, reply):
            self._first[completion.id] = section
            text = self.prompts.repair(one.question.text, completion.text, complaint)
            job.questions.append(self._again(one.question, text))
        else:
            self._settle(section)

    def _settle(self, section: AnalysisSection) -> None:
        self.settled[section.id] = section
        self.keep(section)

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


def _doubts(section: AnalysisSection) -> tuple[int, int, int]:
    """How little a section is worth: failed, its claims that name what the paper does not hold, its claims not borne out."""
    rank = {SectionStatus.FAILED: 2, SectionStatus.NOT_STATED: 1}.get(section.status, 0)
    return rank, sum(bool(claim.unfound) for claim in section.claims), -sum(claim.verified for claim in section.claims)
