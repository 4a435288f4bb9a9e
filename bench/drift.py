"""What the same paper scores on every morning of eight weeks, and how high the best of each day stands.

Usage: python -m bench drift [SHARED]
SHARED (default: ../shared beside the checkout) holds data/metadata. The library grows by each day's papers of cs.CV; the reader has
the starter profile, or one of the sixteen interests of bench/feedback.py alone. Vectors are kept below the system's temporary folder.
"""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench import embedding
from bench.calibration import METADATA, relevances
from bench.days import papers_of
from bench.feedback import TOPICS
from bench.ranking import ROOT
from digest.config import load_profile
from digest.embedding.backends import build
from digest.library.embeddings import CachedEmbedder
from digest.library.reference import reference_papers
from digest.library.store import NAME, Store
from digest.ranking.calibration import Scale, scale

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.embedding import Vectors

_RARE = (10, 20, 100, 200, 1000)  # the papers followed: one in so many is closer
_MONTH = dt.timedelta(days=30)
_DAY = 40  # papers of a day whose best is looked at
Morning = tuple[dt.date, list[str], list[str]]  # ids of the day's papers, and of the reference


def mornings(shared: Path, store: Store) -> list[Morning]:
    """Every day with papers, as a library that sees them come would have it."""
    seen, found = set[str](), []
    for path in sorted((shared / "data" / "metadata").glob("2026-*.jsonl")):
        day = dt.date.fromisoformat(path.stem)
        papers = [paper for paper in papers_of(path.stem, shared) if "cs.CV" in paper.categories and paper.id not in seen]
        if papers:
            store.add_papers(papers, today=day)
            seen |= {paper.id for paper in papers}
            found.append((day, [paper.id for paper in papers], reference_papers(store, today=day)))
    return found


def followed(days: Sequence[Morning], relevance: dict[str, float]) -> tuple[Vectors, list[int]]:
    """(mornings of the first month, followed papers) scores, and the score of the best of each day that has papers enough."""
    scales: dict[tuple[str, ...], Scale] = {}
    probes = np.quantile(list(relevance.values()), [1 - 1 / rare for rare in _RARE])
    month, best = [], []
    for day, papers, reference in days:
        own = scales.setdefault(tuple(reference), scale(relevance[paper_id] for paper_id in reference))
        if day < days[0][0] + _MONTH:
            month.append([own.score(float(probe)) for probe in probes])
        if len(papers) >= _DAY:
            best.append(own.score(max(relevance[paper_id] for paper_id in papers)))
    return np.array(month), best


def main(arguments: Sequence[str] = ()) -> None:
    """Print how far each followed paper's score moves in the first month, and the best of the days week by week."""
    shared = Path(arguments[0]) if arguments else METADATA.parents[1]
    if not (shared / "data" / "metadata").is_dir():
        print(f"skipped: no metadata under {shared}")
        return
    embedder = CachedEmbedder(build(embedding.minilm()), Store(Path(tempfile.gettempdir()) / "digest-bench" / NAME))
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder, NAME))
        days = mornings(shared, store)
        papers = list(store.all_papers())
    interests = [interest.text for interest in load_profile(ROOT / "profile.toml").interest]
    rows = relevances(papers, [*interests, *(english for _, english, _ in TOPICS.values())], embedder)
    readers = {"starter profile": rows[:, : len(interests)].max(axis=1)}
    readers |= {name: rows[:, len(interests) + n] for n, name in enumerate(TOPICS)}
    print(f"{len(papers)} papers, {len(days)} days. Points that the score of a paper moves within a month, one in {_RARE} being closer;")
    print("its score on the first and the last morning; the best of a day, means of five days")
    moved = []
    for name, values in readers.items():
        month, best = followed(days, {paper.id: float(value) for paper, value in zip(papers, values, strict=True)})
        moved.append(np.ptp(month, axis=0))
        fives = [round(float(np.mean(best[start : start + 5]))) for start in range(0, len(best), 5)]
        print(f"{name:20} {'  '.join(f'{points:2}' for points in moved[-1])}   {month[0]} {month[-1]}   {fives}")
    print(f"{'mean':20} {'  '.join(f'{points:.1f}' for points in np.mean(moved, axis=0))}   most {np.max(moved, axis=0)}")


if __name__ == "__main__":
    main(sys.argv[1:])
