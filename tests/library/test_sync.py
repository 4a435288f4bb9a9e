"""The vectors follow the database by its list of changes, and by comparing everything where that list does not reach."""

from __future__ import annotations

import pytest

from digest.library import sync as sync_module
from digest.library.embeddings import CachedEmbedder
from digest.library.search import Searcher
from digest.library.store import NAME, Store
from digest.library.units import Units
from digest.library.vectors import VectorIndex, remove_index
from tests.embedders import WordLengthEmbedder
from tests.library.examples import add


class Library:
    """A store and its index in one folder, opened again for every sync, as every command does."""

    def __init__(self, folder) -> None:
        self.folder, self.store = folder, Store(folder / NAME)

    def searcher(self) -> Searcher:
        toy = WordLengthEmbedder()
        return Searcher(self.store, VectorIndex(self.folder, embedder=toy.id, dim=toy.dim), CachedEmbedder(toy, self.store))

    def sync(self) -> int:
        count = self.searcher().sync()
        assert self.searcher()._index.ids == self.store.units.ids()
        return count


@pytest.fixture
def library(tmp_path) -> Library:
    return Library(tmp_path)


def test_only_what_changed_is_looked_at(library, monkeypatch):
    add(library.store, "one", "abstract", "first", "second")
    assert library.sync() == 3
    monkeypatch.setattr(Units, "ids", lambda units: pytest.fail("everything was compared"))
    add(library.store, "two", "abstract two", "third")
    searcher = library.searcher()
    assert searcher.pending() == 2
    assert searcher.sync() == 2
    assert library.searcher().sync() == 0


def test_where_nothing_changed_the_index_is_not_opened_again(library):
    add(library.store, "one", "abstract")
    library.sync()
    searcher = library.searcher()
    opened = searcher._index
    assert searcher.sync() == 0
    assert searcher._index is opened


def test_a_passage_that_changed_is_replaced_and_one_that_came_back_is_kept(library):
    add(library.store, "one", "abstract", "first", "second")
    library.sync()
    add(library.store, "one", "abstract", "first", "third")
    assert library.sync() == 2
    add(library.store, "one", "abstract", "first", "second")
    add(library.store, "one", "abstract", "first", "third")
    assert library.sync() == 0


def test_the_list_of_changes_does_not_grow(library):
    for number in range(5):
        add(library.store, f"paper {number}", "abstract", "first", "second")
        library.sync()
    assert library.store.count("passage_change") == 0


def test_an_index_that_is_older_than_the_list_is_compared_with_everything(library):
    add(library.store, "one", "abstract", "first")
    library.sync()
    old = {path.name: path.read_bytes() for path in library.folder.glob("*") if path.suffix in (".faiss", ".json")}
    add(library.store, "two", "abstract two", "second")
    library.sync()
    for path in library.folder.glob("*.faiss"):
        path.unlink()
    for name, content in old.items():
        (library.folder / name).write_bytes(content)
    assert library.sync() == 2


def test_an_index_that_is_newer_than_the_database_is_compared_with_everything(library, tmp_path_factory):
    add(library.store, "one", "abstract", "first")
    library.sync()
    add(library.store, "two", "abstract two", "second")
    library.sync()
    other = Library(tmp_path_factory.mktemp("restored"))
    add(other.store, "one", "abstract", "first")
    for path in library.folder.glob("*"):
        if path.suffix in (".faiss", ".json"):
            (other.folder / path.name).write_bytes(path.read_bytes())
    assert other.sync() == 2


def test_an_index_that_was_lost_is_made_again(library):
    add(library.store, "one", "abstract", "first")
    library.sync()
    (library.folder / "manifest.json").unlink()
    assert library.sync() == 2


def test_a_sync_that_is_out_of_time_goes_on_where_it_was_and_words_find_the_rest(library, monkeypatch):
    monkeypatch.setattr(sync_module, "_BATCH", 2)
    for number in range(5):
        add(library.store, f"paper {number}", f"abstract {number}", f"passage number{number}")
    searcher, pending = library.searcher(), []
    searcher.sync(seconds=0)
    assert (searcher.pending(), len(searcher._index)) == (10, 0)
    assert searcher.search("number4", top_k=1)[0].passage == "passage number4"
    while library.searcher().pending():
        steps = iter([0.0, 0.0, 1.0])
        monkeypatch.setattr("digest.library.sync.time.monotonic", lambda steps=steps: next(steps))
        assert library.searcher().sync(seconds=0.5) == 2
        pending.append(library.searcher().pending())
    assert pending == [8, 6, 4, 2, 0]
    assert library.searcher()._index.ids == library.store.units.ids()
    assert library.store.count("passage_change") == 0


def test_after_a_change_of_the_embedding_model_every_command_does_a_part(library, monkeypatch):
    add(library.store, "one", "abstract", "first", "second", "third")
    library.sync()
    remove_index(library.folder)
    monkeypatch.setattr(sync_module, "_BATCH", 3)
    steps = iter([0.0, 0.0, 1.0])
    monkeypatch.setattr("digest.library.sync.time.monotonic", lambda: next(steps))
    assert library.searcher().sync(seconds=0.5) == 3
    monkeypatch.undo()
    assert library.searcher().pending() == 1
    assert library.sync() == 1
