"""What lifts a paper whatever it is about: its authors, its category, its age, the upvotes it has."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from digest.ranking.blend import Pull
from digest.records import ReasonKind
from digest.text import fold

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from digest.config import Favour
    from digest.records import Paper

_TEN_POINTS = 0.8  # spreads: what ten points are in the middle of the scale
_HALF_LIFE_DAYS = 7
_MANY_UPVOTES = 100


def favours(paper: Paper, favour: Favour, *, spread: float, today: dt.date | None) -> list[Pull]:
    """What *favour* finds in *paper*; of authors, groups and categories the first that is met of each.

    Args:
        spread: of the relevance of papers, see ``calibration.Background``.
        today: the day from which the paper's age counts; without it, age counts nothing.
    """
    worth = _TEN_POINTS * spread
    authors = [_plain(name) for name in paper.authors]
    places = [*authors, _plain(paper.comment)]
    met = (
        (ReasonKind.AUTHOR, _first(favour.authors, authors)),
        (ReasonKind.GROUP, next((name for name in favour.groups if any(_plain(name) in text for text in places)), "")),
        (ReasonKind.CATEGORY, _first(favour.categories, [_plain(category) for category in paper.categories])),
    )
    pulls = [Pull(kind=kind, name=name, amount=worth * favour.weight) for kind, name in met if name]
    if favour.recency and today and paper.published:
        days = max(0, (today - paper.published).days)
        part = 0.5 ** (days / _HALF_LIFE_DAYS)
        pulls.append(Pull(kind=ReasonKind.RECENT, name=paper.published.isoformat(), amount=worth * favour.recency * part))
    if favour.upvotes and paper.upvotes:
        part = min(1.0, math.log1p(max(0, paper.upvotes)) / math.log1p(_MANY_UPVOTES))
        pulls.append(Pull(kind=ReasonKind.UPVOTES, name=str(paper.upvotes), amount=worth * favour.upvotes * part))
    return pulls


def _first(wanted: Iterable[str], there: list[str]) -> str:
    return next((name for name in wanted if _plain(name) in there), "")


def _plain(name: str) -> str:
    return fold(name).casefold()
