"""The order of the stages: fetch, rank, download, read, analyse, compose, render.

Every result is kept in the library the moment it is there, under a key of what decided it. A run that was interrupted
is therefore simply started again: what is done is found, what is missing is made. One paper's failure stays its own.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from digest.errors import ContextTooSmall, Offline, PaperError, SourceError, SourceUnreachable
from digest.publishing import render_html, render_markdown, render_run_report
from digest.publishing.notices import language_name, notice, source_name
from digest.records import Analysis, Counts, Digest, Document, Entry, Paper, Ranked, ReadStatus, Skipped
from digest.workspace import safe_name, sha256_of, write_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.analysing.engine import Engine
    from digest.analysing.style import Style
    from digest.wiring import Tools

_NEXT_SEED = 1000  # added to the seed of an analysis that is made again
_NEIGHBOURS = 3  # papers read before, shown beside a new one
_DEMO_MODEL = "smollm2-135m"
_NEAR = 0.5  # cosine of abstracts under which two papers are not called near


class Progress(Protocol):
    """Where the pipeline says what it is doing."""

    def stage(self, name: str, total: int) -> None:
        """A stage of *total* steps begins."""

    def advance(self, steps: int = 1) -> None:
        """That many steps of the stage are done."""

    def say(self, line: str) -> None:
        """Something worth a line of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a run is to do."""

    date: dt.date
    sources: tuple[str, ...]
    style: str
    top_k: int
    fallback: str = ""  # source used when none of the others can be reached
    again: bool = False  # deliver papers again that an earlier digest held
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


@dataclass(frozen=True, slots=True)
class Failed:
    """A paper that one stage could do nothing with."""

    paper: Paper
    error: PaperError


# --- the stages -------------------------------------------------------------------------------------------------------


def fetch(tools: Tools, names: Sequence[str], date: dt.date, progress: Progress) -> tuple[list[Paper], list[SourceError]]:
    """Papers of the named sources, kept in the library, each id once; and the sources that did not answer."""
    progress.stage("fetch", len(names))
    found: dict[str, Paper] = {}
    errors = []
    for name in names:
        try:
            for paper in tools.source(name).fetch(date):
                found.setdefault(paper.id, paper)
        except SourceError as error:
            errors.append(error)
        progress.advance()
    tools.store.add_papers(found.values(), today=date)
    return list(found.values()), errors


def describe(tools: Tools, papers: Sequence[Paper], date: dt.date, progress: Progress) -> tuple[list[Paper], list[Failed]]:
    """*papers* with what only the PDF knows: title, authors and abstract of those that came without metadata.

    A loose PDF that cannot be read is nothing to rank: it is left out and given as failed.
    """
    loose = [paper for paper in papers if not paper.abstract and paper.pdf and "://" not in paper.pdf]
    if not loose:
        return list(papers), []
    progress.stage("read", len(loose))
    described, failed = {}, []
    for paper in loose:
        try:
            described[paper.id] = _described(tools, paper)
        except PaperError as error:
            failed.append(Failed(paper, error))
        progress.advance()
    tools.store.add_papers(described.values(), today=date)
    unreadable = {item.paper.id for item in failed}
    return [described.get(paper.id, paper) for paper in papers if paper.id not in unreadable], failed


def _described(tools: Tools, paper: Paper) -> Paper:
    path = Path(paper.pdf)
    document = _readable(tools, paper, path)
    tools.store.set_file(paper.id, document, path)
    return dataclasses.replace(
        paper,
        title=document.title or paper.title,
        abstract=document.abstract or paper.abstract,
        authors=paper.authors or document.authors,
    )


def add_pdf(tools: Tools, path: Path, date: dt.date) -> Paper:
    """The paper in one PDF: the one it is known as, else a new one under the file's hash."""
    sha256 = sha256_of(path)
    known = tools.store.paper_of_file(sha256)
    if known:
        return dataclasses.replace(known, pdf=str(path.resolve()))
    document = tools.read(path, sha256)
    paper = Paper(
        id=f"file:{sha256}",
        title=document.title or path.stem,
        abstract=document.abstract,
        authors=document.authors,
        source="folder",
        pdf=str(path.resolve()),
    )
    tools.store.add_papers([paper], today=date)
    return paper


def rank_papers(tools: Tools, papers: Sequence[Paper], progress: Progress) -> list[Ranked]:
    """*papers* by the reader's profile, best first."""
    from digest.ranking import rank

    progress.stage("rank", len(papers))
    profile = tools.profile
    known = tools.store.papers([*profile.liked, *profile.disliked])
    return rank(papers, profile, tools.embedder, known=known, on_progress=progress.advance)


