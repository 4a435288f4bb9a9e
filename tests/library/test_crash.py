"""A process killed at any moment leaves a library that is whole, and whose next sync makes up for what is missing."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from digest.library.embeddings import CachedEmbedder
from digest.library.search import Searcher
from digest.library.store import NAME, Store
from digest.library.vectors import VectorIndex
from digest.workspace import Workspace
from tests.embedders import WordLengthEmbedder
from tests.library.examples import add

WRITER = """
import os, sys
from pathlib import Path
from digest.library.embeddings import CachedEmbedder
from digest.library.search import Searcher
from digest.library.store import NAME, Store
from digest.library.vectors import VectorIndex
from digest.workspace import Workspace
from tests.embedders import WordLengthEmbedder
from tests.library.examples import add

folder, dies_at = Path(sys.argv[1]), int(sys.argv[2])

class Mortal(WordLengthEmbedder):
    def embed(self, texts):
        if len(self.asked) >= dies_at:
            os.kill(os.getpid(), 9)
        return super().embed(texts)

toy = Mortal()
with Workspace(folder).lock():
    store = Store(folder / NAME)
    searcher = Searcher(store, VectorIndex(folder, embedder=toy.id, dim=toy.dim), CachedEmbedder(toy, store))
    for number in range(10_000):
        add(store, f"paper {number}", f"abstract {'a' * (number % 9)}", *(f"passage {n} of {number}" for n in range(100)))
        searcher.sync()
        print(number, flush=True)
"""


def is_whole_and_heals(folder) -> None:
    toy = WordLengthEmbedder()
    with Workspace(folder).lock():  # the dead hold no lock
        store = Store(folder / NAME)
        assert store.faults() == []
        papers = store.all_papers()
        assert store.count("passage") in (len(papers) * 101, len(papers) * 101 - 100)  # the last may lack its body, whole
        index = VectorIndex(folder, embedder=toy.id, dim=toy.dim)
        searcher = Searcher(store, index, CachedEmbedder(toy, store))
        searcher.sync()
        assert searcher._index.ids == store.units.ids()
        assert len(toy.asked) <= 101  # what was embedded before is found, but for the paper in hand
        add(store, "after", "abstract", "something new")
        searcher.sync()
        assert searcher.search("something new", top_k=1)[0].passage == "something new"
        store.close()


@pytest.mark.parametrize("papers", [1, 6])
def test_killed_while_papers_are_added(tmp_path, papers):
    with subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), "100000"], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        for _ in range(papers):
            writer.stdout.readline()
        writer.send_signal(signal.SIGKILL)
    is_whole_and_heals(tmp_path)


@pytest.mark.parametrize("dies_at", [1, 230])
def test_killed_in_the_middle_of_a_sync(tmp_path, dies_at):
    writer = subprocess.run([sys.executable, "-c", WRITER, str(tmp_path), str(dies_at)], stdout=subprocess.DEVNULL, check=False)
    assert writer.returncode == -signal.SIGKILL
    is_whole_and_heals(tmp_path)
