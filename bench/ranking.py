"""Ranking by relevance beside BM25, dense vectors and their fusion, with each embedding backend.

Usage: python -m bench ranking, or python -m bench.ranking [SHARED]
SHARED (default: ../shared beside the checkout) holds data/relevance/csfcube, metrics/csfcube.py and data/metadata.
Vectors are kept in a folder of the system's temporary directory, so that a second run takes seconds.
"""

from __future__ import annotations

import importlib.util
import json
import math
import re
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bench import embedding
from bench.table import Table, tell
from digest.config import Interest, Profile, load_profile
from digest.embedding.backends import build, usable
from digest.library.embeddings import CachedEmbedder
from digest.library.store import NAME, Store
from digest.ranking import rank
from digest.records import Paper
from digest.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable

    from digest.embedding import Embedder

ROOT = Path(__file__).resolve().parents[1]
_FACETS = ("background", "method", "result")
_RRF = 60  # Cormack, Clarke & Buettcher 2009

Ranking = list[str]  # paper ids, best first


@dataclass(frozen=True, slots=True)
class Csfcube:
    """Papers and graded judgements of one fold of CSFCube (Mysore et al. 2021)."""

    papers: dict[str, Paper]
    judged: dict[str, dict[str, Any]]  # facet, query id
    metric: Any

    def pool(self, query: str) -> list[Paper]:
        """Everything judged for *query*, whatever the facet."""
        ids = {i for queries in self.judged.values() if query in queries for i in queries[query]["cands"]}
        return [self.papers[i] for i in sorted(ids)]

    def queries(self) -> list[str]:
        return sorted({query for queries in self.judged.values() for query in queries})

    def measure(self, way: Callable[[Paper, list[Paper]], Ranking]) -> dict[str, tuple[float, float, int]]:
        """MAP, NDCG at 20 % and pairs by facet and for all; a way does not know the facet."""
        found = {query: way(self.papers[query], self.pool(query)) for query in self.queries()}
        pairs = [(facet, query) for facet in _FACETS for query in self.judged[facet]]
        rows = [{"facet": facet, "query": query, "ranking": found[query]} for facet, query in pairs]
        result: dict[str, tuple[float, float, int]] = self.metric.evaluate(rows, self.judged)
        return result


def load(shared: Path) -> Csfcube:
    """The fold in *shared*."""
    folder = shared / "data" / "relevance" / "csfcube"
    rows = [json.loads(line) for line in (folder / "papers.jsonl").read_text(encoding="utf-8").splitlines()]
    papers = [Paper(id=row["paper_id"], title=row["title"], abstract=" ".join(row["abstract"])) for row in rows]
    judged = {facet: json.loads((folder / f"judgements-{facet}.json").read_text(encoding="utf-8")) for facet in _FACETS}
    spec = importlib.util.spec_from_file_location("csfcube", shared / "metrics" / "csfcube.py")
    assert spec
    assert spec.loader
    metric = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(metric)
    return Csfcube({paper.id: paper for paper in papers}, judged, metric)


class BM25:
    """Okapi BM25 with k1 = 1.2, b = 0.75 and the document frequencies of all papers."""

    def __init__(self, papers: dict[str, Paper]) -> None:
        self.bags = {paper.id: Counter(re.findall("[a-z0-9]+", paper.gist.lower())) for paper in papers.values()}
        self.documents = Counter(word for bag in self.bags.values() for word in bag)
        self.length = np.mean([bag.total() for bag in self.bags.values()])

    def score(self, query: Paper, paper: Paper) -> float:
        """Every occurrence of a query word counts."""
        bag = self.bags[paper.id]
        k = 1.2 * (0.25 + 0.75 * bag.total() / self.length)
        return float(sum(n * self.idf(word) * bag[word] * 2.2 / (bag[word] + k) for word, n in self.bags[query.id].items()))

    def idf(self, word: str) -> float:
        """Never negative."""
        df = self.documents[word]
        return math.log(1 + (len(self.bags) - df + 0.5) / (df + 0.5))


