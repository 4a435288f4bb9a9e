"""The first ten papers of real days, for the reader of the starter profile, beside BM25, dense vectors and their fusion.

Usage: python -m bench days, or python -m bench.days [SHARED]
SHARED (default: ../shared beside the checkout) holds data/metadata; which of those papers are relevant stands in bench/days.toml.
"""

from __future__ import annotations

import sys
import tempfile
import tomllib
from pathlib import Path

import numpy as np

from bench import embedding
from bench.ranking import BM25, ROOT, Ranking, fused, ordered
from bench.table import Table, tell
from digest.config import Profile, load_profile
from digest.embedding.backends import build
from digest.library.embeddings import CachedEmbedder
from digest.library.store import NAME, Store
from digest.ranking import rank
from digest.ranking.backtest import ndcg
from digest.records import Paper
from digest.sources.metadata import papers_from_jsonl

JUDGED = Path(__file__).with_name("days.toml")
_TOP_K = 10


def judged() -> dict[str, dict[str, bool]]:
    """By day and id whether a paper is relevant."""
    days = tomllib.loads(JUDGED.read_text(encoding="utf-8"))
    return {
        day: dict.fromkeys(found["other"].split(), False) | dict.fromkeys(found["relevant"].split(), True) for day, found in days.items()
    }


def papers_of(day: str, shared: Path) -> list[Paper]:
    """The papers of *day*, each once."""
    path = shared / "data" / "metadata" / f"{day}.jsonl"
    rows = papers_from_jsonl(path.read_text(encoding="utf-8").split("\n"), origin=path)
    return list({paper.id: paper for paper in rows}.values())


def ways(papers: list[Paper], profile: Profile, embedder: CachedEmbedder) -> dict[str, Ranking]:
    """*papers* as each way ranks them: by all words of the profile, by the interest with the closest vector, by both, by ours."""
    texts = [interest.text for interest in profile.interest]
    query = Paper(id="profile", title=" ".join(texts), abstract="")
    bm25 = BM25({paper.id: paper for paper in [*papers, query]})
    lexical = ordered(papers, lambda paper: bm25.score(query, paper))
    cosines = (embedder.embed([paper.gist for paper in papers]) @ embedder.embed_queries(texts).T).max(axis=1)
    closest = dict(zip((paper.id for paper in papers), cosines, strict=True))
    dense = ordered(papers, lambda paper: float(closest[paper.id]))
    ours = [item.paper.id for item in rank(papers, profile, embedder)]
    return {"BM25": lexical, "dense": dense, "RRF of both": fused(lexical, dense), "digest rank": ours}


def main(shared: Path = ROOT.parent / "shared") -> None:
    """Print precision and nDCG of each way, a mean over the days, and how many of the first ten nobody judged."""
    if not (shared / "data" / "metadata").is_dir():
        print(f"skipped: no metadata under {shared}")
        return
    embedder = CachedEmbedder(build(embedding.minilm()), Store(Path(tempfile.gettempdir()) / "digest-bench" / NAME))
    profile = load_profile(ROOT / "profile.toml")
    found: dict[str, list[tuple[float, float, float, int]]] = {}
    for day, relevant in judged().items():
        for name, ranking in ways(papers_of(day, shared), profile, embedder).items():
            hits = [relevant.get(paper_id, False) for paper_id in ranking]
            gain = ndcg(hits, top_k=_TOP_K, wanted=sum(relevant.values()))
            unknown = sum(paper_id not in relevant for paper_id in ranking[:_TOP_K])
            found.setdefault(name, []).append((sum(hits[:5]) / 5, sum(hits[:10]) / 10, gain, unknown))
    best = np.mean([min(_TOP_K, sum(relevant.values())) / _TOP_K for relevant in judged().values()])
    rows = list[tuple[str | float, ...]]()
    for name, days in found.items():
        five, ten, gain, unknown = np.array(days).T
        rows.append((name, *(round(float(column.mean()), 3) for column in (five, ten, gain)), int(unknown.sum())))
    columns = ("", "precision@5", f"precision@10 (at best {best:.3f})", "nDCG@10", "not judged")
    tell(Table(title=f"{len(judged())} days of arXiv, starter profile", columns=columns, rows=tuple(rows)))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
