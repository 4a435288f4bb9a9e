"""The order of the stages: fetch, rank, download, read, analyse, compose, render.

A run that was interrupted is simply started again: what is done is found in the library, what is missing is made. One
paper's failure stays its own.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from digest.analyses import Work, analyse_papers, budget_notice, span
from digest.analysing.pace import Pace
from digest.editions import publish, publish_feed
from digest.errors import BudgetTooSmall, DigestError, Offline, PaperError, SourceUnreachable
from digest.library.past import Past
from digest.publishing import check_templates, nothing_new
from digest.publishing.notices import language_name, notice, source_name, source_notice
from digest.records import Analysis, AnalysisSection, Counts, Digest, Document, Entry, Paper, Ranked, Skipped
from digest.selection import Selection, choose, near_misses
from digest.stages import Wish, describe, fetch, note_failure, pick_papers, rank_papers, read_paper, retry_downloads, settle
from digest.workspace import safe_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from digest.analysing.engine import Engine
    from digest.analysing.style import Style
    from digest.stages import Progress
    from digest.wiring import Tools

_AFTERWARDS = 0.05  # of a time budget is kept for what comes after the analyses: vectors, figures, pages
_NEIGHBOURS = 3  # papers read before, shown beside a new one
_DEMO_MODEL = "smollm2-135m"
_NEAR = 0.5  # cosine of abstracts under which two papers are not called near
_COPY = 0.97  # from which on they are one paper under two names


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a run is to do."""

    date: dt.date
    sources: tuple[str, ...]
    style: str
    top_k: int
    fallback: str = ""  # source used when none of the others can be reached
    again: bool = False  # deliver papers again that an earlier digest held
    since: dt.date | None = None  # first day to ask the sources for
    queries: tuple[str, ...] = ()  # searches of arXiv, instead of those of the settings
    follow_versions: bool = False  # those of which a newer version came
    budget_seconds: float | None = None
    model: str = ""
    engine: str = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """A digest that was written, and where."""

    digest: Digest
    folder: Path

    @property
    def failed(self) -> bool:
        """Whether some paper of it failed, as a whole or in a section."""
        unfinished = any(entry.analysis.unfinished for entry in self.digest.entries if entry.analysis)
        return unfinished or any(skipped.stage != "fetch" for skipped in self.digest.skipped)


def run(tools: Tools, order: Order, progress: Progress) -> Edition:
    """Make the digest that *order* asks for, or the same one again, and say where it lies.

    Raises:
        SourceError: no source answered, and there is no fallback.
        SetupError: a model is missing.
        UsageError: a template of the workspace is wrong.
    """
    check_templates(tools.workspace.templates)
    return Making(
        tools=tools, order=order, progress=progress, style=tools.style(order.style), engine=tools.engine(order.model, order.engine)
    ).edition()


