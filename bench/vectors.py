"""A large index of vectors shaped like the real ones: building, size, recall against comparing all, time of a query, adding a thousand.

Usage: python -m bench vectors [COUNT] [--crash]   (default: 1,000,000; the latter as `bench/crash.py` says)
The real vectors are those of the library that `python -m bench search` makes. The others are drawn from them: a centre of their
clusters, the way one of its own vectors lies from it, and the way any vector lies from its centre, mixed at a random angle.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import faiss
import numpy as np

from bench import crash
from bench.search import PLACE, questions
from digest.library.store import NAME
from digest.library.vectors import VectorIndex
from digest.wiring import Tools
from digest.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.embedding import Vectors

_CLUSTERS, _BLOCK, _NEAREST, _QUERIES = 256, 50_000, 10, 500


def real_vectors(tools: Tools) -> Vectors:
    """(n, dim) of every passage and abstract."""
    rows = tools.store.connection.execute("SELECT vector FROM embedding WHERE embedder = ? ORDER BY hash", (tools.embedder.id,))
    return np.stack([np.frombuffer(row[0], dtype="<f4") for row in rows])


def write_vectors(path: Path, real: Vectors, count: int) -> Vectors:
    """A file of (count, dim) unit vectors, mapped: the real ones and others drawn from them."""
    rng = np.random.default_rng(7)
    clusters: Any = faiss.Kmeans(real.shape[1], _CLUSTERS, niter=20, seed=7)
    clusters.train(real)
    centres = clusters.centroids
    nearest = clusters.index.search(real, 1)[1][:, 0]
    offsets = real - centres[nearest]
    out = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=(count, real.shape[1]))
    out[: len(real)] = real[:count]
    for start in range(len(real), count, _BLOCK):
        size = min(_BLOCK, count - start)
        one, other, angle = rng.integers(len(real), size=size), rng.integers(len(real), size=size), rng.uniform(0, np.pi / 2, (size, 1))
        block = centres[nearest[one]] + np.cos(angle) * offsets[one] + np.sin(angle) * offsets[other]
        out[start : start + size] = block / np.linalg.norm(block, axis=1, keepdims=True)
    out.flush()
    return out


def exact(vectors: Vectors, queries: Vectors) -> list[set[int]]:
    """For each query the ids of its nearest vectors, all compared."""
    scores, ids = np.full((len(queries), 0), 0, dtype=np.float32), np.zeros((len(queries), 0), dtype=np.int64)
    for start in range(0, len(vectors), _BLOCK):
        block = queries @ np.asarray(vectors[start : start + _BLOCK]).T
        best = np.argpartition(-block, _NEAREST, axis=1)[:, :_NEAREST]
        scores = np.concatenate([scores, np.take_along_axis(block, best, 1)], axis=1)
        ids = np.concatenate([ids, best + start], axis=1)
    order = np.argsort(-scores, axis=1)[:, :_NEAREST]
    return [set(row.tolist()) for row in np.take_along_axis(ids, order, 1)]


def main(arguments: Sequence[str] = ()) -> None:
    """Build, ask, add, and print what each took."""
    count = next((int(argument) for argument in arguments if argument.isdigit()), 1_000_000)
    faiss.omp_set_num_threads(1)
    if not (PLACE / "index" / NAME).is_file():
        print("no library yet: python -m bench search")
        return
    tools = Tools(Workspace(PLACE))
    real = real_vectors(tools)
    titles = [paper.title for paper in tools.store.all_papers()[:: max(1, tools.store.count("paper") // (_QUERIES - len(questions())))]]
    queries = np.stack([tools.embedder.embed_query(text) for text in (*(q.text for q in questions()), *titles)][:_QUERIES])
    with tempfile.TemporaryDirectory(dir=PLACE) as place:
        vectors = write_vectors(Path(place) / "vectors.npy", real, count + 1000)
        if "--crash" in arguments:
            (Path(place) / "digest.toml").touch()
            crash.measure(Path(place), vectors, count)
            return
        print(f"{count} vectors of {real.shape[1]} numbers, {min(len(real), count)} of them real; {len(queries)} queries; one thread")
        _measure(Path(place) / "index", vectors, queries, count)


def _measure(folder: Path, vectors: Vectors, queries: Vectors, count: int) -> None:
    before, started = _peak(), time.perf_counter()
    index = VectorIndex(folder, embedder="bench", dim=vectors.shape[1])
    index.rebuild(range(count), lambda ids: vectors[list(ids)])
    built = time.perf_counter()
    index.save(1)
    size = sum(path.stat().st_size for path in folder.iterdir())
    print(f"built in {built - started:.0f} s, written in {time.perf_counter() - built:.1f} s: {size / 1e6:.0f} MB")
    print(f"peak memory {_peak():.0f} MB, {before:.0f} MB before it began (its input is a mapped file, counted when touched)")
    started = time.perf_counter()
    index = VectorIndex(folder, embedder="bench", dim=vectors.shape[1])
    opened = time.perf_counter() - started
    truth = exact(vectors[:count], queries)
    times, shared = [], 0
    for query, wanted in zip(queries, truth, strict=True):
        started = time.perf_counter()
        found = index.search(query, _NEAREST)
        times.append((time.perf_counter() - started) * 1e3)
        shared += len(wanted & {unit for unit, _ in found})
    p50, p99 = np.percentile(times, [50, 99])
    print(f"opened in {opened * 1e3:.0f} ms; recall@{_NEAREST} {shared / len(queries) / _NEAREST:.3f}; p50 {p50:.1f} ms, p99 {p99:.1f} ms")
    started = time.perf_counter()
    index = index.reopened()
    index.add(range(count, count + 1000), vectors[count : count + 1000])
    index.save(2)
    print(f"1,000 added and saved in {time.perf_counter() - started:.2f} s; now {len(index.reopened())}")


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


if __name__ == "__main__":
    main(sys.argv[1:])
