"""Papers in, analyses out: from the library, or made now and kept the moment they are there.

A run, one paper and a night's batch all come through here. The engine has as many papers at once as do well on this machine.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from collections import Counter, deque
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from digest.analysing import Request, Task, analyse, analyse_all, analysis_key
from digest.analysing.asking import LATE
from digest.analysing.pace import LEVELS, WHOLE, Depth, Pace
from digest.errors import DigestError, PaperError, SetupError
from digest.machine import resident_bytes
from digest.publishing.labels import labels_for
from digest.publishing.notices import notice
from digest.publishing.phrases import duration
from digest.records import Analysis, Document, Paper, SectionStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from digest.analysing.engine import Completion, Engine
    from digest.analysing.evaluate import Score
    from digest.analysing.style import Style
    from digest.records import AnalysisSection
    from digest.stages import Progress
    from digest.wiring import Tools

_ABSTRACT_STYLE = "abstract"  # of papers whose body cannot be had, whatever the style of the digest
_NEXT_SEED = 1000  # added to the seed of an analysis that is made again


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """A paper that is to be analysed."""

    paper: Paper
    document: Document | None  # None, or without passages: the abstract is all there is


def analyse_papers(
    tools: Tools, works: Iterable[Work], style: Style, engine: Engine, progress: Progress, *, pace: Pace | None = None, afresh: bool = False
) -> Iterator[tuple[Work, Analysis | DigestError]]:
    """Yield each of *works* with its analysis as soon as that is there and kept, or with what went wrong with it alone.

    The next paper is drawn when the engine has a place for it. Of an analysis with failed sections these alone are made
    again, with another seed. Every section is kept as soon as it is settled: a run that was killed asks again only what it
    was working on.

    Args:
        pace: what is to be done by when; a paper that there is no time for has failed, to be tried again.
        afresh: of a paper that was being worked on ask everything again. Answers that a model in this process writes side by side
            depend on each other in their last bits (docs/log.md), so only then are the words those of a run that nobody killed.

    Raises:
        DigestError: the engine cannot work at all.
        BudgetTooSmall: there is no time for even one paper.
    """
    desk = _Desk(tools, style, engine, progress, pace or Pace(papers=0, context_tokens=engine.model.context_tokens), afresh=afresh)
    for task, found in analyse_all(desk.tasks(works), engine, heard=desk.hear):
        yield desk.kept(task, found)
        while desk.known:
            yield desk.known.popleft()
    yield from desk.known
    if desk.pace.written:
        progress.say(f"digest: {desk.pace.written:,} tokens written, {desk.pace.tokens_per_second:.1f} a second")


def analyse_paper(tools: Tools, paper: Paper, document: Document | None, style: Style, engine: Engine, progress: Progress) -> Analysis:
    """The same for one paper.

    Raises:
        PaperError: there is neither a body nor an abstract.
    """
    ((_, found),) = analyse_papers(tools, [Work(paper, document)], style, engine, progress)
    if isinstance(found, DigestError):
        raise found
    return found


def key_of(tools: Tools, work: Work, style: Style, engine: Engine) -> str:
    """What the analysis of *work*, read as deep as the context allows, is kept under."""
    return analysis_key(_request(tools, work.paper, work.document, _fitting(tools, style, work)), engine.name, engine.model.sha256)


def kept_analysis(tools: Tools, work: Work, style: Style, engine: Engine) -> Analysis | None:
    """The analysis of *work* that the library holds, whatever failed in it; no model is loaded."""
    return tools.store.analysis(key_of(tools, work, style, engine))


def _fitting(tools: Tools, style: Style, work: Work) -> Style:
    return style if work.document and work.document.passages else tools.style(_ABSTRACT_STYLE)


@dataclass(slots=True)
class _Entry:
    """What the desk remembers of a task: its work, the key it is kept under, and how many sections were told to be done."""

    work: Work
    key: str
    told: int


class _Desk:
    """Makes tasks of works, and keeps what comes of them."""

    def __init__(self, tools: Tools, style: Style, engine: Engine, progress: Progress, pace: Pace, *, afresh: bool) -> None:
        self._tools, self._style, self._engine, self._progress, self.pace = tools, style, engine, progress, pace
        self._afresh = afresh
        self._entries: dict[Task, _Entry] = {}
        self.known: deque[tuple[Work, Analysis | DigestError]] = deque()  # needs no engine

    def tasks(self, works: Iterable[Work]) -> Iterator[Task]:
        for work in works:
            task = self._task(work)
            if task:
                yield task

    def hear(self, completion: Completion) -> None:
        self.pace.hear(completion)
        left = self.pace.seconds_left
        eta = f", about {span(left)} left" if left is not None else ""
        self._progress.note(f"{self.pace.tokens_per_second:.1f} tokens/s{eta}")

    def kept(self, task: Task, found: Analysis | DigestError) -> tuple[Work, Analysis | DigestError]:
        entry = self._entries.pop(task)
        if isinstance(found, Analysis):
            self._tools.store.add_analysis(entry.key, found)
        self._progress.advance(len(task.request.style.sections) - entry.told)
        return entry.work, found

    def _task(self, work: Work) -> Task | None:
        """The task that *work* is; None when it is done, or there is no time for it."""
        paper, document = work.paper, work.document
        if document is None and not paper.abstract:
            self.known.append((work, PaperError(paper.name, "analyse", "neither full text nor abstract", retry=False)))
            return None
        style = _fitting(self._tools, self._style, work)
        request = _request(self._tools, paper, document, style)
        before = {tokens: self._before(request, tokens) for tokens in (LEVELS if self.pace.limited else (0,))}
        whole = next((known for known, _ in before.values() if known and not known.unfinished), None)
        if whole:
            self.pace.found()
            self._progress.advance(len(style.sections))
            self.known.append((work, whole))
            return None
        depth = self._depth(request)
        if depth is None:
            self.known.append((work, PaperError(paper.name, "analyse", LATE)))
            return None
        begun = next((tokens for tokens, (known, sections) in before.items() if known or sections), depth.most_tokens)
        return self._begun(work, dataclasses.replace(request, most_tokens=begun), depth, *before.get(begun, (None, {})))

    def _depth(self, request: Request) -> Depth | None:
        """How deep the time allows it to be read; said where that is not whole."""
        body = (
            sum(self._engine.count(passage.text) for passage in request.passages)
            if self.pace.limited
            else self._engine.model.context_tokens
        )
        depth = self.pace.depth(request.style.questions, body)  # a title costs too little to count
        if depth and depth != WHOLE:
            tokens = f"{depth.most_tokens:,} tokens of it" if depth.most_tokens else "all of it"
            without = f", without {', '.join(sorted(depth.left_out))}" if depth.left_out else ""
            self._progress.say(f"digest: {request.paper.name}: time for {tokens}{without}")
        return depth

    def _before(self, request: Request, most_tokens: int) -> tuple[Analysis | None, dict[str, AnalysisSection]]:
        """What the library holds of the analysis at that depth."""
        key = self._key(dataclasses.replace(request, most_tokens=most_tokens))
        return self._tools.store.analysis(key), {} if self._afresh else self._tools.store.sections(key)

    def _key(self, request: Request) -> str:
        return analysis_key(request, self._engine.name, self._engine.model.sha256)

    def _begun(self, work: Work, request: Request, depth: Depth, known: Analysis | None, sections: dict[str, AnalysisSection]) -> Task:
        key = self._key(request)
        if known:  # what failed is asked again, with another seed: the same would fail the same way
            sections |= {section.id: section for section in known.sections if section.status is not SectionStatus.FAILED}
            request = dataclasses.replace(request, seed=known.provenance.seed + _NEXT_SEED)

        def keep(section: AnalysisSection) -> None:
            self._tools.store.add_section(key, work.paper.id, section)
            entry.told += 1
            self._progress.advance()

        entry = _Entry(work, key, len(sections))
        task = Task(request=request, kept=sections, keep=keep, left_out=depth.left_out - sections.keys(), until=self.pace.until)
        self._entries[task] = entry
        self._progress.advance(len(sections))
        return task


def budget_notice(given: Sequence[Depth | None], style: Style, seconds: float, language: str) -> str:
    """What a run of so many *seconds* left out of its papers; "" when nothing."""
    told = []
    for tokens, n in sorted(Counter(depth.most_tokens for depth in given if depth and depth.most_tokens).items(), reverse=True):
        told.append(notice("part", language, n=n, tokens=f"{tokens:,}"))
    for left_out, n in Counter(depth.left_out for depth in given if depth and depth.left_out).items():
        names = [section.title[language] for section in style.sections if section.id in left_out]
        told.append(notice("without", language, n=n, sections=("、" if language == "zh" else ", ").join(names)))
    if waiting := sum(depth is None for depth in given):
        told.append(notice("waiting", language, n=waiting))
    comma = "，" if language == "zh" else ", "
    return notice("budget", language, time=duration(seconds, labels_for(language)), told=comma.join(told)) if told else ""


def span(seconds: float) -> str:
    """*seconds* as ``40s``, ``12m`` or ``3h20m``: as `--budget` takes it."""
    whole = max(1, round(seconds))
    if whole < 90:
        return f"{whole}s"
    minutes = -(-whole // 60)
    return f"{minutes}m" if minutes < 100 else f"{minutes // 60}h{minutes % 60:02d}m"


def _request(tools: Tools, paper: Paper, document: Document | None, style: Style) -> Request:
    settings, embedder = tools.settings.analysis, _embedder(tools)
    return Request(
        paper=paper,
        document=document,
        style=style,
        language=tools.settings.language,
        interests=tuple(interest.name for interest in tools.profile.interest),
        seed=settings.seed,
        context_tokens=settings.context_tokens,
        temperature=settings.temperature,
        glossary=tools.glossary,
        nearness=functools.partial(_nearness, tools) if embedder else None,
        embedder=embedder,
    )


def _embedder(tools: Tools) -> str:
    """The embedding model; "" where none is installed."""
    try:
        return tools.embedding_card.id
    except SetupError:
        return ""


def _nearness(tools: Tools, queries: Sequence[str], texts: Sequence[str]) -> Sequence[Sequence[float]]:
    """Cosines; the vectors of passages come from the library and are kept there for the search."""
    embedder = tools.embedder
    cosines: list[list[float]] = (embedder.embed_queries(queries) @ embedder.embed(texts).T).tolist()
    return cosines


def evaluate_model(tools: Tools, model_id: str, style: Style, progress: Progress) -> tuple[Score, int]:
    """The figures of a model on the sample papers, and the bytes of memory that the process then holds. No analysis is kept."""
    from digest.analysing.evaluate import load_keys, score

    papers = list(tools.source("samples").fetch(dt.datetime.now(dt.UTC).date()))
    keys = load_keys(Path(papers[0].pdf).parent / "keys.toml")
    progress.stage(f"eval {model_id}", len(papers) * len(style.sections))
    engine = tools.engines.engine(model_id, "llama")
    found = []
    for paper in papers:
        path = Path(paper.pdf)
        request = _request(tools, paper, tools.read(path, tools.hash_of(path)), style)
        found.append((analyse(request, engine, keep=lambda _: progress.advance()), keys[path.name]))
    return score(found, language=tools.settings.language), resident_bytes()