def ordered(pool: list[Paper], score: Callable[[Paper], float]) -> Ranking:
    """Ids of *pool*, best first, ties by id."""
    scores = {paper.id: score(paper) for paper in pool}
    return sorted(scores, key=lambda paper_id: (-scores[paper_id], paper_id))


def fused(*rankings: Ranking) -> Ranking:
    """Reciprocal rank fusion."""
    scores: dict[str, float] = {}
    for ranking in rankings:
        for place, paper_id in enumerate(ranking, 1):
            scores[paper_id] = scores.get(paper_id, 0.0) + 1 / (_RRF + place)
    return sorted(scores, key=lambda paper_id: (-scores[paper_id], paper_id))


def ways(papers: dict[str, Paper], embedder: Embedder) -> dict[str, Callable[[Paper, list[Paper]], Ranking]]:
    """What is compared, by name."""
    bm25 = BM25(papers)

    def lexical(query: Paper, pool: list[Paper]) -> Ranking:
        return ordered(pool, lambda paper: bm25.score(query, paper))

    def dense(query: Paper, pool: list[Paper]) -> Ranking:
        vectors = embedder.embed([query.gist, *(paper.gist for paper in pool)])
        cosines = dict(zip((paper.id for paper in pool), vectors[1:] @ vectors[0], strict=True))
        return ordered(pool, lambda paper: float(cosines[paper.id]))

    def ours(query: Paper, pool: list[Paper]) -> Ranking:
        profile = Profile(interest=[Interest(name="query", text=query.gist)])
        return [item.paper.id for item in rank(pool, profile, embedder)]

    return {
        "BM25": lexical,
        "dense": dense,
        "RRF of both": lambda query, pool: fused(lexical(query, pool), dense(query, pool)),
        "digest rank": ours,
    }


def main(shared: Path = ROOT.parent / "shared") -> None:
    """Print the tables."""
    if not (shared / "data" / "relevance" / "csfcube").is_dir():
        print(f"skipped: no judgements under {shared}")
        return
    data = load(shared)
    workspace, model = Workspace(Path(tempfile.gettempdir()) / "digest-bench" / "ranking"), embedding.minilm()
    store = Store(workspace.index / NAME)
    for backend in ("onnx", "onnx-int8") if "onnx" in usable(model) else ("torch",):
        embedder = CachedEmbedder(build(model, backend), store)
        rows, facets = [], (*_FACETS, "all")
        for name, way in ways(data.papers, embedder).items():
            found = data.measure(way)
            rows.append((name, *(f"{found[f][0]:.2f} / {found[f][1]:.2f}" for f in facets)))
        title = f"CSFCube, {len(data.queries())} queries, {embedder.id}; MAP / NDCG%20"
        tell(Table(title=title, columns=("", *facets), rows=tuple(rows)))
    command_line(data, workspace, CachedEmbedder(build(model), store))


def command_line(data: Csfcube, workspace: Workspace, embedder: Embedder) -> None:
    """Rank the pool of one query by ``digest rank`` and by the library, and say whether both give the same."""
    query = data.papers[data.queries()[0]]
    pool = data.pool(query.id)
    papers, profile = workspace.root / "pool.jsonl", workspace.root / "query.toml"
    papers.write_text("\n".join(json.dumps({"id": p.id, "title": p.title, "abstract": p.abstract}) for p in pool), encoding="utf-8")
    profile.write_text(f'[[interest]]\nname = "query"\ntext = {json.dumps(query.gist)}\n', encoding="utf-8")
    command = [sys.executable, "-m", "digest.cli", "--workspace", str(workspace.root), "rank"]
    command += ["--papers", str(papers), "--profile", str(profile)]
    printed = subprocess.run([*command, "--json", "--quiet"], check=True, capture_output=True, text=True).stdout
    found = [(row["id"], row["score"], row["relevance"]) for row in map(json.loads, printed.splitlines())]
    expected = [(item.paper.id, item.score, item.relevance) for item in rank(pool, load_profile(profile), embedder)]
    same = "the same" if found == expected else "NOT the same"
    print(f"{len(pool)} papers for query {query.id} by the command line: {same} as by the library")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
