"""Past digests again: ``show`` in the terminal, ``render`` to files."""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import json
import os
import shutil
import sys
from typing import TYPE_CHECKING

import click

from digest.cli.common import Day, as_json, print_json, tools_of
from digest.cli.naming import only_match
from digest.errors import UsageError
from digest.workspace import write_text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from digest.publishing.plain import Line
    from digest.records import Digest, Entry
    from digest.wiring import Tools

_STYLES = {
    "title": {"bold": True},
    "heading": {"fg": "cyan", "bold": True},
    "quiet": {"dim": True},
    "score": {"fg": "red"},
    "doubt": {"fg": "yellow"},
    "page": {"fg": "blue"},
}
_WIDEST = 100  # cells: longer lines are hard to follow


@click.command()
@click.argument("which", metavar="[DATE|ID]", default="")
@click.option("--style", default="", help="Of several digests of a day, the one in this style.")
@as_json
@click.pass_context
def show(ctx: click.Context, which: str, style: str, as_json: bool) -> None:
    """Show a digest in the terminal: the newest, that of DATE, or one paper of them by its ID.

    ID may be a part of an id or of a title that only one paper has. In a pipe every statement is one line, without colours.

    \b
    Examples:
      digest show
      digest show 2026-11-20 --style method
      digest show 2601.20742
      digest show --json
    """
    from digest.editions import editions_of
    from digest.publishing import paper_text_lines, render_json, text_lines

    tools = tools_of(ctx)
    day = _day(which)
    if which and day is None:
        digest, entry = _holding(tools, which)
        lines, wanted = paper_text_lines(entry, digest.language), entry.ranked.paper.name
    else:
        folder, found = next(editions_of(tools, day, style))
        digest = _here(found, tools.workspace.digests / folder)
        lines, wanted = text_lines(digest), ""
    if not as_json:
        _print(lines)
        return
    form = json.loads(render_json(digest))
    print_json(next(paper for paper in form["papers"] if paper["id"] == wanted) if wanted else form)


@click.command()
@click.argument("date", type=Day(), required=False)
@click.option("--style", "frame", default="", metavar="NAME", help="Draw in the form of another style: daily, method, brief, or your own.")
@click.option("--single-file", is_flag=True, help="Also write one HTML file that needs no other: figures within, PDFs on the web.")
@as_json
@click.pass_context
def render(ctx: click.Context, date: dt.date | None, frame: str, single_file: bool, as_json: bool) -> None:
    """Draw past digests again from the library, without a model: all of them, or those of DATE.

    Templates in the workspace's folder templates/ replace the shipped ones. In the form of another style a digest is drawn
    beside its own: brief.html, brief.md.

    \b
    Examples:
      digest render
      digest render 2026-11-20 --style brief
      digest render 2026-11-20 --single-file
    """
    from digest.editions import editions_of, publish, publish_feed
    from digest.publishing import Look, render_html, render_markdown

    tools = tools_of(ctx)
    templates = tools.workspace.templates
    known_frame(frame, templates)
    found = list(editions_of(tools, date))
    with tools.workspace.lock():
        for name, digest in found:
            folder, written = tools.workspace.digests / name, "digest"
            publish(digest, folder, templates)
            look = Look(frame=frame, templates=templates)
            if frame and frame != digest.style:
                written = frame
                write_text(folder / f"{frame}.html", render_html(digest, look))
                write_text(folder / f"{frame}.md", render_markdown(digest, look))
            if single_file:
                written = f"{written}-single"
                alone = Look(frame=frame, templates=templates, alone=True, pictures=_pictures(digest, folder))
                write_text(folder / f"{written}.html", render_html(digest, alone))
            page = folder / f"{written}.html"
            told = {"date": digest.date, "style": digest.style, "folder": str(folder), "html": str(page)}
            print_json(told) if as_json else click.echo(page)
        publish_feed(tools)


def known_frame(frame: str, templates: Path) -> None:
    """Refuse a *frame* that is neither shipped nor in the folder *templates*.

    Raises:
        UsageError: it is neither.
    """
    from digest.publishing import FRAMES

    own = sorted(path.name.removesuffix(".html.j2") for path in templates.glob("*.html.j2"))
    if frame and frame not in (*FRAMES, *own):
        raise UsageError(
            f"no style to draw in is called {frame!r} (known: {', '.join([*FRAMES, *own])})", hint="digest render --style brief"
        )


def _pictures(digest: Digest, folder: Path) -> dict[str, str]:
    """The figures of *digest* as addresses that hold them."""
    found = {}
    for figure in {entry.figure for entry in digest.entries if entry.figure}:
        path = folder / figure
        if path.is_file():
            found[figure] = "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode()
    return found


def _day(which: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(which)
    except ValueError:
        return None


def _holding(tools: Tools, name: str) -> tuple[Digest, Entry]:
    """The newest digest that holds the paper called *name*, and its entry there."""
    from digest.library.past import Past

    paper = only_match(tools, name)
    for folder, digest in Past(tools.store).editions():
        if any(entry.ranked.paper.id == paper.id for entry in digest.entries):
            found = _here(digest, tools.workspace.digests / folder)
            return found, next(entry for entry in found.entries if entry.ranked.paper.id == paper.id)
    raise UsageError(f"{paper.name} is in no digest yet", hint=f"digest analyse {paper.name}")


def _here(digest: Digest, folder: Path) -> Digest:
    """*digest* with the paths of its PDFs from the root: a terminal stands in no folder of a digest."""
    entries = (dataclasses.replace(e, pdf=str((folder / e.pdf).resolve()) if e.pdf else "") for e in digest.entries)
    return dataclasses.replace(digest, entries=tuple(entries))


def _print(lines: Iterable[Line]) -> None:
    """*lines* in colour and wrapped on a terminal, else as they are."""
    from digest.publishing.plain import wrapped

    terminal = sys.stdout.isatty()
    color = False if os.environ.get("NO_COLOR") else None
    for line in wrapped(lines, min(_WIDEST, shutil.get_terminal_size().columns)) if terminal else lines:
        shown = "".join(click.style(run.text, **_STYLES.get(run.part, {})) for run in line.runs)  # type: ignore[arg-type]
        click.echo(" " * line.indent + line.mark + shown if terminal else line.text.rstrip(), color=color)
