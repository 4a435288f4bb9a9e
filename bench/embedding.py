"""Embedding backends side by side, a day that is cached, and a library of 100,000 papers.

Usage: python -m bench embedding [SHARED] [ABSTRACTS]   (default: 500; fewer: the backends alone)
SHARED (default: ../shared beside the checkout) holds data/metadata.
"""

from __future__ import annotations

import json
import random
import resource
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.table import Table, tell
from digest.config import load_profile
from digest.embedding.backends import Model, build, mean_cosine, usable
from digest.library.embeddings import CachedEmbedder, text_hash
from digest.library.store import Store
from digest.ranking import rank
from digest.records import Paper
from digest.registry import Registry
from digest.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from digest.embedding import Embedder, Vectors

ROOT = Path(__file__).resolve().parents[1]
_ABSTRACTS, _DAY, _LIBRARY = 500, 250, 100_000
_TURN = 100  # abstracts


def minilm() -> Model:
    """The embedded model."""
    registry = Registry.load(Workspace(ROOT))
    card = registry.card("minilm-l6")
    return Model(
        folder=registry.path(card).parent,
        model_id=card.id,
        sha256=registry.verify(card),
        dim=card.dim,
        window_tokens=card.context_tokens,
    )


def papers_of(shared: Path, count: int) -> list[Paper]:
    """The first *count* papers of the arXiv crawl, each once."""
    found: dict[str, Paper] = {}
    for path in sorted((shared / "data" / "metadata").glob("2026-*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            title, abstract = (" ".join(row[key].split()) for key in ("title", "summary"))
            found.setdefault(row["id"], Paper(id=row["id"], title=title, abstract=abstract))
    return list(found.values())[:count]


def timed(work: Callable[[], Vectors]) -> tuple[float, Vectors]:
    """Seconds that *work* takes, and what it gives."""
    start = time.perf_counter()
    found = work()
    return time.perf_counter() - start, found


def backends(model: Model, texts: list[str]) -> float:
    """Print the speed of every backend beside plain sentence-transformers; return the plain seconds for a text.

    They take turns, so that other work on the machine slows all alike.
    """
    from sentence_transformers import SentenceTransformer

    plain = SentenceTransformer(str(model.folder), device="cpu", local_files_only=True)
    plain_way: Callable[[list[str]], Vectors] = lambda texts: plain.encode(texts, show_progress_bar=False)  # noqa: E731
    ways = {"plain": plain_way} | {backend: build(model, backend).embed for backend in usable(model)}
    seconds = dict.fromkeys(ways, 0.0)
    vectors: dict[str, list[Vectors]] = {name: [] for name in ways}
    for way in ways.values():
        way(texts[:8])
    for start in range(0, len(texts), _TURN):
        for name, way in ways.items():
            took, found = timed(partial(way, texts[start : start + _TURN]))
            seconds[name] += took
            vectors[name].append(found)
    exact = np.concatenate(vectors["plain"])
    rows = []
    for name in ways:
        cosine = mean_cosine(np.concatenate(vectors[name]), exact)
        rows.append((name, round(len(texts) / seconds[name], 1), round(seconds["plain"] / seconds[name], 2), round(float(cosine), 4)))
    columns = ("", "abstracts/s", "times plain", "mean cosine to plain")
    tell(Table(title=f"{len(texts)} abstracts, beside SentenceTransformer.encode", columns=columns, rows=tuple(rows)))
    return seconds["plain"] / len(texts)


def cached_day(model: Model, papers: list[Paper], plain_seconds: float) -> None:
    """Print what ranking a day costs that was embedded before."""
    profile = load_profile(ROOT / "profile.toml")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "library.sqlite")
        first = timed(lambda: rank(papers, profile, CachedEmbedder(build(model), Store(path))))  # type: ignore[arg-type, return-value]
        again = timed(lambda: rank(papers, profile, CachedEmbedder(build(model), Store(path))))  # type: ignore[arg-type, return-value]
    if first[1] != again[1]:
        raise AssertionError("a cached day ranks differently")
    print(
        f"{len(papers)} papers ranked: {first[0]:.2f} s first, {again[0]:.2f} s cached, model and tokenizer loaded anew;"
        f" the second is {again[0] / plain_seconds:.3f} of embedding the abstracts plainly"
    )


def large_library(model: Model) -> None:
    """Print time and memory of ranking 100,000 papers whose vectors are cached; the vectors are random."""
    rng, drawn = np.random.default_rng(0), random.Random(0)
    lines = [f"{' '.join(drawn.choices(_NOUNS, k=18)).capitalize()}." for _ in range(20_000)]
    papers = [
        Paper(id=f"{n:06d}", title=f"Paper {n} of {drawn.choice(_NOUNS)}", abstract=" ".join(drawn.choices(lines, k=8)))
        for n in range(_LIBRARY)
    ]
    with tempfile.TemporaryDirectory() as folder:
        store, embedder = Store(Path(folder, "library.sqlite")), build(model)
        fill(store, embedder, [text for paper in papers for text in (paper.gist, paper.title)] + lines, rng)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        start, worked = time.perf_counter(), time.process_time()
        ranked = rank(papers, load_profile(ROOT / "profile.toml"), CachedEmbedder(embedder, store))
        seconds, worked = time.perf_counter() - start, time.process_time() - worked
        more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(
        f"{len(ranked):,} cached papers ranked in {seconds:.0f} s, {worked:.0f} s of processor time; {more:.0f} MiB more memory at the peak"
    )


def fill(store: Store, embedder: Embedder, texts: list[str], rng: np.random.Generator) -> None:
    """Keep a random vector for each of *texts*."""
    for start in range(0, len(texts), 10_000):
        chunk = texts[start : start + 10_000]
        vectors = rng.standard_normal((len(chunk), embedder.dim), dtype=np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        rows = [(embedder.id, text_hash(text), vector.tobytes()) for text, vector in zip(chunk, vectors, strict=True)]
        with store.transaction() as db:
            db.executemany("INSERT OR REPLACE INTO embedding VALUES (?, ?, ?)", rows)


_NOUNS = (
    "image restoration diffusion model sampling network attention graph token language vision robot policy reward noise depth"
    " motion video segment detect transformer prompt memory kernel gradient proof market protein climate signal speech"
).split()


def main(arguments: Sequence[str] = ()) -> None:
    """Print all of it; with fewer than all abstracts without the day and the library."""
    shared, abstracts = Path(arguments[0]) if arguments else ROOT.parent / "shared", int(arguments[1]) if len(arguments) > 1 else _ABSTRACTS
    model, papers = minilm(), papers_of(shared, abstracts)
    plain = backends(model, [paper.gist for paper in papers]) if papers else 0.0
    if abstracts == _ABSTRACTS:
        cached_day(model, papers[:_DAY], plain * _DAY)
        large_library(model)


if __name__ == "__main__":
    main(sys.argv[1:])
