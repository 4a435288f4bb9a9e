"""Pairs of words that stand side by side: what a field calls a thing.

"Flow matching" is not optical flow and the matching of images, and "super-resolution" is not a high resolution, yet the words
are the same and an embedding is not far off either.
"""

from __future__ import annotations

import functools
import math
import re
from itertools import pairwise
from typing import TYPE_CHECKING

from digest.text import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.embedding import Embedder

_TOKEN = re.compile(r"[a-z0-9]+|[,.;:()]|\s-\s")  # a word, or what keeps the words on either side apart
_SAYS_NOTHING = 0.05  # rarity of the words of grammar
_ABSTRACT = 24  # phrases: so many stand in an abstract, where they happen to stand; those of a short statement were chosen

Phrase = tuple[str, str]


def neighbours(text: str) -> frozenset[Phrase]:
    """All that stands side by side in *text*, words in lower case and the singular, and the marks that keep words apart."""
    return frozenset(pairwise(map(_singular, _TOKEN.findall((text if text.isascii() else fold(text)).lower()))))


def phrases(text: str) -> frozenset[Phrase]:
    """Neighbouring words of *text*; none in a language that writes no spaces."""
    return frozenset(pair for pair in neighbours(text) if len(pair[0]) > 1 < len(pair[1]))


def telling(text: str, embedder: Embedder) -> dict[Phrase, float]:
    """The phrases of a topic's *text*, what each is worth; together at most 1, less for a long text, nothing for an abstract."""
    found = phrases(text)
    rarity = _rarity(sorted({word for pair in found for word in pair}), embedder)
    worth = {pair: math.sqrt(rarity[pair[0]] * rarity[pair[1]]) for pair in found if min(rarity[pair[0]], rarity[pair[1]]) > _SAYS_NOTHING}
    whole, weight = sum(worth.values()), max(0.0, 1 - len(worth) / _ABSTRACT)
    return {pair: value / whole * weight**2 for pair, value in sorted(worth.items())} if weight else {}


def in_common(wanted: dict[Phrase, float], there: frozenset[Phrase]) -> float:
    """How much of what is *wanted* is *there*, in [0, 1]; the root, as one phrase of a list says most of it."""
    return math.sqrt(sum(value for pair, value in wanted.items() if pair in there))


def _rarity(words: Sequence[str], embedder: Embedder) -> dict[str, float]:
    """How rare each of *words* is: as rare as its rarest piece."""
    pieces = embedder.pieces(words)
    return {word: float(embedder.rarity[own].max(initial=0)) for word, own in zip(words, pieces, strict=True)}


@functools.lru_cache(maxsize=100_000)
def _singular(word: str) -> str:
    """A mark between words comes out as one character, too short for a word of a phrase."""
    return word.strip() if word[-1] != "s" or len(word) < 4 or word[-2] == "s" else word[:-1]
