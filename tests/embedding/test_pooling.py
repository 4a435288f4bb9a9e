"""What a model card says of an embedding model is what is done, seen on a tiny model of random weights."""

from __future__ import annotations

import numpy as np
import pytest

from digest.embedding.backends import Model, build, usable
from digest.library.embeddings import CachedEmbedder
from digest.library.store import NAME, Store
from tests.embedders import WordLengthEmbedder

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "rain", "song", "##s", "deep", "net"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A BERT of one layer and sixteen dimensions, with no word of how to pool."""
    import torch
    from transformers import AutoModel, BertConfig, BertTokenizer

    path = tmp_path_factory.mktemp("tiny")
    (path / "vocab.txt").write_text("\n".join(WORDS), encoding="utf-8")
    torch.manual_seed(7)
    config = BertConfig(
        vocab_size=len(WORDS), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32, max_position_embeddings=16
    )
    AutoModel.from_config(config).save_pretrained(path)  # type: ignore[no-untyped-call]
    BertTokenizer(str(path / "vocab.txt")).save_pretrained(path)
    return path


def model(folder, pooling: str) -> Model:
    return Model(folder=folder, model_id="tiny", sha256="0" * 64, dim=16, window_tokens=16, pooling=pooling)


@pytest.mark.parametrize("pooling", ["mean", "cls", "lasttoken"])
def test_a_text_is_pooled_as_the_card_says_whatever_stands_beside_it(folder, pooling):
    import torch
    from transformers import AutoModel, AutoTokenizer

    tokens = AutoTokenizer.from_pretrained(folder)("deep rain", return_tensors="pt")
    with torch.no_grad():
        states = AutoModel.from_pretrained(folder)(**tokens).last_hidden_state[0].numpy()
    expected = {"mean": states.mean(axis=0), "cls": states[0], "lasttoken": states[-1]}[pooling]
    embedder = build(model(folder, pooling), "torch")
    (alone,) = embedder.embed(["deep rain"])
    np.testing.assert_allclose(alone, expected / np.linalg.norm(expected), atol=1e-5)
    np.testing.assert_allclose(embedder.embed(["deep rain", "song song song deep net net"])[0], alone, atol=1e-5)


def test_a_model_that_does_not_take_the_mean_is_left_to_torch(folder):
    assert usable(model(folder, "lasttoken")) == ["torch"]


def test_prompts_stand_before_what_asks_and_before_what_is_looked_for(tmp_path):
    toy = WordLengthEmbedder()
    store = Store(tmp_path / NAME)
    cached = CachedEmbedder(toy, store, query_prompt="query: ", document_prompt="passage: ")
    cached.embed_queries(["rain"])
    cached.embed(["rain"])
    assert toy.asked == ["query: rain", "passage: rain"]
    assert cached.knows(["rain", "song"]) == [True, False]
    store.close()
