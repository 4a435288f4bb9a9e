"""``digest bundle``: papers to and from a machine without a network."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click

from digest.cli.common import Day, as_json, print_json, quiet, today, tools_of, writing
from digest.errors import UsageError

if TYPE_CHECKING:
    from digest.registry import ModelCard
    from digest.wiring import Tools

_file = click.Path(path_type=Path, dir_okay=False)


@click.group()
def bundle() -> None:
    """Carry papers, with all that is known of them, to a machine without a network."""


@bundle.command()
@click.argument("file", type=_file)
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--digest", "of_digest", type=Day(), help="The papers of that day's digests.")
@click.option("--since", type=Day(), help="Papers that came to the library on or after this day.")
@click.option(
    "--weights",
    is_flag=True,
    help="Also the models that `digest run` would use: the one that writes, if it runs here, and the one that embeds.",
)
@as_json
@click.pass_context
def export(
    ctx: click.Context, file: Path, ids: tuple[str, ...], of_digest: dt.date | None, since: dt.date | None, weights: bool, as_json: bool
) -> None:
    """Pack papers, PDFs, documents and analyses into FILE, each with its hash: all of the library, or those named.

    \b
    Examples:
      digest bundle export papers.zip --digest 2026-11-20
      digest bundle export papers.zip 2601.20742 2601.15404 --weights
    """
    from digest.library.transfer import export as export_papers

    tools = tools_of(ctx)
    chosen = _chosen(tools, ids, of_digest, since)
    models = (tools.registry, _models(tools)) if weights else None
    papers = (paper for name in chosen if (paper := tools.store.paper(name)))
    members = export_papers(tools.store, papers, file, models=models)
    told = {"file": str(file), "papers": len(chosen), "files": len(members), "bytes": file.stat().st_size}
    print_json(told) if as_json else click.echo(f"{len(chosen)} papers, {len(members)} files, {file.stat().st_size / 1e6:.1f} MB: {file}")


def _models(tools: Tools) -> list[ModelCard]:
    """What a run needs where nothing can be downloaded; without a chat model, or with one on a server, that is the other one."""
    engine = tools.settings.analysis.engine
    writes = engine == "llama" or (engine == "auto" and tools.registry.installed("chat"))
    return [*([tools.engines.card()] if writes else []), tools.embedding_card]


def _chosen(tools: Tools, ids: tuple[str, ...], of_digest: dt.date | None, since: dt.date | None) -> list[str]:
    """Ids of the papers that any of the choices names; of all of them without a choice.

    Raises:
        UsageError: an id is not known, or nothing is chosen.
    """
    store = tools.store
    found = {name: store.named(name) for name in ids}
    if unknown := [name for name, paper in found.items() if paper is None]:
        raise UsageError(f"no paper of the library is called {unknown[0]!r}", hint="digest search WORDS")
    chosen = {paper.id for paper in found.values() if paper}
    if of_digest:
        from digest.library.past import Past

        entries = [entry for _, digest in Past(store).editions(since=of_digest, until=of_digest) for entry in digest.entries]
        chosen |= {paper.id for entry in entries if (paper := store.named(entry.ranked.paper.id))}
    if since or not (ids or of_digest):
        chosen |= store.first_seen_since(since or dt.date.min)
    if not chosen:
        raise UsageError("no paper of the library was chosen", hint="digest index stats")
    return sorted(chosen)


@bundle.command("import")
@click.argument("file", type=_file)
@quiet
@as_json
@click.pass_context
def import_(ctx: click.Context, file: Path, quiet: bool, as_json: bool) -> None:
    """Verify FILE as a whole, then take what is not here yet; a torn or changed one is refused, with nothing taken.

    \b
    Example: digest bundle import papers.zip
    """
    from dataclasses import asdict

    from digest.library.bundle import Bundle
    from digest.library.transfer import take

    tools = tools_of(ctx, offline=True)
    verified = Bundle(file)
    try:
        with writing(tools, quiet=quiet):
            taken = asdict(take(verified, tools.store, tools.workspace, tools.registry, today=today()))
    finally:
        verified.close()
    print_json(taken) if as_json else click.echo(", ".join(f"{n} {name}" for name, n in taken.items()) + " taken")
