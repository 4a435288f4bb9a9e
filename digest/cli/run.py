"""The whole job: ``run``."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from digest.cli.common import Duration, Writer, again_given, as_json, offline, print_json, profile_file, quiet, tools_of, writing, written
from digest.cli.fetch import date, queries_given, since, sources_given
from digest.errors import UsageError

if TYPE_CHECKING:
    from digest.pipeline import Edition
    from digest.wiring import Tools


@click.command()
@sources_given
@click.option("--fallback", default="", metavar="NAME|DIR", help="Source used when none of the others can be reached.")
@date
@since
@queries_given
@written
@click.option("--top-k", type=click.IntRange(min=1), help="Papers in the digest. [default: of digest.toml]")
@click.option("--budget", type=Duration(), help="Be done in this time, such as 30m: fewer or shorter analyses where it is short.")
@again_given
@click.option("--reanalyse", is_flag=True, help="Analyse the papers of that day's digests again and say what changed; nothing is fetched.")
@click.option("--follow-versions", is_flag=True, help="Also take papers of which a newer version came than was delivered.")
@profile_file
@offline
@quiet
@as_json
@click.pass_context
def run(
    ctx: click.Context,
    sources: tuple[str, ...],
    fallback: str,
    date: dt.date,
    since: dt.date | None,
    queries: tuple[str, ...],
    writer: Writer,
    top_k: int | None,
    budget: float | None,
    again: bool,
    reanalyse: bool,
    follow_versions: bool,
    profile: object,
    offline: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Fetch, rank, download, read, analyse and publish the digest of a day.

    Interrupted at any moment, the same command goes on where it was.

    \b
    Examples:
      digest run
      digest run --source ~/papers --top-k 3 --style method
      digest run --source arxiv --source hf --budget 30m
      digest run --source arxiv:2601.20742,hep-th/9901001
      digest run --reanalyse --date 2026-11-20 --model qwen3-8b
      digest run --query 'ti:"flow matching" AND cat:cs.CV' --since 2026-01-01
    """
    from digest.pipeline import Order
    from digest.pipeline import run as run_pipeline

    tools = tools_of(ctx, offline=offline, profile=profile)  # type: ignore[arg-type]
    if reanalyse:
        if sources or queries or again or since or fallback:
            raise UsageError("--reanalyse takes the papers of a digest, and no others", hint="digest run --reanalyse --date 2026-11-20")
        ctx.exit(_reanalyse(tools, date, writer, quiet=quiet, as_json=as_json))
    order = Order(
        date=date,
        sources=sources or tuple(tools.settings.sources.default),
        style=writer.style or tools.settings.style,
        top_k=top_k or tools.settings.ranking.top_k,
        fallback=fallback,
        since=since,
        queries=queries,
        again=again,
        follow_versions=follow_versions,
        budget_seconds=budget,
        model=writer.model,
        engine=writer.engine,
    )
    with writing(tools, quiet=quiet) as progress:
        edition = run_pipeline(tools, order, progress)
    digest = edition.digest
    told = f"{digest.counts.scanned} papers scanned, {len(digest.entries)} in the digest: {edition.folder / 'digest.html'}"
    print_json(_edition_json(edition)) if as_json else click.echo(told)
    ctx.exit(4 if edition.failed else 0)


def _reanalyse(tools: Tools, date: dt.date, writer: Writer, *, quiet: bool, as_json: bool) -> int:
    """Do so, say what changed in each paper, and return the exit code."""
    from digest.publishing.changes import change_lines
    from digest.publishing.labels import labels_for
    from digest.reanalyse import reanalyse

    with writing(tools, quiet=quiet) as progress:
        editions = reanalyse(tools, date, progress, style=writer.style, model=writer.model, engine=writer.engine)
    for edition in editions:
        if as_json:
            print_json(_edition_json(edition) | {"changes": [asdict(change) for change in edition.digest.changes]})
            continue
        for change in edition.digest.changes:
            first, *lines = change_lines(change, labels_for(tools.settings.language))
            click.echo("\n".join([first, *(f"  {line}" for line in lines)]))
        click.echo(edition.folder / "digest.html")
    return 4 if any(edition.failed for edition in editions) else 0


def _edition_json(edition: Edition) -> dict[str, object]:
    digest, folder = edition.digest, edition.folder
    return {
        "date": digest.date.isoformat(),
        "style": digest.style,
        "folder": str(folder),
        "markdown": str(folder / "digest.md"),
        "html": str(folder / "digest.html"),
        "counts": asdict(digest.counts),
        "papers": [{"id": entry.ranked.paper.name, "score": entry.ranked.score} for entry in digest.entries],
        "skipped": [{"id": s.paper, "stage": s.stage, "reason": s.reason, "retry": s.retry} for s in digest.skipped],
    }
