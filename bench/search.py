"""Searching full texts and abstracts with questions whose papers and pages are known: meaning, words, and both.

Usage: python -m bench search [--misses], or python -m bench.search [--misses]
The library is made once, below the folder for temporary files, of ../shared/data: the full texts of pdfs/ and the abstracts of
metadata/ (about 25 minutes on two cores, nearly all of it embedding).
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from digest.glossary import has_chinese
from digest.library.marking import Answer, Marker
from digest.library.search import Searcher
from digest.records import Paper
from digest.wiring import Tools
from digest.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from digest.embedding import Vectors
    from digest.library.search import Asked, Hit, Ranking
    from digest.library.units import Unit

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "data"
PLACE = Path(tempfile.gettempdir()) / "digest-bench" / "search"
_DAY = dt.date(2026, 3, 6)
_TOP = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked, and where the answer stands."""

    text: str
    file: str  # below pdfs/, without its ending
    pages: list[int]
    round: int = 1  # in which they were written
    shown: str = ""  # table, figure or fact: where the answer stands, if not in the prose

    @property
    def group(self) -> str:
        """The language it is asked in."""
        return "Chinese" if has_chinese(self.text) else "English"


def questions() -> list[Question]:
    """All of them."""
    return [Question(**row) for row in tomllib.loads(Path(__file__).with_name("questions.toml").read_text(encoding="utf-8"))["question"]]


def library() -> Tools:
    """The tools of a library that holds all texts, each embedded."""
    PLACE.mkdir(parents=True, exist_ok=True)
    (PLACE / "digest.toml").touch()
    tools = Tools(Workspace(PLACE))
    abstracts = {paper.id: paper for path in sorted((SHARED / "metadata").glob("*.jsonl")) for paper in _papers_of(path)}
    tools.store.add_papers(abstracts.values(), today=_DAY)
    files = sorted((SHARED / "pdfs").rglob("*.pdf"))
    for path, document in zip(files, tools.read_all(files), strict=True):
        name = f"pdf:{path.relative_to(SHARED / 'pdfs').with_suffix('')}"
        paper = Paper(id=name, title=document.title or path.stem, abstract=document.abstract, authors=document.authors, pdf=str(path))
        tools.store.add_papers([paper], today=_DAY)
        tools.store.set_file(name, document, path)
    tools.searcher.sync()
    return tools


def _papers_of(path: Path) -> Iterator[Paper]:
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        yield Paper(
            id=row["id"],
            title=" ".join(row["title"].split()),
            abstract=" ".join(row["summary"].split()),
            authors=tuple(row.get("authors") or ()),
            categories=tuple(row.get("categories") or ()),
            published=dt.date.fromisoformat(path.stem),
            source="arxiv",
        )


class OnePart(Searcher):
    """The search with only one of its two rankings."""

    part = "meaning"

    def _ranking(self, asked: Asked, vector: Vectors | None, pool: int, among: Sequence[int] | None) -> Ranking:
        found = super()._ranking(asked, vector, pool, among)
        return found._replace(lexical=[]) if self.part == "meaning" else found._replace(dense=[])


class Unmarked(Marker):
    """No sentence answers: so the passages of a paper stay as they were found."""

    def answers(self, _asked: object, units: Sequence[Unit]) -> list[Answer]:
        """Nothing marked in any of *units*."""
        return [Answer(0.0, None)] * len(units)


def _searchers(tools: Tools) -> dict[str, Searcher]:
    """Each part alone as it ranks passages, then with the choice of the passage that answers, and both parts with it."""
    made: dict[str, Searcher] = {}
    for part in ("meaning", "words"):
        for name in (f"{part} only", part):
            alone = OnePart(tools.store, tools.searcher._index, tools.embedder, tools.searcher._glossary)
            alone.part, made[name] = part, alone
        made[f"{part} only"]._marker = Unmarked(tools.embedder)
    return {**made, "both": tools.searcher}


class Place(NamedTuple):
    """Where a question found its paper."""

    paper: int = 0  # from 1; 0: not there
    page: bool = False  # whether the best passage stands on a right page
    told: bool = False  # whether any of the places that are told does


def _place(hits: Sequence[Hit], question: Question) -> Place:
    for number, hit in enumerate(hits, 1):
        if hit.paper.id == f"pdf:{question.file}":
            right = [(one.page or 1) in question.pages for one in (hit, *hit.others)]
            return Place(number, right[0], any(right))
    return Place()


def main(arguments: Sequence[str] = ()) -> None:
    """Print recall of papers and pages, by part and group of questions."""
    if not SHARED.is_dir():
        print(f"no {SHARED}")
        return
    tools, asked = library(), questions()
    print(f"{tools.store.count('paper')} papers, {tools.store.count('passage')} passages; {len(asked)} questions, {_TOP} hits each")
    print(f"{'part':12} {'questions':10} {'n':>3} {'paper@10':>9} {'paper@1':>8} {'MRR':>6} {'page':>6} {'told':>6}")
    for part, searcher in _searchers(tools).items():
        found = {question.text: _place(searcher.search(question.text, top_k=_TOP), question) for question in asked}
        prose = [q for q in asked if not q.shown]
        groups = {"prose": prose, **{name: [q for q in prose if q.group == name] for name in ("English", "Chinese")}}
        groups |= {
            **{f"round {n}": [q for q in prose if q.round == n] for n in sorted({q.round for q in prose})},
            "shown": [q for q in asked if q.shown],
        }
        for name, group in groups.items():
            places = [found[q.text] for q in group]
            there = [place for place in places if place.paper]
            if group:
                figures = (len(there), sum(place.paper == 1 for place in places), sum(1 / place.paper for place in there))
                shares = [figure / len(group) for figure in figures]
                pages = [sum(right) / max(1, len(there)) for right in ([place.page for place in there], [place.told for place in there])]
                columns = f"{shares[0]:9.3f} {shares[1]:8.3f} {shares[2]:6.3f} {pages[0]:6.3f} {pages[1]:6.3f}"
                print(f"{part:12} {name:10} {len(group):3} {columns}")
        if "--misses" in arguments:
            for question in asked:
                if not all(found[question.text]):
                    print(f"   {found[question.text]} {question.file[:40]}: {question.text}")


if __name__ == "__main__":
    main(sys.argv[1:])
