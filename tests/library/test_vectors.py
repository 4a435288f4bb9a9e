from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import DimensionMismatch
from digest.library.vectors import FILE, MANIFEST, VectorIndex, read_manifest, remove_index

if TYPE_CHECKING:
    from digest.embedding import Vectors

DIM = 8


def unit_vectors(count: int, seed: int) -> Vectors:
    drawn = np.random.default_rng(seed).normal(size=(count, DIM))
    vectors: Vectors = (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)
    return vectors


def index_in(folder, embedder: str = "toy", dim: int = DIM) -> VectorIndex:
    return VectorIndex(folder, embedder=embedder, dim=dim)


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
    content = bytearray((tmp_path / FILE).read_bytes())
    content[where] ^= 1
    (tmp_path / FILE).write_bytes(content)
    assert index_in(tmp_path).ids == set()


@pytest.mark.parametrize("size", [0, 4, 100])
def test_an_index_that_was_cut_off_counts_as_absent(tmp_path, size):
    saved(tmp_path)
    (tmp_path / FILE).write_bytes((tmp_path / FILE).read_bytes()[:size])
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
    (tmp_path / FILE).unlink()
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
