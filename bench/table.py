"""What a benchmark found: rows under headings, for the terminal and for docs/benchmarks.md."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Table:
    """One table; the name is that of its place in docs/benchmarks.md."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    note: str = ""

    def __str__(self) -> str:
        """For the terminal: numbers to the right."""
        cells = [self.columns, *(tuple(map(shown, row)) for row in self.rows)]
        widths = [max(len(row[place]) for row in cells) for place in range(len(self.columns))]
        lines = ["  ".join([row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))]) for row in cells]
        return "\n".join(filter(None, (self.title, *lines, self.note)))

    def markdown(self) -> Iterator[str]:
        """Lines of Markdown."""
        yield f"{self.title}:"
        yield ""
        yield f"| {' | '.join(self.columns)} |"
        yield "|---" * len(self.columns) + "|"
        for row in self.rows:
            yield f"| {' | '.join(map(shown, row))} |"
        if self.note:
            yield ""
            yield self.note


def shown(value: object) -> str:
    """A cell; large whole numbers with commas."""
    return f"{value:,}" if isinstance(value, int) else str(value)
