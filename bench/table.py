"""What a benchmark found: rows under headings, for the terminal, for docs/benchmarks.md, and for a plot."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

HANDED_ON = "DIGEST_BENCH_TABLES"  # a file that takes the tables, too: so ``make bench`` gets them from each process


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of text and numbers; *curve* where the first column is what the others depend on."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | float, ...], ...]
    note: str = ""
    curve: str = ""  # name of its plot

    def __str__(self) -> str:
        """For the terminal, numbers to the right."""
        cells = [self.columns, *(tuple(map(shown, row)) for row in self.rows)]
        first, *others = ([row[place] for row in cells] for place in range(len(self.columns)))
        width = max(map(len, first))
        wide = [max(map(len, column)) for column in others]
        lines = ["  ".join([row[0].ljust(width), *map(str.rjust, row[1:], wide)]) for row in cells]
        return "\n".join(filter(None, (self.title, *lines, self.note)))

    def markdown(self) -> str:
        """For a page."""
        rows = [self.columns, ("---",) * len(self.columns), *(tuple(map(shown, row)) for row in self.rows)]
        lines = [f"| {' | '.join(row)} |" for row in rows]
        return "\n".join([f"{self.title}:", "", *lines, *(["", self.note] if self.note else [])])


def shown(value: str | float) -> str:
    """A cell: whole numbers with commas, others as they are."""
    return f"{value:,}" if isinstance(value, int) else str(value)


def tell(table: Table) -> None:
    """Print *table*, and hand it on where somebody waits for it."""
    print(table, flush=True)
    if path := os.environ.get(HANDED_ON):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(table)) + "\n")


def handed_on(path: Path) -> list[Table]:
    """The tables in that file."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return [Table(**{**row, "columns": tuple(row["columns"]), "rows": tuple(map(tuple, row["rows"]))}) for row in map(json.loads, lines)]
