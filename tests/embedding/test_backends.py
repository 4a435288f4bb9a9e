"""Ways to run the embedded model: the same vectors, whatever runs it and whatever is embedded beside a text."""

from __future__ import annotations

import functools
import json

import numpy as np
import pytest

from digest.embedding.backends import Model, Trial, build, choose, chosen, fastest, mean_cosine, usable
from tests.embedders import minilm_model

TEXTS = [
    "a cat",
    "Image super-resolution with diffusion models. " * 20,
    "",
    "Interest rates rose in March, 图像复原 and “quotes”.",
    "long " * 400,
]


@functools.cache
def embedder(backend):
    pytest.importorskip("onnxruntime")
    return build(minilm_model(), backend)


def test_onnx_gives_the_vectors_of_sentence_transformers():
    np.testing.assert_allclose(embedder("onnx").embed(TEXTS), embedder("torch").embed(TEXTS), atol=2e-6)
    assert embedder("onnx").id == embedder("torch").id


def test_eight_bits_stay_close_and_have_a_name_of_their_own():
    assert mean_cosine(embedder("onnx-int8").embed(TEXTS), embedder("onnx").embed(TEXTS)) > 0.985
    assert embedder("onnx-int8").id == "minilm-l6@53aa5117/256+int8"


@pytest.mark.parametrize("backend", ["onnx", "onnx-int8"])
def test_a_vector_does_not_depend_on_the_texts_beside_it(backend):
    model = embedder(backend)
    together = model.embed(TEXTS)
    for text, vector in zip(TEXTS, together, strict=True):
        np.testing.assert_array_equal(model.embed([text])[0], vector)
    np.testing.assert_array_equal(model.embed(TEXTS[::-1]), together[::-1])


def test_no_texts_are_no_vectors():
    assert embedder("onnx").embed([]).shape == (0, 384)


def test_without_a_choice_the_exact_vectors_are_made_without_torch():
    assert type(build(minilm_model())).__name__ == "OnnxEmbedder"
    assert build(minilm_model()).id == "minilm-l6@53aa5117/256"


def test_a_model_that_is_not_plain_bert_is_left_to_torch(tmp_path):
    other = Model(folder=tmp_path, model_id="other", sha256="0" * 64, dim=8, window_tokens=16)
    assert usable(other) == ["torch"]
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "qwen3"}))
    assert usable(other) == ["torch"]


def test_the_fastest_faithful_backend_is_chosen():
    exact = Trial(backend="torch", texts_per_second=10.0, cosine=1.0)
    onnx = Trial(backend="onnx", texts_per_second=12.0, cosine=1.0)
    int8 = Trial(backend="onnx-int8", texts_per_second=30.0, cosine=0.99)
    spoilt = Trial(backend="onnx-int8", texts_per_second=30.0, cosine=0.9)
    assert fastest([exact, onnx, int8]) is int8
    assert fastest([exact, onnx, spoilt]) is onnx
    assert fastest([exact]) is exact


def test_a_choice_is_kept_for_its_model_alone_and_for_no_other_role(tmp_path):
    file, model = tmp_path / "tuned.json", minilm_model()
    other = Model(folder=model.folder, model_id="other", sha256=model.sha256, dim=model.dim, window_tokens=256)
    file.write_text('{"chat": {"some-model": {"threads": 2}}}')
    assert chosen(file, model) is None
    choose(file, model, "torch")
    assert (chosen(file, model), chosen(file, other)) == ("torch", None)
    assert json.loads(file.read_text())["chat"] == {"some-model": {"threads": 2}}


@pytest.mark.parametrize("content", ["", "[]", '{"embedding": 3}', '{"embedding": {"minilm-l6@53aa5117": "gone"}}', "\xff\x00"])
def test_a_choice_that_cannot_be_read_is_none(tmp_path, content):
    (tmp_path / "tuned.json").write_text(content, encoding="latin-1")
    assert chosen(tmp_path / "tuned.json", minilm_model()) is None
