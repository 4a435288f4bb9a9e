"""Finding again: vectors and words together, over the passages of everything read."""

from __future__ import annotations

import math
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.library.changes import Changes
from digest.text import words

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator, Sequence

    from digest.embedding import Vectors
    from digest.library.embeddings import CachedEmbedder
    from digest.library.store import Store, Unit
    from digest.library.vectors import VectorIndex
    from digest.records import Paper

_RRF = 60  # Cormack, Clarke & Buettcher 2009: reciprocal rank fusion, k = 60
_POOL = 200  # units taken from each list before fusing, at first
_BATCH = 64  # units embedded at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One passage that answers a query."""

    paper: Paper
    page: int | None  # None: the abstract as its source gave it
    section: str
    passage: str
    score: float  # fused, at most 1


class Searcher:
    """The search over one library. ``sync`` first brings the vectors up to date with the database."""

    def __init__(self, store: Store, index: VectorIndex, embedder: CachedEmbedder) -> None:
        self._store, self._index, self._embedder = store, index, embedder
        self._changes = Changes(store)

    def sync(self, on_progress: Callable[[int], None] = lambda _: None, *, seconds: float = math.inf) -> int:
        """Bring the vectors in line with the database; return how many units came or went.

        Args:
            on_progress: told how many units were added since the last call.
            seconds: stop embedding after this time; what is ``pending`` then is found by its words alone until a later call.
        """
        newest, came, went = self._news()
        if went:
            self._index.remove(went)
        done, until = 0, time.monotonic() + seconds
        while done < len(came) and time.monotonic() < until:
            ids = came[done : done + _BATCH]
            self._index.add(ids, self._vectors_of(ids))
            done += len(ids)
            on_progress(len(ids))
        missing = len(came) - done
        if done or went or newest != self._index.position:
            self._index.settle(self._vectors_of)
            self._index.save(self._index.position if missing else newest)  # what is missing is news next time, too
        if not missing:
            self._changes.forget(newest)
        return done + len(went)

    def pending(self) -> int:
        """How many units ``sync`` would add."""
        return len(self._news()[1])

    def _news(self) -> tuple[int, list[int], list[int]]:
        """The newest change, the units that the index lacks, and those that it should no longer hold."""
        changes = self._changes.since(self._index.position)
        if changes:
            newest, changed = changes
            here = [unit.id for unit in self._store.units(changed)]
            held = self._index.holds(changed)
            came, went = sorted(set(here) - held), sorted(held - set(here))
            if len(self._index) + len(came) - len(went) == self._store.count("passage"):
                return newest, came, went
        newest, wanted, all_held = self._changes.newest(), self._store.unit_ids(), self._index.ids
        return newest, sorted(wanted - all_held), sorted(all_held - wanted)

    def _vectors_of(self, ids: Sequence[int]) -> Vectors:
        return self._embedder.embed([unit.text for unit in self._store.units(ids)])

    def search(self, query: str, *, top_k: int, since: dt.date | None = None, category: str | None = None, per_paper: int = 3) -> list[Hit]:
        """The *top_k* passages for *query*, best first, at most *per_paper* of one paper."""
        vector = self._embedder.embed_queries([query])[0]
        expression = " OR ".join(f'"{term}"' for term in dict.fromkeys(words(query)))
        hits: list[Hit] = []
        for pool in self._pools():
            dense = [unit_id for unit_id, _ in self._index.search(vector, pool)]
            lexical = self._store.lexical(expression, pool) if expression else []
            hits = self._hits(fuse(dense, lexical), top_k=top_k, since=since, category=category, per_paper=per_paper)
            if len(hits) == top_k:
                break
        return hits

    def similar(self, paper: Paper, *, top_k: int) -> list[tuple[Paper, float]]:
        """The *top_k* papers whose abstracts are nearest to that of *paper*, with their cosine, best first."""
        vector = self._embedder.embed([paper.gist])[0]
        found: list[tuple[str, float]] = []
        for pool in self._pools():
            nearest = dict(self._index.search(vector, pool))
            units = self._store.units(list(nearest))
            found = [(unit.paper, nearest[unit.id]) for unit in units if unit.page is None and unit.paper != paper.id]
            if len(found) >= top_k:
                break
        papers = self._store.papers([paper_id for paper_id, _ in found[:top_k]])
        return [(papers[paper_id], score) for paper_id, score in found[:top_k] if paper_id in papers]

    def _pools(self) -> Iterator[int]:
        """How many units to look at: few first, and all of them when a filter leaves too few of those."""
        total = self._store.count("passage")
        yield from (pool for pool in (_POOL, 10 * _POOL) if pool < total)
        yield total

    def _hits(self, fused: dict[int, float], *, top_k: int, since: dt.date | None, category: str | None, per_paper: int) -> list[Hit]:
        hits: list[Hit] = []
        taken: Counter[str] = Counter()
        for unit_id in sorted(fused, key=lambda unit_id: (-fused[unit_id], unit_id)):
            for unit in self._store.units([unit_id]):
                paper = self._store.paper(unit.paper)
                if paper and _wanted(paper, since, category) and taken[paper.id] < per_paper:
                    taken[paper.id] += 1
                    hits.append(_hit(paper, unit, fused[unit_id]))
            if len(hits) == top_k:
                break
        return hits


def fuse(*rankings: list[int]) -> dict[int, float]:
    """Reciprocal rank fusion, scaled so that first in every list is 1."""
    scores: dict[int, float] = {}
    for ranking in rankings:
        for rank, unit_id in enumerate(ranking, 1):
            scores[unit_id] = scores.get(unit_id, 0.0) + (_RRF + 1) / (_RRF + rank) / len(rankings)
    return scores


def _wanted(paper: Paper, since: dt.date | None, category: str | None) -> bool:
    return not (since and (paper.published is None or paper.published < since)) and not (category and category not in paper.categories)


def _hit(paper: Paper, unit: Unit, score: float) -> Hit:
    return Hit(paper=paper, page=unit.page, section=unit.section, passage=unit.text, score=round(score, 4))
