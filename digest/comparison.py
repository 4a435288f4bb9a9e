"""Result tables as comparisons: the entries of the paper itself, column by column, beside the strongest other ones.

Pure. What a heading means is told from the words usual in this field; a table without an entry that names the paper's method, or
"ours", gives nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from digest.names import Vocabulary
from digest.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from digest.records import Table

_ABLATION = re.compile(r"ablation|effects? of|impact of|variant|hyper-?parameter|component|sensitivity|influence", re.IGNORECASE)
_OURS = re.compile(r"\bours?\b", re.IGNORECASE)
_LOWER = re.compile(
    r"↓|\b(?:FID|KID|LPIPS|NIQE|MAE|MSE|RMSE|ADE|FDE|EPE|error|err|loss|time|latency|ms|params?|FLOPs|MACs|memory|perplexity|WER|CER|collision)\b",
    re.IGNORECASE,
)
_QUALITY = re.compile(
    r"PSNR|SSIM|LPIPS|\bFID\b|\bKID\b|NIQE|acc|top-?\d|\bm?AP\d*\b|\bm?IoU\b|precision|recall|\bF1\b|\bM?[AF]DE\b|\bR?MSE\b|\bMAE\b",
    re.IGNORECASE,
)
_BOUND = re.compile(
    r"\b(?:human|teacher|oracle|upper[- ]bound|full[- ]prec|ground[- ]truth|GT|originals?|FP(?:16|32)?|uncompressed)\b", re.IGNORECASE
)  # what no method is meant to beat
_VARIANT = re.compile(r"\(\s*[-+]|\bw/|\bwithout\b|\bwith\b|\bonly\b|\+", re.IGNORECASE)
_CITED = re.compile(r"\s*(?:\[[^\]]{1,12}\]|[†‡∗*]+)")
_NUMBER = re.compile(r"^[\s(*†‡+~]*(-?\d+(?:\.\d+)?)\s*%?(?:\s*±.*)?[\s)*†‡↑↓]*$")


_RESULT = re.compile(r"(?P<column>.*\S) (?P<own>-?\d[\d.]*) [<>=] (?P<rival>.*\S) (?P<best>-?\d[\d.]*)")


@dataclass(frozen=True, slots=True)
class Result:
    """A main result as a fact card states it: ``DIV2K ×4 PSNR 30.88 > SRNO 30.60``."""

    column: str
    own: str
    rival: str  # name of the strongest other method
    best: str  # its entry

    @property
    def ahead(self) -> bool:
        """Whether the paper's own entry is the better one."""
        own, best = float(self.own), float(self.best)
        return own < best if _LOWER.search(self.column) else own > best


def result(value: str) -> Result | None:
    """The result that the *value* of a fact states."""
    match = _RESULT.fullmatch(value)
    try:
        return Result(**match.groupdict()) if match and (float(match["own"]), float(match["best"])) else None
    except ValueError:  # "1.2.3" is no number
        return None


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
    def of_quality(self) -> bool:
        """Whether it measures how good a result is, not what it costs."""
        return bool(_QUALITY.search(self.name))

    @property
    def lead(self) -> float:
        """How far ahead the paper's entry is; negative behind."""
        return self.rival - self.own if self.lower else self.own - self.rival

    def told(self, name: str) -> str:
        """The result under *name*, as ``result`` reads it: ``DIV2K ×4 PSNR 30.88 > SRNO 30.60``; "<" where less was reached."""
        relation = "=" if self.own == self.rival else ">" if self.own > self.rival else "<"
        return f"{name} {self.own:.{self.decimals}f} {relation} {self.rival_name} {self.rival:.{self.decimals}f}"


def comparisons(tables: Iterable[Table], own: Sequence[str]) -> list[Column]:
    """Every column of numbers of the result tables among *tables* in which the paper has an entry and another method, too.

    Args:
        own: names of what the paper proposes: rows that hold one, or "ours", are its own.
    """
    return [column for table in tables if not _ABLATION.search(table.caption) for column in _columns(table, own)]


def _columns(table: Table, own: Sequence[str]) -> Iterator[Column]:
    """Every column of numbers in which *table* has an entry of the paper and another one."""
    heads, rows = _parted(table.rows)
    ours = [row for row in rows if _is_own(_label(row), own)]
    if any(_VARIANT.search(_label(row)) for row in ours):  # an ablation, whatever its caption says
        return
    rivals = [row for row in rows if row not in ours and not _BOUND.search(_label(row))]
    groups = {_group(_label(row)) for row in ours} & {_group(_label(row)) for row in rivals} - {""}
    for row in ours:
        group = group if (group := _group(_label(row))) in groups else ""
        others = [r for r in rivals if not group or _group(_label(r)) == group or _group(_label(r)) not in groups]
        for index, cell in enumerate(row):
            value = _number(cell)
            entries = [(number, _label(r)) for r in others if index < len(r) and (number := _number(r[index])) is not None]
            if value is None or not entries or index >= len(heads):
                continue
            name = " ".join(filter(None, (heads[index], f"({group})" if group else "")))
            best = min(entries) if _LOWER.search(name) else max(entries)
            yield Column(table.label, table.page, name, value, best[0], uncited(best[1]), len(cell.partition(".")[2].rstrip(" %*†‡")))


def uncited(name: str) -> str:
    """*name* without the marks of references and notes that a table sets after it: "SwinIR [3]†" is SwinIR."""
    return _CITED.sub("", name).strip()


def _parted(rows: Sequence[tuple[str, ...]]) -> tuple[list[str], list[tuple[str, ...]]]:
    """The name of each column, from the rows above the first row of numbers, and the rows below them."""
    body = next((i for i, row in enumerate(rows) if 2 * sum(_number(cell) is not None for cell in row) >= max(2, len(row) - 1)), len(rows))
    width = max(map(len, rows), default=0)
    heads = [[cell.strip() for cell in (*row, *[""] * (width - len(row)))] for row in rows[:body]]
    lowest = heads[-1] if heads else []
    wide = [_over_all(row, lowest) if row is not lowest else row for row in heads]
    return [" ".join(filter(None, cells)) for cells in zip(*wide, strict=True)] or [""] * width, list(rows[body:])


def _over_all(upper: Sequence[str], lowest: Sequence[str]) -> list[str]:
    """The cells of an *upper* row of headings, each over every column that it stands for."""
    columns = [index for index in range(1, len(upper)) if lowest[index]]
    placed = [cell if index not in columns else "" for index, cell in enumerate(upper)]
    found = [index for index in columns if upper[index]]
    for index, reach in zip(found, _reaches(found, columns, lowest), strict=False):
        for column in reach:
            placed[column] = upper[index]
    return placed


def _reaches(found: Sequence[int], columns: Sequence[int], lowest: Sequence[str]) -> list[list[int]]:
    """Those of *columns* that a heading above each of *found* stands for.

    Where the *lowest* headings repeat, once for each, they tell how far it reaches, wherever over its columns it was set. Else
    one that begins at the first column reaches to the next one; of others nothing is known.
    """
    if not found:
        return []
    size = len(columns) // len(found)
    parts = [list(columns[start : start + size]) for start in range(0, size * len(found), size)]
    inside = all(index in part for index, part in zip(found, parts, strict=True))
    if inside and size * len(found) == len(columns) and len({tuple(lowest[i] for i in part) for part in parts}) == 1:
        return parts
    starts = [*found, columns[-1] + 1]
    return [[i for i in columns if start <= i < end] for start, end in pairwise(starts)] if found[0] == columns[0] else []


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
