"""The interest profile: ``profile show``, ``check``, ``backtest``, ``import``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from digest.cli.common import Reporter, as_json, offline, print_json, profile_file, quiet, today, tools_of
from digest.errors import UsageError
from digest.text import shorten


@click.group()
def profile() -> None:
    """Look at the interest profile, find what is odd in it, and test it on the library."""


@profile.command()
@profile_file
@as_json
@click.pass_context
def show(ctx: click.Context, profile: Path | None, as_json: bool) -> None:
    """Print how the profile is understood: the words that are compared, how Chinese is read, which papers are known.

    \b
    Example: digest profile show
    """
    from digest.portrait import understood

    tools = tools_of(ctx, profile=profile)
    for item in understood(tools):
        if as_json:
            print_json(asdict(item))
            continue
        click.echo(f"{item.kind:8} {item.name}" + (f"  ×{item.weight:g}" if item.weight else ""))
        if item.text and item.text != item.name:
            click.echo(f"{'':9}compared as: {item.text}")
        if item.terms:
            click.echo(f"{'':9}glossary: {', '.join(f'{zh} = {en}' for zh, en in item.terms)}")
        if item.missed:
            click.echo(f"{'':9}not understood: {', '.join(item.missed)}")


@profile.command()
@profile_file
@quiet
@as_json
@click.pass_context
def check(ctx: click.Context, profile: Path | None, quiet: bool, as_json: bool) -> None:
    """Find interests that overlap, fit nothing or fit everything in the library, and papers nobody knows.

    Exit code 1 when something was found.

    \b
    Example: digest profile check
    """
    from digest.portrait import oddities

    tools = tools_of(ctx, profile=profile)
    with Reporter(quiet=quiet) as progress:
        findings = oddities(tools, progress)
    for finding in findings:
        print_json(asdict(finding)) if as_json else click.echo(f"{finding.interest}: {finding.detail}")
    if not findings and not as_json:
        click.echo("nothing odd was found")
    ctx.exit(1 if findings else 0)


@profile.command()
@profile_file
@click.option("-k", "--top-k", type=click.IntRange(min=1), default=10, show_default=True, help="Places of a digest.")
@quiet
@as_json
@click.pass_context
def backtest(ctx: click.Context, profile: Path | None, top_k: int, quiet: bool, as_json: bool) -> None:
    """Hide liked papers, rank the library, and tell which of them the reader would have missed.

    Once by the written profile alone, once with what the other likes and dislikes teach.

    \b
    Example: digest profile backtest -k 10
    """
    from digest.portrait import tested

    tools = tools_of(ctx, profile=profile)
    with Reporter(quiet=quiet) as progress:
        found = tested(tools, top_k=top_k, today=today(), progress=progress)
    if found is None:
        raise UsageError("a backtest needs two liked papers of the library", hint="digest like ID")
    if as_json:
        print_json(asdict(found))
        return
    click.echo(f"{found.liked} liked papers, looked for among {found.papers} of the library, {found.top_k} places")
    for name, outcome in (("profile alone", found.written), ("with feedback", found.taught)):
        click.echo(f"{name}: nDCG@{top_k} {outcome.ndcg:.3f}, recall@{top_k} {outcome.recall:.3f}, missed {len(outcome.missed)}")
    for paper_id, paper in tools.store.papers(found.taught.missed).items():
        click.echo(f"  missed: {shorten(paper.title, 90)} ({paper_id})")


@profile.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--interests", type=click.IntRange(min=1, max=50), help="How many interests to make. [default: by the number of papers]")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write it there instead of printing it.")
@offline
@quiet
@click.pass_context
def import_profile(ctx: click.Context, file: Path, interests: int | None, output: Path | None, offline: bool, quiet: bool) -> None:
    """Make a profile from a BibTeX, RIS or CSL-JSON export (Zotero has all three), or a list of arXiv ids, one on a line.

    The papers are grouped by meaning, and each group is named by the terms that set it apart.

    \b
    Examples:
      digest profile import library.bib
      digest profile import ids.txt --interests 4 --output profile.toml
    """
    from digest.adopt import collected, profile_of
    from digest.workspace import write_text

    if output and output.exists():
        raise UsageError(f"{output} is there already", hint=f"mv {output} {output}.old")
    tools = tools_of(ctx, offline=offline)
    with Reporter(quiet=quiet) as progress:
        text = profile_of(tools, collected(tools, file), number=interests, progress=progress)
    if output:
        write_text(output, text)
        click.echo(f"written {output}")
    else:
        click.echo(text, nl=False)
