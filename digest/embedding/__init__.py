"""Text to vectors.

An embedder is anything with the shape below; its ``id`` names everything that decides the numbers, so vectors of two
models can never be taken for each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

Vectors = npt.NDArray[np.float32]
Pieces = npt.NDArray[np.int64]


class Embedder(Protocol):
    """A model that turns texts into vectors of unit length."""

    @property
    def id(self) -> str:
        """Model, weights and window, such as ``minilm-l6@53aa5117/256``."""

    @property
    def dim(self) -> int:
        """Length of a vector."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        """(len(texts), dim) float32, rows of unit length, in the order of *texts*.

        A text's vector does not depend on the texts beside it.
        """

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """The same for texts that ask for others: some models were trained to be told so."""

    def pieces(self, texts: Sequence[str]) -> list[Pieces]:
        """The distinct word pieces of each of *texts*, as rising places in the vocabulary."""

    @property
    def rarity(self) -> Vectors:
        """(vocabulary,) how much it says that two texts share a piece, 0 for one that every text has."""
