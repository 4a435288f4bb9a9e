"""Noticing that a model has begun to repeat itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_LONGEST = 64  # tokens of the longest repeated run looked for
_TIMES = 3
_LEAST = 12  # tokens that the repeats must cover together


def loop_start(tokens: Sequence[int]) -> int | None:
    """Where the second copy begins when *tokens* end in the same run three times over, else None.

    >>> loop_start([7, 1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4])
    5
    """
    for length in range(1, min(_LONGEST, len(tokens) // _TIMES) + 1):
        times = max(_TIMES, -(-_LEAST // length))
        if len(tokens) < times * length:
            continue
        run = tokens[-length:]
        if all(tokens[-(n + 1) * length : -n * length] == run for n in range(1, times)):
            return len(tokens) - (times - 1) * length
    return None
