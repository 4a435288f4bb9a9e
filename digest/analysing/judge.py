"""Sections made of replies, each claim held against the paper."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from digest.analysing.crossing import Crossing
from digest.analysing.extractive import quoted_section
from digest.analysing.heading import kept_title
from digest.analysing.verify import Evidence
from digest.names import own_names
from digest.records import AnalysisSection, Claim, SectionStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.analysing.reply import Reply, Statement
    from digest.analysing.request import Request
    from digest.analysing.style import SectionStyle
    from digest.glossary import Glossary
    from digest.records import Document

_QUOTED = 2  # sentences of the paper given where the model said nothing that it bears out


@dataclass(frozen=True)
class Judge:
    """Holds what a model says of one paper against it."""

    request: Request
    offered: frozenset[str]  # ids of the passages that the model was shown

    @cached_property
    def evidence(self) -> Evidence:
        """The paper, prepared."""
        request = self.request
        if request.whole:
            return evidence_of(request.whole, title=request.paper.title, glossary=request.glossary)
        crossing = Crossing(request.glossary) if request.glossary else None
        return Evidence(
            request.passages, [f"{request.paper.title}. {request.paper.abstract}"], own_names(request.paper.title), crossing=crossing
        )

    @property
    def status(self) -> SectionStatus:
        """Of a section that has an answer."""
        return SectionStatus.OK if self.request.whole else SectionStatus.ABSTRACT_ONLY

    def section(self, style: SectionStyle, reply: Reply) -> AnalysisSection:
        """The section that *reply* makes."""
        status = SectionStatus.FAILED if reply.fault else SectionStatus.NOT_STATED if reply.not_stated else self.status
        claims = tuple(self.evidence.check(self._resting(statement)) for statement in reply.statements)
        bare = self.request.whole and not reply.not_stated and not any(claim.verified for claim in claims)
        return AnalysisSection(
            id=style.id,
            title=style.title[self.request.language],
            status=status,
            kind=style.kind,
            claims=claims,
            evidence=self.evidence.nearest(style.evidence, style.parts, count=_QUOTED) if bare else (),
            reason=reply.fault,
        )

    def quoted(self, style: SectionStyle) -> AnalysisSection:
        """Sentences of the paper in place of an answer."""
        return quoted_section(style, self.evidence, self.request.language, status=self.status, glossed=self._glossed)

    def named(self, style: SectionStyle, reply: str) -> AnalysisSection:
        """The paper's title as *reply* gives it; without a claim where that is none."""
        title = kept_title(reply, self.request.paper.title)
        claims = (Claim(text=title, verified=True, basis="title"),) if title else ()
        status = self.status if claims else SectionStatus.NOT_STATED
        return AnalysisSection(id=style.id, title=style.title[self.request.language], status=status, kind="prose", claims=claims)

    def left_out(self, style: SectionStyle, reason: str) -> AnalysisSection:
        """A section that was not asked for, to be made by a later run."""
        title = style.title[self.request.language]
        return AnalysisSection(id=style.id, title=title, status=SectionStatus.FAILED, kind=style.kind, reason=reason)

    def _glossed(self, sentence: str) -> Sequence[str]:
        """The terms of an English *sentence*, in Chinese, but for those that any sentence has."""
        return self.request.glossary.key_terms(sentence, "") if self.request.glossary else ()

    def _resting(self, statement: Statement) -> Statement:
        """*statement* with those passages only that the model was shown: it cannot rest on others."""
        return dataclasses.replace(statement, evidence=tuple(name for name in statement.evidence if name in self.offered))


def evidence_of(document: Document, *, title: str = "", glossary: Glossary | None = None) -> Evidence:
    """The whole paper, not only what the model read: a true statement may be borne out anywhere in it."""
    own = own_names(f"{title or document.title}. {document.abstract}")
    crossing = Crossing(glossary) if glossary else None
    return Evidence(document.passages, document.page_texts, own, document.tables, crossing, title or document.title)
