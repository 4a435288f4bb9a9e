"""The word pieces of an embedding model, and how much each of them says: from its ``tokenizer.json`` alone."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from digest.errors import SetupError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.embedding import Pieces, Vectors

# A vocabulary is written in order of frequency, so by Zipf's law the logarithm of a place stands for rarity. Below the
# 400th place words say next to nothing; squared, a rare word weighs up many common ones (docs/log.md).
_COMMON = 400


class Vocabulary:
    """The tokenizer of a model in a local folder, loaded at its first use."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "tokenizer.json"
        self._windows: dict[int, Any] = {}

    def pieces(self, texts: Sequence[str]) -> list[Pieces]:
        """The distinct pieces of each of *texts* as rising ids, without special tokens."""
        encodings = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return [np.unique(np.array(encoding.ids, dtype=np.int64)) for encoding in encodings]

    def tokens(self, texts: Sequence[str], window: int) -> list[list[int]]:
        """The ids of each of *texts*, at most *window*, with the special tokens that the model expects."""
        return [encoding.ids for encoding in self._windowed(window).encode_batch_fast(list(texts))]

    @cached_property
    def rarity(self) -> Vectors:
        """(vocabulary,) how much a piece says: 0 for special tokens and single characters at the head of the list."""
        vocabulary: dict[str, int] = self._tokenizer.get_vocab(with_added_tokens=True)
        first_word = min((place for piece, place in vocabulary.items() if _is_word(piece)), default=0)
        places = np.arange(max(vocabulary.values()) + 1) - first_word
        rarity: Vectors = (np.log1p(np.maximum(places, 0) / _COMMON) ** 2).astype(np.float32)
        return rarity

    @cached_property
    def _tokenizer(self) -> Any:
        return self._load()

    def _windowed(self, window: int) -> Any:
        """A tokenizer that is not changed any more: one that is while another thread uses it refuses (tokenizers 0.23)."""
        if window not in self._windows:
            tokenizer = self._load()
            tokenizer.enable_truncation(window)
            self._windows[window] = tokenizer
        return self._windows[window]

    def _load(self) -> Any:
        """The tokenizer without the padding and the window that its file may ask for."""
        from tokenizers import Tokenizer

        if not self._path.is_file():
            raise SetupError(f"the embedding model has no {self._path}", hint="digest models list")
        tokenizer = Tokenizer.from_file(str(self._path))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return tokenizer


def _is_word(piece: str) -> bool:
    return len(piece) > 1 and piece.isalpha()
