from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from digest.library.embeddings import CachedEmbedder
from digest.library.search import Searcher
from digest.library.store import NAME, Store
from digest.library.vectors import VectorIndex
from tests.embedders import WordLengthEmbedder

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def store(tmp_path) -> Iterator[Store]:
    store = Store(tmp_path / NAME)
    yield store
    assert store.faults() == []
    store.close()


@pytest.fixture
def toy() -> WordLengthEmbedder:
    return WordLengthEmbedder()


@pytest.fixture
def searcher(store, toy, tmp_path) -> Searcher:
    return Searcher(store, VectorIndex(tmp_path, embedder=toy.id, dim=toy.dim), CachedEmbedder(toy, store))
