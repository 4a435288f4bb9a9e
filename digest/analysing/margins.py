"""What a paper claims of its margins and bests, held against its own result tables; no model.

A claim that no column bears out is told with the figures of the columns. It is not called false: the prose may mean
another baseline than the strongest one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.comparison import Column, comparisons
from digest.names import Vocabulary, proper
from digest.records import SectionKind
from digest.text import fold, sentences

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from digest.records import Document

_MARGIN = re.compile(
    r"(?:\b(?:by|of|over|to|nearly|about|approximately)|[~∼])\s*(?:a )?(?:margins? of )?"
    r"(?:(?:up to|over|nearly|about|approximately|at least) )*"
    r"[~∼]?(?P<low>\d+(?:\.\d+)?)\s*%?(?:\s*(?:-|~|∼|to)\s*(?P<high>\d+(?:\.\d+)?))?\s*(?P<unit>dB|%|points?\b|percentage points?\b)"
)
_BETTER = re.compile(r"outperform|improv|gain|surpass|exceed|higher|better|margin|ahead|superior", re.IGNORECASE)
_BEST = re.compile(
    r"state[- ]of[- ]the[- ]art|\bSOTA\b|outperform\w* (?:all|existing|previous|prior|other)"
    r"|\b(?:best|highest) (?:results?|performance|scores?)",
    re.IGNORECASE,
)
_ON_PAR = re.compile(r"\b(?:comparabl[ey]|competitive(?:ly)?|on par|similar(?:ly)?|close to|match(?:es|ing)?)\b", re.IGNORECASE)  # not best
_SHARE = re.compile(r"%|acc|top-?\d|\bm?AP\d*\b|\bm?IoU\b|precision|recall|\bF1\b|score|average|avg", re.IGNORECASE)
_MOST_COLUMNS = 3  # named in one finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A claim of the prose and what the tables say to it."""

    kind: str  # shortfall: a margin that no column reaches; beaten: columns in which another entry is best
    claimed: str  # as the paper writes it: "2-4 dB"
    sentence: str
    page: int
    columns: tuple[Column, ...]  # for shortfall all that were compared, for beaten those that another leads

    @property
    def pages(self) -> tuple[int, ...]:
        """Of the claim and of the tables."""
        return tuple(sorted({self.page, *(column.page for column in self.columns)}))


def findings(document: Document, own: Sequence[str]) -> list[Finding]:
    """What the result tables of *document* hold against its abstract, introduction and conclusion.

    Args:
        own: names of what the paper proposes: rows that hold one, or "ours", are its own.
    """
    columns = comparisons(document.tables, own)
    rivals = Vocabulary(column.rival_name for column in columns)
    found: dict[str, Finding] = {}
    for sentence, page in _claims(document):
        named = any(name in rivals for name in proper(fold(sentence)) if name.casefold() not in {o.casefold() for o in own})
        if not named:  # against one method by name, the strongest other is the wrong measure
            for finding in (_shortfall(sentence, page, columns), _beaten(sentence, page, columns)):
                if finding:
                    found.setdefault(f"{finding.kind} {finding.claimed}", finding)
    return list(found.values())


def _claims(document: Document) -> Iterator[tuple[str, int]]:
    wanted = (SectionKind.ABSTRACT, SectionKind.CONCLUSION, SectionKind.INTRODUCTION)
    for kind in wanted:
        for passage in document.passages:
            if passage.kind is kind:
                yield from (
                    (sentence, passage.page) for sentence in sentences(passage.text) if _BETTER.search(sentence) or _BEST.search(sentence)
                )


def _shortfall(sentence: str, page: int, columns: Sequence[Column]) -> Finding | None:
    match = _MARGIN.search(fold(sentence))
    if not match or not _BETTER.search(sentence) or "average" in sentence.lower():
        return None
    low, unit = float(match["low"]), "dB" if match["unit"] == "dB" else "%"
    alike = [
        column for column in columns if (("PSNR" in column.name or "dB" in column.name) if unit == "dB" else _SHARE.search(column.name))
    ]
    reached = (
        abs(c.lead) >= low - _half(c) if unit == "dB" else max(c.lead, 100 * c.lead / abs(c.rival or 1)) >= low - _half(c) for c in alike
    )
    if not alike or any(reached):
        return None
    claimed = f"{match['low']}" + (f"–{match['high']}" if match["high"] else "") + (" dB" if unit == "dB" else "%")
    return Finding(kind="shortfall", claimed=claimed, sentence=sentence, page=page, columns=tuple(alike))


def _half(column: Column) -> float:
    """Half a unit of its last digit: what rounding may take."""
    return 0.5 * 10.0**-column.decimals + 1e-9


def _beaten(sentence: str, page: int, columns: Sequence[Column]) -> Finding | None:
    behind = [column for column in columns if column.lead < 0 and column.of_quality]
    if not _BEST.search(sentence) or _ON_PAR.search(sentence) or not behind:
        return None
    best = sorted(behind, key=lambda column: column.lead)[:_MOST_COLUMNS]
    return Finding(kind="beaten", claimed=str(len(behind)), sentence=sentence, page=page, columns=tuple(best))
