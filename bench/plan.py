"""How often the passage that answers a question is among those that the model reads, when a paper does not fit.

Usage: python -m bench.plan [SHARED]
SHARED (default: ../shared beside the checkout) holds data/pdfs; bench/evidence.toml says where answers stand. The tokens are
SmolLM2's, the room that of a system text of 260 tokens and of answers as the llama engine sets it aside.
"""

from __future__ import annotations

import sys
import tempfile
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from bench.verify import ROOT, documents
from digest.analysing import load_style
from digest.analysing.plan import plan
from digest.text import fold
from digest.wiring import Tools
from digest.workspace import Workspace, shipped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from digest.records import Document, Passage

_SYSTEM_TOKENS, _ANSWERS = 260, 3


def answers(found: Sequence[Document]) -> Iterator[tuple[Document, list[list[Passage]]]]:
    """Each listed paper with the passages that hold each answer."""
    listed = tomllib.loads((ROOT / "bench" / "evidence.toml").read_text(encoding="utf-8"))["paper"]
    for paper in listed:
        document = next(one for one in found if one.title.casefold().startswith(paper["file"].casefold()))
        yield (
            document,
            [[p for p in document.passages if p.page == one["page"] and fold(one["key"]) in fold(p.text)] for one in paper["answers"]],
        )


def main(shared: Path = ROOT.parent / "shared") -> None:
    found = list(documents(shared))
    if not found:
        print(f"skipped: no papers under {shared}")
        return
    with tempfile.TemporaryDirectory() as folder:
        embedder = Tools(Workspace(Path(folder))).embedder
        count = Tools(Workspace(shipped())).engine("smollm2-135m", "llama").count

        def near(queries: Sequence[str], texts: Sequence[str]) -> Sequence[Sequence[float]]:
            cosines: list[list[float]] = (embedder.embed_queries(queries) @ embedder.embed(texts).T).tolist()
            return cosines

        wanted = list(answers(found))
        for style in ("daily", "method"):
            sections = load_style(Workspace(shipped()), style).questions
            for context in (2048, 4096):
                room = context - _SYSTEM_TOKENS - context // _ANSWERS
                for name, nearness in (("words alone", None), ("words and vectors", near)):
                    read, total = 0, 0
                    for document, places in wanted:
                        chosen = {p.id for p in plan(document.passages, sections, room=room, count=count, nearness=nearness).passages}
                        total += len(places)
                        read += sum(any(p.id in chosen for p in place) for place in places)
                    print(f"{style:7} context {context}: {name:18} {read} of {total} answers read")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
