"""How much of the structure of thirty papers is found: headings, captioned figures and tables, the method's figure, cells of tables.

Usage: python -m bench.structure [SHARED]
SHARED (default: ../shared beside the checkout) holds data/pdfs. What is true was listed by eye: tests/reading/structure.toml and
tests/reading/tables.json. Prints each heading missed and each invented, then recall and precision.
"""

from __future__ import annotations

import difflib
import json
import re
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from digest.reading import overview, read

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from digest.records import Document

ROOT = Path(__file__).resolve().parents[1]
LISTED = ROOT / "tests" / "reading" / "structure.toml"
TABLES = ROOT / "tests" / "reading" / "tables.json"
_KINDS = {"F": "Figure", "T": "Table", "A": "Algorithm"}
_NUMBER = re.compile(r"^(\d+(\.\d+)*|[A-Z](\.\d+)*|[IVX]+)[.)]?\s+|^\d\)\s+")


@dataclass(slots=True)
class Tally:
    """What was listed, what was found, and what of it is the same."""

    listed: int = 0
    found: int = 0
    same: int = 0
    levels: int = 0  # of the same, at the level listed
    missed: list[str] = field(default_factory=list)
    invented: list[str] = field(default_factory=list)

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.listed + other.listed,
            self.found + other.found,
            self.same + other.same,
            self.levels + other.levels,
            self.missed + other.missed,
            self.invented + other.invented,
        )

    @property
    def recall(self) -> float:
        """Share of what is listed that was found."""
        return self.same / self.listed if self.listed else 1.0

    @property
    def precision(self) -> float:
        """Share of what was found that is listed."""
        return self.same / self.found if self.found else 1.0


def listed_papers() -> dict[str, dict[str, Any]]:
    """The lists by path of the paper below data/pdfs, without its ending."""
    return tomllib.loads(LISTED.read_text(encoding="utf-8"))


def headings(listed: str, document: Document) -> tuple[Tally, Tally]:
    """(headings with a line or a number of their own, bold beginnings of paragraphs) against the *listed* ones."""
    truth = [
        (line.strip().lstrip(">? "), 1 + (len(line) - len(line.lstrip())) // 2, line.strip()[0])
        for line in listed.splitlines()
        if line.strip()
    ]
    found = [(section.title, section.level) for section in document.sections if section.title]
    found += [("References", 1)] if document.references else []
    left = list(found)
    main, runs = Tally(), Tally()
    for title, level, mark in truth:
        tally = runs if mark in ">?" else main
        match = next((one for one in left if _same(title, one[0])), None)
        optional = mark == "?"
        if match:
            left.remove(match)
            tally.found += not optional
            tally.same += not optional
            tally.levels += not optional and match[1] == level
        elif not optional:
            tally.missed.append(title)
        tally.listed += not optional
    for title, level in left:
        tally = runs if level > 1 and not _NUMBER.match(title) else main
        tally.found += 1
        tally.invented.append(title)
    return main, runs


def _same(listed: str, found: str) -> bool:
    a, b = _folded(listed), _folded(found)
    if a.endswith("references"):
        return b == "references"
    return a == b or (min(len(a), len(b)) > 12 and difflib.SequenceMatcher(None, a, b).ratio() > 0.9 and a[:2] == b[:2])


def _folded(title: str) -> str:
    return re.sub(r"[\W_]+", "", title.replace("$", "")).lower()


def floats(listed: str, document: Document) -> Tally:
    """Captions found on the pages *listed*, and those of them that have a box count as levels."""
    truth, page = [], 0
    for word in listed.split():
        if word[0] == "p":
            page = int(word[1:])
        else:
            truth.append((page, f"{_KINDS[word[0]]} {word[1:]}"))
    found = [(figure.page, figure.label) for figure in document.figures]
    boxed = {(figure.page, figure.label) for figure in document.figures if figure.box}
    same = [one for one in truth if one in found]
    left = list(found)
    for one in same:
        left.remove(one)
    missed = [f"p{page} {label}" for page, label in truth if (page, label) not in found]
    return Tally(len(truth), len(found), len(same), sum(one in boxed for one in same), missed, [f"p{page} {label}" for page, label in left])


def shows_method(listed: Sequence[str] | None, document: Document) -> bool:
    """Whether the figure chosen for the method is one of those *listed*; None is right for a paper that has none."""
    figure = overview(document.figures)
    chosen = f"{figure.label[0]}{figure.label.split()[-1]}" if figure else None
    return chosen in listed if listed else chosen is None


def cells(listed: Sequence[Sequence[str]], label: str, document: Document) -> Tally:
    """The filled cells of a table that stand in the column listed, each row compared with the one that is most like it."""
    rows = next((table.rows for table in document.tables if table.label == label), ())
    tally = Tally(listed=sum(bool(cell) for row in listed for cell in row), found=sum(bool(cell) for row in rows for cell in row))
    for row in listed:
        pairs = [list(zip(row, other, strict=False)) for other in rows if len(other) == len(row)]
        same = [[a for a, b in each if a and a.replace(" ", "") == b.replace(" ", "")] for each in pairs]
        best = max(same, key=len, default=[])
        tally.same += len(best)
        tally.missed += [] if len(best) == sum(map(bool, row)) else [f"{label}: {' | '.join(row)}"]
    return tally


def listed_tables() -> Iterator[tuple[str, str, Sequence[Sequence[str]]]]:
    """(paper, label, rows) of the tables written down by hand."""
    for key, rows in json.loads(TABLES.read_text(encoding="utf-8")).items():
        paper, _, number = key.rpartition(" Table ")
        yield paper, f"Table {number}", rows


def main(shared: Path = ROOT.parent / "shared") -> None:
    """Print all figures."""
    pdfs = shared / "data" / "pdfs"
    if not pdfs.is_dir():
        print(f"skipped: no papers under {shared}")
        return
    own, runs, captions, shown = Tally(), Tally(), Tally(), []
    for name, listed in listed_papers().items():
        document = read(pdfs / f"{name}.pdf")
        a, b = headings(listed["headings"], document)
        c = floats(listed["floats"], document)
        shown.append(shows_method(listed.get("overview"), document))
        own, runs, captions = own + a, runs + b, captions + c
        print(f"{name[:60]}\n" + "\n".join(_faults(("heading", a), ("run-in", b), ("float", c))))
        if not shown[-1]:
            chosen = overview(document.figures)
            print(f"  method's figure: {chosen.label if chosen else None}, listed {listed.get('overview')}")
    print()
    for label, tally in (("headings", own), ("run-in", runs), ("captions", captions)):
        found = f"recall {tally.recall:.3f}  precision {tally.precision:.3f}  of {tally.listed}"
        print(f"{label:10s} {found}, level or box right {tally.levels}/{tally.same}")
    grid = Tally()
    for paper, label, rows in listed_tables():
        found_cells = cells(rows, label, read(pdfs / f"{paper}.pdf"))
        print("\n".join(f"  row not found in {paper}, {row}" for row in found_cells.missed))
        grid = grid + found_cells
    print(f"cells      {grid.recall:.3f} of {grid.listed} in their column")
    print(f"method's figure right in {sum(shown)} of {len(shown)} papers")


def _faults(*tallies: tuple[str, Tally]) -> Iterator[str]:
    for label, tally in tallies:
        yield from (f"  {label} missed: {title}" for title in tally.missed)
        yield from (f"  {label} invented: {title[:90]}" for title in tally.invented)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
