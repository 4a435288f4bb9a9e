"""How many planted errors the checker finds in statements on real papers, and how many true ones it doubts.

Usage: python -m bench.verify [SHARED] [CASES]
SHARED (default: ../shared beside the checkout) holds data/pdfs. From the papers of data/pdfs/cvpr2023 and cvpr2025 CASES (200) true
statements are made, half Chinese, half English, and each again with a number, a data set or a name changed (bench/planted.py).
Documents read once are kept in /tmp/digest-bench.
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from bench.planted import planted, true_cases
from digest.analysing.judge import evidence_of
from digest.analysing.reply import Statement
from digest.library.codec import from_json, to_json
from digest.reading import READER_VERSION, read
from digest.records import Document

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.planted import Case

ROOT = Path(__file__).resolve().parents[1]
KEPT = Path("/tmp/digest-bench")


def documents(shared: Path) -> Iterator[Document]:
    for path in sorted(p for folder in ("cvpr2023", "cvpr2025") for p in (shared / "data" / "pdfs" / folder).glob("*.pdf")):
        kept = KEPT / f"{path.stem[:60]}-{READER_VERSION}.json"
        if not kept.is_file():
            KEPT.mkdir(exist_ok=True)
            kept.write_text(to_json(read(path)), encoding="utf-8")
        yield from_json(Document, kept.read_text(encoding="utf-8"))


def cases(document: Document, count: int, seed: int) -> Iterator[tuple[Case, Case]]:
    """True statements of *document*, each with a planted twin."""
    rng = random.Random(seed)
    made = 0
    for case in true_cases(document, 3 * count, seed):
        twin = next((found for _ in range(12) if (found := planted(case, document, rng))), None)
        if twin and made < count:
            made += 1
            yield case, twin


def main(arguments: Sequence[str] = ()) -> None:
    shared, count = Path(arguments[0]) if arguments else ROOT.parent / "shared", int(arguments[1]) if len(arguments) > 1 else 200
    found = list(documents(shared))
    if not found:
        print(f"skipped: no papers under {shared}")
        return
    for cited in (False, True):
        flagged: Counter[str] = Counter()
        total: Counter[str] = Counter()
        started = time.process_time()
        for seed, document in enumerate(found):
            evidence = evidence_of(document)
            share = (count - total["true"]) // (len(found) - seed)
            for true, twin in cases(document, share, seed):
                for case in (true, twin):
                    kind = case.planted or "true"
                    total[kind] += 1
                    flagged[kind] += not evidence.check(Statement(case.text, (case.passage,) if cited else ())).verified
        wrong = sum(n for kind, n in total.items() if kind != "true")
        caught = sum(n for kind, n in flagged.items() if kind != "true")
        print(f"passages {'named' if cited else 'not named'}: {time.process_time() - started:.1f} s")
        print(f"  planted {caught}/{wrong} flagged = {caught / wrong:.1%}; true {flagged['true']}/{total['true']} flagged")
        print("  " + ", ".join(f"{kind} {flagged[kind]}/{total[kind]}" for kind in sorted(total) if kind != "true"))


if __name__ == "__main__":
    main(sys.argv[1:])
