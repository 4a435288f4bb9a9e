"""A table drawn as curves, in the form of the program's own charts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.publishing.charts import WIDTH, Chart, Dot, Text, draw
from digest.publishing.labels import labels_for

if TYPE_CHECKING:
    from bench.table import Table

_LEFT, _RIGHT, _TOP, _BOTTOM, _HEIGHT = 60.0, 210.0, 48.0, 250.0, 290.0
_COLOURS = ("#c9714f", "#1b6ca8", "#5a8f3c", "#8c5aa8", "#8a7a2c")


def plot(table: Table) -> str:
    """SVG: the first column from left to right in even steps, a line for each other one, from zero up."""
    names, values = table.columns[1:], [[float(cell) for cell in row[1:]] for row in table.rows]
    top = _nice(max(max(row) for row in values))
    xs = [_LEFT + (WIDTH - _LEFT - _RIGHT) * (place + 0.5) / len(values) for place in range(len(values))]
    heights = [[_BOTTOM - (_BOTTOM - _TOP) * value / top for value in row] for row in values]
    ticks = [(top * part / 4, _BOTTOM - (_BOTTOM - _TOP) * part / 4) for part in range(5)]
    texts = [Text(x=_LEFT - 8, y=y + 4, text=f"{value:g}", anchor="end", soft=True) for value, y in ticks]
    texts += [Text(x=x, y=_BOTTOM + 18, text=str(row[0]), anchor="middle", soft=True) for x, row in zip(xs, table.rows, strict=True)]
    texts.append(Text(x=xs[len(xs) // 2], y=_BOTTOM + 34, text=table.columns[0], anchor="middle"))
    texts += [Text(x=WIDTH - _RIGHT + 30, y=_TOP + 20 * place, text=name) for place, name in enumerate(names)]
    chart = Chart(
        name=table.curve,
        title=table.title,
        description="; ".join(f"{row[0]}: {', '.join(map(str, row[1:]))}" for row in table.rows),
        height=_HEIGHT,
        dots=tuple(
            Dot(x=x, y=y, radius=3, tip=f"{row[0]}: {value:g}")
            for x, ys, row, own in zip(xs, heights, table.rows, values, strict=True)
            for y, value in zip(ys, own, strict=True)
        ),
        lines=tuple((_LEFT, y, WIDTH - _RIGHT, y) for _, y in ticks),
        texts=tuple(texts),
    )
    drawn = [_line(xs, [ys[place] for ys in heights], place) for place in range(len(names))]
    return draw(chart, labels_for("en")).replace("</svg>", "\n".join([*drawn, "</svg>"]))


def _line(xs: list[float], ys: list[float], place: int) -> str:
    """One curve, and its colour beside its name."""
    colour, key = _COLOURS[place % len(_COLOURS)], _TOP + 20 * place - 4
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(xs, ys, strict=True))
    return (
        f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
        f'<line x1="{WIDTH - _RIGHT + 8}" y1="{key}" x2="{WIDTH - _RIGHT + 24}" y2="{key}" stroke="{colour}" stroke-width="3"/>'
    )


def _nice(most: float) -> float:
    """The least of 1, 2, 4, 5, 10, 20, … and the like that is not below *most*."""
    step = 1e-6
    while True:
        for factor in (1, 2, 4, 5, 8):
            if step * factor >= most:
                return step * factor
        step *= 10
