"""``digest models``: which models there are, getting one, checking it."""

from __future__ import annotations

import dataclasses
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from digest.cli.common import Reporter, as_json, print_json, quiet, tools_of
from digest.errors import UsageError
from digest.workspace import shipped

if TYPE_CHECKING:
    from digest.analysing.tune import Knobs
    from digest.registry import ModelCard, Registry
    from digest.wiring import Tools


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
    """Measure how a model runs fastest on this machine, and keep that: the embedding model, or the one named.

    Of an embedding model the libraries that can run it are tried; one that changes the vectors more than a little is not
    chosen, and 8-bit vectors are kept apart from others. Of a chat model: layers on a GPU, threads, batch, flash attention, an
    8-bit cache, papers and answers side by side.

    \b
    Examples:
      digest models tune
      digest models tune qwen3-4b
    """
    tools = tools_of(ctx)
    if model_id and tools.registry.card(model_id).role == "chat":
        _tune_chat(tools, model_id, as_json=as_json)
    else:
        _tune_embedding(tools, model_id, as_json=as_json)


def _tune_chat(tools: Tools, model_id: str, *, as_json: bool) -> None:
    card = tools.registry.card(model_id)
    for trial in tools.engines.tune(card):
        if as_json:
            print_json({"model": card.id, **asdict(trial.knobs), **asdict(trial.speed)})
        else:
            speed = f"reads {trial.speed.reading:6.1f} tokens/s  writes {trial.speed.writing:6.1f} tokens/s"
            click.echo(f"{card.id}  {_ways(trial.knobs)}  {speed}")
    kept = tools.engines.tuned(card)
    if kept and not as_json:
        click.echo(f"{card.id}: kept {_ways(kept.knobs)}")


def _ways(knobs: Knobs) -> str:
    flash = "on" if knobs.flash_attention else "off"
    layers = f", {knobs.gpu_layers} layers on the GPU" if knobs.gpu_layers >= 0 else ""
    beside = f"{knobs.papers:2} papers and {knobs.answers:2} answers at once"
    return f"{knobs.threads} threads, batch {knobs.batch:4}, flash attention {flash:3}, {knobs.cache_bits:2}-bit cache, {beside}{layers}"


def _tune_embedding(tools: Tools, model_id: str, *, as_json: bool) -> None:
    from digest.embedding.backends import build, choose, chosen, fastest, try_out

    model = tools.embedding_model(model_id)
    trials = try_out(model, _sample_texts())
    best = fastest(trials)
    before = build(model, chosen(tools.workspace.tuned, model)).id
    choose(tools.workspace.tuned, model, best.backend)
    for trial in trials:
        if as_json:
            print_json({**asdict(trial), "model": model.model_id, "chosen": trial is best})
        else:
            mark = "chosen" if trial is best else ""
            click.echo(
                f"{model.model_id} {trial.backend:9} {trial.texts_per_second:7.1f} texts/s  cosine {trial.cosine:.4f}  {mark}".rstrip()
            )
    if build(model, best.backend).id != before and (passages := tools.store.count("passage")):
        again = f"its vectors are others than before: {passages} passages are embedded again by the searches to come"
        click.echo(f"digest: {again}; to do it all at once: digest index rebuild", err=True)


@models.command("eval")
@click.argument("model_ids", nargs=-1, required=True, metavar="MODEL...")
@click.option("--style", default="daily", show_default=True, help="Report style that is asked for.")
@quiet
@as_json
@click.pass_context
def eval_models(ctx: click.Context, model_ids: tuple[str, ...], style: str, quiet: bool, as_json: bool) -> None:
    """Say how good chat models are at this work: the sample papers, held against what a good analysis says of them.

    Exit code 1 when a model is not fit to be the default.

    \b
    Example: digest models eval smollm2-135m qwen3-4b
    """
    from digest.analyses import evaluate_model

    tools = tools_of(ctx)
    chosen, fit = tools.style(style), True
    for number, model_id in enumerate(model_ids):
        with Reporter(quiet=quiet) as progress:
            score, memory = evaluate_model(tools, model_id, chosen, progress)
        fit = fit and not score.failures
        if as_json:
            print_json({"model": model_id, **asdict(score), "memory_bytes": memory, "failures": score.failures})
            continue
        if not number:
            click.echo(f"{'model':16} claims verified wrong no. language faults repeated keys coverage tokens/s s/paper  GB  verdict")
        shares = (score.verified, score.wrong_numbers, score.language, score.faults, score.repeated, score.keys, score.coverage)
        row = " ".join(f"{share:{width}.0%}" for share, width in zip(shares, (8, 9, 8, 6, 8, 4, 8), strict=True))
        cost = f"{score.written_tokens_per_second:8.1f} {score.seconds:7.1f} {memory / 1e9:4.1f}"
        verdict = f"not fit: {', '.join(score.failures)}" if score.failures else "fit"
        click.echo(f"{model_id:16} {score.claims:6} {row} {cost}  {verdict}")
    ctx.exit(0 if fit else 1)


def _sample_texts() -> list[str]:
    """The abstracts of the sample papers, whole and sentence by sentence: what ranking embeds."""
    from digest.sources.metadata import papers_from_jsonl
    from digest.text import sentences

    path = shipped("samples", "papers", "papers.jsonl")
    papers = papers_from_jsonl(path.read_text(encoding="utf-8").splitlines(), origin=path)
    return [text for paper in papers[:_TUNED_ON] for text in (paper.gist, paper.title, *sentences(paper.abstract))]


def _installed(registry: Registry) -> list[ModelCard]:
    return [*registry.installed("chat"), *registry.installed("embedding")]
