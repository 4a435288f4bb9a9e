"""Papers through report styles: as many side by side as the engine bears."""

from __future__ import annotations

import dataclasses
import functools
import math
import time
from collections import deque
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from digest.analysing.asking import LATE, Asked, Interview
from digest.analysing.engine import Question
from digest.analysing.judge import Judge
from digest.analysing.plan import Plan, plan
from digest.analysing.prompts import Prompts
from digest.analysing.screen import Screen
from digest.analysing.terms import terms_in
from digest.analysing.unasked import absent_claims, margin_claims
from digest.analysing.verify import is_chinese
from digest.errors import ContextTooSmall, DigestError, PaperError
from digest.glossary import is_compound
from digest.records import Analysis, AnalysisSection, Coverage, Provenance, SectionKind, SectionStatus, Timing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from digest.analysing.engine import Completion, Engine, Job
    from digest.analysing.request import Request
    from digest.analysing.style import SectionStyle

_OFTEN = 2  # a term that stands so often in the body is named to the model with its Chinese


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Task:
    """One analysis that is to be made."""

    request: Request
    kept: Mapping[str, AnalysisSection] = field(default_factory=dict)  # sections, by id, that an earlier run has settled: not asked again
    keep: Callable[[AnalysisSection], object] = id  # called with every other section the moment it is settled
    left_out: frozenset[str] = frozenset()  # sections that there is no time for
    until: float = math.inf  # time.monotonic() at which it must be done


def analyse_all(
    tasks: Iterable[Task], engine: Engine, *, heard: Callable[[Completion], object] = id
) -> Iterator[tuple[Task, Analysis | DigestError]]:
    """Ask *engine* every question of each task's style about its paper and check the answers; yield each task when it is done.

    The next task is drawn when the engine has a place for its paper. A section whose reply cannot be used, or names what the
    paper does not hold, is asked once more, told why. What cannot be used then is ``failed``: its text never holds anything
    that was not checked. An error is one paper's own; the others go on.

    Args:
        heard: called with every answer of the engine.

    Raises:
        DigestError: the engine cannot work at all.
    """
    open_: dict[int, _Session] = {}
    done: deque[tuple[Task, Analysis | DigestError]] = deque()

    def jobs() -> Iterator[Job]:
        for task in tasks:
            try:
                session = _Session.of(task, engine)
            except (ContextTooSmall, PaperError) as error:
                done.append((task, error))
                continue
            if session.interview.over:
                done.append((task, session.analysis()))
                continue
            job = session.interview.job()
            open_[id(job)] = session
            yield job

    for job, answer in engine.answer_all(jobs()):
        session = open_[id(job)]
        if isinstance(answer, DigestError):
            done.append((session.task, answer))
        else:
            heard(answer)
            session.interview.hear(answer, job)
            if session.interview.over:
                done.append((session.task, session.analysis()))
        while done:
            yield done.popleft()
    yield from done


def analyse(
    request: Request,
    engine: Engine,
    *,
    kept: Mapping[str, AnalysisSection] = MappingProxyType({}),
    keep: Callable[[AnalysisSection], object] = id,
) -> Analysis:
    """The same for one paper.

    Raises:
        ContextTooSmall: the questions leave no room for a single passage.
        PaperError: there is neither a body nor an abstract.
    """
    ((_, found),) = analyse_all([Task(request=request, kept=kept, keep=keep)], engine)
    if isinstance(found, DigestError):
        raise found
    return found


@dataclass(slots=True, kw_only=True)
class _Session:
    """One paper while it is asked about."""

    task: Task
    engine: Engine
    judge: Judge
    interview: Interview
    plan: Plan
    sections: tuple[SectionStyle, ...]  # that are asked of this paper with this engine
    started: float = field(default_factory=time.monotonic)

    @classmethod
    def of(cls, task: Task, engine: Engine) -> _Session:
        request = task.request
        prompts = Prompts(request.style, _language(request, engine))
        sections = _asked(request, prompts, engine)
        body = " ".join(passage.text for passage in request.passages)
        terms = (
            [term for term in terms_in(body, request.glossary, least=_OFTEN) if is_compound(term[0])] if prompts.language == "zh" else []
        )
        system = prompts.system(terms)
        questions = {section.id: _question(section, request, prompts) for section in sections}
        # All questions count, also those that are not asked now: a resumed run must read what the first one read.
        chosen, text = _fitted(request, prompts, engine, room=engine.room(system, list(questions.values())))
        judge = Judge(request, frozenset(passage.id for passage in chosen.passages))
        asked = {
            section.id: Asked(
                style=section,
                question=questions[section.id],
                screen=_screen(request, section, f"{system}\n{questions[section.id].text}", prompts.language, text),
            )
            for section in sections
            if section.id not in task.kept and section.id not in task.left_out
        }
        interview = Interview(
            engine=engine,
            prompts=prompts,
            system=system,
            text=text,
            asked=asked,
            until=task.until,
            judge=judge.section,
            quote=judge.quoted,
            name=judge.named,
            leave_out=judge.left_out,
            keep=task.keep,
        )
        return cls(task=task, engine=engine, judge=judge, interview=interview, plan=chosen, sections=sections)

    def analysis(self) -> Analysis:
        """What came of it; every question must be settled."""
        request, interview = self.task.request, self.interview
        found = {**self.task.kept, **interview.settled}
        added = Prompts(request.style, request.language)
        sections = (found.get(section.id) or self.judge.left_out(section, LATE) for section in self.sections)
        return Analysis(
            paper=request.paper.id,
            style=request.style.id,
            language=interview.prompts.language,
            sections=tuple(_with_unasked(style, section, request, added) for style, section in zip(self.sections, sections, strict=True)),
            coverage=self.plan.coverage if request.whole else Coverage(read_tokens=0, total_tokens=0),
            provenance=_provenance(request, self.engine),
            timing=Timing(
                prompt_tokens=interview.prompt_tokens,
                output_tokens=interview.output_tokens,
                seconds=round(time.monotonic() - self.started, 2),
            ),
        )


