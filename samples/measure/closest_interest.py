"""Measure ranking by dense vectors, BM25 and their fusion, and by the closest interest against the mean, on CSFCube.

Usage: python samples/measure/closest_interest.py JUDGEMENTS MODEL
JUDGEMENTS is a folder with papers.jsonl and judgements-<facet>.json; MODEL is a sentence-transformers folder.
Measures as the authors of CSFCube define them: MAP counts grade 2 and 3; NDCG at 20 % of the pool.
"""

import itertools
import json
import math
import re
import sys
from collections import Counter
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer

FACETS = ("background", "method", "result")
Scores = dict[str, float]


def average_precision(grades: list[int]) -> float:
    """Return the average precision of a ranking, grades in ranked order."""
    hits, total = 0, 0.0
    for place, grade in enumerate(grades, 1):
        if grade >= 2:
            hits += 1
            total += hits / place
    return total / hits if hits else 0.0


def ndcg(grades: list[int]) -> float:
    """Return NDCG at 20 % of the pool, with the gain of rank i >= 2 divided by log2 i."""
    cut = int(0.20 * len(grades))
    best = dcg(sorted(grades, reverse=True)[:cut])
    return dcg(grades[:cut]) / best if best else 0.0


def dcg(grades: list[int]) -> float:
    """Return the discounted gain; the first two ranks are not discounted."""
    return sum(g if i == 1 else g / math.log2(i) for i, g in enumerate(grades, 1))


class BM25:
    """Okapi BM25 over the whole collection, k1 = 1.2 and b = 0.75, words of letters and digits in lower case."""

    def __init__(self, texts: dict[str, str]) -> None:
        self.bags = {paper: Counter(tokens(text)) for paper, text in texts.items()}
        self.lengths = {paper: bag.total() for paper, bag in self.bags.items()}
        self.mean_length = mean(self.lengths.values())
        self.documents = Counter(word for bag in self.bags.values() for word in bag)

    def score(self, query: str, paper: str) -> float:
        """Return how well *paper* answers *query*; every occurrence of a query word counts."""
        bag, k = self.bags[paper], 1.2 * (0.25 + 0.75 * self.lengths[paper] / self.mean_length)
        return sum(n * self.idf(word) * bag[word] * 2.2 / (bag[word] + k) for word, n in Counter(tokens(query)).items())

    def idf(self, word: str) -> float:
        """Return the weight of a word: the rarer, the larger."""
        seen = self.documents[word]
        return math.log(1 + (len(self.bags) - seen + 0.5) / (seen + 0.5))


def tokens(text: str) -> list[str]:
    """Return the words of a text."""
    return re.findall(r"[a-z0-9]+", text.lower())


def order(scores: Scores) -> list[str]:
    """Return ids, best first; ties fall to the earlier id."""
    return sorted(scores, key=lambda paper: (-scores[paper], paper))


def fuse(rankings: list[list[str]], k: int = 60) -> Scores:
    """Reciprocal rank fusion (Cormack, Clarke and Buettcher, SIGIR 2009)."""
    fused: Scores = {}
    for ranking in rankings:
        for place, paper in enumerate(ranking, 1):
            fused[paper] = fused.get(paper, 0.0) + 1 / (k + place)
    return fused


def report(name: str, pairs: list[tuple[float, float]]) -> None:
    """Print one row, times 100."""
    print(f"  {name:24s} MAP {100 * mean(a for a, _ in pairs):5.1f}  NDCG%20 {100 * mean(n for _, n in pairs):5.1f}  (n = {len(pairs)})")


def single_queries(judged: dict[str, Any], bm25: BM25, texts: dict[str, str], vector: dict[str, NDArray[np.float32]]) -> None:
    """Print each ranker's figures by facet and over all."""
    found: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for facet, (query, pool) in [(f, item) for f in FACETS for item in judged[f].items()]:
        grade = dict(zip(pool["cands"], pool["relevance_adju"], strict=True))
        lexical = order({paper: bm25.score(texts[query], paper) for paper in grade})
        dense = order({paper: float(vector[query] @ vector[paper]) for paper in grade})
        both = order(fuse([lexical, dense]))
        for name, ranking in {"BM25": lexical, "dense": dense, "fused": both}.items():
            grades = [grade[paper] for paper in ranking]
            for scope in (facet, "all"):
                found.setdefault((scope, name), []).append((average_precision(grades), ndcg(grades)))
    for (scope, name), pairs in sorted(found.items()):
        report(f"{scope} {name}", pairs)


