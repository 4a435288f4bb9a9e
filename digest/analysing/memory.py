"""How much memory a model takes, from what its file says of itself, before anything is loaded.

Four parts, as llama.cpp (0.3.36) allocates them: the weights; the cache, a key and a value of every cell in every attention layer;
the states of recurrent layers, one a sequence; and the workspace of one batch, the larger of its attention scores and its layers' values,
beside the logits. tests/analysing/test_memory.py holds the sum against what llama.cpp reports.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_HALF, _FULL = 2, 4  # bytes of a float16 and a float32
_ALIGNED = 256  # cells: contexts are made in steps of this
_MOST_CELLS = 2**24
_SPARE = 1.05  # what the sum leaves out: graphs, tables, rounding


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """The dimensions that memory depends on."""

    weights_bytes: int
    layers: int
    width: int
    hidden: int
    heads: int
    vocabulary: int
    cell_bytes: int  # keys and values of one token in all attention layers
    state_bytes: int = 0  # of one sequence in all recurrent layers
    attends: bool = True

    @classmethod
    def of(cls, metadata: Mapping[str, str], *, weights_bytes: int, vocabulary: int) -> Build:
        """Read the metadata of a GGUF; a field that is missing or odd counts as nought, so the sum is then too small, never an error."""
        kind = metadata.get("general.architecture", "")

        def number(key: str, otherwise: int = 0) -> int:
            numbers = _numbers(metadata.get(f"{kind}.{key}", ""))
            return max(numbers, default=otherwise)

        layers, width, heads = number("block_count"), number("embedding_length"), number("attention.head_count")
        head_width = width // heads if heads else 0
        sides = number("attention.key_length", head_width) + number("attention.value_length", head_width)
        key_heads = _numbers(metadata.get(f"{kind}.attention.head_count_kv", "")) or [heads]
        inner, state = number("ssm.inner_size"), number("ssm.state_size")
        if len(key_heads) == 1:  # the same in every attention layer
            key_heads *= layers // number("full_attention_interval", 4) if inner else layers
        recurrent = layers - sum(1 for heads_here in key_heads if heads_here) if inner else 0
        convolution = max(0, number("ssm.conv_kernel") - 1) * (inner + 2 * number("ssm.group_count") * state)
        return cls(
            weights_bytes=weights_bytes,
            layers=layers,
            width=width,
            hidden=number("feed_forward_length"),
            heads=heads,
            vocabulary=vocabulary,
            cell_bytes=_HALF * sum(key_heads) * sides,
            state_bytes=_FULL * recurrent * (inner * state + convolution),
            attends=any(key_heads),
        )

    def needed(self, *, cells: int, sequences: int, batch: int, flash: bool = False, cache_bits: int = 16) -> int:
        """Bytes for a context of *cells* tokens, *sequences* of them side by side and *batch* tokens at once."""
        scores = 0 if flash or not self.attends else self.heads * cells * batch
        values = batch * (2 * self.hidden + 4 * self.width)
        logits = 2 * sequences * self.vocabulary
        cell_bytes = self.cell_bytes if cache_bits == 16 else self.cell_bytes * 17 // 32  # blocks of 32 bytes and a scale
        kept = cells * cell_bytes + sequences * self.state_bytes
        total = self.weights_bytes + kept + _FULL * (max(scores, values) + values + logits)
        return int(total * _SPARE)

    def most_cells(self, free_bytes: int, *, sequences: int, batch: int, flash: bool = False, cache_bits: int = 16) -> int:
        """The largest context, in whole steps, that takes at most *free_bytes*; 0 when none does."""
        steps = range(_MOST_CELLS // _ALIGNED)
        needs = partial(self.needed, sequences=sequences, batch=batch, flash=flash, cache_bits=cache_bits)
        return max(0, bisect_right(steps, free_bytes, key=lambda step: needs(cells=step * _ALIGNED)) - 1) * _ALIGNED


def _numbers(text: str) -> list[int]:
    """``"8"`` or ``"[8, 0, 8]"`` as numbers."""
    parts = text.strip("[]").split(",")
    return [int(part) for part in parts] if all(part.strip().isdecimal() for part in parts) else []
