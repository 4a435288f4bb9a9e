"""How much faster a folder is read on every processor, and what a reading process costs a file.

Usage: python -m bench.pool [SHARED]
Reads the CVPR papers under SHARED/data/pdfs (default: ../shared beside the checkout) in one process and in as many as there are
processors, in turns, and one tiny paper many times in this process and through the pool. Processes are warm: start-up is told apart.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import pymupdf

from digest.machine import processors
from digest.reading import read
from digest.reading.pool import Pool

ROOT = Path(__file__).resolve().parents[1]
_ROUNDS, _TINY = 3, 200


def main(shared: Path = ROOT.parent / "shared") -> None:
    papers = sorted((shared / "data" / "pdfs").glob("cvpr*/*.pdf"))
    if not papers:
        print(f"skipped: no papers under {shared}")
        return
    _compare(papers)
    with tempfile.TemporaryDirectory() as folder:
        _overhead(Path(folder) / "tiny.pdf")


def _compare(papers: list[Path]) -> None:
    seconds: dict[int, list[float]] = {1: [], processors(): []}
    for workers, taken in [*seconds.items()] * _ROUNDS:
        with Pool(workers=workers) as pool:
            list(pool.read_all(papers[:workers]))  # started
            begun = time.perf_counter()
            pages = sum(document.pages for document in pool.read_all(papers))
            taken.append(time.perf_counter() - begun)
    for workers, taken in seconds.items():
        print(f"{workers} processes: {median(taken):5.1f} s, {pages / median(taken):5.1f} pages/s ({len(papers)} papers, {pages} pages)")
    print(f"ratio: {median(seconds[1]) / median(seconds[processors()]):.2f}")


def _overhead(path: Path) -> None:
    doc = pymupdf.open()
    doc.new_page().insert_text((72, 90), "A paper of one line that takes hardly any time to read.")
    doc.save(path)
    read(path)
    begun = time.perf_counter()
    for _ in range(_TINY):
        read(path)
    alone = (time.perf_counter() - begun) / _TINY
    begun = time.perf_counter()
    with Pool(workers=1) as pool:
        pool.read(path)
        started = time.perf_counter() - begun
        begun = time.perf_counter()
        for _ in range(_TINY - 1):
            pool.read(path)
        pooled = (time.perf_counter() - begun) / (_TINY - 1)
    print(f"start of a process with its first file: {started:.2f} s; each further file: {1000 * (pooled - alone):.2f} ms more")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
