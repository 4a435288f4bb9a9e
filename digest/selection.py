"""Which of the ranked papers an edition holds, and what is told of the others."""

from __future__ import annotations

import dataclasses
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.records import Counts, Ranked, Skipped

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_NEAR_MISSES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The papers of an edition before they are read, and what its report says of the others."""

    chosen: tuple[Ranked, ...]
    counts: Counts
    near: tuple[Ranked, ...]
    sources: str  # the name of the set of sources
    skipped: tuple[Skipped, ...]
    notices: tuple[str, ...]

    @property
    def unread(self) -> tuple[Skipped, ...]:
        """PDFs that came with nothing that could be ranked: no text, no abstract."""
        return tuple(skipped for skipped in self.skipped if skipped.stage == "read")


def choose(
    ranked: Sequence[Ranked], *, pick: Callable[[list[Ranked]], list[Ranked]], threshold: int, delivered: set[str]
) -> tuple[list[Ranked], Counts]:
    """The papers of the digest, *pick* of those that are new and good enough, and how many left at each step."""
    new = [item for item in ranked if item.paper.id not in delivered]
    good = [item for item in new if item.score >= threshold]
    chosen = pick(good)
    counts = Counts(
        scanned=len(ranked),
        delivered_before=len(ranked) - len(new),
        below=len(new) - len(good),
        beyond=len(good) - len(chosen),
        chosen=len(chosen),
        by_source=dict(Counter(item.paper.source for item in ranked)),
    )
    return chosen, counts


def near_misses(ranked: Sequence[Ranked], delivered: set[str], chosen: Sequence[Ranked]) -> tuple[Ranked, ...]:
    """The best papers past the limit, for the reader who has time for one more; none that is only half as close as those chosen."""
    taken = delivered | {item.paper.id for item in chosen}
    least = min((item.score for item in chosen), default=100) / 2
    left = [item for item in ranked if item.score > least and item.paper.id not in taken]
    return tuple(dataclasses.replace(item, paper=dataclasses.replace(item.paper, abstract="")) for item in left[:_NEAR_MISSES])
