"""What the reader says of papers: ``like``, ``dislike``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from digest.cli.common import as_json, offline, print_json, tools_of
from digest.cli.naming import exactly, from_arxiv, only_match

if TYPE_CHECKING:
    from digest.records import Paper
    from digest.wiring import Tools

_papers = click.argument("papers", nargs=-1, required=True, metavar="ID...")
_undo = click.option("--undo", is_flag=True, help="Take it back.")


@click.command()
@_papers
@_undo
@offline
@as_json
@click.pass_context
def like(ctx: click.Context, papers: tuple[str, ...], undo: bool, offline: bool, as_json: bool) -> None:
    """Say that papers were worth reading: what is like them is ranked higher from now on.

    ID is a paper of the library, or a part of its id or title that no other paper has, or an arXiv id.

    \b
    Examples:
      digest like 2601.20742
      digest like 2601.20742 --undo
    """
    _say(tools_of(ctx, offline=offline), papers, verdict=0 if undo else 1, as_json=as_json)


@click.command()
@_papers
@_undo
@offline
@as_json
@click.pass_context
def dislike(ctx: click.Context, papers: tuple[str, ...], undo: bool, offline: bool, as_json: bool) -> None:
    """Say that papers were not worth reading: what is like them is ranked lower from now on.

    \b
    Example: digest dislike 2601.20742
    """
    _say(tools_of(ctx, offline=offline), papers, verdict=0 if undo else -1, as_json=as_json)


def _say(tools: Tools, names: tuple[str, ...], *, verdict: int, as_json: bool) -> None:
    from digest.library.feedback import Feedback

    feedback = Feedback(tools.store)
    with tools.workspace.lock():
        for paper in [_meant(tools, name) for name in names]:
            changed = feedback.say(paper.id, verdict) if verdict else feedback.forget(paper.id)
            word = {1: "liked", -1: "disliked", 0: "nothing said"}[verdict]
            if as_json:
                print_json({"id": paper.name, "title": paper.title, "verdict": verdict, "changed": changed})
            else:
                click.echo(f"{word}{'' if changed else ' already'}: {paper.title} ({paper.name})")


def _meant(tools: Tools, name: str) -> Paper:
    """The one paper that *name* means; one of arXiv that the library lacks is asked for and kept.

    Raises:
        UsageError: no paper is meant, or several.
    """
    from digest.sources.metadata import split_arxiv_id

    if known := exactly(tools, name):
        return known
    if split_arxiv_id(name) and not tools.store.matching_ids(name):
        return from_arxiv(tools, name)
    return only_match(tools, name)
