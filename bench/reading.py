"""How much of a paper the reader gets, and how fast, beside plain `get_text()` of PyMuPDF in the same run.

Usage: python -m bench.reading [SHARED]
SHARED (default: ../shared beside the checkout) holds data/pdfs, data/reference_text and metrics/reading_recall.py.
Prints recall (mean, worst) and pages per second of processor time for both, and the ratio of the speeds.
"""

from __future__ import annotations

import importlib.util
import sys
import time
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING

import pymupdf

from digest.reading import read

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[1]


def plain(path: Path) -> str:
    with pymupdf.open(path) as doc:
        return "\n".join(page.get_text() for page in doc)


def read_text(path: Path) -> str:
    return read(path).text


def recall_of(shared: Path) -> Callable[[str, str], float]:
    spec = importlib.util.spec_from_file_location("reading_recall", shared / "metrics" / "reading_recall.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.recall  # type: ignore[no-any-return]


def main(shared: Path = ROOT.parent / "shared") -> None:
    references = sorted((shared / "data" / "reference_text").rglob("*.md"))
    if not references:
        print(f"skipped: no reference texts under {shared}")
        return
    pdfs = [shared / "data" / "pdfs" / path.relative_to(shared / "data" / "reference_text").with_suffix(".pdf") for path in references]
    pages = sum(len(pymupdf.open(pdf)) for pdf in pdfs)
    recall = recall_of(shared)
    seconds = {"plain": 0.0, "reader": 0.0}
    scores: dict[str, list[float]] = {"plain": [], "reader": []}
    for pdf, reference in zip(pdfs, references, strict=True):  # in turns, so that a busy machine slows both alike
        for name, way in (("plain", plain), ("reader", read_text)):
            start = time.process_time()
            text = way(pdf)
            seconds[name] += time.process_time() - start
            scores[name].append(recall(text, reference.read_text(encoding="utf-8")))
    print(f"{len(pdfs)} papers, {pages} pages")
    for name, found in scores.items():
        print(f"{name:8s} recall mean {mean(found):.3f}  worst {min(found):.3f}  {pages / seconds[name]:6.0f} pages/s")
    print(f"reader / plain: {seconds['plain'] / seconds['reader']:.2f} of the speed")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
