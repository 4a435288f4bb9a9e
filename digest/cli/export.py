"""``digest export``: papers of the library for reference managers and note books."""

from __future__ import annotations

import datetime as dt
import itertools
from pathlib import Path
from typing import TYPE_CHECKING

import click

from digest.cli.common import Day, Reporter, quiet, tools_of
from digest.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from digest.records import Paper
    from digest.wiring import Tools


@click.command()
@click.argument("form", metavar="FORM", type=click.Choice(["bibtex", "ris", "csl", "obsidian"]))
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--output", "-o", type=click.Path(path_type=Path), help="File to write, or folder of the notes. [default: stdout]")
@click.option("--digest", "of_digest", type=Day(), help="The papers of that day's digests.")
@click.option("--liked", is_flag=True, help="The papers you liked.")
@click.option("--all", "everything", is_flag=True, help="Every paper of the library, also those only fetched.")
@click.option("--since", type=Day(), help="Of these, only papers published on or after this day.")
@click.option("--category", default="", help="Of these, only papers of this arXiv category.")
@click.option(
    "--files", is_flag=True, help="Name the PDFs on this disk; obsidian: copy them beside the notes, so that page links open there."
)
@quiet
@click.pass_context
def export(
    ctx: click.Context,
    form: str,
    ids: tuple[str, ...],
    output: Path | None,
    of_digest: dt.date | None,
    liked: bool,
    everything: bool,
    since: dt.date | None,
    category: str,
    files: bool,
    quiet: bool,
) -> None:
    """Export papers as BibTeX, RIS, CSL-JSON (csl) or Obsidian notes: those named, else those you met in a digest, analysed or liked.

    Zotero, JabRef, EndNote and Pandoc read the first three. An Obsidian note is a paper with its analysis; what you write
    below its last line, and properties and tags you add, stay when it is exported again.

    \b
    Examples:
      digest export bibtex --liked -o liked.bib
      digest export ris --digest 2026-11-20 --files -o today.ris
      digest export csl 2601.20742 2601.15404
      digest export obsidian -o ~/vault/papers --since 2026-01-01 --files
    """
    from digest.export import Choice, chosen_papers

    if sum(map(bool, (ids, of_digest, liked, everything))) > 1:
        raise UsageError("choose papers by ID, --digest, --liked or --all, one of them", hint="digest export --help")
    if form == "obsidian" and output is None:
        raise UsageError("notes need a folder", hint="digest export obsidian -o ~/vault/papers")
    tools = tools_of(ctx)
    papers = chosen_papers(tools, Choice(ids=ids, digest=of_digest, liked=liked, everything=everything, since=since, category=category))
    if form == "obsidian" and output:
        _notes(tools, list(papers), output.expanduser(), files=files, quiet=quiet)
    else:
        _references(tools, papers, form, output, files=files)


def _references(tools: Tools, papers: Iterable[Paper], form: str, output: Path | None, *, files: bool) -> None:
    """Write them as they come out of the library, which may hold more than the memory does."""
    from digest.export import file_of
    from digest.publishing.bibtex import stream_bibtex
    from digest.publishing.csl import stream_csl
    from digest.publishing.references import reference
    from digest.publishing.ris import stream_ris
    from digest.workspace import replace_file

    stream = {"bibtex": stream_bibtex, "ris": stream_ris, "csl": stream_csl}[form]
    number = itertools.count()
    pieces = stream(reference(paper, pdf=file_of(tools, paper) if files else "") for paper, _ in zip(papers, number, strict=False))
    if output is None or str(output) == "-":
        for piece in pieces:
            click.echo(piece, nl=False)
        return
    if output.is_dir():
        raise UsageError(f"{output} is a folder", hint=f"digest export {form} -o {output / 'papers'}.{form[:3]}")
    with replace_file(output) as file:
        for piece in pieces:
            file.write(piece.encode())
    click.echo(f"{next(number)} papers: {output}")


def _notes(tools: Tools, papers: list[Paper], folder: Path, *, files: bool, quiet: bool) -> None:
    from digest.export import write_notes

    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is no folder", hint="digest export obsidian -o ~/vault/papers")
    with Reporter(quiet=quiet) as progress:
        written = write_notes(tools, papers, folder, progress, files=files)
    click.echo(f"{written.new} new notes, {written.changed} changed, {written.same} as they were: {folder}")
    for path in written.left:
        click.echo(f"digest: {path} has no marker line and was left alone", err=True)
