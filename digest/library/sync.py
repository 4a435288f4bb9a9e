"""Bringing the vectors in line with the database: only what came or went, a part at a time, never while they are searched."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from digest.glossary import has_chinese
from digest.library.changes import Changes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from digest.embedding import Vectors
    from digest.glossary import Glossary
    from digest.library.embeddings import CachedEmbedder
    from digest.library.store import Store
    from digest.library.vectors import VectorIndex

_BATCH = 64  # units embedded at once
_RENEWING_SECONDS = 20  # of one command; `digest index rebuild` does all and shows how far it is


class Sync:
    """What the vectors of one library lack."""

    def __init__(self, store: Store, embedder: CachedEmbedder, glossary: Callable[[], Glossary]) -> None:
        self._store, self._embedder, self._glossary = store, embedder, glossary
        self._changes = Changes(store)

    def renew(self, until: float) -> None:
        """Make the units of papers that an earlier release read, until that moment of the monotonic clock; of many a part."""
        outdated = self._store.outdated()
        until = min(until, time.monotonic() + _RENEWING_SECONDS) if outdated else until
        for paper in outdated:
            if time.monotonic() >= until:
                break
            self._store.rebuild_units(papers=[paper])

    def run(self, index: VectorIndex, on_progress: Callable[[int], None], *, until: float) -> int:
        """See ``Searcher.sync``; *index* is changed and saved."""
        newest, came, went = self.news(index)
        if went:
            index.remove(went)
        done = 0
        while done < len(came) and time.monotonic() < until:
            ids = came[done : done + _BATCH]
            self._vectors_of(ids)  # kept in the database as they are made: a process that is killed here loses none
            done += len(ids)
            on_progress(len(ids))
        missing = len(came) - done
        if done or went or newest != index.position:
            index.extend(came[:done], self._vectors_of)
            index.save(index.position if missing else newest)  # what is missing is news next time, too
        if not missing:
            self._changes.forget(newest)
        return done + len(went)

    def is_done(self, index: VectorIndex) -> bool:
        """Whether *index* holds the database as it is."""
        newest, came, went = self.news(index)
        return newest == index.position and not came and not went

    def news(self, index: VectorIndex) -> tuple[int, list[int], list[int]]:
        """The newest change, the units that *index* lacks, and those that it should no longer hold."""
        units = self._store.units
        changes = self._changes.since(index.position)
        if changes:
            newest, changed = changes
            here = set(units.papers(changed))
            held = index.holds(changed)
            came, went = sorted(here - held), sorted(held - here)
            if len(index) + len(came) - len(went) == self._store.count("passage"):
                return newest, came, went
        newest, wanted, all_held = self._changes.newest(), units.ids(), index.ids
        return newest, sorted(wanted - all_held), sorted(all_held - wanted)

    def _vectors_of(self, ids: Sequence[int]) -> Vectors:
        return self._embedder.embed([self._readable(unit.text) for unit in self._store.units.get(ids)])

    def _readable(self, text: str) -> str:
        """*text* for a model that reads no Chinese: its terms in English."""
        return text if self._embedder.reads_chinese or not has_chinese(text) else self._glossary().translate(text).text or text