def read_paper(tools: Tools, paper: Paper) -> tuple[Document, Path]:
    """The document of *paper*, downloaded where it must be, with its passages made searchable.

    Raises:
        PaperError: there is no PDF, or nothing in it can be read.
    """
    path = tools.download(paper)
    document = _readable(tools, paper, path)
    tools.store.set_file(paper.id, document, path)
    return document, path


def _readable(tools: Tools, paper: Paper, path: Path) -> Document:
    document = tools.read(path, sha256_of(path))
    if document.status is not ReadStatus.OK:
        raise PaperError(paper.name, "read", f"{document.status} ({path.name})", retry=document.status is ReadStatus.TIMEOUT)
    return document


def analyse_paper(tools: Tools, paper: Paper, document: Document | None, style: Style, engine: Engine, progress: Progress) -> Analysis:
    """The analysis of *paper*: from the library, or made now and kept.

    One with a failed section is made again with another seed: it was queued for retry.

    Raises:
        PaperError: there is neither a body nor an abstract.
    """
    from digest.analysing import Request, analyse, analysis_key

    if document is None and not paper.abstract:
        raise PaperError(paper.name, "analyse", "neither full text nor abstract", retry=False)
    settings = tools.settings.analysis
    request = Request(
        paper=paper,
        document=document,
        style=style,
        language=tools.settings.language,
        interests=tuple(interest.name for interest in tools.profile.interest),
        seed=settings.seed,
        context_tokens=settings.context_tokens,
        temperature=settings.temperature,
    )
    key = analysis_key(request, engine.name, engine.model.sha256)
    known = tools.store.analysis(key)
    if known and not known.unfinished:
        progress.advance(len(style.sections))
        return known
    if known:  # the same seed would fail the same way
        request = dataclasses.replace(request, seed=known.provenance.seed + _NEXT_SEED)
    analysis = analyse(request, engine, on_section=progress.advance)
    tools.store.add_analysis(key, analysis)
    return analysis


# --- the whole run ----------------------------------------------------------------------------------------------------


def run(tools: Tools, order: Order, progress: Progress) -> Edition:
    """Make the digest that *order* asks for, or the same one again, and say where it lies.

    Raises:
        SourceError: no source answered, and there is no fallback.
        SetupError: a model is missing.
    """
    return _Run(
        tools=tools, order=order, progress=progress, style=tools.style(order.style), engine=tools.engine(order.model, order.engine)
    ).edition()


def choose(ranked: Sequence[Ranked], *, top_k: int, threshold: int, delivered: set[str]) -> tuple[list[Ranked], Counts]:
    """The papers of the digest, and how many left at each step."""
    new = [item for item in ranked if item.paper.id not in delivered]
    good = [item for item in new if item.score >= threshold]
    chosen = good[:top_k]
    counts = Counts(
        scanned=len(ranked),
        delivered_before=len(ranked) - len(new),
        below=len(new) - len(good),
        beyond=len(good) - len(chosen),
        chosen=len(chosen),
        by_source=dict(Counter(item.paper.source for item in ranked)),
    )
    return chosen, counts


def publish(digest: Digest, folder: Path) -> None:
    """Write every form of *digest* into *folder*."""
    write_text(folder / "digest.md", render_markdown(digest))
    write_text(folder / "digest.html", render_html(digest))
    write_text(folder / "run-report.md", render_run_report(digest))


