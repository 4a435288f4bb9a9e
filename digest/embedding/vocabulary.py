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
_KEPT_WORDS = 200_000  # whose pieces are kept: a hundred thousand abstracts have about as many


class Vocabulary:
    """The tokenizer of a model in a local folder, loaded at its first use."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "tokenizer.json"
        self._of_word: dict[str, tuple[int, ...]] = {}

    def pieces(self, texts: Sequence[str]) -> list[Pieces]:
        """The distinct pieces of each of *texts* as rising ids, without special tokens."""
        if type(self._tokenizer.model).__name__ == "WordPiece":
            return self._word_by_word(texts)
        return [np.unique(np.array(ids, dtype=np.int64)) for ids in self._encoded(texts)]

    def tokens(self, texts: Sequence[str], window: int) -> list[list[int]]:
        """The ids of each of *texts* between the two special tokens of BERT, at most *window* with them.

        Cut here and not by the tokenizer: one that is set for a window while another thread uses it refuses (tokenizers 0.23).
        """
        whole = [encoding.ids for encoding in self._tokenizer.encode_batch_fast(list(texts))]
        return [ids if len(ids) <= window else [*ids[: window - 1], ids[-1]] for ids in whole]

    @cached_property
    def rarity(self) -> Vectors:
        """(vocabulary,) how much a piece says: 0 for special tokens and single characters at the head of the list."""
        tokenizer = self._tokenizer
        size = max(tokenizer.get_vocab_size(with_added_tokens=True), 1 + max(tokenizer.get_added_tokens_decoder(), default=-1))
        first_word = next((place for place in range(size) if _is_word(tokenizer.id_to_token(place) or "")), 0)
        places = np.arange(size) - first_word
        rarity: Vectors = (np.log1p(np.maximum(places, 0) / _COMMON) ** 2).astype(np.float32)
        return rarity

    def _word_by_word(self, texts: Sequence[str]) -> list[Pieces]:
        """The same where no piece reaches over a space (BERT): a word that was met before is only looked up, seven times as fast."""
        groups = [set(text.split(" ")) for text in texts]
        if len(self._of_word) > _KEPT_WORDS:
            self._of_word = {}
        known = self._of_word
        new = sorted(word for word in set().union(*groups) if word not in known)  # "- known.keys()" would walk through all that are known
        known.update(zip(new, map(tuple, self._encoded(new)), strict=True))
        found = [sorted(set().union(*[known[word] for word in group])) for group in groups]
        return [np.array(ids, dtype=np.int64) for ids in found]

    def _encoded(self, texts: Sequence[str]) -> list[list[int]]:
        return [encoding.ids for encoding in self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]

    @cached_property
    def _tokenizer(self) -> Any:
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
