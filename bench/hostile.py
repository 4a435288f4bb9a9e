"""Broken, odd and hostile PDFs, and mutations of them: every file must get a status, and none may cost more than itself.

Usage: python -m bench hostile [--mutations N] [--json FILE] [SHARED]
SHARED (default: ../shared beside the checkout) holds data/hostile and data/pdfs. Without --mutations all files of data/hostile are read
once; with it N mutated files, made of small ones with fixed seeds. Prints how often each status, what ended reading, the slowest files,
and the memory of this process before and after. A problem that names a Python error is a bug of ours.
"""

from __future__ import annotations

import json
import random
import re
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from digest.machine import resident_bytes
from digest.reading.pool import Pool
from digest.reading.worker import Limits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from digest.records import Document

ROOT = Path(__file__).resolve().parents[1]
_SMALL = 200_000  # bytes: what is mutated
_OBJECT = re.compile(rb"\d+ 0 obj.{0,4000}?endobj", re.DOTALL)


def mutate(data: bytes, other: bytes, seed: int) -> bytes:
    """*data* with bits flipped, its end cut off, bytes repeated or taken out, or an object of *other* in place of one of its own."""
    dice = random.Random(seed)
    made = bytearray(data)
    kind = dice.choice(("flip", "cut", "splice", "repeat", "drop"))
    if kind == "flip":
        for _ in range(dice.choice((1, 8, 64, 512))):
            made[dice.randrange(len(made))] ^= 1 << dice.randrange(8)
    elif kind == "cut":
        del made[dice.randrange(len(made)) :]
    elif kind == "splice" and (mine := list(_OBJECT.finditer(data))) and (theirs := _OBJECT.findall(other)):
        place = dice.choice(mine)
        made[place.start() : place.end()] = re.sub(rb"^\d+", place[0].split()[0], dice.choice(theirs))
    else:
        start, size = dice.randrange(len(made)), dice.choice((1, 16, 1024))
        made[start : start + size] = made[start : start + size] * 3 if kind == "repeat" else b""
    return bytes(made)


def mutations(seeds: list[Path], count: int, folder: Path) -> Iterator[Path]:
    """Write and yield *count* mutated files, each removed when the pool has long read it."""
    written: list[Path] = []
    for number in range(count):
        first, second = seeds[number % len(seeds)], seeds[(7 * number + 3) % len(seeds)]
        path = folder / f"{number:05d}-{first.stem[:40]}.pdf"
        path.write_bytes(mutate(first.read_bytes(), second.read_bytes(), number))
        written.append(path)
        yield path
        if len(written) > 200:
            written.pop(0).unlink()


def measure(paths: Iterable[Path], out: Path | None) -> None:
    statuses: Counter[str] = Counter()
    problems: Counter[str] = Counter()
    slow: list[tuple[float, str]] = []
    names: list[str] = []

    def noted() -> Iterator[Path]:
        for path in paths:
            names.append(path.name)
            yield path

    before, begun = resident_bytes(), time.perf_counter()
    with Pool(limits=Limits(seconds=30.0)) as pool, (out or Path("/dev/null")).open("w", encoding="utf-8") as log:
        last = begun
        for number, document in enumerate(pool.read_all(noted())):
            now = time.perf_counter()
            statuses[document.status] += 1
            if document.problem:
                problems[document.problem] += 1
            slow = sorted([*slow, (now - last, names[number])], reverse=True)[:5]
            log.write(json.dumps(_row(names[number], document)) + "\n")
            last = now
        resident = resident_bytes()
    seconds = time.perf_counter() - begun
    print(f"{len(names)} files in {seconds:.0f} s: {len(names) / seconds:.1f} files/s on {pool.workers} processes")
    print("  ".join(f"{status} {count}" for status, count in statuses.most_common()))
    for problem, count in problems.most_common():
        print(f"  {count:5d}  {problem}")
    print("longest waits:", "  ".join(f"{name} {wait:.1f} s" for wait, name in slow))
    print(f"memory of this process: {before >> 20} MB before, {resident >> 20} MB after")


def _row(name: str, document: Document) -> dict[str, object]:
    grade = document.grade.letter if document.grade else ""
    hidden = [f"{one.page}: {one.reason}: {one.text[:60]}" for one in document.hidden_text]
    return {
        "file": name,
        "status": document.status,
        "problem": document.problem,
        "pages": document.pages,
        "grade": grade,
        "letters": len(document.text),
        "hidden": hidden,
    }


def main(arguments: list[str] | None = None) -> None:
    left = list(sys.argv[1:] if arguments is None else arguments)
    options = {}
    for name in ("--mutations", "--json"):
        if name in left:
            place = left.index(name)
            options[name] = left[place + 1]
            del left[place : place + 2]
    shared = Path(left[0]) if left else ROOT.parent / "shared"
    files = sorted((shared / "data" / "hostile").rglob("*.pdf"))
    if not files:
        print(f"skipped: no hostile files under {shared}")
        return
    out = Path(options["--json"]) if "--json" in options else None
    if "--mutations" not in options:
        measure(files, out)
        return
    seeds = [path for path in [*files, *sorted((shared / "data" / "pdfs").rglob("*.pdf"))] if 100 < path.stat().st_size < _SMALL]
    with tempfile.TemporaryDirectory() as folder:
        measure(mutations(seeds, int(options["--mutations"]), Path(folder)), out)


if __name__ == "__main__":
    main()