@dataclass(slots=True, kw_only=True)
class Making:
    """One run of the pipeline and what it collects for its report."""

    tools: Tools
    order: Order
    progress: Progress
    style: Style
    engine: Engine
    skipped: list[Skipped] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    listed: int = 0  # papers the sources named, one that two of them name counted twice
    withdrawn: int = 0
    started: float = field(default_factory=time.monotonic)

    def edition(self) -> Edition:
        """Fetch, rank, analyse and publish."""
        return self.made(self.selection())

    def selection(self) -> Selection:
        """Fetch and rank: what the edition is of."""
        tools, order = self.tools, self.order
        found, sources = self.gather()
        described, failed = describe(tools, found, order.date, self.progress)
        papers = settle(tools, described)
        for item in failed:
            self.fail(item.paper, item.error)
        ranked = rank_papers(tools, papers, order.date, self.progress)
        delivered = self.delivered(papers, sources)
        chosen, counts = choose(ranked, pick=self.pick, threshold=tools.settings.ranking.threshold, delivered=delivered)
        return Selection(
            chosen=tuple(chosen),
            counts=self.counted(counts, papers, unreadable=len(failed)),
            near=near_misses(ranked, delivered, chosen),
            sources=sources,
            skipped=tuple(self.skipped),
            notices=tuple(self.notices),
        )

    def made(self, selection: Selection) -> Edition:
        """Read, analyse and publish what was selected."""
        tools, order, store, chosen = self.tools, self.order, self.tools.store, selection.chosen
        self.skipped, self.notices = list(selection.skipped), list(selection.notices)
        folder = tools.workspace.digests / store.edition_folder(order.date, self.style.id, selection.sources)
        with tools.downloading(item.paper for item in chosen):
            entries = self.process(chosen, folder)
        if not tools.offline:
            retry_downloads(tools, self.progress)
        self.index()
        summary = self.summary(entries, folder)
        digest = Digest(
            date=order.date,
            style=self.style.id,
            language=tools.settings.language,
            title=self.style.title[tools.settings.language],
            counts=selection.counts,
            entries=tuple(self.with_neighbours(entry, {item.paper.id for item in chosen}) for entry in entries),
            skipped=tuple(self.skipped),
            notices=(*self.notices, *self.model_notices(entries)),
            summary=summary,
            near=selection.near,
            model=self.engine.model.title,
            seconds=round(time.monotonic() - self.started, 1),
        )
        if why := nothing_new(digest):
            self.progress.say(f"digest: {why}")
        digest = self.dated(digest, folder)
        publish(digest, folder, tools.workspace.templates)
        store.add_digest(digest, sources=selection.sources, folder=folder.name)
        publish_feed(tools)
        return Edition(digest=digest, folder=folder)

    def pick(self, good: Sequence[Ranked]) -> list[Ranked]:
        """The papers of the digest, of those that are *good* enough."""
        return pick_papers(self.tools, good, top_k=self.order.top_k)

    def gather(self) -> tuple[list[Paper], str]:
        """Papers of the sources, or of the fallback when none of them can be reached; and the name of that set of sources."""
        order, language = self.order, self.tools.settings.language
        sources = order.sources
        wish = Wish(date=order.date, sources=sources, since=order.since, queries=order.queries)
        fetched = fetch(self.tools, wish, self.progress)
        papers, errors = fetched.papers, fetched.errors
        goes_on = papers or order.fallback or len(errors) < len(sources)
        for error in errors if goes_on else errors[1:]:  # the first is what ends the run, and told then
            self.progress.say(f"digest: {error}")
        for error in errors:
            self.skipped.append(Skipped(paper="", title=error.source, stage="fetch", reason=error.problem, retry=True))
        if papers or len(errors) < len(sources):
            brought = {paper.source for paper in papers}
            self.notices += [source_notice(error, language, known=error.source in brought) for error in errors]
        elif order.fallback and all(isinstance(error, SourceUnreachable | Offline) for error in errors):
            self.progress.say(f"digest: using {order.fallback} instead")
            self.notices.append(self.fallback_notice(sources, language))
            sources = (order.fallback,)
            fetched = fetch(self.tools, dataclasses.replace(wish, sources=sources), self.progress)
            papers, errors = fetched.papers, fetched.errors
        if not papers and len(errors) == len(sources):
            raise errors[0]
        self.listed = fetched.listed
        return self.without_withdrawn(papers), edition_sources(sources, order.queries)

    def fallback_notice(self, sources: Sequence[str], language: str) -> str:
        """That another source stands in."""
        names = ", ".join(source_name(source, language) for source in sources)
        return notice("fallback", language, source=names, fallback=source_name(self.order.fallback, language))

    def delivered(self, papers: Sequence[Paper], sources: str) -> set[str]:
        """Ids of what other digests held, but for papers whose new version is wanted."""
        if self.order.again:
            return set()
        versions = self.tools.store.delivered(date=self.order.date, style=self.style.id, sources=sources)
        if not self.order.follow_versions:
            return set(versions)
        updated = [paper for paper in papers if (paper.version or 0) > (versions.get(paper.id) or paper.version or 0)]
        if updated:
            names = ", ".join(f"{paper.id} v{versions[paper.id]} → v{paper.version}" for paper in updated)
            self.notices.append(notice("updated", self.tools.settings.language, papers=names))
        return versions.keys() - {paper.id for paper in updated}

    def counted(self, counts: Counts, papers: Sequence[Paper], *, unreadable: int) -> Counts:
        """*counts* with where the papers came from and what was left out before they were ranked."""
        new = len(self.tools.store.first_seen_since(self.order.date, [paper.id for paper in papers]))
        return dataclasses.replace(
            counts,
            fetched=self.listed,
            repeated=self.listed - counts.scanned - unreadable - self.withdrawn,
            withdrawn=self.withdrawn,
            unreadable=unreadable,
            new=new,
            known=counts.scanned - new,
        )

    def without_withdrawn(self, papers: Sequence[Paper]) -> list[Paper]:
        """*papers* but for those taken back."""
        from digest.sources.metadata import is_withdrawn

        self.withdrawn = sum(map(is_withdrawn, papers))
        for paper in filter(is_withdrawn, papers):
            self.skip(paper, PaperError(paper.name, "fetch", "withdrawn by its authors", retry=False))
        return [paper for paper in papers if not is_withdrawn(paper)]

    def process(self, chosen: Sequence[Ranked], folder: Path) -> list[Entry]:
        """Download, read and analyse the papers; one that fails keeps its place with what there is of it."""
        pace = self.pace(len(chosen))
        self.progress.stage("analyse", len(chosen) * len(self.style.sections))
        entries: dict[str, Entry] = {}
        paths: dict[str, Path | None] = {}

        def works() -> Iterator[Work]:
            for ranked in chosen:
                document, paths[ranked.paper.id] = self.read(ranked.paper)
                entries[ranked.paper.id] = Entry(ranked=ranked, document=document, terms=self.terms(ranked.paper))
                yield Work(ranked.paper, document)

        for work, found in self.analyses(works(), pace):
            entry, path = entries[work.paper.id], paths[work.paper.id]
            if isinstance(found, Analysis):
                self.tools.store.clear_failure(work.paper.id, "analyse")
                entry = dataclasses.replace(entry, analysis=found)
            else:
                self.fail(work.paper, found if isinstance(found, PaperError) else PaperError(work.paper.name, "analyse", str(found)))
            entries[work.paper.id] = self.illustrated(entry, path, folder)
        self.tell(pace)
        return [entries[ranked.paper.id] for ranked in chosen]

    def analyses(self, works: Iterator[Work], pace: Pace) -> Iterator[tuple[Work, Analysis | DigestError]]:
        """The analysis of each work, or what went wrong with it."""
        try:
            yield from analyse_papers(self.tools, works, self.style, self.engine, self.progress, pace=pace)
        except BudgetTooSmall as error:
            enough = (time.monotonic() - self.started + error.needed_seconds) / (1 - _AFTERWARDS)
            error.hint = f"digest run --budget {span(enough)}"
            raise

    def pace(self, papers: int) -> Pace:
        """What the time that this run was given allows; measured here where the model was never tuned."""
        from digest.analysing.tune import measure

        budget, engine = self.order.budget_seconds, self.engine
        tuned = self.tools.engines.speed(engine.model.id) if engine.name == "llama" else None
        if budget is None or engine.name == "extractive":
            return Pace(papers=papers, context_tokens=engine.model.context_tokens, speed=tuned)
        if papers and not tuned:
            self.progress.say(f"digest: {engine.model.id} was not tuned here: its speed is measured for this run")
            tuned = measure(engine)
        summary = sum(section.max_tokens for section in self.style.summary) / tuned.writing if tuned else 0.0
        until = self.started + budget - max(_AFTERWARDS * budget, summary)
        return Pace(papers=papers, context_tokens=engine.model.context_tokens, speed=tuned, until=until)

    def tell(self, pace: Pace) -> None:
        """Say in the digest what was left out for want of time."""
        if pace.limited and (line := budget_notice(pace.given, self.style, self.order.budget_seconds or 0.0, self.tools.settings.language)):
            self.notices.append(line)

    def terms(self, paper: Paper) -> tuple[str, ...]:
        """What *paper* is about, in the terms of the glossary; nothing for a reader of English, who has the title."""
        tools = self.tools
        return tools.glossary.key_terms(paper.title, paper.abstract) if tools.settings.language == "zh" else ()

    def read(self, paper: Paper) -> tuple[Document | None, Path | None]:
        """The body of *paper* and where it lies; nothing where it cannot be had."""
        store = self.tools.store
        try:
            document, path = read_paper(self.tools, paper)
        except PaperError as error:
            self.fail(paper, error)
            return None, None
        store.clear_failure(paper.id, "download")
        store.clear_failure(paper.id, "read")
        return document, path

    def illustrated(self, entry: Entry, path: Path | None, folder: Path) -> Entry:
        """*entry* with its links and its overview figure; the bulk of the document stays in the library."""
        document = entry.document
        if document is None or path is None:
            return entry
        from digest.reading import overview

        figure = overview(document.figures)
        drawn = f"figures/{safe_name(entry.ranked.paper.name)}.png" if figure and figure.box else ""
        if figure and drawn and not (folder / drawn).is_file():
            try:
                self.tools.crop(path, figure, folder / drawn)
            except PaperError as error:
                self.skip(entry.ranked.paper, error)
                drawn = ""
        return dataclasses.replace(
            entry,
            document=dataclasses.replace(document, text="", sections=(), passages=(), references=(), page_texts=(), figures=()),
            pdf=Path(os.path.relpath(path, folder)).as_posix(),
            figure=drawn,
            figure_caption=f"{figure.label}: {figure.caption}" if figure and drawn else "",
        )

    def index(self) -> None:
        """Make what was read in this run searchable."""
        self.progress.stage("index", self.tools.searcher.pending())
        self.tools.searcher.sync(self.progress.advance)

    def with_neighbours(self, entry: Entry, chosen: set[str]) -> Entry:
        """*entry* with the nearest papers that digests of earlier days held, none of them *chosen* for this one or a copy of it."""
        earlier = self.tools.store.delivered(date=self.order.date, style="", sources="")
        if not earlier:
            return entry
        near = self.tools.searcher.similar(entry.ranked.paper, top_k=_NEIGHBOURS * 10)
        papers = [paper for paper, cosine in near if _NEAR <= cosine < _COPY and paper.id in earlier.keys() - chosen]
        return dataclasses.replace(entry, neighbours=tuple(papers[:_NEIGHBOURS]))

    def summary(self, entries: Sequence[Entry], folder: Path) -> tuple[AnalysisSection, ...]:
        """The summary over *entries*; the one of the same edition made before, when nothing that decides it has changed."""
        from digest.analysing.day import WEEKS, before
        from digest.analysing.summary import summarise

        tools, date = self.tools, self.order.date
        old = self.before(folder)
        if old and old.summary and [e.analysis for e in old.entries] == [e.analysis for e in entries]:
            return old.summary
        weeks = Past(tools.store).editions(since=date - dt.timedelta(weeks=WEEKS), until=date - dt.timedelta(days=1))
        past = before(digest for _, digest in weeks)
        return summarise(entries, self.style, self.engine, language=tools.settings.language, seed=tools.settings.analysis.seed, past=past)

    def before(self, folder: Path) -> Digest | None:
        """The same edition as an earlier run left it."""
        return Past(self.tools.store).edition(folder.name)

    def dated(self, digest: Digest, folder: Path) -> Digest:
        """*digest* with the time it was made, which stays that of an earlier run as long as both say the same."""
        before = self.before(folder)
        if before and dataclasses.replace(before, seconds=digest.seconds) == dataclasses.replace(digest, made=before.made):
            return dataclasses.replace(digest, made=before.made)
        return dataclasses.replace(digest, made=dt.datetime.now(dt.UTC).replace(microsecond=0))

    def model_notices(self, entries: Sequence[Entry]) -> list[str]:
        """What a reader must know of the model before reading."""
        language, model = self.tools.settings.language, self.engine.model
        written = sorted({entry.analysis.language for entry in entries if entry.analysis} - {language})
        found = [notice("language", language, model=model.title, written=language_name(code, language)) for code in written]
        if self.engine.name == "extractive":
            return [notice("extractive", language)]
        return [*found, notice("demo", language, model=model.title)] if model.id == _DEMO_MODEL else found

    def fail(self, paper: Paper, error: PaperError) -> None:
        """Keep the failure for the next run and for the report."""
        note_failure(self.tools, paper, error)
        self.skip(paper, error)

    def skip(self, paper: Paper, error: PaperError) -> None:
        """Tell of it in the report."""
        self.skipped.append(Skipped(paper=paper.name, title=paper.title, stage=error.stage, reason=error.reason, retry=error.retry))


def edition_sources(sources: Sequence[str], queries: Sequence[str]) -> str:
    """The name of a set of sources and searches: editions of a day are told apart by it."""
    return " ".join([*sorted(map(_source_name, sources)), *queries])


def _source_name(source: str) -> str:
    """*source*, a folder by its full path: the same folder is the same source wherever the command was given."""
    path = Path(source).expanduser()
    return str(path.resolve()) if path.is_dir() else source
