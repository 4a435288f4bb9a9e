"""The day in a few statements: over all papers of an edition, each statement naming the papers it speaks of.

A model writes it from what the analyses found, where it writes the reader's language; otherwise, and for every section
whose answer cannot be used, the program draws it up from the same material by the style's ``digest`` template. Statements
are held against the material of the papers they name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.analysing.day import Before, Day, Subject
from digest.analysing.engine import Question, answer
from digest.analysing.prompts import Prompts
from digest.analysing.quantities import holds, quantities
from digest.analysing.reply import read_reply
from digest.analysing.screen import Screen
from digest.analysing.wording import content
from digest.errors import ContextTooSmall, ServerFailed
from digest.names import own_names, proper
from digest.records import AnalysisSection, Claim, SectionStatus
from digest.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from digest.analysing.engine import Completion, Engine
    from digest.analysing.reply import Statement
    from digest.analysing.style import Style, SummaryStyle
    from digest.records import Entry

NOTHING = Before()
_MOST_POINTS = 8  # of one paper that the model is shown; fewer where they do not fit
_SHARED = 2  # words that a statement must have in common with each paper it names


def summarise(
    entries: Sequence[Entry], style: Style, engine: Engine, *, language: str, seed: int, past: Before = NOTHING
) -> tuple[AnalysisSection, ...]:
    """The summary sections of *style* over *entries*; none without any, or without papers.

    Args:
        past: what the digests of the weeks before held.
    """
    subjects = [Subject(number, entry) for number, entry in enumerate(entries, 1)]
    if not subjects or not style.summary:
        return ()
    prompts = Prompts(style, language)
    drawn = {section.id: _drawn(section, Day(subjects, past), prompts) for section in style.summary}
    if engine.name == "extractive" or language not in engine.model.languages:
        return tuple(drawn.values())
    try:
        written = {section.id: section for section in _written(subjects, prompts, engine, seed)}
    except (ContextTooSmall, ServerFailed):
        written = {}
    return tuple(written.get(name, section) for name, section in drawn.items())


def _drawn(section: SummaryStyle, day: Day, prompts: Prompts) -> AnalysisSection:
    """*section* drawn up without a model."""
    told = prompts.digest(section.id, day)
    by_id = {subject.id: subject for subject in day.papers}
    claims = []
    for line in filter(str.strip, told.split("\n")):
        text, _, marks = line.removeprefix("- ").rpartition(" [")
        papers = tuple(by_id[mark].entry.ranked.paper.id for mark in marks.rstrip("]").split("][") if mark in by_id)
        claims.append(Claim(text=text, papers=papers, verified=True, basis="drawn"))
    status = SectionStatus.OK if claims else SectionStatus.NOT_STATED
    return AnalysisSection(id=section.id, title=section.title[prompts.language], status=status, kind="bullets", claims=tuple(claims))


def _written(subjects: Sequence[Subject], prompts: Prompts, engine: Engine, seed: int) -> Iterator[AnalysisSection]:
    """The sections whose answers can be used: with papers named and at least one statement borne out."""
    system = prompts.day_system()
    styles = {section.id: section for section in prompts.style.summary}
    questions = [
        Question(id=section.id, text=prompts.day_question(section), max_tokens=section.max_tokens, seed=seed) for section in styles.values()
    ]
    text = _material(subjects, prompts, engine, room=engine.room(system, questions))
    asked = {question.id: question.text for question in questions}
    for completion in answer(engine, system, text, questions):
        screen = Screen(f"{system}\n{asked[completion.id]}", prompts.language, paper=text)
        section = _judged(completion, styles[completion.id], screen, subjects)
        if any(claim.verified for claim in section.claims):
            yield section


def _material(subjects: Sequence[Subject], prompts: Prompts, engine: Engine, *, room: int) -> str:
    """The papers with as many points of each as fit into *room* tokens."""
    for most in range(_MOST_POINTS, -1, -1):
        text = prompts.day(subjects, most)
        if engine.count(text) <= room:
            return text
    raise ContextTooSmall(engine.model.id, engine.model.context_tokens, engine.model.context_tokens + engine.count(text) - room)


def _judged(completion: Completion, style: SummaryStyle, screen: Screen, subjects: Sequence[Subject]) -> AnalysisSection:
    reply = read_reply(completion.text, kind="bullets", ended=completion.finish != "length", screen=screen)
    claims = tuple(check(statement, subjects) for statement in reply.statements)
    status = SectionStatus.FAILED if reply.fault else SectionStatus.OK
    return AnalysisSection(id=style.id, title=style.title[screen.language], status=status, claims=claims, reason=reply.fault)


def check(statement: Statement, subjects: Sequence[Subject]) -> Claim:
    """*statement* held against the papers it names: every number and name of it is theirs, and each has words in common with it.

    One that names no paper is given those whose own name it holds.
    """
    folded = fold(statement.text)
    named = [subject for subject in subjects if subject.id in statement.evidence] or [
        subject for subject in subjects if any(name in proper(folded) for name in own_names(subject.title))
    ]
    places = [subject.place for subject in named]
    numbers = [q.written for q in quantities(folded) if not any(holds(place.values, q) for place in places)]
    counted = {str(len(named)), str(len(subjects))}  # "3 篇论文": of the day, not of a paper
    names = [name for name in dict.fromkeys(proper(folded)) if not any(name in place.words for place in places)]
    unfound = (*(number for number in numbers if number not in counted), *names)
    words = content(statement.text, chinese=True)
    shares = all(len(words & content(place.texts[0], chinese=True)) >= _SHARED for place in places)
    return Claim(
        text=statement.text,
        papers=tuple(subject.entry.ranked.paper.id for subject in named),
        verified=bool(named) and shares and not unfound,
        unfound=unfound if named else (),
    )
