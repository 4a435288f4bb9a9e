"""How close a paper is to what the reader cares about, and why."""

from digest.ranking.rank import rank

__all__ = ["rank"]
