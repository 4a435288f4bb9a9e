"""``digest models``: which models there are, getting one, checking it."""

from __future__ import annotations

import dataclasses
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from digest.cli.common import as_json, print_json, tools_of
from digest.errors import UsageError
from digest.workspace import shipped

if TYPE_CHECKING:
    from digest.registry import ModelCard, Registry


_TUNED_ON = 3  # sample papers


@click.group()
def models() -> None:
    """List, download, add and verify the models that write and embed."""


@models.command("list")
@as_json
@click.pass_context
def list_models(ctx: click.Context, as_json: bool) -> None:
    """List every known model and whether its file is here.

    \b
    Example: digest models list
    """
    registry = tools_of(ctx).registry
    for card in sorted(registry.cards.values(), key=lambda card: (card.role, card.quality)):
        here = registry.path(card).is_file()
        if as_json:
            print_json({**asdict(card), "installed": here, "path": str(registry.path(card)) if here else ""})
        else:
            state = "installed" if here else "-"
            needs = f"{card.memory_gb:g} GB memory" if card.memory_gb else ""
            click.echo(f"{card.id:16} {card.role:9} {state:10} {'/'.join(card.languages):6} {needs:14} {card.license:11} {card.title}")
            if card.notes:
                click.echo(f"{'':16} {card.notes}")


@models.command("pull")
@click.argument("model_id", metavar="ID")
@click.option("--force", is_flag=True, help="Download again, even if the file is here.")
@click.pass_context
def pull_model(ctx: click.Context, model_id: str, force: bool) -> None:
    """Download a model from the HuggingFace hub, or go on with a download, and check its sha256.

    HF_ENDPOINT chooses another hub or a mirror.

    \b
    Example: digest models pull qwen3-4b
    """
    from digest.registry.hub import pull

    registry = tools_of(ctx).registry
    card = registry.card(model_id)
    folder = registry.workspace.models / card.folder
    for name in card.also:
        pull(dataclasses.replace(card, file=name, sha256="", bytes=0), folder, force=force)
    pulled = pull(card, folder, force=force)
    if pulled != card:
        registry.add(pulled)
    click.echo(f"{pulled.id}: {registry.path(pulled)} ({pulled.bytes / 1e9:.2f} GB, sha256 {pulled.sha256})")


@models.command("add")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--id", "model_id", help="What to call it. [default: name of the file]")
@click.option("--title", default="", help="Name shown in digests. [default: the id]")
@click.option(
    "--language",
    "languages",
    multiple=True,
    type=click.Choice(["zh", "en"]),
    default=("zh", "en"),
    show_default=True,
    help="What it writes; may be given again.",
)
@click.option("--context-tokens", type=click.IntRange(min=1024), default=8192, show_default=True, help="Context it was trained for.")
@click.pass_context
def add_model(ctx: click.Context, file: Path, model_id: str | None, title: str, languages: tuple[str, ...], context_tokens: int) -> None:
    """Use a GGUF file that is on this disk already.

    \b
    Example: digest models add ~/gguf/Qwen3-4B-Q4_K_M.gguf --id my-qwen
    """
    from digest.registry import card_for_file

    with file.open("rb") as opened:
        if opened.read(4) != b"GGUF":
            raise UsageError(f"{file} is not a GGUF file", hint="digest models list")
    role: Literal["chat"] = "chat"
    name = model_id or file.stem.lower()
    card = card_for_file(file, role=role, model_id=name, title=title or name, context_tokens=context_tokens, languages=languages)
    path = tools_of(ctx).registry.add(card)
    click.echo(f"{card.id}: card written to {path}; `auto` prefers it from now on")


@models.command("verify")
@click.argument("model_ids", nargs=-1, metavar="[ID]...")
@click.pass_context
def verify_models(ctx: click.Context, model_ids: tuple[str, ...]) -> None:
    """Compute the sha256 of installed models (all of them, or those named) and hold it against their cards.

    \b
    Example: digest models verify
    """
    registry = tools_of(ctx).registry
    cards = [registry.card(model_id) for model_id in model_ids] or _installed(registry)
    for card in cards:
        sha256 = registry.verify(card, afresh=True)
        click.echo(f"{card.id}: {sha256} {'ok' if card.sha256 else 'ok (the card promises no sha256)'}")


@models.command("tune")
@click.argument("model_id", metavar="[MODEL]", default="")
@as_json
@click.pass_context
def tune_model(ctx: click.Context, model_id: str, as_json: bool) -> None:
    """Measure how an embedding model runs fastest on this machine, and keep that.

    A way that changes the vectors more than a little is not chosen; 8-bit vectors are kept apart from others, so the
    library's are made anew as they are needed.

    \b
    Example: digest models tune
    """
    from digest.embedding.backends import choose, fastest, try_out

    tools = tools_of(ctx)
    model = tools.embedding_model(model_id)
    trials = try_out(model, _sample_texts())
    best = fastest(trials)
    choose(tools.workspace.tuned, model, best.backend)
    for trial in trials:
        if as_json:
            print_json({**asdict(trial), "model": model.model_id, "chosen": trial is best})
        else:
            mark = "chosen" if trial is best else ""
            click.echo(
                f"{model.model_id} {trial.backend:9} {trial.texts_per_second:7.1f} texts/s  cosine {trial.cosine:.4f}  {mark}".rstrip()
            )


def _sample_texts() -> list[str]:
    """The abstracts of the sample papers, whole and sentence by sentence: what ranking embeds."""
    from digest.sources.metadata import papers_from_jsonl
    from digest.text import sentences

    path = shipped("samples", "papers", "papers.jsonl")
    papers = papers_from_jsonl(path.read_text(encoding="utf-8").splitlines(), origin=path)
    return [text for paper in papers[:_TUNED_ON] for text in (paper.gist, paper.title, *sentences(paper.abstract))]


def _installed(registry: Registry) -> list[ModelCard]:
    return [*registry.installed("chat"), *registry.installed("embedding")]
