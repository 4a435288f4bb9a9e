"""Finding again: ``search``, ``similar``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from digest.cli.common import Day, as_json, bring_up_to_date, engine_name, print_json, tools_of
from digest.cli.naming import only_match
from digest.library.excerpt import excerpt
from digest.library.query import KINDS, STATES, TABLE
from digest.text import shorten

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.library.search import Hit
    from digest.wiring import Tools

_SHOWN, _SHORT = 240, 110  # characters of a passage, and of one elsewhere in its paper
_OF_OTHERS = ("page", "section", "kind", "passage", "mark", "link")

_count = click.option("-k", "--top-k", "top_k", type=click.IntRange(min=1), default=10, show_default=True, help="Hits at most.")


@click.command()
@click.argument("query", nargs=-1, required=True)
@_count
@click.option("--since", type=Day(), help="Only papers published on or after this day.")
@click.option("--until", type=Day(), help="Only papers published on or before this day.")
@click.option("--category", multiple=True, help="Only papers of this arXiv category; more than once: of any of them.")
@click.option("--source", multiple=True, help="Only papers that this source brought: arxiv, hf, folder.")
@click.option("--author", multiple=True, help="Only papers by this author; more than once: by all of them.")
@click.option("--section", multiple=True, type=click.Choice(KINDS), help="Only passages of such a section, or our own analyses.")
@click.option("--is", "states", multiple=True, type=click.Choice(STATES), help="Only papers that you liked, that were read in full, …")
@click.option("--score", "least_score", type=click.IntRange(0, 100), help="Only papers that were ranked at least so relevant.")
@click.option("--per-paper", type=click.IntRange(min=1), default=1, show_default=True, help="Hits of one paper at most.")
@click.option("--ask", "is_question", is_flag=True, help="Answer QUERY from the passages found, each sentence cited and checked.")
@engine_name
@as_json
@click.pass_context
def search(ctx: click.Context, /, query: tuple[str, ...], top_k: int, per_paper: int, as_json: bool, **asked: Any) -> None:
    """Search everything read, by meaning and by words: full texts, abstracts, and what the analyses found.

    QUERY may hold "quoted phrases", -exclusions, arXiv ids, and the same filters as the options, as in
    author:"Kaiming He" cat:cs.CV since:2026-01-20 until:2026-02 source:hf score:80 is:liked in:method.
    An id by itself shows the paper, with words it is searched. Chinese questions find English passages.

    \b
    Examples:
      digest search arbitrary-scale super-resolution with neural operators
      digest search 图像复原的扩散模型
      digest search 'flow matching -"optimal transport" cat:cs.CV since:2026-01 in:method'
      digest search 2601.20742 how is the model trained
      digest search --ask how does DiffFNO keep high frequencies
    """
    from digest.library.query import parse, taken

    tools = tools_of(ctx)
    query_text, is_question, engine = " ".join(query), asked.pop("is_question"), asked.pop("engine")
    names = {"category": "categories", "source": "sources", "author": "authors", "section": "kinds"}
    wanted = parse(query_text).narrowed(**{names.get(name, name): value for name, value in asked.items()})
    for piece in wanted.misread:
        click.echo(f"digest: {piece} is searched as words; {piece.partition(':')[0]}: takes {taken(piece)}", err=True)
    wanted = tools.searcher.settled(wanted)
    for phrase in wanted.unheld:
        click.echo(f'digest: no passage holds "{phrase}" word for word: searched as words', err=True)
    hits = tools.searcher.search(wanted, top_k=top_k, per_paper=per_paper)
    if is_question:
        _answer(tools, wanted.text, tools.searcher.evidence(wanted, hits), engine, as_json=as_json)
        return
    for hit in hits:
        print_json(_record(hit)) if as_json else click.echo(_lines(hit))
    if not hits and not as_json:
        click.echo("nothing found" if tools.store.count("paper") else "the library is empty: digest run", err=True)
    bring_up_to_date(tools)


def _answer(tools: Tools, words: str, hits: Sequence[Hit], engine: str, *, as_json: bool) -> None:
    from digest.asking import ask

    language = tools.settings.language
    prompts, seed = tools.workspace.resource("prompts", "ask"), tools.settings.analysis.seed
    answer = ask(words, hits, tools.engine(name=engine), language=language, seed=seed, prompts=prompts)
    if as_json:
        cited = [{"text": said.text, "quote": said.quote, **_record(said.hit)} for said in answer.said]
        told = {"language": answer.language, "model": answer.model, "left_out": answer.left_out, "quoted": answer.quoted}
        print_json({"question": words, "answer": cited, **told})
        return
    if answer.quoted:
        click.echo(f"digest: nothing that {answer.model} wrote is borne out; these are the papers' own sentences", err=True)
    elif answer.language != language and answer.said:
        click.echo(f"digest: {answer.model} does not write {language}; it answers in {answer.language}", err=True)
    for said in answer.said:
        where = f"p.{said.hit.page}" if said.hit.page else "abstract"
        click.echo(f"{said.text} [{said.hit.paper.title} ({said.hit.paper.name}), {where}]")
    if not answer.said:
        click.echo("没有找到" if language == "zh" else "not found")


def _record(hit: Hit) -> dict[str, object]:
    return {
        "id": hit.paper.name,
        "title": hit.paper.title,
        "page": hit.page,
        "section": hit.section,
        "kind": hit.kind,
        "passage": hit.passage,
        "mark": hit.mark,
        "score": hit.score,
        "why": hit.why,
        "link": hit.link,
        "others": [{name: other[name] for name in _OF_OTHERS} for other in map(_record, hit.others)],
    }


def _lines(hit: Hit) -> str:
    from digest.library.search import Why

    start, end = hit.mark or (0, len(hit.passage) if hit.why == Why.ID else 0)
    if hit.kind == TABLE:
        before, marked, after = excerpt(hit, size=_SHOWN)
        shown = f"{before}{'> ' if before else ''}{marked}{after}".replace("\n", "\n        ")
    else:
        shown = shorten(f"{'… ' if start else ''}{hit.passage[start:]}", max(_SHOWN, end - start))
    lines = [
        f"{hit.score:.2f}  {hit.paper.title} ({hit.paper.name})",
        f"{_place(hit)} ({hit.why}): {shown}",
        *(f"also {_place(other)}: {shorten(other.passage[slice(*(other.mark or (0, None)))], _SHORT)}" for other in hit.others),
        hit.link,
    ]
    return "\n      ".join(filter(None, lines))


def _place(hit: Hit) -> str:
    return f"p.{hit.page}, {hit.section}".rstrip(",: ") if hit.page else "abstract"


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
