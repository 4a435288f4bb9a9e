"""Sections into passages: runs of whole sentences that fit one embedding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.records import Passage
from digest.text import sentences

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from digest.reading.prose import Piece
    from digest.reading.sections import Part

MAX_WORDS = 200


def passages(parts: Sequence[Part]) -> tuple[Passage, ...]:
    """Passages of at most 200 words that cover *parts*, in reading order.

    A passage does not cross a heading. A sentence longer than the limit, which only broken extraction makes, is cut at a word.
    """
    found: list[Passage] = []
    for part in parts:
        for page, text in _packed(part.sentences):
            found.append(Passage(id=f"p{len(found) + 1}", page=page, section=part.title, kind=part.kind, text=text))
    return tuple(found)


def _packed(stated: Sequence[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    page, words, taken = 0, 0, list[str]()
    for start, sentence in stated:
        count = len(sentence.split())
        if taken and words + count > MAX_WORDS:
            yield page, " ".join(taken)
            words, taken = 0, []
        if not taken:
            page = start
        taken.append(sentence)
        words += count
    if taken:
        yield page, " ".join(taken)


def paged_sentences(piece: Piece) -> Iterator[tuple[int, str]]:
    """Yield (page of its first word, sentence) for the sentences of *piece*, none above the limit of words."""
    position = 0
    for sentence in sentences(piece.text):
        position = max(position, piece.text.find(sentence, position))
        page = next(page for offset, page in reversed(piece.starts) if offset <= position or offset == piece.starts[0][0])
        words = sentence.split()
        for first in range(0, len(words), MAX_WORDS):
            yield page, " ".join(words[first : first + MAX_WORDS])
        position += len(sentence)
