"""How good a model is at this work: the sample papers, analysed and held against what a good analysis says of them.

Every figure comes from checks that need no second model. The limits say what is fit to be anybody's default; they are set for
what a reader would bear, not for what some model reaches.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.records import SectionStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from digest.records import Analysis, AnalysisSection, Claim

_CHINESE = 0.25  # of the letters

LIMITS: dict[str, tuple[Callable[[float, float], bool], float]] = {
    "verified": (float.__ge__, 0.80),
    "wrong_numbers": (float.__le__, 0.05),
    "language": (float.__ge__, 0.95),
    "faults": (float.__le__, 0.05),
    "repeated": (float.__le__, 0.02),
    "keys": (float.__ge__, 0.50),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """Something a good analysis says: one of these wordings, in either language."""

    wordings: tuple[str, ...]

    def said_in(self, text: str) -> bool:
        """Whether *text* holds one of them, whatever the case."""
        lowered = text.lower()
        return any(wording.lower() in lowered for wording in self.wordings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What came out; shares are of 1."""

    papers: int
    claims: int
    verified: float  # of the claims
    wrong_numbers: float  # of the claims with a number: one of them is not in the paper
    language: float  # of the claims: in the reader's language
    faults: float  # of the sections: no usable reply
    repeated: float  # of the claims: said before in the same analysis
    keys: float  # of what a good analysis says
    coverage: float  # of the body's tokens
    written_tokens_per_second: float
    seconds: float  # a paper

    @property
    def failures(self) -> tuple[str, ...]:
        """The limits that are not met."""
        return tuple(name for name, (holds, limit) in LIMITS.items() if not holds(float(getattr(self, name)), limit))


def load_keys(path: Path) -> dict[str, tuple[Key, ...]]:
    """File name of a sample paper to its keys."""
    papers = tomllib.loads(path.read_text(encoding="utf-8"))["paper"]
    return {paper["file"]: tuple(Key(wordings=tuple(words)) for words in paper["keys"]) for paper in papers}


def score(analyses: Sequence[tuple[Analysis, Sequence[Key]]], *, language: str) -> Score:
    """The figures of *analyses*, each with the keys of its paper, for a reader of *language*."""
    sections = [section for analysis, _ in analyses for section in analysis.sections]
    claims = [claim for section in sections for claim in section.claims]
    numeric = [claim for claim in claims if _has_digit(claim.text)]
    keys = [(key, _text(analysis.sections)) for analysis, wanted in analyses for key in wanted]
    seconds = sum(analysis.timing.seconds for analysis, _ in analyses)
    return Score(
        papers=len(analyses),
        claims=len(claims),
        verified=_share(claim.verified for claim in claims),
        wrong_numbers=_share(any(map(_has_digit, claim.unfound)) for claim in numeric),
        language=_share(_is_chinese(claim.text) == (language == "zh") for claim in claims),
        faults=_share(section.status is SectionStatus.FAILED for section in sections),
        repeated=_share(again for analysis, _ in analyses for again in _repeats(analysis.sections)),
        keys=_share(key.said_in(text) for key, text in keys),
        coverage=sum(analysis.coverage.share for analysis, _ in analyses) / max(1, len(analyses)),
        written_tokens_per_second=sum(analysis.timing.output_tokens for analysis, _ in analyses) / max(seconds, 1e-9),
        seconds=seconds / max(1, len(analyses)),
    )


def _share(found: Iterable[bool]) -> float:
    """How many are true, of 1; 0 of none."""
    flags = list(found)
    return sum(flags) / len(flags) if flags else 0.0


def _is_chinese(text: str) -> bool:
    """Whether Chinese carries the sentence, whatever names and numbers stand in it."""
    return sum("\u4e00" <= character <= "\u9fff" for character in text) >= _CHINESE * max(1, sum(map(str.isalpha, text)))


def _has_digit(text: str) -> bool:
    return any(map(str.isdigit, text))


def _text(sections: Iterable[AnalysisSection]) -> str:
    return "\n".join(section.text for section in sections)


def _repeats(sections: Iterable[AnalysisSection]) -> list[bool]:
    """For each claim, whether the analysis has said it before, but for white space and punctuation."""
    seen: set[str] = set()
    found = []
    for claim in _claims(sections):
        bare = "".join(character for character in claim.text.lower() if character.isalnum())
        found.append(bare in seen)
        seen.add(bare)
    return found


def _claims(sections: Iterable[AnalysisSection]) -> list[Claim]:
    return [claim for section in sections for claim in section.claims]
