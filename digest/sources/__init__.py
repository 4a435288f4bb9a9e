"""Where papers come from: arXiv, HuggingFace Daily Papers, a folder of PDFs, and the way their full text arrives.

A source knows one place and how it fails; it does not know what the reader is interested in, what was read
before, or what stands inside a PDF. Besides model downloads nothing else in the program opens a connection.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from digest.records import Paper


class Source(Protocol):
    """A place that names papers for one day."""

    @property
    def name(self) -> str:
        """As the settings call it."""

    def fetch(self, day: dt.date, /) -> Iterable[Paper]:
        """Give the papers for the digest of *day*; none is an answer, not an error.

        A source may give them as they arrive. What it gave before it raised an error is sound and kept.

        Raises:
            Incomplete: there are more papers, to be asked for by a later run.
            SourceError: the source answered with something that is not a list of papers.
            SourceUnreachable: it cannot be reached at all.
        """
        ...


@runtime_checkable
class Remembering(Protocol):
    """A source that goes on where the last run ended."""

    def begin(self, day: dt.date, /) -> None:
        """Remember where the first run begins, before any source is asked: should it come to nothing, the next one begins there."""
        ...


class Memory(Protocol):
    """What a source may know of earlier runs, so that it leaves no gap between them."""

    def paper(self, paper_id: str) -> Paper | None:
        """The paper as earlier runs brought it, or None."""
        ...

    def mark(self, name: str) -> dt.date | None:
        """The day up to which the list *name* was seen whole, or None."""
        ...

    def reach(self, name: str, day: dt.date) -> None:
        """Say that the list *name* was seen whole up to *day*; it counts once the papers given are kept."""
        ...
