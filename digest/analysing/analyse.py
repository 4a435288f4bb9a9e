"""One paper through one report style."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.analysing.engine import Question
from digest.analysing.plan import Plan, plan
from digest.analysing.prompts import Prompts
from digest.analysing.reply import Reply, read_reply
from digest.analysing.verify import Evidence
from digest.errors import ContextTooSmall, PaperError
from digest.records import (
    Analysis,
    AnalysisSection,
    Coverage,
    Document,
    Paper,
    Passage,
    Provenance,
    ReadStatus,
    SectionKind,
    SectionStatus,
    Timing,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from digest.analysing.engine import Completion, Engine
    from digest.analysing.style import SectionStyle, Style

_QUOTED = 2  # sentences of the paper given where the model said nothing that it bears out
_TRIES = 2  # of a section whose reply cannot be used, each with another seed


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is to be analysed, and for whom."""

    paper: Paper
    document: Document | None  # None, or not ``ok``: the abstract is all there is
    style: Style
    language: str  # of the reader
    interests: tuple[str, ...]
    seed: int
    context_tokens: int
    temperature: float


def analysis_key(request: Request, engine: str, model_sha256: str) -> str:
    """Hash of everything that decides the words of the analysis."""
    facts = [
        request.paper.id,
        request.paper.title,
        request.paper.abstract if not _readable(request.document) else "",
        request.document.sha256 if request.document else "",
        request.document.reader if request.document else "",
        request.style.id,
        request.style.sha256,
        request.language,
        request.interests,
        request.seed,
        request.context_tokens,
        request.temperature,
        engine,
        model_sha256,
        _CODE,
    ]
    return hashlib.sha256(json.dumps(facts, ensure_ascii=False).encode()).hexdigest()


_CODE = 2  # raised when planning, reply reading or verification change what an analysis says


def analyse(request: Request, engine: Engine, *, on_section: Callable[[], None] = lambda: None) -> Analysis:
    """Ask *engine* every question of the style about the paper and check the answers.

    A section whose reply cannot be used is asked once more with another seed and then marked ``failed``: its text
    never holds anything that was not checked.

    Raises:
        ContextTooSmall: the questions leave no room for a single passage.
        PaperError: there is neither a body nor an abstract.
    """
    started = time.monotonic()
    language = request.language if request.language in engine.model.languages else engine.model.languages[0]
    prompts = Prompts(request.style, language)
    # Interests are named in the reader's language; one that the model does not write it would only repeat.
    interests = request.interests if language == request.language else ()
    system = prompts.system()
    questions = {
        section.id: Question(id=section.id, text=prompts.question(section, interests), max_tokens=section.max_tokens, seed=request.seed)
        for section in request.style.sections
    }
    chosen, text = _fitted(request, prompts, engine, room=engine.room(system, list(questions.values())))
    replies, tokens = _ask(engine, system, text, questions, request, language, on_section)
    evidence = _evidence(request)
    return Analysis(
        paper=request.paper.id,
        style=request.style.id,
        language=language,
        sections=tuple(_section(section, replies[section.id], request, evidence) for section in request.style.sections),
        coverage=chosen.coverage if _readable(request.document) else Coverage(read_tokens=0, total_tokens=0),
        provenance=_provenance(request, engine),
        timing=Timing(prompt_tokens=tokens[0], output_tokens=tokens[1], seconds=round(time.monotonic() - started, 2)),
    )


def _readable(document: Document | None) -> bool:
    return document is not None and document.status is ReadStatus.OK and bool(document.passages)


def _passages(request: Request) -> tuple[Passage, ...]:
    """The body, or the abstract standing in for it."""
    if request.document and _readable(request.document):
        return request.document.passages
    if not request.paper.abstract.strip():
        raise PaperError(request.paper.name, "analyse", "neither full text nor abstract", retry=False)
    return (Passage(id="p1", page=1, section="Abstract", kind=SectionKind.ABSTRACT, text=request.paper.abstract),)


def _fitted(request: Request, prompts: Prompts, engine: Engine, *, room: int) -> tuple[Plan, str]:
    """The plan whose rendered text takes at most *room* tokens, and that text.

    Headings and labels cost what the tokenizer makes of them, which is known only when they stand in the text: where
    that is too much (GoalFlow, CVPR 2025: 2 tokens in 3,072), the plan is made again with so much less.
    """
    passages, count, title = _passages(request), functools.cache(engine.count), request.paper.title
    budget = room - count(prompts.paper(title, ()))
    while True:
        chosen = plan(passages, request.style.sections, room=budget, count=count)
        text = prompts.paper(title, chosen.passages)
        excess = engine.count(text) - room
        if excess <= 0 and chosen.passages:
            return chosen, text
        if not chosen.passages:
            held = engine.model.context_tokens
            raise ContextTooSmall(engine.model.id, held, held - budget + min(map(count, (p.text for p in passages)), default=0))
        budget -= excess


def _ask(
    engine: Engine,
    system: str,
    text: str,
    questions: dict[str, Question],
    request: Request,
    language: str,
    on_section: Callable[[], None],
) -> tuple[dict[str, Reply], tuple[int, int]]:
    """Every question's reply, asked again where it cannot be used; prompt and output tokens spent."""
    kinds = {section.id: section.kind for section in request.style.sections}
    replies: dict[str, Reply] = {}
    prompt_tokens = output_tokens = 0
    open_questions = list(questions.values())
    tries = _TRIES if request.temperature > 0 else 1  # without chance a second try says the same
    for attempt in range(tries):
        for completion in engine.answer(system, text, open_questions):
            prompt_tokens += completion.prompt_tokens
            output_tokens += completion.output_tokens
            replies[completion.id] = _read(completion, kinds[completion.id], language, f"{system}\n{questions[completion.id].text}")
            if not replies[completion.id].fault or attempt == tries - 1:
                on_section()
        open_questions = [dataclasses.replace(q, seed=q.seed + attempt + 1) for q in open_questions if replies[q.id].fault]
        if not open_questions:
            break
    return replies, (prompt_tokens, output_tokens)


def _read(completion: Completion, kind: str, language: str, prompt: str) -> Reply:
    return read_reply(completion.text, kind=kind, language=language, ended=completion.finish == "stop", prompt=prompt)


def _section(section: SectionStyle, reply: Reply, request: Request, evidence: Evidence) -> AnalysisSection:
    if reply.fault:
        status = SectionStatus.FAILED
    elif reply.not_stated:
        status = SectionStatus.NOT_STATED
    else:
        status = SectionStatus.OK if _readable(request.document) else SectionStatus.ABSTRACT_ONLY
    claims = tuple(evidence.check(statement) for statement in reply.statements)
    bare = _readable(request.document) and not reply.not_stated and not any(claim.verified for claim in claims)
    return AnalysisSection(
        id=section.id,
        title=section.title[request.language],
        status=status,
        kind=section.kind,
        claims=claims,
        evidence=evidence.nearest(section.evidence, section.parts, count=_QUOTED) if bare else (),
        reason=reply.fault,
    )


def _evidence(request: Request) -> Evidence:
    """The whole paper, not only what the model read: a true statement may be borne out anywhere in it."""
    if request.document and _readable(request.document):
        return Evidence(request.document.passages, request.document.page_texts)
    return Evidence(_passages(request), [f"{request.paper.title}. {request.paper.abstract}"])


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
