"""What ties a paper to a topic: meaning as a whole, meaning sentence by sentence, rare words and phrases in common.

Nothing here depends on which other papers are in the batch: word weights come from the embedder's vocabulary, not from
counts over papers. How the parts were chosen stands in docs/log.md; `python -m bench ranking` measures them.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np

from digest.ranking.phrases import in_common, neighbours, telling
from digest.text import sentences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.embedding import Embedder, Pieces, Vectors
    from digest.ranking.phrases import Phrase
    from digest.records import Paper

_WORDS = 0.8  # weight of words in common beside 1 for the whole and 1 for the sentences
_PHRASES = 0.4  # of phrases, on top: a paper without any is as relevant as it was


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """A paper as topics see it."""

    sentences: list[str]  # the title and the sentences of the abstract: what a reason may quote
    whole: Vectors  # (dim,) of title and abstract
    by_sentence: Vectors  # (n, dim)
    pieces: Pieces  # of title and abstract
    neighbours: frozenset[Phrase]  # the same: its phrases are among them


@dataclass(frozen=True, slots=True, kw_only=True)
class Topics:
    """Texts that papers are held against, each of any length from a few words to an abstract."""

    whole: Vectors  # (m, dim)
    by_sentence: Vectors  # (s, dim) their sentences, one topic after the other
    starts: list[int]  # (m,) where those of each topic begin
    words: Vectors  # (vocabulary, m) what it adds to a paper to contain a piece; a column sums to 1, or to 0 without rare words
    phrases: list[dict[Phrase, float]]  # (m,) what each of a topic's own is worth

    def relevance(self, paper: Traits) -> tuple[Vectors, list[int]]:
        """How much *paper* is about each topic.

        The mean of three parts, each about 0 for an unrelated paper and 1 for the topic's own text: cosine of the wholes; mean
        over the topic's sentences of the cosine with the closest sentence of the paper, because what a reader wants may
        be the subject of one sentence only; and the part of the topic's rare words that the paper contains. On top
        comes what phrases of a short topic the paper uses as well.

        Returns:
            (m,) relevance, and for each topic the index of the sentence of *paper* closest to it.
        """
        if not len(self.whole):
            return np.zeros(0, dtype=np.float32), []
        closest = (self.by_sentence @ paper.by_sentence.T).max(axis=1)
        counts = np.diff([*self.starts, len(closest)])
        by_sentence = np.add.reduceat(closest, self.starts) / counts
        words = self.words[paper.pieces].sum(axis=0)
        named = np.array([in_common(wanted, paper.neighbours) for wanted in self.phrases])
        relevance = (self.whole @ paper.whole + by_sentence + _WORDS * words + _PHRASES * named) / (2 + _WORDS)
        return relevance.astype(np.float32), [int(i) for i in (self.whole @ paper.by_sentence.T).argmax(axis=1)]


def topics_of(texts: Sequence[str], embedder: Embedder) -> Topics:
    """*texts* as topics."""
    groups = [sentences(text) or [text] for text in texts]
    vectors = embedder.embed_queries([*texts, *(sentence for group in groups for sentence in group)])
    words = np.zeros((len(embedder.rarity), len(texts)), dtype=np.float32)
    for column, pieces in enumerate(embedder.pieces(texts)):
        weights = embedder.rarity[pieces]
        words[pieces, column] = weights / max(float(weights.sum()), 1e-9)
    return Topics(
        whole=vectors[: len(texts)],
        by_sentence=vectors[len(texts) :],
        starts=[0, *accumulate(len(group) for group in groups)][:-1],
        words=words,
        phrases=[telling(text, embedder) for text in texts],
    )


def traits_of(papers: Sequence[Paper], embedder: Embedder) -> list[Traits]:
    """What is known of each of *papers* without looking at the others."""
    groups = [[paper.title, *sentences(paper.abstract)] for paper in papers]
    vectors = embedder.embed([text for paper, group in zip(papers, groups, strict=True) for text in (paper.gist, *group)])
    rows = np.split(vectors, np.cumsum([1 + len(group) for group in groups][:-1])) if groups else []
    pieces = embedder.pieces([paper.gist for paper in papers])
    return [
        Traits(sentences=group, whole=own[0], by_sentence=own[1:], pieces=found, neighbours=neighbours(paper.gist))
        for paper, group, own, found in zip(papers, groups, rows, pieces, strict=True)
    ]
