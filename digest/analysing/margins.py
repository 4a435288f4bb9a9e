"""What a paper claims of its margins and bests, held against its own result tables; no model.

A claim that no column bears out is told with the figures of the columns. It is not called false: the prose may mean
another baseline than the strongest one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.analysing.names import Vocabulary, proper
from digest.records import SectionKind
from digest.text import fold, sentences

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from digest.records import Document, Table

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
_ABLATION = re.compile(r"ablation|effects? of|impact of|variant|hyper-?parameter|component|sensitivity|influence", re.IGNORECASE)
_OURS = re.compile(r"\bours?\b", re.IGNORECASE)
_LOWER = re.compile(
    r"↓|\b(?:FID|KID|LPIPS|NIQE|MAE|MSE|RMSE|ADE|FDE|EPE|error|err|loss|time|latency|ms|params?|FLOPs|MACs|memory|perplexity|WER|CER|collision)\b",
    re.IGNORECASE,
)
_SHARE = re.compile(r"%|acc|top-?\d|\bm?AP\d*\b|\bm?IoU\b|precision|recall|\bF1\b|score|average|avg", re.IGNORECASE)
_QUALITY = re.compile(
    r"PSNR|SSIM|LPIPS|\bFID\b|\bKID\b|NIQE|acc|top-?\d|\bm?AP\d*\b|\bm?IoU\b|precision|recall|\bF1\b|\bM?[AF]DE\b|\bR?MSE\b|\bMAE\b",
    re.IGNORECASE,
)  # of results; cost is another matter
_VARIANT = re.compile(r"\(\s*[-+]|\bw/|\bwithout\b|\bwith\b|\bonly\b|\+", re.IGNORECASE)
_NUMBER = re.compile(r"^[\s(*†‡+~]*(-?\d+(?:\.\d+)?)\s*%?(?:\s*±.*)?[\s)*†‡↑↓]*$")
_MOST_COLUMNS = 3  # named in one finding


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a result table: the paper's own entry and the strongest other one."""

    table: str
    page: int
    name: str  # of the column, with the group that the row belongs to
    own: float
    rival: float
    rival_name: str
    decimals: int

    @property
    def lower(self) -> bool:
        """Whether less is better."""
        return bool(_LOWER.search(self.name))

    @property
    def lead(self) -> float:
        """How far ahead the paper's entry is; negative behind."""
        return self.rival - self.own if self.lower else self.own - self.rival


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
    columns = [column for table in document.tables if not _ABLATION.search(table.caption) for column in _columns(table, own)]
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
    behind = [column for column in columns if column.lead < 0 and _QUALITY.search(column.name)]
    if not _BEST.search(sentence) or not behind:
        return None
    best = sorted(behind, key=lambda column: column.lead)[:_MOST_COLUMNS]
    return Finding(kind="beaten", claimed=str(len(behind)), sentence=sentence, page=page, columns=tuple(best))


def _columns(table: Table, own: Sequence[str]) -> Iterator[Column]:
    """Every column of numbers in which *table* has an entry of the paper and another one."""
    heads, rows = _parted(table.rows)
    ours = [row for row in rows if _is_own(_label(row), own)]
    if any(_VARIANT.search(_label(row)) for row in ours):  # an ablation, whatever its caption says
        return
    groups = {group for row in ours if (group := _group(_label(row)))}
    for row in ours:
        group = _group(_label(row))
        others = [r for r in rows if r not in ours and (not group or _group(_label(r)) == group or _group(_label(r)) not in groups)]
        for index, cell in enumerate(row):
            value = _number(cell)
            entries = [(number, _label(r)) for r in others if index < len(r) and (number := _number(r[index])) is not None]
            if value is None or not entries or index >= len(heads):
                continue
            name = " ".join(filter(None, (heads[index], f"({group})" if group else "")))
            best = min(entries) if _LOWER.search(name) else max(entries)
            yield Column(table.label, table.page, name, value, best[0], best[1], len(cell.partition(".")[2].rstrip(" %*†‡")))


def _parted(rows: Sequence[tuple[str, ...]]) -> tuple[list[str], list[tuple[str, ...]]]:
    """The name of each column, from the rows above the first row of numbers, and the rows below them."""
    body = next((i for i, row in enumerate(rows) if 2 * sum(_number(cell) is not None for cell in row) >= max(2, len(row) - 1)), len(rows))
    width = max(map(len, rows), default=0)
    names = [""] * width
    for row in rows[:body]:
        held = ""
        for index in range(width):
            cell = row[index].strip() if index < len(row) else ""
            held = cell or (held if row is not rows[body - 1] else "")  # a cell of an upper row spans those right of it
            names[index] = f"{names[index]} {held}".strip()
    return names, list(rows[body:])


def _label(row: Sequence[str]) -> str:
    return fold(next((cell for cell in row if cell.strip() and _number(cell) is None), ""))


def _group(label: str) -> str:
    """The "EDSR" of "EDSR-LIIF [7]": entries with the same backbone are compared with one another."""
    head, dash, rest = label.partition("-")
    return head if dash and head[:1].isupper() and head.isalnum() and rest[:1].isupper() else ""


def _is_own(label: str, own: Sequence[str]) -> bool:
    words = Vocabulary([label])
    return bool(_OURS.search(label)) or any(name in words for name in own)


def _number(cell: str) -> float | None:
    match = _NUMBER.match(fold(cell).strip())
    return float(match[1]) if match else None
