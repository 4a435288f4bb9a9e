"""One paper through one report style."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import time
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

from digest.analysing.asking import Asked, Interview
from digest.analysing.engine import Question
from digest.analysing.extractive import quoted_section
from digest.analysing.plan import Plan, plan
from digest.analysing.prompts import Prompts
from digest.analysing.screen import Screen
from digest.analysing.terms import terms_in
from digest.analysing.unasked import absent_claims, margin_claims
from digest.analysing.verify import Evidence
from digest.errors import ContextTooSmall, PaperError
from digest.names import own_names
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
    from collections.abc import Callable, Mapping

    from digest.analysing.engine import Engine
    from digest.analysing.reply import Reply, Statement
    from digest.analysing.style import SectionStyle, Style
    from digest.glossary import Glossary

_OFTEN = 2  # a term that stands so often in the body is named to the model with its Chinese
_QUOTED = 2  # sentences of the paper given where the model said nothing that it bears out


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
    glossary: Glossary | None = None  # names of terms in Chinese


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
        sorted(request.glossary.terms.items()) if request.glossary else (),
        engine,
        model_sha256,
        _CODE,
    ]
    return hashlib.sha256(json.dumps(facts, ensure_ascii=False).encode()).hexdigest()


_CODE = 3  # raised when planning, reply reading or verification change what an analysis says


def analyse(
    request: Request,
    engine: Engine,
    *,
    kept: Mapping[str, AnalysisSection] = MappingProxyType({}),
    keep: Callable[[AnalysisSection], object] = id,
) -> Analysis:
    """Ask *engine* every question of the style about the paper and check the answers.

    A section whose reply cannot be used, or names what the paper does not hold, is asked once more with another seed and
    told why. What cannot be used then is ``failed``: its text never holds anything that was not checked.

    Args:
        kept: sections, by id, that an earlier run has settled; they are not asked again.
        keep: called with every other section the moment it is settled.

    Raises:
        ContextTooSmall: the questions leave no room for a single passage.
        PaperError: there is neither a body nor an abstract.
    """
    started = time.monotonic()
    language = request.language if request.language in engine.model.languages else engine.model.languages[0]
    prompts = Prompts(request.style, language)
    # Interests are named in the reader's language; one that the model does not write it would only repeat.
    interests = request.interests if language == request.language else ()
    body = " ".join(passage.text for passage in _passages(request))
    system = prompts.system(terms_in(body, request.glossary, least=_OFTEN) if language == "zh" else ())
    questions = [
        Question(
            id=section.id,
            text=prompts.question(section, interests),
            max_tokens=section.max_tokens,
            seed=request.seed,
            query=section.evidence,
            parts=section.parts,
        )
        for section in request.style.sections
    ]
    chosen, text = _fitted(request, prompts, engine, room=engine.room(system, questions))
    judge = _Judge(request, engine, chosen)
    interview = Interview(engine=engine, prompts=prompts, system=system, text=text, judge=judge.section, quote=judge.quoted, keep=keep)
    asked = [
        Asked(style=section, question=question, screen=_screen(request, section, f"{system}\n{question.text}", language, text))
        for section, question in zip(request.style.sections, questions, strict=True)
        if section.id not in kept
    ]
    sections = {**kept, **interview.hold(asked)}
    added = Prompts(request.style, request.language)
    return Analysis(
        paper=request.paper.id,
        style=request.style.id,
        language=language,
        sections=tuple(_with_unasked(section, sections[section.id], request, added) for section in request.style.sections),
        coverage=chosen.coverage if _readable(request.document) else Coverage(read_tokens=0, total_tokens=0),
        provenance=_provenance(request, engine),
        timing=Timing(
            prompt_tokens=interview.prompt_tokens, output_tokens=interview.output_tokens, seconds=round(time.monotonic() - started, 2)
        ),
    )


def _with_unasked(style: SectionStyle, section: AnalysisSection, request: Request, prompts: Prompts) -> AnalysisSection:
    """*section* with what the program finds without a model, where its style wants that."""
    if not request.document or not _readable(request.document):
        return section
    claims = margin_claims(request.document, prompts) if "margins" in style.checks else []
    claims += absent_claims(request.document, request.style.absent, prompts) if "absent" in style.checks else []
    if section.status is SectionStatus.NOT_STATED and claims:
        section = dataclasses.replace(section, status=SectionStatus.OK)
    told = [claim for claim in section.claims if claim not in claims]  # a section that was kept holds them already
    return dataclasses.replace(section, claims=(*claims, *told)) if section.status is SectionStatus.OK else section


def _screen(request: Request, section: SectionStyle, prompt: str, language: str, text: str) -> Screen:
    """Sentences of the abstract are no findings, unless the abstract is what is asked for."""
    asked_for = section.parts == (SectionKind.ABSTRACT,)
    abstract = "" if asked_for else f"{request.paper.abstract} {request.document.abstract if request.document else ''}"
    return Screen(prompt, language, abstract=abstract, paper=text)


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


@dataclass(frozen=True)
class _Judge:
    """Makes sections of replies, each claim held against the paper."""

    request: Request
    engine: Engine
    plan: Plan

    @cached_property
    def evidence(self) -> Evidence:
        return _evidence(self.request)

    @cached_property
    def offered(self) -> frozenset[str]:
        return frozenset(passage.id for passage in self.plan.passages)

    def section(self, style: SectionStyle, reply: Reply) -> AnalysisSection:
        request = self.request
        if reply.fault:
            status = SectionStatus.FAILED
        elif reply.not_stated:
            status = SectionStatus.NOT_STATED
        else:
            status = SectionStatus.OK if _readable(request.document) else SectionStatus.ABSTRACT_ONLY
        claims = tuple(self.evidence.check(self.named(statement)) for statement in reply.statements)
        bare = _readable(request.document) and not reply.not_stated and not any(claim.verified for claim in claims)
        return AnalysisSection(
            id=style.id,
            title=style.title[request.language],
            status=status,
            kind=style.kind,
            claims=claims,
            evidence=self.evidence.nearest(style.evidence, style.parts, count=_QUOTED) if bare else (),
            reason=reply.fault,
        )

    def quoted(self, style: SectionStyle) -> AnalysisSection:
        """Sentences of the paper in place of an answer."""
        status = SectionStatus.OK if _readable(self.request.document) else SectionStatus.ABSTRACT_ONLY
        return quoted_section(style, self.evidence, self.request.language, status=status, glossed=self.glossed)

    def glossed(self, sentence: str) -> list[str]:
        """The terms of an English *sentence*, in Chinese."""
        return [chinese for _, chinese in terms_in(sentence, self.request.glossary)]

    def named(self, statement: Statement) -> Statement:
        """*statement* with those passages only that the model was shown: it cannot rest on others."""
        return dataclasses.replace(statement, evidence=tuple(name for name in statement.evidence if name in self.offered))


def _evidence(request: Request) -> Evidence:
    if request.document and _readable(request.document):
        return evidence_of(request.document, title=request.paper.title)
    return Evidence(_passages(request), [f"{request.paper.title}. {request.paper.abstract}"], own_names(request.paper.title))


def evidence_of(document: Document, *, title: str = "") -> Evidence:
    """The whole paper, not only what the model read: a true statement may be borne out anywhere in it."""
    return Evidence(document.passages, document.page_texts, own_names(f"{title or document.title}. {document.abstract}"), document.tables)


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
