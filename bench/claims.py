"""Chinese statements without a number or a name: how many true ones the checker bears out, and how many false ones.

Usage: python -m bench.claims [SHARED]
bench/claims.toml holds them, written by hand on papers of SHARED/data/pdfs (default: ../shared beside the checkout) and on the sample
papers. The thresholds of analysing/crossing.py were chosen on the papers that are not held out.
"""

from __future__ import annotations

import sys
import tomllib
from collections import Counter
from pathlib import Path

from bench.verify import ROOT, documents
from digest.analysing.judge import evidence_of
from digest.analysing.reply import Statement
from digest.glossary import Glossary
from digest.reading import read


def main(shared: Path = ROOT.parent / "shared") -> None:
    found = list(documents(shared))
    glossary = Glossary.load()
    borne_out: Counter[tuple[bool, str]] = Counter()
    total: Counter[tuple[bool, str]] = Counter()
    for paper in tomllib.loads((ROOT / "bench" / "claims.toml").read_text(encoding="utf-8"))["paper"]:
        place, _, sample = paper["file"].partition("/")
        document = read(ROOT / "samples" / "papers" / f"{sample}.pdf") if sample else None
        document = document or next((one for one in found if one.title.casefold().startswith(place.casefold())), None)
        if document is None:
            print(f"skipped: no paper {place} under {shared}")
            continue
        evidence = evidence_of(document, glossary=glossary)
        for kind in ("true", "false"):
            group = paper.get("held_out", False), kind
            total[group] += len(paper[kind])
            borne_out[group] += sum(evidence.check(Statement(text)).verified for text in paper[kind])
    for held_out in (False, True):
        counts = (f"{kind} {borne_out[held_out, kind]}/{total[held_out, kind]} borne out" for kind in ("true", "false"))
        print(f"{'held out' if held_out else 'chosen on'}: {', '.join(counts)}")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
