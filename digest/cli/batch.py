"""Many papers at once: ``batch``."""

from __future__ import annotations

import contextlib
import datetime as dt
import signal
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from digest.cli.common import Day, Writer, again_given, as_json, offline, print_json, profile_file, quiet, tools_of, writing, written
from digest.cli.fetch import queries_given
from digest.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.batch.job import Outcome
    from digest.wiring import Tools


@click.command()
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option("--since", type=Day(), help="First day to ask for.")
@click.option("--until", type=Day(), default="today", show_default=True, help="Last day to ask for, and the day the digest is for.")
@queries_given
@written
@click.option("--limit", type=click.IntRange(min=1), help="At most so many papers, the best for the profile. [default: all]")
@click.option("--threshold", type=click.IntRange(0, 100), default=0, show_default=True, help="Leave out papers that score less.")
@click.option("--workers", type=click.IntRange(min=1), help="Processes that analyse. [default: one for each GPU]")
@click.option("--ray", default="", metavar="ADDRESS", help="Let the workers of a Ray cluster analyse; local: one of this machine alone.")
@again_given
@click.option("--retry", is_flag=True, help="Try again what failed when this batch was worked on before.")
@click.option("--no-pages", is_flag=True, help="Write no digest at the end: analyse only.")
@click.option("--status", is_flag=True, help="Say how far the batches are, and do nothing; also while one is at work.")
@profile_file
@offline
@quiet
@as_json
@click.pass_context
def batch(
    ctx: click.Context,
    /,
    sources: tuple[str, ...],
    since: dt.date | None,
    until: dt.date,
    queries: tuple[str, ...],
    writer: Writer,
    limit: int | None,
    workers: int | None,
    again: bool,
    no_pages: bool,
    status: bool,
    profile: Path | None,
    offline: bool,
    quiet: bool,
    as_json: bool,
    **given: Any,
) -> None:
    """Analyse hundreds of papers with all that this machine has, and publish them as one digest.

    SOURCE is arxiv, hf, arxiv:ID,ID, samples, a folder of PDFs, or a file with an arXiv id on each line. What is left to do stands
    in the library: stopped at any moment (Ctrl-C, SIGTERM, a power cut), the same command goes on from there.

    \b
    Examples:
      digest batch ~/papers --style brief
      digest batch arxiv --since 2026-11-01 --until 2026-11-20 --threshold 60
      digest batch --query 'ti:"flow matching" AND cat:cs.CV' --since 2026-01-01 --limit 200
      digest batch ids.txt --engine server
      digest batch ~/papers --ray auto --workers 8
      digest batch --status
    """
    from digest.batch.job import Job, run_batch
    from digest.pipeline import Order

    tools = tools_of(ctx, offline=offline, profile=profile)
    if status:
        _print_status(tools, as_json=as_json)
        return
    order = Order(
        date=until,
        sources=tuple(map(_source, sources)) or (("arxiv",) if queries else tuple(tools.settings.sources.default)),
        style=writer.style or tools.settings.style,
        top_k=limit or 0,
        again=again,
        since=since,
        queries=queries,
        model=writer.model,
        engine=writer.engine,
    )
    named = str(profile.resolve()) if profile else ""
    job = Job(order=order, workers=workers or 0, pages=not no_pages, profile=named, **given)  # threshold, retry, ray
    with _stopped_by_sigterm(), writing(tools, quiet=quiet) as progress:
        outcome = run_batch(tools, job, progress)
    _print_outcome(outcome, as_json=as_json)
    ctx.exit(4 if outcome.failed else 0)


def _source(given: str) -> str:
    """*given*, the ids of a file of them instead of its name."""
    path = Path(given).expanduser()
    if not path.is_file():
        return given
    try:
        ids = [line.split("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is no list of arXiv ids: {error}", hint="digest batch FOLDER   # for PDFs") from None
    if not any(ids):
        raise UsageError(f"{path} names no paper: one arXiv id a line", hint="digest batch --help")
    return f"arxiv:{','.join(filter(None, ids))}"


@contextlib.contextmanager
def _stopped_by_sigterm() -> Iterator[None]:
    """Let SIGTERM end the batch as Ctrl-C does."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _print_outcome(outcome: Outcome, *, as_json: bool) -> None:
    edition, problems = outcome.edition, outcome.problems
    if as_json:
        folder = str(edition.folder) if edition else None
        print_json(
            {**asdict(outcome.standing), "folder": folder, "new": outcome.new, "problems": [asdict(problem) for problem in problems]}
        )
        return
    click.echo(outcome.standing.line if outcome.new else f"nothing left to do: {outcome.standing.settled} papers are settled")
    for problem in problems:
        click.echo(f"digest: {problem.paper}: {problem.stage}: {problem.reason}", err=True)
    if edition:
        click.echo(edition.folder / "digest.html")


def _print_status(tools: Tools, *, as_json: bool) -> None:
    from digest.batch.job import report

    for told in report(tools):
        if as_json:
            batch = {"batch": told.batch.id, "date": told.batch.date, "title": told.batch.title, "state": told.state}
            print_json(batch | asdict(told.standing) | {"states": told.states, "problems": [asdict(problem) for problem in told.problems]})
            continue
        click.echo(f"{told.batch.date} {told.batch.title}: {told.state}, {told.standing.line}")
        if states := ", ".join(f"{count} {state}" for state, count in told.states.items() if count):
            click.echo(f"  {states}")
        for problem in told.problems:
            click.echo(f"  {problem.paper}: {problem.stage}: {problem.reason}")
