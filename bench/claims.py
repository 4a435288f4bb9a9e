"""Statements without a number or a name, Chinese and English: how many true ones the checker bears out, and how many false ones.

Usage: python -m bench.claims [SHARED] [--list]
bench/claims.toml holds them, written by hand on papers of SHARED/data/pdfs (default: ../shared beside the checkout) and on the sample
papers. The thresholds of analysing/crossing.py and analysing/saying.py were chosen on the papers that are not held out. --list
names the false ones that pass and the true ones that do not.
"""

from __future__ import annotations

import sys
import tomllib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from bench.verify import ROOT, documents
from digest.analysing.judge import evidence_of
from digest.analysing.reply import Statement
from digest.glossary import Glossary
from digest.reading import read

if TYPE_CHECKING:
    from collections.abc import Sequence

_LISTS = {"Chinese": ("true", "false"), "English": ("true_en", "false_en")}


def main(arguments: Sequence[str] = ()) -> None:
    shared = next((Path(one) for one in arguments if not one.startswith("--")), ROOT.parent / "shared")
    found, glossary = list(documents(shared)), Glossary.load()
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
        for kind in (kind for kinds in _LISTS.values() for kind in kinds):
            passed = [text for text in paper[kind] if evidence.check(Statement(text)).verified]
            group = paper.get("held_out", False), kind
            total[group] += len(paper[kind])
            borne_out[group] += len(passed)
            if "--list" in arguments:
                odd = passed if kind.startswith("false") else [text for text in paper[kind] if text not in passed]
                print("\n".join(f"{place} {kind}: {text}" for text in odd))
    for held_out in (False, True):
        for language, kinds in _LISTS.items():
            counts = (f"{kind[:5].rstrip('_')} {borne_out[held_out, kind]}/{total[held_out, kind]} borne out" for kind in kinds)
            print(f"{language}, {'held out' if held_out else 'chosen on'}: {', '.join(counts)}")


if __name__ == "__main__":
    main(sys.argv[1:])