def _asked(request: Request, prompts: Prompts, engine: Engine) -> tuple[SectionStyle, ...]:
    """The sections of the style; a title in Chinese only of a paper that has none, and of a model that can give it."""
    titled = prompts.language == "zh" and engine.name != "extractive" and not is_chinese(request.paper.title, share=0.0)
    return request.style.sections if titled else request.style.questions


def _language(request: Request, engine: Engine) -> str:
    """What the model is asked in, and writes."""
    return request.language if request.language in engine.model.languages else engine.model.languages[0]


def _question(section: SectionStyle, request: Request, prompts: Prompts) -> Question:
    # Interests are named in the reader's language; one that the model does not write it would only repeat.
    interests = request.interests if prompts.language == request.language else ()
    return Question(
        id=section.id,
        text=prompts.question(section, interests),
        max_tokens=section.max_tokens,
        seed=request.seed,
        query=section.evidence,
        parts=section.parts,
    )


def _with_unasked(style: SectionStyle, section: AnalysisSection, request: Request, prompts: Prompts) -> AnalysisSection:
    """*section* with what the program finds without a model, where its style wants that."""
    if not request.whole:
        return section
    claims = margin_claims(request.whole, prompts) if "margins" in style.checks else []
    claims += absent_claims(request.whole, request.style.absent, prompts) if "absent" in style.checks else []
    if section.status is SectionStatus.NOT_STATED and claims:
        section = dataclasses.replace(section, status=SectionStatus.OK)
    told = [claim for claim in section.claims if claim not in claims]  # a section that was kept holds them already
    return dataclasses.replace(section, claims=(*claims, *told)) if section.status is SectionStatus.OK else section


def _screen(request: Request, section: SectionStyle, prompt: str, language: str, text: str) -> Screen:
    """Sentences of the abstract are no findings, unless the abstract is what is asked for."""
    asked_for = section.parts == (SectionKind.ABSTRACT,)
    abstract = "" if asked_for else f"{request.paper.abstract} {request.document.abstract if request.document else ''}"
    return Screen(prompt, language, abstract=abstract, paper=text)


def _fitted(request: Request, prompts: Prompts, engine: Engine, *, room: int) -> tuple[Plan, str]:
    """The plan whose rendered text takes at most *room* tokens, and that text.

    Headings and labels cost what the tokenizer makes of them, which is known only when they stand in the text: where
    that is too much (GoalFlow, CVPR 2025: 2 tokens in 3,072), the plan is made again with so much less.
    """
    passages, count, title = request.material, functools.cache(engine.count), request.paper.title
    room = min(room, request.most_tokens) if request.most_tokens else room
    budget = room - count(prompts.paper(title, ()))
    while True:
        chosen = plan(passages, request.style.questions, room=budget, count=count, nearness=request.nearness)
        text = prompts.paper(title, chosen.passages)
        excess = engine.count(text) - room
        if excess <= 0 and chosen.passages:
            return chosen, text
        if not chosen.passages:
            held = engine.model.context_tokens
            raise ContextTooSmall(engine.model.id, held, held - budget + min(map(count, (p.text for p in passages)), default=0))
        budget -= excess


def _provenance(request: Request, engine: Engine) -> Provenance:
    return Provenance(
        engine=engine.name,
        model=engine.model.id,
        model_sha256=engine.model.sha256,
        prompts_sha256=request.style.sha256,
        document_sha256=request.document.sha256 if request.document else "",
        reader=request.document.reader if request.document else "",
        seed=request.seed,
        context_tokens=engine.model.context_tokens,
    )
