"""The stages one by one: ``rank``, ``analyse``."""

from __future__ import annotations

from dataclasses import asdict
from heapq import nsmallest
from pathlib import Path
from typing import TYPE_CHECKING

import click

from digest.cli.common import (
    Reporter,
    Writer,
    as_json,
    json_line,
    offline,
    print_json,
    profile_file,
    quiet,
    today,
    tools_of,
    writing,
    written,
)
from digest.cli.naming import exactly, from_arxiv
from digest.errors import UsageError
from digest.publishing.labels import labels_for
from digest.publishing.phrases import closer_line, reason_name
from digest.text import shorten

if TYPE_CHECKING:
    from collections.abc import Iterable

    from digest.records import Analysis, Document, Paper, Ranked
    from digest.wiring import Tools

_AT_ONCE = 10_000  # papers of the library
_file = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.option("--papers", type=_file, help="JSON lines with id, title, abstract. [default: every paper of the library]")
@click.option("--top-k", type=click.IntRange(min=1), help="Print only the best.")
@profile_file
@quiet
@as_json
@click.pass_context
def rank(ctx: click.Context, papers: Path | None, top_k: int | None, profile: Path | None, quiet: bool, as_json: bool) -> None:
    """Score papers from 0 to 100 against the interest profile, best first, with the reasons.

    \b
    Example: digest rank --papers today.jsonl --profile profile.toml --json
    """
    from digest.stages import rank_papers

    tools = tools_of(ctx, profile=profile)
    _ = tools.profile  # a wrong one is told even where there is nothing to rank
    wanted: Iterable[list[Paper]] = [_papers_of(papers)] if papers else tools.store.parts(_AT_ONCE)
    found: list[tuple[float, str, str]] = []  # a line each: what it was made of may be more than the memory holds
    with Reporter(quiet=quiet) as progress:
        for part in wanted:
            for item in rank_papers(tools, part, today(), progress)[:top_k]:
                line = _ranked_json(item) if as_json else _ranked_text(item, tools.settings.language)
                found.append((-item.relevance, item.paper.id, line))
            found = nsmallest(top_k, found) if top_k else found
    found.sort()
    if not found and not papers:
        click.echo("the library is empty: digest run", err=True)
    for _, _, line in found:
        click.echo(line)


def _papers_of(path: Path) -> list[Paper]:
    from digest.sources.metadata import papers_from_jsonl

    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from None
    return papers_from_jsonl(lines, origin=path)


def _ranked_json(item: Ranked) -> str:
    reasons = [asdict(reason) for reason in item.reasons]
    return json_line({"id": item.paper.name, "score": item.score, "relevance": item.relevance, "reasons": reasons})


def _ranked_text(item: Ranked, language: str) -> str:
    """Score, id and title, then a line for each reason and the sentence that matched."""
    labels = labels_for(language)
    lines = [f"{item.score:3d}  {item.paper.name}  {shorten(item.paper.title, 100)}"]
    if closer := closer_line(item.closer_than, labels):
        lines.append(f"     {closer}")
    for reason in item.reasons:
        name = reason_name(reason.kind, shorten(reason.interest, 60), labels)
        lines.append(f"     {reason.share:+4.0%}  {name}" + (f": {shorten(reason.sentence, 110)}" if reason.sentence else ""))
    return "\n".join(lines)


@click.command()
@click.argument("paper", metavar="PDF|ID")
@written
@offline
@quiet
@as_json
@click.pass_context
def analyse(ctx: click.Context, paper: str, writer: Writer, offline: bool, quiet: bool, as_json: bool) -> None:
    """Analyse one paper: a PDF, a paper of the library, or an arXiv id.

    \b
    Examples:
      digest analyse paper.pdf
      digest analyse 2601.20742 --style method --json
    """
    from digest.analyses import analyse_paper
    from digest.stages import read_paper

    tools = tools_of(ctx, offline=offline)
    with writing(tools, quiet=quiet) as progress:
        wanted = _paper_of(tools, paper)
        chosen = tools.style(writer.style)
        progress.stage("analyse", len(chosen.sections))
        document, _ = read_paper(tools, wanted)
        analysis = analyse_paper(tools, wanted, document, chosen, tools.engine(writer.model, writer.engine), progress)
    if as_json:
        print_json(_analysis_json(analysis, document))
    else:
        click.echo(_analysis_text(wanted, analysis))
    ctx.exit(4 if any(section.status == "failed" for section in analysis.sections) else 0)


def _paper_of(tools: Tools, name: str) -> Paper:
    """The paper a reader means by *name*, kept in the library."""
    from digest.sources.metadata import split_arxiv_id
    from digest.stages import add_pdf

    if Path(name).is_file():
        return add_pdf(tools, Path(name), today())
    if known := exactly(tools, name):
        return known
    if not split_arxiv_id(name):
        raise UsageError(f"{name!r} is neither a file, nor a paper of the library, nor an arXiv id", hint="digest search WORDS")
    return from_arxiv(tools, name)


def _analysis_json(analysis: Analysis, document: Document) -> dict[str, object]:
    sections = [
        {
            "id": section.id,
            "title": section.title,
            "status": section.status,
            "text": section.text,
            "claims": [{"text": c.text, "pages": c.pages, "quote": c.quote, "verified": c.verified} for c in section.claims],
        }
        for section in analysis.sections
    ]
    return {
        "id": analysis.paper,
        "style": analysis.style,
        "language": analysis.language,
        "sections": sections,
        "facts": [asdict(fact) for fact in document.facts],
        "coverage": asdict(analysis.coverage),
        "provenance": asdict(analysis.provenance),
        "timing": asdict(analysis.timing),
    }


def _analysis_text(paper: Paper, analysis: Analysis) -> str:
    lines = [paper.title, ""]
    for section in analysis.sections:
        lines.append(f"{section.title} ({section.status})")
        for claim in section.claims:
            pages = "".join(f" [p.{page}]" for page in claim.pages)
            lines.append(f"  - {claim.text}{pages}{'' if claim.verified else ' (未核实)'}")
        lines.append("")
    return "\n".join(lines)
