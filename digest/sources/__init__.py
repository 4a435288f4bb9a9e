"""Where papers come from: arXiv, HuggingFace Daily Papers, a folder of PDFs, and the way their full text arrives.

A source knows one place and how it fails; it does not know what the reader is interested in, what was read
before, or what stands inside a PDF. Besides model downloads nothing else in the program opens a connection.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import datetime as dt

    from digest.records import Paper


class Source(Protocol):
    """A place that names papers for one day."""

    name: str

    def fetch(self, day: dt.date, /) -> list[Paper]:
        """Return the papers for the digest of *day*, ids distinct; none is an answer, not an error.

        Raises:
            SourceError: the source answered with something that is not a list of papers.
            SourceUnreachable: it cannot be reached at all.
        """
        ...
