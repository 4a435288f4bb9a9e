"""The main results of a paper, from its own tables: each with the strongest other method beside it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from digest.comparison import comparisons, uncited
from digest.names import own_names
from digest.records import Fact
from digest.text import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.comparison import Column
    from digest.records import Table

_MOST = 4
_FAR = 10  # times: entries further apart were not in one column
_CELL = re.compile(r"\d\.\d|(?<!\w)(?!(?:128|256|512|1024)\b)\d{3,}(?!\w)")
_HEADING = re.compile(r"\b(?:Methods?|Models?|Approach(?:es)?|Backbone)\b|[↑↓]|\(\s*\)")


def results(tables: Sequence[Table], title: str, abstract: str) -> tuple[Fact, ...]:
    """What the paper's method reaches in its result tables, the columns it leads first.

    The value is ``DIV2K ×4 PSNR 30.88 > SRNO 30.60``: column, own entry, the strongest other one; "<" where less is better and reached.
    """
    columns = [column for column in comparisons(tables, own_names(f"{title}. {abstract}")) if column.of_quality and _is_sound(column)]
    best: dict[tuple[str, str], Column] = {}
    for column in columns:  # a table may hold several variants of the method
        known = best.get((column.table, column.name))
        if known is None or column.lead > known.lead:
            best[column.table, column.name] = column
    captions = {table.label: f"{table.label}. {table.caption}" for table in tables}
    first = sorted(best.values(), key=lambda column: column.lead <= 0)[:_MOST]
    return tuple(Fact(kind="result", value=_told(column), page=column.page, quote=captions[column.table], own=True) for column in first)


def _is_sound(column: Column) -> bool:
    """Whether heading and entries look like those of one column: cells of the body in a heading mean that the table was misread."""
    own, rival = abs(column.own), abs(column.rival)
    return not _CELL.search(column.name) and max(own, rival) <= _FAR * min(own, rival)


def _told(column: Column) -> str:
    return column.told(" ".join(uncited(_HEADING.sub(" ", fold(column.name))).split()))
