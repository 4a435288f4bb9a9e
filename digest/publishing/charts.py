"""Charts as bars, dots, lines and labels on a canvas, for one SVG template; numbers in, geometry out.

Every mark carries its light colour as an attribute, so that readers without style sheets draw it, and a class that turns it
with the page to dark. Nothing is loaded: no font, no script.
"""

from __future__ import annotations

import itertools
import math
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.publishing.inline import clean
from digest.publishing.templates import fill

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from digest.publishing.labels import Labels
    from digest.records import Topic

WIDTH = 720
_LEFT, _RIGHT, _TOP = 44, 16, 44  # margins around the plot
_ROW = 30  # height of a topic's row
_MOST_ROWS = 12
_X_LABELS = 8
_FONT = 12
_MAP = 440  # height of the map of topics without the list below it
_NAME = 230  # the widest name on it
_LISTED = 20  # height of a row of that list
_PUSHES = 80
_Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A filled rectangle; *tip* is what it stands for."""

    x: float
    y: float
    width: float
    height: float
    tip: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """A filled circle."""

    x: float
    y: float
    radius: float
    tip: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A label; *soft* is of less weight."""

    x: float
    y: float
    text: str
    anchor: str = "start"
    soft: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What the template draws."""

    name: str  # unique among the charts of a page
    title: str
    description: str  # the numbers in words, for those who do not see them
    height: float
    bars: tuple[Bar, ...] = ()
    dots: tuple[Dot, ...] = ()
    lines: tuple[tuple[float, float, float, float], ...] = ()
    texts: tuple[Text, ...] = ()


def draw(chart: Chart, labels: Labels) -> str:
    """*chart* as an SVG document that can also stand inside an HTML page."""
    return fill("chart.svg.j2", chart=chart, width=WIDTH, t=labels)


def week_bars(weeks: Mapping[dt.date, int], labels: Labels) -> Chart:
    """How many papers each week brought, by its Monday."""
    values = [(f"{day:%m-%d}", n, f"{day.isoformat()}{labels.says}{n}") for day, n in weeks.items()]
    most = max(weeks, key=lambda day: weeks[day], default=None)
    told = labels.weeks_told.format(n=sum(weeks.values()), weeks=len(weeks), week=most, most=weeks[most]) if most else ""
    return _columns("weeks", labels.chart_weeks, told, values)


def score_bars(scores: Sequence[int], labels: Labels) -> Chart:
    """How many papers scored 0 to 9, 10 to 19, and so on; 100 with the last."""
    counts = [0] * 10
    for score in scores:
        counts[min(score // 10, 9)] += 1
    values = [(f"{low * 10}", n, f"{low * 10}–{low * 10 + (10 if low == 9 else 9)}{labels.says}{n}") for low, n in enumerate(counts)]
    told = labels.scores_told.format(n=len(scores), high=sum(counts[8:]))
    return _columns("scores", labels.chart_scores, told, values)


def _columns(name: str, title: str, told: str, values: Sequence[tuple[str, int, str]]) -> Chart:
    """Columns side by side over a scale with a few even steps. *values*: label, number, tip."""
    height, bottom = 240.0, 210.0
    top = _nice(max((n for _, n, _ in values), default=1))
    step = (WIDTH - _LEFT - _RIGHT) / max(len(values), 1)
    scale = (bottom - _TOP) / top
    every = math.ceil(len(values) / _X_LABELS)
    bars = tuple(
        Bar(x=_LEFT + i * step + step * 0.1, y=bottom - n * scale, width=step * 0.8, height=n * scale, tip=tip)
        for i, (_, n, tip) in enumerate(values)
        if n
    )
    ticks = [top * part // 4 for part in range(5)] if top >= 4 else list(range(top + 1))
    texts = [Text(x=_LEFT - 8, y=bottom - tick * scale + 4, text=f"{tick:,}", anchor="end", soft=True) for tick in ticks]
    texts += [
        Text(x=_LEFT + (i + 0.5) * step, y=bottom + 18, text=label, anchor="middle", soft=True)
        for i, (label, _, _) in enumerate(values)
        if i % every == 0
    ]
    lines = tuple((float(_LEFT), bottom - tick * scale, float(WIDTH - _RIGHT), bottom - tick * scale) for tick in ticks)
    return Chart(name=name, title=title, description=told, height=height, bars=bars, texts=tuple(texts), lines=lines)


def topic_rows(topics: Sequence[Topic], labels: Labels) -> Chart:
    """The largest topics, each a row of weekly columns on its own scale, with how its share moved."""
    shown = list(topics[:_MOST_ROWS])
    left, right = 250.0, 72.0
    weeks = list(shown[0].weeks) if shown else []
    step = (WIDTH - left - right) / max(len(weeks), 1)
    bars, texts, lines = [], [], []
    for row, topic in enumerate(shown):
        bottom = _TOP + (row + 1) * _ROW
        scale = (_ROW - 8) / max([*topic.weeks.values(), 1])
        lines.append((left, float(bottom), WIDTH - right, float(bottom)))
        texts.append(Text(x=left - 10, y=bottom - 6, text=_fitted(topic.name, left - 16), anchor="end"))
        texts.append(Text(x=WIDTH - right + 10, y=bottom - 6, text=f"{_arrow(topic.trend)} {len(topic.papers):,}", soft=True))
        bars += [
            Bar(x=left + i * step + step * 0.1, y=bottom - n * scale, width=step * 0.8, height=n * scale, tip=f"{week}{labels.says}{n}")
            for i, (week, n) in enumerate(topic.weeks.items())
            if n
        ]
    bottom = _TOP + len(shown) * _ROW
    every = math.ceil(len(weeks) / _X_LABELS) or 1
    texts += [
        Text(x=left + (i + 0.5) * step, y=bottom + 18.0, text=week[5:], anchor="middle", soft=True)
        for i, week in enumerate(weeks)
        if i % every == 0
    ]
    told = labels.listing.join(f"{clean(topic.name)} {_arrow(topic.trend)} {len(topic.papers)}" for topic in shown)
    return Chart(
        name="topics",
        title=labels.chart_topics,
        description=told,
        height=bottom + 32.0,
        bars=tuple(bars),
        texts=tuple(texts),
        lines=tuple(lines),
    )


def topic_map(topics: Sequence[Topic], labels: Labels) -> Chart:
    """Every topic as a dot as large as its papers are many; near topics lie near each other.

    A name that would cover another one or a dot stands in the list below, under the number in its dot.
    """
    ordered = sorted(topics, key=lambda topic: -len(topic.papers))
    dots = _dots(ordered, labels)
    texts: list[Text] = []
    listed: list[str] = []
    taken = [_around(dot) for dot in dots]
    for topic, dot in zip(ordered, dots, strict=True):
        name = _fitted(topic.name, _NAME)
        placed = _beside(name, dot, [box for box in taken if box != _around(dot)])
        if placed:
            text, box = placed
            texts.append(text)
            taken.append(box)
        else:
            listed.append(f"{len(listed) + 1}  {_fitted(topic.name, WIDTH / 2 - 60)}")
            texts.append(Text(x=dot.x, y=dot.y + 4, text=str(len(listed)), anchor="middle"))
    rows = -(-len(listed) // 2)
    texts += [Text(x=24 + n // rows * WIDTH / 2, y=_MAP + 8.0 + n % rows * _LISTED, text=name) for n, name in enumerate(listed)]
    told = labels.map_told.format(n=len(topics), names=labels.listing.join(clean(topic.name) for topic in topics[:6]))
    height = _MAP + rows * float(_LISTED) + 4 * bool(rows)
    return Chart(name="map", title=labels.chart_map, description=told, height=height, dots=dots, texts=tuple(texts))


def _dots(ordered: Sequence[Topic], labels: Labels) -> tuple[Dot, ...]:
    """A dot for each topic, pushed apart where they would cover one another."""
    most = max((len(topic.papers) for topic in ordered), default=1)
    radii = [6 + 18 * math.sqrt(len(topic.papers) / most) for topic in ordered]
    left, top, right, bottom = 60.0, _TOP + 30.0, WIDTH - 60.0, _MAP - 56.0
    places = [(left + topic.x * (right - left), top + (1 - topic.y) * (bottom - top)) for topic in ordered]
    for _ in range(_PUSHES):
        for i, j in itertools.combinations(range(len(places)), 2):
            (x1, y1), (x2, y2) = places[i], places[j]
            apart = math.hypot(x2 - x1, y2 - y1)
            push = max(0.0, radii[i] + radii[j] + 3 - apart) / 2
            turn = math.atan2(y2 - y1, x2 - x1) if apart else j  # of one place: each another way
            dx, dy = push * math.cos(turn), push * math.sin(turn)
            places[i], places[j] = (x1 - dx, y1 - dy), (x2 + dx, y2 + dy)
        places = [(min(max(x, left), right), min(max(y, top), bottom)) for x, y in places]
    return tuple(
        Dot(x=x, y=y, radius=radius, tip=f"{clean(topic.name)}{labels.says}{len(topic.papers)}")
        for topic, (x, y), radius in zip(ordered, places, radii, strict=True)
    )


def _beside(name: str, dot: Dot, taken: Sequence[_Box]) -> tuple[Text, _Box] | None:
    """*name* under, over, right or left of *dot*, where it covers nothing that is *taken*, and its box; None where it would."""
    wide = _wide(name)
    middle = min(max(dot.x, wide / 2 + 6), WIDTH - wide / 2 - 6)
    under, over = dot.y + dot.radius + 14, dot.y - dot.radius - 5
    for x, y, anchor in (
        (middle, under, "middle"),
        (middle, over, "middle"),
        (dot.x + dot.radius + 6, dot.y + 4, "start"),
        (dot.x - dot.radius - 6, dot.y + 4, "end"),
    ):
        start = x - wide * {"start": 0, "middle": 0.5, "end": 1}[anchor]
        box = (start, y - _FONT, start + wide, y + 4)
        if start >= 4 and start + wide <= WIDTH - 4 and not any(_overlap(box, other) for other in taken):
            return Text(x=x, y=y, text=name, anchor=anchor), box
    return None


def _nice(most: int) -> int:
    """The end of a scale that holds *most* and can be cut in four even steps."""
    if most < 4:
        return max(most, 1)
    unit = 10 ** max(0, math.floor(math.log10(most)) - 1)
    return next(end for end in range(4 * unit, 10**12, 4 * unit) if end >= most)


def _arrow(trend: float) -> str:
    """How a topic's share moved: more than by a fifth up or down."""
    return "↑" if trend > 0.26 else "↓" if trend < -0.26 else "→"


def _wide(text: str) -> float:
    """About how many pixels *text* takes at the charts' size of letters."""
    return sum(_FONT if unicodedata.east_asian_width(character) in "WF" else _FONT * 0.56 for character in text)


def _fitted(text: str, width: float) -> str:
    """*text* cut to *width* pixels."""
    text = clean(text)
    while text and _wide(text) > width:
        text = text[:-2].rstrip("… ,") + "…"
    return text


def _around(dot: Dot) -> _Box:
    return (dot.x - dot.radius, dot.y - dot.radius, dot.x + dot.radius, dot.y + dot.radius)


def _overlap(a: _Box, b: _Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
