from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import DimensionMismatch
from digest.library import vectors as vectors_module
from digest.library.vectors import MANIFEST, VectorIndex, faults, read_manifest, remove_index

if TYPE_CHECKING:
    from digest.embedding import Vectors

DIM = 8


def unit_vectors(count: int, seed: int) -> Vectors:
    drawn = np.random.default_rng(seed).normal(size=(count, DIM))
    vectors: Vectors = (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)
    return vectors


def index_in(folder, embedder: str = "toy", dim: int = DIM) -> VectorIndex:
    return VectorIndex(folder, embedder=embedder, dim=dim)


def file_in(folder, part: str = "tail"):
    (file,) = folder.glob(f"{part}-*.faiss")
    return file


def saved(folder, count: int = 20) -> VectorIndex:
    index = index_in(folder)
    index.add(range(100, 100 + count), unit_vectors(count, seed=1))
    index.save()
    return index


@given(count=st.integers(1, 60), seed=st.integers(0, 2**32 - 1), top_k=st.integers(1, 80), removed=st.sets(st.integers(0, 59)))
def test_search_is_exact(tmp_path_factory, count, seed, top_k, removed):
    vectors = unit_vectors(count + 1, seed)
    ids = np.random.default_rng(seed).choice(2**62, size=count, replace=False)
    index = index_in(tmp_path_factory.getbasetemp() / "never written")
    index.add(ids.tolist(), vectors[:-1])
    kept = [n for n in range(count) if n not in removed]
    index.remove([int(ids[n]) for n in removed if n < count])

    found = index.search(vectors[-1], top_k)
    scores = vectors[kept] @ vectors[-1]
    expected = [int(ids[kept[n]]) for n in np.argsort(-scores)[:top_k]]
    assert index.ids == {int(ids[n]) for n in kept}
    assert [unit_id for unit_id, _ in found] == expected
    np.testing.assert_allclose([score for _, score in found], np.sort(scores)[::-1][:top_k], atol=1e-6)


def test_an_empty_index_finds_nothing(tmp_path):
    index = index_in(tmp_path)
    assert index.ids == set()
    assert index.search(unit_vectors(1, seed=1)[0], 5) == []
    index.remove([7])


def test_equal_vectors_come_in_the_order_of_their_ids(tmp_path):
    index = index_in(tmp_path)
    vector = unit_vectors(1, seed=1)
    index.add([30, 10, 20], np.repeat(vector, 3, axis=0))
    assert [unit_id for unit_id, _ in index.search(vector[0], 3)] == [10, 20, 30]


def test_a_saved_index_is_found_again(tmp_path):
    index = saved(tmp_path)
    again = index_in(tmp_path)
    assert again.ids == index.ids == set(range(100, 120))
    query = unit_vectors(1, seed=2)[0]
    assert again.search(query, 5) == index.search(query, 5)


def test_a_loaded_index_can_be_changed_and_saved_again(tmp_path):
    saved(tmp_path)
    index = index_in(tmp_path)
    index.remove([100])
    index.add([7], unit_vectors(1, seed=3))
    index.save()
    assert index_in(tmp_path).ids == {*range(101, 120), 7}


def test_what_was_not_saved_is_not_there(tmp_path):
    index = saved(tmp_path)
    index.add([7], unit_vectors(1, seed=3))
    assert index_in(tmp_path).ids == set(range(100, 120))


@pytest.mark.parametrize("where", [0, 10, 50, -1])
def test_an_index_with_one_wrong_byte_counts_as_absent(tmp_path, where):
    saved(tmp_path)
    content = bytearray(file_in(tmp_path).read_bytes())
    content[where] ^= 1
    file_in(tmp_path).write_bytes(content)
    assert index_in(tmp_path).ids == set()
    assert len(faults(tmp_path)) == 1


@pytest.mark.parametrize("size", [0, 4, 100])
def test_an_index_that_was_cut_off_counts_as_absent(tmp_path, size):
    saved(tmp_path)
    file_in(tmp_path).write_bytes(file_in(tmp_path).read_bytes()[:size])
    assert index_in(tmp_path).ids == set()


@pytest.mark.parametrize("manifest", ["", "{", "[]", "null", "{}", '{"embedder": "toy", "dim": "x", "count": 20, "sha256": ""}'])
def test_an_index_with_a_damaged_manifest_counts_as_absent(tmp_path, manifest):
    saved(tmp_path)
    (tmp_path / MANIFEST).write_text(manifest)
    assert read_manifest(tmp_path) is None
    assert index_in(tmp_path).ids == set()


def test_an_index_without_its_manifest_or_without_its_file_counts_as_absent(tmp_path):
    saved(tmp_path)
    manifest = (tmp_path / MANIFEST).read_text()
    (tmp_path / MANIFEST).unlink()
    assert index_in(tmp_path).ids == set()
    (tmp_path / MANIFEST).write_text(manifest)
    assert index_in(tmp_path).ids != set()
    file_in(tmp_path).unlink()
    assert index_in(tmp_path).ids == set()


def test_the_manifest_of_another_save_vouches_for_nothing(tmp_path):
    saved(tmp_path)
    manifest = (tmp_path / MANIFEST).read_text()
    index = index_in(tmp_path)
    index.remove([100])
    index.add([7], unit_vectors(1, seed=3))
    index.save()
    (tmp_path / MANIFEST).write_text(manifest)
    assert index_in(tmp_path).ids == set()


