"""Papers and what they are worth to a reader: ``Paper -> Ranked``."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One paper as its source describes it: metadata, never the body."""

    id: str  # arXiv id without version, "file:<sha256>" for a loose PDF, or what a metadata file says
    title: str  # LaTeX source as given, white space folded
    abstract: str  # the same; empty when the source has none
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    published: dt.date | None = None
    updated: dt.date | None = None
    version: int | None = None  # of the arXiv submission
    source: str = ""  # name of the source that brought it: arxiv, hf, folder, samples
    comment: str = ""
    link: str = ""  # page a reader can open
    pdf: str = ""  # URL or absolute path the full text comes from; empty when there is none
    upvotes: int | None = None
    aliases: tuple[str, ...] = ()  # other names it goes by: "file:<sha256>", "doi:<DOI in lower case>"

    @property
    def name(self) -> str:
        """The id with its version (``2601.20742v1``), as shown to a reader."""
        return f"{self.id}v{self.version}" if self.version else self.id

    @property
    def short(self) -> str:
        """The method's name before the colon of the title, if a short one stands there, else the title."""
        name, colon, _ = self.title.partition(":")
        return name if colon and 1 < len(name) <= 24 and "$" not in name else self.title

    @property
    def gist(self) -> str:
        """Title and abstract in one string: what stands for the whole paper when it is embedded."""
        return f"{self.title}. {self.abstract}" if self.abstract else self.title


class ReasonKind(StrEnum):
    """What in a profile a reason comes from."""

    INTEREST = "interest"
    AVOID = "avoid"
    LIKED = "liked"
    DISLIKED = "disliked"
    AUTHOR = "author"
    GROUP = "group"
    CATEGORY = "category"
    RECENT = "recent"
    UPVOTES = "upvotes"
    EXPLORE = "explore"  # not close to the profile: chosen to show something else


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Part of a score: what of the profile drove it, how much, and the sentence that matched."""

    interest: str  # name of the interest, title of the liked paper, name of the author
    share: float  # of what speaks for the paper, in [0, 1]; negative: so much of that was taken away
    sentence: str  # of the title or abstract, verbatim; empty where none matched
    kind: ReasonKind = ReasonKind.INTEREST


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A paper with its place in the reader's interest."""

    paper: Paper
    score: int  # 0-100
    relevance: float  # what the score was computed from; higher is better
    reasons: tuple[Reason, ...] = ()
    closer_than: float | None = None  # part of the library's recent papers that are less relevant; None: too few to say


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What a group of the library's papers is about, how much of it came week by week, and where it lies on a map of all groups."""

    name: str  # its two most telling terms
    terms: tuple[str, ...]  # that set it apart from the other groups, the most telling first
    papers: tuple[str, ...]  # ids, the most typical first
    weeks: dict[str, int] = field(default_factory=dict)  # papers by ISO date of the week's Monday, every week of the map in order
    trend: float = 0.0  # logarithm (base 2) of the topic's share of papers in the later half of the weeks by that in the earlier
    x: float = 0.5  # place on the map in [0, 1]: near topics lie near each other
    y: float = 0.5
