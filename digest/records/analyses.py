"""What a model, or the program alone, says of a paper: ``Analysis`` and its parts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SectionStatus(StrEnum):
    """How a section of an analysis came out."""

    OK = "ok"
    NOT_STATED = "not_stated"
    ABSTRACT_ONLY = "abstract_only"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One sentence or bullet of an analysis and what it rests on."""

    text: str
    pages: tuple[int, ...] = ()
    quote: str = ""  # a sentence of the paper, verbatim; empty when nothing supports the claim
    verified: bool = False
    unfound: tuple[str, ...] = ()  # numbers and terms of the claim that the paper does not contain; of a search: what was searched for
    # What it rests on besides a quote: "search" of the whole text, "tables", "drawn" up from analyses, all without a model; "title".
    basis: str = ""
    papers: tuple[str, ...] = ()  # ids, of a statement on several papers


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisSection:
    """The answer to one question of a report style."""

    id: str
    title: str
    status: SectionStatus
    kind: str = "bullets"  # bullets or prose
    claims: tuple[Claim, ...] = ()
    evidence: tuple[Claim, ...] = ()  # sentences of the paper on the question, found without a model, where no claim was borne out
    reason: str = ""  # why it failed: for the run report, never for the digest

    @property
    def text(self) -> str:
        """The claims as plain text, one a line."""
        return "\n".join(claim.text for claim in self.claims)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How much of the body the model was given, in its own tokens."""

    read_tokens: int
    total_tokens: int

    @property
    def share(self) -> float:
        """In [0, 1]; 0 for a paper without a body."""
        return self.read_tokens / self.total_tokens if self.total_tokens else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Everything that decided the words: the same values give the same analysis."""

    engine: str
    model: str
    model_sha256: str
    prompts_sha256: str
    document_sha256: str
    reader: str
    seed: int
    context_tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """What one analysis cost."""

    prompt_tokens: int
    output_tokens: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """One paper analysed in one report style."""

    paper: str
    style: str
    language: str  # of the model's own text
    sections: tuple[AnalysisSection, ...]
    coverage: Coverage
    provenance: Provenance
    timing: Timing

    @property
    def unfinished(self) -> bool:
        """Whether a section failed, so that it is to be made again."""
        return any(section.status is SectionStatus.FAILED for section in self.sections)
