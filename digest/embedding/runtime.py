"""BERT embedders run by ONNX Runtime: no torch to load, no padding, optionally in 8-bit integers."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from digest.embedding.graph import bert, weights
from digest.embedding.vocabulary import Vocabulary
from digest.machine import processors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.embedding import Vectors


class OnnxEmbedder:
    """A BERT model with mean pooling in a local folder, its graph built in memory at its first use.

    Every text is a run of its own, on one thread, and each processor takes the next text: nothing is padded, and a vector is
    the same bit for bit whatever is embedded with it. In float32 it is that of sentence-transformers up to rounding.
    """

    def __init__(self, folder: Path, *, model_id: str, sha256: str, dim: int, window_tokens: int, int8: bool = False) -> None:
        self._folder, self._window, self._int8 = folder, window_tokens, int8
        self._vocabulary = Vocabulary(folder)
        self.id = f"{model_id}@{sha256[:8]}/{window_tokens}{'+int8' if int8 else ''}"
        self.dim = dim
        self.pieces = self._vocabulary.pieces

    @property
    def rarity(self) -> Vectors:
        """See ``Embedder.rarity``."""
        return self._vocabulary.rarity

    def embed(self, texts: Sequence[str]) -> Vectors:
        """See ``Embedder.embed``."""
        tokens = self._vocabulary.tokens(texts, self._window)
        if len(tokens) == 1:  # a question: threads would take a third of its time
            means = [self._mean(tokens[0])]
        else:
            with ThreadPoolExecutor(processors()) as threads:
                means = list(threads.map(self._mean, tokens))
        vectors: Vectors = np.stack(means) if means else np.zeros((0, self.dim), dtype=np.float32)
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.float32(1e-12))
        return vectors

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """See ``Embedder.embed_queries``: without a prompt they are texts like others."""
        return self.embed(texts)

    def _mean(self, tokens: list[int]) -> Vectors:
        found: Vectors = self._session.run(None, {"ids": np.array([tokens], dtype=np.int32)})[0][0]
        return found

    @cached_property
    def _session(self) -> Any:
        import onnxruntime

        config = json.loads((self._folder / "config.json").read_text(encoding="utf-8"))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        model = bert(weights(self._folder / "model.safetensors"), config, int8=self._int8)
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
