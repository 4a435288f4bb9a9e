"""What is new comes in: ``fetch``, and the options that choose what to ask for."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import click

from digest.cli.common import Day, as_json, offline, print_json, profile_file, quiet, tools_of, writing

if TYPE_CHECKING:
    from pathlib import Path

    from digest.ahead import Brought
    from digest.errors import SourceError
    from digest.records import Paper

sources_given = click.option(
    "--source",
    "-s",
    "sources",
    multiple=True,
    metavar="NAME|DIR",
    help="arxiv, hf, arxiv:ID,ID, samples, or a folder of PDFs; may be given again.",
)
since = click.option("--since", type=Day(), help="First day to ask for, to catch up or fill in. [default: where the last run ended]")
queries_given = click.option(
    "--query", "queries", multiple=True, metavar="SEARCH", help="Search arXiv instead of its categories; may be given again."
)
date = click.option("--date", type=Day(), default="today", show_default=True, help="The day the digest is for.")


@click.command()
@sources_given
@date
@since
@queries_given
@click.option(
    "--pdfs",
    type=click.IntRange(min=0),
    is_flag=False,
    flag_value=0,
    metavar="[N]",
    help="Also download the PDFs of the N best for the profile, or of those that a run would choose, so that it can be made --offline.",
)
@profile_file
@offline
@quiet
@as_json
@click.pass_context
def fetch(
    ctx: click.Context,
    sources: tuple[str, ...],
    date: dt.date,
    since: dt.date | None,
    queries: tuple[str, ...],
    pdfs: int | None,
    profile: Path | None,
    offline: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Ask the sources for new papers and keep their metadata, with --pdfs also full texts.

    Without --since it goes on where the last run ended. What a source could not give, or what is beyond
    sources.max_papers, is told and fetched by the next run; so is a PDF that did not come whole.

    \b
    Examples:
      digest fetch --source arxiv --date 2026-11-20
      digest fetch --source arxiv --source hf --since 2026-11-01 --date 2026-11-20
      digest fetch --pdfs 10
    """
    from digest.ahead import bring
    from digest.publishing.inline import metadata
    from digest.stages import Wish, describe, settle
    from digest.stages import fetch as fetch_papers

    tools = tools_of(ctx, offline=offline, profile=profile)
    with writing(tools, quiet=quiet) as progress:
        wish = Wish(date=date, sources=sources or tuple(tools.settings.sources.default), since=since, queries=queries)
        fetched = fetch_papers(tools, wish, progress)
        described, failed = describe(tools, fetched.papers, date, progress)
        papers = settle(tools, described)
        brought = None if pdfs is None else bring(tools, papers, wish, progress, top_k=pdfs or tools.settings.ranking.top_k)
        if brought:
            progress.say(_told(brought))
            failed += brought.failed
        new = len(tools.store.first_seen_since(date, [paper.id for paper in papers]))
        progress.say(f"papers: {fetched.listed} listed, {len(papers)} of them different and readable, {new} new")
    for paper in papers:
        print_json(_paper_json(paper, brought)) if as_json else click.echo(f"{paper.name}\t{metadata(paper.title).plain}")
    for item in failed:
        named = item.paper.pdf if item.paper.id.startswith("file:") else item.error.paper  # a hash tells nobody which file
        click.echo(f"digest: {named}: {item.error.stage}: {item.error.reason}", err=True)
    _raise_worst(fetched.errors)
    ctx.exit(4 if failed else 0)


def _told(brought: Brought) -> str:
    files, failed = len(brought.files), len(brought.failed)
    later = f", {failed} failed (the same command tries again)" if failed else ""
    return f"PDFs: {files + failed} chosen, {files - brought.came} there before, {brought.came} came{later}"


def _paper_json(paper: Paper, brought: Brought | None) -> dict[str, object]:
    fields = ("title", "abstract", "authors", "categories", "published", "source", "pdf")
    told = {"id": paper.name, **{name: getattr(paper, name) for name in fields}}
    return told | {"file": brought.files.get(paper.id)} if brought else told


def _raise_worst(errors: list[SourceError]) -> None:
    """Tell all of *errors*; one of a source that failed as a whole decides the exit code."""
    errors = sorted(errors, key=lambda error: -error.exit_code)
    for error in errors[:-1]:
        click.echo(f"digest: {error}", err=True)
    if errors:
        raise errors[-1]
