"""Embedding models run by sentence-transformers, from a folder on disk and never from the network."""

from __future__ import annotations

import logging
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from digest.embedding.vocabulary import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.embedding import Vectors

# Length-sorted batches of 8 were the fastest size with plain PyTorch on two cores (docs/benchmarks.md).
_BATCH = 8


class TransformerEmbedder:
    """A sentence-transformers model in a local folder, loaded at its first use.

    Loading takes seconds, and a run whose vectors are all cached needs none of it.
    """

    def __init__(self, folder: Path, *, model_id: str, sha256: str, dim: int, window_tokens: int, pooling: str = "") -> None:
        """Load nothing yet; *pooling* (mean, cls, lasttoken) is taken in place of what the folder says, or fails to say."""
        self._folder = folder
        self._pooling = pooling
        self._window = window_tokens
        self._model: Any = None
        self._turn = threading.Lock()  # its tokenizer is set anew for each batch and refuses a second thread
        self.id = f"{model_id}@{sha256[:8]}/{window_tokens}"
        self.dim = dim
        self._vocabulary = Vocabulary(folder)
        self.pieces = self._vocabulary.pieces

    @property
    def rarity(self) -> Vectors:
        """See ``Embedder.rarity``."""
        return self._vocabulary.rarity

    def embed(self, texts: Sequence[str]) -> Vectors:
        """See ``Embedder.embed``."""
        if not texts:
            return np.zeros((0, self.dim), dtype=np.float32)
        with self._turn:
            vectors: Vectors = self._loaded().encode(
                list(texts), batch_size=_BATCH, normalize_embeddings=True, show_progress_bar=False, convert_to_numpy=True
            )
        return vectors.astype(np.float32, copy=False)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """See ``Embedder.embed_queries``: without a prompt they are texts like others."""
        return self.embed(texts)

    def _loaded(self) -> Any:
        if self._model is None:
            os.environ["TOKENIZERS_PARALLELISM"] = "false"
            logging.getLogger("sentence_transformers").setLevel(logging.ERROR)
            import transformers
            from sentence_transformers import SentenceTransformer

            transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
            model = SentenceTransformer(str(self._folder), device=None, trust_remote_code=False, local_files_only=True)
            if self._pooling:
                model[1] = type(model[1])(self.dim, pooling_mode=self._pooling)
            model.max_seq_length = self._window
            self._model = model
        return self._model
