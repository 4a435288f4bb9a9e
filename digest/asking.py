"""A question put to everything read: the passages that answer it best, a local model's answer from them, each sentence held against them.

The passages are shown to the model as one text under the names p1, p2, …; what it writes is taken apart, screened and checked by the same
code as an analysis. What the passages do not bear out is not an answer: where nothing else is left, their own sentences are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.analysing.engine import Question, answer
from digest.analysing.prompts import render
from digest.analysing.reply import Statement, read_reply
from digest.analysing.screen import Screen
from digest.analysing.verify import Evidence
from digest.records import Passage, SectionKind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from digest.analysing.engine import Engine
    from digest.library.search import Hit

_MAX_TOKENS = 300
_QUOTED = 3  # passages whose sentences stand for an answer where no model writes


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One sentence of an answer and where it stands."""

    text: str
    hit: Hit  # the passage it rests on, of one paper
    quote: str  # the sentence there, verbatim


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the library says to a question."""

    said: tuple[Said, ...]  # empty: the evidence is not there
    language: str  # that the model writes
    model: str
    left_out: int  # sentences that the passages do not bear out
    quoted: bool = False  # nothing that the model wrote was borne out: these are the papers' own sentences


def ask(question: str, hits: Sequence[Hit], engine: Engine, *, language: str, seed: int, prompts: Path) -> Answer:
    """Answer *question* from the passages of *hits* in *language*, or in the one that the engine's model writes.

    Args:
        hits: evidence (``Searcher.evidence``): without any there is no answer, and no model is asked.
        prompts: the folder of the templates, ``prompts/ask``.
    """
    language = language if language in engine.model.languages else engine.model.languages[0]
    if engine.name == "extractive" or not hits:
        return Answer(said=tuple(_quoted(hits)), language=language, model=engine.model.title, left_out=0)
    return _written(question, hits, engine, _Prompts(prompts, language), seed)


def _quoted(hits: Sequence[Hit]) -> list[Said]:
    """The sentences that answer best, where each shares words with the question."""
    marked = [(hit, hit.passage[slice(*hit.mark)]) for hit in hits if hit.mark]
    return [Said(text=sentence, hit=hit, quote=sentence) for hit, sentence in marked[:_QUOTED]]


@dataclass(frozen=True, slots=True)
class _Prompts:
    """What the model is shown."""

    folder: Path
    language: str  # that it writes

    def render(self, name: str, **values: object) -> str:
        return render("search --ask", [str(self.folder)], f"{name}.j2", **values)


def _written(question: str, hits: Sequence[Hit], engine: Engine, prompts: _Prompts, seed: int) -> Answer:
    language, system = prompts.language, prompts.render(f"system.{prompts.language}")
    text = prompts.render("question", question=question.strip())
    asked = Question(id="ask", text=text, max_tokens=_MAX_TOKENS, seed=seed, query=question)
    shown, text = _fitted(hits, engine, prompts, room=engine.room(system, [asked]))
    if not shown:
        return Answer(said=(), language=language, model=engine.model.title, left_out=0)
    completion = next(answer(engine, system, text, [asked]))
    screen = Screen(f"{system}\n{asked.text}", language, abstract="", paper=text)
    reply = read_reply(completion.text, kind="prose", ended=completion.finish != "length", screen=screen)
    evidence = {f"p{number}": (hit, _evidence(hit)) for number, hit in enumerate(shown, 1)}
    found = [_checked(statement, evidence) for statement in reply.statements]
    held = [said for said in found if said]
    quoted = not held and not reply.not_stated  # a model that says that nothing is stated is believed
    return Answer(
        said=tuple(_quoted(hits) if quoted else held),
        language=language,
        model=engine.model.title,
        left_out=len(found) - len(held),
        quoted=quoted,
    )


def _fitted(hits: Sequence[Hit], engine: Engine, prompts: _Prompts, *, room: int) -> tuple[list[Hit], str]:
    """As many of *hits*, the best first, as take at most *room* tokens, and their text."""
    for count in range(len(hits), 0, -1):
        text = prompts.render("passages", hits=hits[:count])
        if engine.count(text) <= room:
            return list(hits[:count]), text
    return [], ""


def _evidence(hit: Hit) -> Evidence:
    """One passage as if it were a paper: what another one says bears nothing out here."""
    passage = Passage(id="p1", page=hit.page or 1, section=hit.section, kind=SectionKind.OTHER, text=hit.passage)
    return Evidence([passage], [f"{hit.paper.title}. {hit.passage}"])


def _checked(statement: Statement, evidence: dict[str, tuple[Hit, Evidence]]) -> Said | None:
    """*statement* with the passage that bears it out, those it names first; None when none does."""
    for name in sorted(evidence, key=lambda name: name not in statement.evidence):
        hit, held = evidence[name]
        cited = ("p1",) if name in statement.evidence else ()
        claim = held.check(Statement(statement.text, cited))
        if claim.verified and claim.quote:
            return Said(text=statement.text, hit=hit.marking(claim.quote), quote=claim.quote)
    return None
