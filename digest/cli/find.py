"""Finding again: ``search``, ``similar``."""

from __future__ import annotations

import datetime as dt

import click

from digest.cli.common import Day, as_json, bring_up_to_date, print_json, tools_of
from digest.cli.naming import only_match
from digest.text import shorten

_count = click.option("-k", "--top-k", "top_k", type=click.IntRange(min=1), default=10, show_default=True, help="Hits at most.")


@click.command()
@click.argument("query", nargs=-1, required=True)
@_count
@click.option("--since", type=Day(), help="Only papers published on or after this day.")
@click.option("--category", help="Only papers of this arXiv category.")
@as_json
@click.pass_context
def search(ctx: click.Context, query: tuple[str, ...], top_k: int, since: dt.date | None, category: str | None, as_json: bool) -> None:
    """Search the passages of everything read, by meaning and by words.

    \b
    Example: digest search arbitrary-scale super-resolution with neural operators
    """
    tools = tools_of(ctx)
    bring_up_to_date(tools)
    hits = tools.searcher.search(" ".join(query), top_k=top_k, since=since, category=category)
    for hit in hits:
        if as_json:
            print_json(
                {
                    "id": hit.paper.name,
                    "title": hit.paper.title,
                    "page": hit.page,
                    "section": hit.section,
                    "passage": hit.passage,
                    "score": hit.score,
                }
            )
        else:
            place = f"p.{hit.page}, {hit.section}" if hit.page else "abstract"
            click.echo(f"{hit.score:.2f}  {hit.paper.title} ({hit.paper.name})\n      {place}: {shorten(hit.passage, 240)}")
    if not hits and not as_json:
        click.echo("nothing found" if tools.store.count("paper") else "the library is empty: digest run", err=True)


@click.command()
@click.argument("paper", metavar="ID")
@_count
@as_json
@click.pass_context
def similar(ctx: click.Context, paper: str, top_k: int, as_json: bool) -> None:
    """Find the papers of the library that are nearest to one of them, by the meaning of their abstracts.

    ID may be a part of an id or of a title that only one paper has.

    \b
    Example: digest similar 2601.20742
    """
    tools = tools_of(ctx)
    known = only_match(tools, paper)
    bring_up_to_date(tools)
    for other, cosine in tools.searcher.similar(known, top_k=top_k):
        if as_json:
            print_json({"id": other.name, "title": other.title, "score": round(cosine, 4)})
        else:
            click.echo(f"{cosine:.2f}  {other.title} ({other.name})")
