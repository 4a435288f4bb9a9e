"""``digest index``: how the library is, and making derived files anew."""

from __future__ import annotations

from pathlib import Path

import click

from digest.cli.common import as_json, print_json, quiet, tools_of, writing
from digest.errors import UsageError


@click.group()
def index() -> None:
    """Look after the library: count, check and mend, rebuild."""


@index.command()
@as_json
@click.pass_context
def stats(ctx: click.Context, as_json: bool) -> None:
    """Count what the library holds.

    \b
    Example: digest index stats
    """
    from digest.library.upkeep import statistics

    tools = tools_of(ctx)
    found = statistics(tools.store, tools.workspace.index)
    if as_json:
        print_json(found)
    else:
        for name, value in found.items():
            click.echo(f"{name:16} {value}")


@index.command()
@click.option("--repair", is_flag=True, help="Also find moved PDFs, read changed ones again, draw lost pages, drop stray rows.")
@as_json
@click.pass_context
def check(ctx: click.Context, repair: bool, as_json: bool) -> None:
    """Look for what a crash or a disk can do, mend what is derived, and tell the rest (exit code 1).

    \b
    Examples:
      digest index check
      digest index check --repair
    """
    from digest.library.upkeep import check as check_library
    from digest.repair import mend

    tools = tools_of(ctx)
    with tools.workspace.lock():
        faults = check_library(tools.store, tools.workspace)
        if repair:
            faults = [mend(tools, fault) for fault in faults]
        if not faults or all(fault.mended for fault in faults):
            changed = tools.searcher.sync()
            if not as_json and changed:
                click.echo(f"vectors brought up to date: {changed}")
    for fault in faults:
        print_json({"fault": fault.text, "mended": fault.mended}) if as_json else click.echo(
            f"{'mended' if fault.mended else 'FAULT'}: {fault.text}"
        )
    if not faults and not as_json:
        click.echo("the library is sound")
    ctx.exit(0 if all(fault.mended for fault in faults) else 1)


@index.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_context
def backup(ctx: click.Context, file: Path) -> None:
    """Copy the database to FILE as it is at this moment, even while another command works.

    To go back to it, put it in the place of index/library.sqlite while nothing runs.

    \b
    Example: digest index backup /media/disk/library.sqlite
    """
    from digest.library.upkeep import backup as back_up

    tools = tools_of(ctx)
    if file.resolve() == tools.store.path.resolve():
        raise UsageError(f"{file} is the library itself", hint="digest index backup /media/disk/library.sqlite")
    back_up(tools.store, file)
    click.echo(f"{tools.store.count('paper')} papers, {file.stat().st_size / 1e6:.1f} MB: {file}")


@index.command()
@quiet
@click.pass_context
def rebuild(ctx: click.Context, quiet: bool) -> None:
    """Make what is searched, its words and its vectors anew from the database; vectors already computed are used again.

    \b
    Example: digest index rebuild
    """
    from digest.library.vectors import remove_index

    tools = tools_of(ctx)
    with writing(tools, quiet=quiet) as progress:
        progress.stage("units", tools.store.count("paper"))
        tools.store.rebuild_units(progress.advance)
        tools.store.rebuild_words()
        remove_index(tools.workspace.index)
        progress.stage("index", tools.store.count("passage"))
        count = tools.searcher.sync(progress.advance)
    click.echo(f"{count} passages indexed with {tools.embedder.id}")
