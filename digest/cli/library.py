"""Looking back: ``library stats``, ``review``."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click

from digest.cli.common import Day, as_json, engine_name, print_json, tools_of

if TYPE_CHECKING:
    from digest.publishing.charts import Chart
    from digest.publishing.labels import Labels
    from digest.retrospect import Statistics

_folder = click.Path(path_type=Path, file_okay=False)


@click.group()
def library() -> None:
    """Look at the library as a whole."""


@library.command()
@click.option("--svg", type=_folder, help="Draw the charts into this folder.")
@click.option("--png", type=_folder, help="The same as PNG, in light colours.")
@as_json
@click.pass_context
def stats(ctx: click.Context, svg: Path | None, png: Path | None, as_json: bool) -> None:
    """Tell what the library holds: papers a week, scores, and its topics with their trends, in numbers or as charts.

    Topics are made of the papers whose abstracts are embedded: those that were ranked or can be searched.

    \b
    Examples:
      digest library stats
      digest library stats --svg charts --png charts
    """
    from digest.publishing.labels import labels_for
    from digest.retrospect import statistics

    tools = tools_of(ctx)
    found, labels = statistics(tools), labels_for(tools.settings.language)
    charts = _charts(found, labels)
    for folder, form in ((svg, "svg"), (png, "png")):
        if folder:
            _draw(charts, folder, form, labels, told=not as_json)
    if as_json:
        print_json(_numbers(found))
    elif not (svg or png):
        for chart in charts:
            click.echo(f"{chart.title}{labels.says}{chart.description}")


def _charts(found: Statistics, labels: Labels) -> list[Chart]:
    from digest.publishing.charts import score_bars, topic_map, topic_rows, week_bars

    drawn = [week_bars(found.weeks, labels), score_bars(found.scores, labels)]
    return [*drawn, topic_rows(found.topics, labels), topic_map(found.topics, labels)] if found.topics else drawn


def _draw(charts: list[Chart], folder: Path, form: str, labels: Labels, *, told: bool) -> None:
    from digest.publishing.charts import draw
    from digest.workspace import replace_file

    for chart in charts:
        path, drawn = folder / f"{chart.name}.{form}", draw(chart, labels)
        if form == "png":
            from digest.publishing.png import to_png

            content = to_png(drawn)
        else:
            content = drawn.encode()
        with replace_file(path) as file:
            file.write(content)
        if told:
            click.echo(path)


def _numbers(found: Statistics) -> dict[str, object]:
    topics = [
        {"name": topic.name, "terms": topic.terms, "papers": len(topic.papers), "trend": topic.trend, "weeks": topic.weeks}
        for topic in found.topics
    ]
    return {"weeks": {day.isoformat(): n for day, n in found.weeks.items()}, "scores": found.scores, "topics": topics}


@click.command()
@click.argument("span", type=click.Choice(["week", "month"]))
@click.argument("day", type=Day(), default="today", metavar="[DATE]")
@click.option("--model", default="", help="Chat model that writes a few sentences. [default: of digest.toml]")
@engine_name
@as_json
@click.pass_context
def review(ctx: click.Context, span: str, day: dt.date, model: str, engine: str, as_json: bool) -> None:
    """Look back on the week or the month that DATE is in: what rose, what repeats, what you liked, what was most relevant.

    Made of the stored analyses and rankings; written beside the digests as Markdown and HTML. A model that writes your
    language adds two or three sentences, each checked against the analyses; without one all else is the same.

    \b
    Examples:
      digest review week
      digest review month 2026-11-01
    """
    from digest.retrospect import publish_review, with_words
    from digest.retrospect import review as look_back

    tools = tools_of(ctx)
    found = with_words(tools, look_back(tools, span, day), model=model, engine=engine)
    folder = publish_review(tools, found)
    if as_json:
        told = {"first": found.first, "last": found.last, "digests": len(found.editions), "papers": len(found.entries)}
        print_json(told | {"folder": str(folder), "html": str(folder / "review.html")})
    else:
        click.echo(f"{len(found.editions)} digests, {len(found.entries)} papers: {folder / 'review.html'}")
