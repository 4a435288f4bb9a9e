"""``digest index``: how the library is, and making derived files anew."""

from __future__ import annotations

import click

from digest.cli.common import as_json, print_json, quiet, tools_of, writing


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
@as_json
@click.pass_context
def check(ctx: click.Context, as_json: bool) -> None:
    """Look for what a crash or a disk can do, mend what is derived, and tell the rest (exit code 1).

    \b
    Example: digest index check
    """
    from digest.library.upkeep import check as check_library

    tools = tools_of(ctx)
    with tools.workspace.lock():
        faults = check_library(tools.store, tools.workspace)
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
@quiet
@click.pass_context
def rebuild(ctx: click.Context, quiet: bool) -> None:
    """Make the word index and the vector index anew from the database; vectors already computed are used again.

    \b
    Example: digest index rebuild
    """
    from digest.library.vectors import remove_index

    tools = tools_of(ctx)
    with writing(tools, quiet=quiet) as progress:
        tools.store.rebuild_words()
        remove_index(tools.workspace.index)
        progress.stage("index", tools.store.count("passage"))
        count = tools.searcher.sync(progress.advance)
    click.echo(f"{count} passages indexed with {tools.embedder.id}")
