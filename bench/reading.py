"""Words, order and speed of the reader beside other ways to get text out of a PDF, in one run.

Usage: python -m bench.reading [SHARED]
SHARED (default: ../shared beside the checkout) holds data/pdfs, data/reference_text and metrics/reading_recall.py.

- recall: share of the reference's 8-grams that are found (metrics/reading_recall.py): mean and worst over the papers.
- order: of consecutive paragraphs of the reference that were both found, the share that come out in the same order (`in_order`).
- speed: pages a second of processor time, and its ratio to plain `get_text()`. The ways take turns, paper by paper, so that a busy machine
  slows all alike.

pymupdf4llm with its layout model reads a page in a second or more: it gets a few papers, beside the figures of the reader on the same few.
"""

from __future__ import annotations

import importlib.util
import re
import sys
import time
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from statistics import mean, median
from typing import TYPE_CHECKING, Any

import pymupdf

from bench.table import Table, tell
from digest.reading import read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

ROOT = Path(__file__).resolve().parents[1]
_FEW = 3  # papers for the slow way
_SHORTEST = 10  # words of a paragraph that can be looked for
_RUN = 6  # words that must stand in a row to be found
_NOT_PROSE = ("#", "<", "![")  # headings, tables and pictures of Markdown
_FLOAT_OR_ENTRY = re.compile(r"\W*(figure|fig\.|table|algorithm|\(?[a-z]\)|\[\d+\])", re.IGNORECASE)


@dataclass(slots=True)
class Score:
    """What one way has shown so far."""

    seconds: float = 0.0
    pages: int = 0
    recalls: list[float] = field(default_factory=list)
    prose: list[bool] = field(default_factory=list)  # of paragraph pairs: in order
    all: list[bool] = field(default_factory=list)  # the same with captions and references


def plain(path: Path) -> str:
    """`get_text()` of every page."""
    with pymupdf.open(path) as doc:
        return "\n".join(page.get_text() for page in doc)


def dehyphenated(path: Path) -> str:
    """The same with MuPDF's own joining of words at line ends."""
    with pymupdf.open(path) as doc:
        return "\n".join(page.get_text(flags=pymupdf.TEXTFLAGS_TEXT | pymupdf.TEXT_DEHYPHENATE) for page in doc)


def reader(path: Path) -> str:
    """`Document.text`."""
    return read(path).text


def markdown(path: Path) -> str:
    """Markdown of pymupdf4llm with the layout model."""
    import pymupdf.layout  # changes how pymupdf4llm works  # noqa: F401
    import pymupdf4llm

    return str(pymupdf4llm.to_markdown(path, show_progress=False))


def in_order(text: str, reference: str, words: Callable[..., list[str]]) -> tuple[list[bool], list[bool]]:
    """For each pair of consecutive paragraphs of *reference* whether they stand in this order in *text*: (prose only, all).

    A paragraph's place is the median of the places of its runs of six words that occur once in *text*. It is found when at least half of
    its runs have a place. Paragraphs under ten words, headings, tables and pictures are left out; "prose" leaves out captions and
    references, too.
    """
    found = list(_places(text, reference, words))
    prose = [place for place, paragraph in found if not _FLOAT_OR_ENTRY.match(paragraph)]
    return [a < b for a, b in pairwise(prose)], [a < b for a, b in pairwise([place for place, _ in found])]


def _places(text: str, reference: str, words: Callable[..., list[str]]) -> Iterator[tuple[float, str]]:
    places: dict[tuple[str, ...], int | None] = {}
    for place, run in enumerate(_runs(words(text))):
        places[run] = None if run in places else place
    for paragraph in re.split(r"\n\s*\n", reference):
        wanted = words(paragraph, reference=True)
        if len(wanted) >= _SHORTEST and not paragraph.lstrip().startswith(_NOT_PROSE):
            runs = _runs(wanted)
            known = [found for run in runs if (found := places.get(run)) is not None]
            if 2 * len(known) >= len(runs):
                yield median(known), paragraph


def _runs(words: Sequence[str]) -> list[tuple[str, ...]]:
    return [tuple(words[i : i + _RUN]) for i in range(len(words) - _RUN + 1)]


def _metric(shared: Path) -> Any:
    spec = importlib.util.spec_from_file_location("reading_recall", shared / "metrics" / "reading_recall.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def measured(pairs: Sequence[tuple[Path, Path]], ways: Sequence[Callable[[Path], str]], metric: Any) -> dict[str, Score]:
    """Every one of *ways* on all *pairs* of PDF and reference."""
    scores = {way.__name__: Score() for way in ways}
    for pdf, path in pairs:
        reference = path.read_text(encoding="utf-8")
        for way in ways:
            score, start = scores[way.__name__], time.process_time()
            text = way(pdf)
            score.seconds += time.process_time() - start
            score.pages += len(pymupdf.open(pdf))
            score.recalls.append(metric.recall(text, reference))
            prose, everything = in_order(text, reference, metric.words)
            score.prose += prose
            score.all += everything
    return scores


def show(title: str, scores: dict[str, Score]) -> None:
    """Print one table."""
    base = scores["plain"].seconds
    rows = list[tuple[str | float, ...]]()
    for name, score in scores.items():
        shares = (mean(score.recalls), min(score.recalls), mean(score.prose), mean(score.all))
        rows.append((name, *(round(share, 4) for share in shares), round(score.pages / score.seconds, 1), round(base / score.seconds, 3)))
    columns = ("", "recall", "worst", "order", "with captions", "pages/s", "of plain")
    tell(Table(title=f"{title}, {next(iter(scores.values())).pages} pages", columns=columns, rows=tuple(rows)))


def main(shared: str | Path = ROOT.parent / "shared") -> None:
    """Print the tables."""
    data = Path(shared) / "data"
    references = sorted((data / "reference_text").rglob("*.md"))
    if not references:
        print(f"skipped: no reference texts under {data}")
        return
    pairs = [((data / "pdfs" / path.relative_to(data / "reference_text")).with_suffix(".pdf"), path) for path in references]
    metric = _metric(Path(shared))
    reader(pairs[0][0])  # loads everything
    show(f"{len(pairs)} papers", measured(pairs, [plain, dehyphenated, reader], metric))
    if importlib.util.find_spec("pymupdf4llm") is None:
        print("pymupdf4llm is not installed: not compared")
        return
    few = pairs[:: len(pairs) // _FEW][:_FEW]
    show(f"{len(few)} papers", measured(few, [plain, reader, markdown], metric))


if __name__ == "__main__":
    main(*sys.argv[1:2])