def two_interests(judged: dict[str, Any], vector: dict[str, NDArray[np.float32]]) -> None:
    """Rank the union of two queries' pools for a reader who has both interests: largest similarity or mean."""
    found: dict[str, list[tuple[float, float]]] = {}
    near: dict[str, list[tuple[float, float]]] = {}
    for facet in FACETS:
        for (one, pool_one), (two, pool_two) in itertools.combinations(judged[facet].items(), 2):
            grade: Counter[str] = Counter()
            for pool in (pool_one, pool_two):
                for paper, g in zip(pool["cands"], pool["relevance_adju"], strict=True):
                    grade[paper] = max(grade[paper], g)
            for query in (one, two):
                grade.pop(query, None)
            profile = np.stack([vector[one], vector[two]])
            ways = {
                "closest": {p: float((profile @ vector[p]).max()) for p in grade},
                "mean": {p: float((profile @ vector[p]).mean()) for p in grade},
                "sum of ranks (RRF)": fuse([order({p: float(q @ vector[p]) for p in grade}) for q in profile]),
            }
            for name, scores in ways.items():
                grades = [grade[p] for p in order(scores)]
                pair = average_precision(grades), ndcg(grades)
                found.setdefault(name, []).append(pair)
                if profile[0] @ profile[1] < 0.3:
                    near.setdefault(name, []).append(pair)
    for title, table in (("all pairs", found), ("pairs of queries with cosine below 0.3", near)):
        print(f"two interests, {title}")
        for name, pairs in table.items():
            report(name, pairs)
        wins = sum(a[0] > b[0] for a, b in zip(table["closest"], table["mean"], strict=True))
        losses = sum(a[0] < b[0] for a, b in zip(table["closest"], table["mean"], strict=True))
        print(f"  closest has the higher average precision in {wins}, the mean in {losses}")


def forms(judged: dict[str, Any], papers: dict[str, Any], needed: list[str], encoder: SentenceTransformer) -> None:
    """Print the dense ranking's figures when title and abstract are joined or cut in another way."""
    for glue, tokens_read in ((" ", 256), (". ", 256), (" ", 128), (" ", 512)):
        encoder.max_seq_length = tokens_read
        texts = [glue.join([papers[p]["title"], " ".join(papers[p]["abstract"])]) for p in needed]
        vector = vectors(encoder, needed, texts)
        pairs = []
        for query, pool in [item for facet in FACETS for item in judged[facet].items()]:
            grade = dict(zip(pool["cands"], pool["relevance_adju"], strict=True))
            grades = [grade[p] for p in order({p: float(vector[query] @ vector[p]) for p in grade})]
            pairs.append((average_precision(grades), ndcg(grades)))
        report(f"{glue!r}, {tokens_read} tokens", pairs)


def vectors(encoder: SentenceTransformer, papers: list[str], texts: list[str]) -> dict[str, NDArray[np.float32]]:
    """Return a vector of unit length for each paper."""
    array = encoder.encode(texts, batch_size=8, normalize_embeddings=True, show_progress_bar=False)
    return dict(zip(papers, array, strict=True))


def main(folder: Path, model: Path) -> None:
    """Print all tables."""
    lines = (folder / "papers.jsonl").read_text(encoding="utf-8").splitlines()
    papers = {p["paper_id"]: p for p in map(json.loads, lines)}
    texts = {key: " ".join([p["title"], *p["abstract"]]) for key, p in papers.items()}
    judged = {f: json.loads((folder / f"judgements-{f}.json").read_text(encoding="utf-8")) for f in FACETS}
    pools = [(query, *pool["cands"]) for f in FACETS for query, pool in judged[f].items()]
    needed = sorted({paper for pool in pools for paper in pool})
    print(f"{len(papers)} papers in the collection, {len(needed)} in the pools, {len(pools)} query-facet pairs")
    encoder = SentenceTransformer(str(model), device="cpu")
    vector = vectors(encoder, needed, [texts[p] for p in needed])
    single_queries(judged, BM25(texts), texts, vector)
    two_interests(judged, vector)
    forms(judged, papers, needed, encoder)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