def test_vectors_of_another_model_are_refused(tmp_path):
    saved(tmp_path)
    with pytest.raises(DimensionMismatch, match="the index holds vectors of toy, not of another") as caught:
        index_in(tmp_path, embedder="another")
    assert caught.value.hint == "digest index rebuild"
    remove_index(tmp_path)
    assert index_in(tmp_path, embedder="another").ids == set()


def test_the_manifest_says_what_the_index_holds(tmp_path):
    saved(tmp_path, count=3)
    manifest = json.loads((tmp_path / MANIFEST).read_text())
    assert (manifest["embedder"], manifest["dim"], manifest["count"]) == ("toy", DIM, 3)


# --- base and tail ----------------------------------------------------------------------------------------------------


class Made:
    """Vectors made from their ids, and how many were asked for."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, ids) -> Vectors:
        self.asked += len(ids)
        return np.concatenate([unit_vectors(1, seed=unit_id) for unit_id in ids])


@pytest.fixture
def small(monkeypatch):
    """An index whose tail holds 10 vectors, and whose base is exact up to 60."""
    monkeypatch.setattr(vectors_module, "_TAIL", 10)
    monkeypatch.setattr(vectors_module, "_EXACT", 60)
    monkeypatch.setattr(vectors_module, "_TRAINED_ON", 2)


def grown(folder, ids) -> tuple[VectorIndex, Made]:
    """An index that got *ids* seven at a time, settled, saved and opened again each time."""
    vectors_of, index = Made(), index_in(folder)
    for start in range(0, len(ids), 7):
        index.add(ids[start : start + 7], vectors_of(ids[start : start + 7]))
        index.settle(vectors_of)
        index.save(start)
        index = index_in(folder)
    return index, vectors_of


@given(count=st.integers(1, 55), removed=st.sets(st.integers(0, 54)), query=st.integers(1000, 2000))
def test_an_exact_base_and_its_tail_find_what_one_exact_index_finds(tmp_path_factory, count, removed, query):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vectors_module, "_TAIL", 10)
        folder = tmp_path_factory.mktemp("index")
        index, vectors_of = grown(folder, range(count))
        index.remove(sorted(removed))
        index.save(99)
    again = index_in(folder)
    kept = [n for n in range(count) if n not in removed]
    assert again.ids == set(kept)
    assert len(again) == len(kept)
    assert again.position == 99
    wanted = unit_vectors(1, seed=query)[0]
    expected = sorted(kept, key=lambda n: (-float(vectors_of([n])[0] @ wanted), n))[:5]
    assert [unit_id for unit_id, _ in again.search(wanted, 5)] == expected


@pytest.mark.usefixtures("small")
def test_adding_a_few_writes_only_the_tail(tmp_path):
    index, _ = grown(tmp_path, range(30))
    base = file_in(tmp_path, "base")
    written = base.stat().st_mtime_ns
    index.add([1000], unit_vectors(1, seed=1000))
    index.save(1)
    assert file_in(tmp_path, "base") == base
    assert base.stat().st_mtime_ns == written
    assert index_in(tmp_path).ids == {*range(30), 1000}


@pytest.mark.usefixtures("small")
def test_a_large_index_has_cells_and_still_finds_every_vector_first(tmp_path):
    index, _ = grown(tmp_path, range(400))
    assert index._trained_on > 60
    assert index.ids == set(range(400))
    found = [index.search(unit_vectors(1, seed=unit_id)[0], 1)[0][0] for unit_id in range(400)]
    assert sum(n == unit_id for n, unit_id in enumerate(found)) > 390  # 8 bits a number: a near twin may come first
    index.remove(range(0, 400, 2))
    assert all(unit_id % 2 for unit_id, _ in index.search(unit_vectors(1, seed=4)[0], 50))


@pytest.mark.usefixtures("small")
def test_cells_take_new_vectors_in_without_asking_for_the_old_ones_until_there_are_twice_as_many(tmp_path):
    index, vectors_of = grown(tmp_path, range(400))
    trained_on, asked = index._trained_on, vectors_of.asked
    index.add(range(1000, 1011), vectors_of(range(1000, 1011)))
    index.settle(vectors_of)
    assert (index._trained_on, vectors_of.asked) == (trained_on, asked + 11)
    assert len(index) == 411


@pytest.mark.usefixtures("small")
def test_a_vector_that_went_and_came_back_is_there_once(tmp_path):
    index, vectors_of = grown(tmp_path, range(40))
    index.remove([3, 39])
    index.add([3, 39], vectors_of([3, 39]))
    assert len(index) == 40
    assert [unit_id for unit_id, _ in index.search(vectors_of([3])[0], 40)].count(3) == 1


@pytest.mark.usefixtures("small")
def test_a_damaged_base_counts_as_no_index(tmp_path):
    grown(tmp_path, range(40))
    base = file_in(tmp_path, "base")
    base.write_bytes(base.read_bytes()[:-1])
    assert index_in(tmp_path).ids == set()
    assert faults(tmp_path) == [f"the index file {base.name} is damaged or gone"]


@pytest.mark.usefixtures("small")
def test_no_file_is_left_behind(tmp_path):
    grown(tmp_path, range(100))
    assert len(list(tmp_path.iterdir())) == 3
    remove_index(tmp_path)
    assert list(tmp_path.iterdir()) == []