@dataclass(slots=True, kw_only=True)
class _Run:
    """One run of the pipeline and what it collects for its report."""

    tools: Tools
    order: Order
    progress: Progress
    style: Style
    engine: Engine
    skipped: list[Skipped] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)

    def edition(self) -> Edition:
        tools, order, store = self.tools, self.order, self.tools.store
        found, sources = self.gather()
        papers, failed = describe(tools, found, order.date, self.progress)
        for item in failed:
            self.fail(item.paper, item.error)
        ranked = rank_papers(tools, papers, self.progress)
        delivered = set() if order.again else store.delivered(date=order.date, style=self.style.id, sources=sources)
        chosen, counts = choose(ranked, top_k=order.top_k, threshold=tools.settings.ranking.threshold, delivered=delivered)
        folder = tools.workspace.digests / store.edition_folder(order.date, self.style.id, sources)
        entries = self.process(chosen, folder)
        self.index()
        digest = Digest(
            date=order.date,
            style=self.style.id,
            language=tools.settings.language,
            title=self.style.title[tools.settings.language],
            counts=counts,
            entries=tuple(self.with_neighbours(entry) for entry in entries),
            skipped=tuple(self.skipped),
            notices=(*self.notices, *self.model_notices(entries)),
            model=self.engine.model.title,
            seconds=round(time.monotonic() - self.started, 1),
        )
        publish(digest, folder)
        store.add_digest(digest, sources=sources, folder=folder.name)
        return Edition(digest=digest, folder=folder)

    def gather(self) -> tuple[list[Paper], str]:
        """Papers of the sources, or of the fallback when none of them can be reached; and the name of that set of sources."""
        order, language = self.order, self.tools.settings.language
        sources = order.sources
        papers, errors = fetch(self.tools, sources, order.date, self.progress)
        for error in errors:
            self.progress.say(f"digest: {error}")
            self.skipped.append(Skipped(paper="", title=error.source, stage="fetch", reason=error.problem, retry=True))
        if len(errors) < len(sources):
            self.notices += [notice("unreachable", language, source=source_name(error.source, language)) for error in errors]
        elif order.fallback and all(isinstance(error, SourceUnreachable | Offline) for error in errors):
            self.progress.say(f"digest: using {order.fallback} instead")
            self.notices.append(self.fallback_notice(sources, language))
            sources = (order.fallback,)
            papers, errors = fetch(self.tools, sources, order.date, self.progress)
        if len(errors) == len(sources):
            raise errors[0]
        return self.without_withdrawn(papers), " ".join(sorted(map(_source_name, sources)))

    def fallback_notice(self, sources: Sequence[str], language: str) -> str:
        names = ", ".join(source_name(source, language) for source in sources)
        return notice("fallback", language, source=names, fallback=source_name(self.order.fallback, language))

    def without_withdrawn(self, papers: Sequence[Paper]) -> list[Paper]:
        from digest.sources.metadata import is_withdrawn

        for paper in filter(is_withdrawn, papers):
            self.skip(paper, PaperError(paper.name, "fetch", "withdrawn by its authors", retry=False))
        return [paper for paper in papers if not is_withdrawn(paper)]

    def process(self, chosen: Sequence[Ranked], folder: Path) -> list[Entry]:
        """Download, read and analyse each paper; one that fails keeps its place with what there is of it."""
        self.progress.stage("analyse", len(chosen) * len(self.style.sections))
        budget = self.order.budget_seconds
        entries: list[Entry] = []
        late = []
        for ranked in chosen:
            if budget is not None and entries and time.monotonic() - self.started > budget:
                late.append(ranked)
                self.fail(ranked.paper, PaperError(ranked.paper.name, "analyse", "the time budget ran out"))
                entries.append(Entry(ranked=ranked))
            else:
                entries.append(self.entry(ranked, folder))
        if late:
            self.notices.append(notice("budget", self.tools.settings.language, n=len(late)))
        return entries

    def entry(self, ranked: Ranked, folder: Path) -> Entry:
        paper, store = ranked.paper, self.tools.store
        document, path, analysis = None, None, None
        try:
            document, path = read_paper(self.tools, paper)
            store.clear_failure(paper.id, "download")
            store.clear_failure(paper.id, "read")
        except PaperError as error:
            self.fail(paper, error)
        try:
            analysis = analyse_paper(self.tools, paper, document, self.style, self.engine, self.progress)
            store.clear_failure(paper.id, "analyse")
        except PaperError as error:
            self.fail(paper, error)
        except ContextTooSmall as error:
            self.fail(paper, PaperError(paper.name, "analyse", str(error)))
        return self.illustrated(Entry(ranked=ranked, document=document, analysis=analysis), path, folder)

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
        self.progress.stage("index", self.tools.store.count("passage"))
        self.tools.searcher.sync(self.progress.advance)

    def with_neighbours(self, entry: Entry) -> Entry:
        """*entry* with the nearest papers that digests of earlier days held."""
        earlier = self.tools.store.delivered(date=self.order.date, style="", sources="")
        if not earlier:
            return entry
        near = self.tools.searcher.similar(entry.ranked.paper, top_k=_NEIGHBOURS * 10)
        papers = [paper for paper, cosine in near if cosine >= _NEAR and paper.id in earlier]
        return dataclasses.replace(entry, neighbours=tuple(papers[:_NEIGHBOURS]))

    def model_notices(self, entries: Sequence[Entry]) -> list[str]:
        """What a reader must know of the model before reading."""
        language, model = self.tools.settings.language, self.engine.model
        written = sorted({entry.analysis.language for entry in entries if entry.analysis} - {language})
        found = [notice("language", language, model=model.title, written=language_name(code, language)) for code in written]
        return [*found, notice("demo", language, model=model.title)] if model.id == _DEMO_MODEL else found

    def fail(self, paper: Paper, error: PaperError) -> None:
        """Keep the failure for the next run and for the report."""
        self.tools.store.add_failure(paper.id, error.stage, error.reason, retry=error.retry)
        self.skip(paper, error)

    def skip(self, paper: Paper, error: PaperError) -> None:
        self.skipped.append(Skipped(paper=paper.name, title=paper.title, stage=error.stage, reason=error.reason, retry=error.retry))


def _source_name(source: str) -> str:
    """*source*, a folder by its full path: the same folder is the same source wherever the command was given."""
    path = Path(source).expanduser()
    return str(path.resolve()) if path.is_dir() else source
