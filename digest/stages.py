"""The stages of a run before analysing, each one call: fetch, describe, rank, read.

Every result is kept in the library the moment it is there, under a key of what decided it: asked for again, it is found.
The order of the stages and what becomes of failures is the pipeline's.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from digest.errors import PaperError, SourceError, UsageError
from digest.library.identity import merged
from digest.records import Document, Paper, Ranked, ReadStatus
from digest.sources import Remembering
from digest.sources.metadata import arxiv_pages, arxiv_stamp, split_arxiv_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.wiring import Tools

_RETRIES = 20  # downloads tried again in one run


class Progress(Protocol):
    """Where the pipeline says what it is doing."""

    def stage(self, name: str, total: int) -> None:
        """A stage of *total* steps begins."""

    def advance(self, steps: int = 1) -> None:
        """That many steps of the stage are done."""

    def note(self, line: str) -> None:
        """How it is going, in place of what was noted before."""

    def say(self, line: str) -> None:
        """Something worth a line of its own."""


class Silent:
    """Progress that nobody sees."""

    def stage(self, name: str, total: int) -> None:
        """See ``Progress``."""

    def advance(self, steps: int = 1) -> None:
        """See ``Progress``."""

    def note(self, line: str) -> None:
        """See ``Progress``."""

    def say(self, line: str) -> None:
        """See ``Progress``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Which papers to fetch."""

    date: dt.date  # the day the digest is for
    sources: tuple[str, ...]
    since: dt.date | None = None  # the first day; None: what the settings and earlier runs say
    queries: tuple[str, ...] = ()  # searches of arXiv, instead of those of the settings

    def __post_init__(self) -> None:
        """Raise UsageError where the days go backwards."""
        if self.since and self.since > self.date:
            raise UsageError(f"--since {self.since} is after --date {self.date}", hint="digest fetch --help")


@dataclass(frozen=True, slots=True)
class Failed:
    """A paper that one stage could do nothing with."""

    paper: Paper
    error: PaperError


@dataclass(frozen=True, slots=True)
class Fetched:
    """What the sources named."""

    papers: list[Paper]  # each once
    errors: list[SourceError]  # what did not answer, or not as a whole
    listed: int  # papers of all sources together, one that two of them name counted twice


def fetch(tools: Tools, wish: Wish, progress: Progress) -> Fetched:
    """Papers of the sources, kept in the library.

    A paper that several sources name is one record of all they tell. Instead of a source that does not answer at all stand
    the papers that earlier runs had of it in the days asked for.
    """
    progress.stage("fetch", len(wish.sources))
    found: dict[str, Paper] = {}
    errors: list[SourceError] = []
    listed = 0
    _begin(tools, wish)
    for name in wish.sources:
        papers, error, named = _fetch_one(tools, name, wish)
        listed += named
        if error:
            errors.append(error)
        for paper in papers:
            first = found.get(paper.id)
            found[paper.id] = dataclasses.replace(merged(paper, first), source=first.source) if first else paper
        progress.advance()
    return Fetched(list(found.values()), errors, listed)


def _begin(tools: Tools, wish: Wish) -> None:
    for name in wish.sources:
        with contextlib.suppress(SourceError):  # told when it is asked
            source = tools.source(name, since=wish.since, queries=wish.queries)
            if isinstance(source, Remembering):
                source.begin(wish.date)
    tools.marks.keep()


def _fetch_one(tools: Tools, name: str, wish: Wish) -> tuple[list[Paper], SourceError | None, int]:
    papers: dict[str, Paper] = {}
    problem, named = None, 0
    try:
        for paper in tools.source(name, since=wish.since, queries=wish.queries).fetch(wish.date):
            papers[paper.id] = merged(papers[paper.id], paper) if paper.id in papers else paper
            named += 1
    except SourceError as error:
        problem = error
    tools.store.add_papers(papers.values(), today=wish.date)
    tools.marks.keep()
    if problem and not papers:
        earlier = _earlier(tools, name, wish)
        return earlier, problem, len(earlier)
    kept = [(tools.store.named(paper.id), paper) for paper in papers.values()]
    return [dataclasses.replace(whole or paper, source=paper.source) for whole, paper in kept], problem, named


def _earlier(tools: Tools, name: str, wish: Wish) -> list[Paper]:
    """What the library has of a source that does not answer: the last days of a list, or just the papers named."""
    if name.startswith("arxiv:"):
        known = [tools.store.named(found[0]) for text in name[6:].split(",") if (found := split_arxiv_id(text))]
        return [paper for paper in known if paper]
    if name not in ("arxiv", "hf") or wish.queries:
        return []  # another folder's papers, or those of another question, are no stand-in
    return tools.store.seen_since(wish.since or wish.date - dt.timedelta(days=tools.settings.sources.days), name)


def describe(tools: Tools, papers: Sequence[Paper], date: dt.date, progress: Progress) -> tuple[list[Paper], list[Failed]]:
    """*papers* with what only the PDF knows: title, authors and abstract of those that came without metadata.

    A loose PDF that cannot be read is nothing to rank: it is left out and given as failed.
    """
    loose = [paper for paper in papers if not paper.abstract and paper.pdf and "://" not in paper.pdf]
    if not loose:
        return list(papers), []
    progress.stage("read", len(loose))
    described, failed = {}, list[Failed]()
    ready = [(paper, path) for paper in loose if (path := _downloaded(tools, paper, failed))]
    for (paper, path), document in zip(ready, tools.read_all([path for _, path in ready]), strict=True):
        try:
            described[paper.id] = _described(tools, paper, accepted(tools, paper, document, path))
        except PaperError as error:
            failed.append(Failed(paper, error))
        progress.advance()
    tools.store.add_papers(described.values(), today=date)
    unreadable = {item.paper.id for item in failed}
    return [described.get(paper.id, paper) for paper in papers if paper.id not in unreadable], failed


def _downloaded(tools: Tools, paper: Paper, failed: list[Failed]) -> Path | None:
    try:
        return tools.download(paper)
    except PaperError as error:
        failed.append(Failed(paper, error))
        return None


def _described(tools: Tools, paper: Paper, document: Document) -> Paper:
    """*paper* as its PDF describes it: by the id on the stamp of its first page, where there is one, else as what lay there before.

    What an export said stays; a title without authors was only the file's name.
    """
    stamp = arxiv_stamp(document.page_texts[0]) if document.page_texts else None
    for before in tools.store.loose_at(paper.pdf) if paper.id.startswith("file:") else []:
        if before.id != paper.id and before.title == document.title:
            tools.store.succeed(before.id, paper.id)
    plain, version = stamp if stamp and ":" in paper.id else (paper.id, paper.version)
    return dataclasses.replace(
        paper,
        id=plain,
        version=version,
        title=(paper.authors and paper.title) or document.title or paper.title,
        abstract=document.abstract,
        authors=paper.authors or document.authors,
        link=paper.link or (arxiv_pages(plain)[0] if stamp and plain == stamp[0] else ""),
        aliases=tuple({*paper.aliases, paper.id} - {plain}),
    )


def add_pdf(tools: Tools, path: Path, date: dt.date) -> Paper:
    """The paper in one PDF: the one it is known as, else a new one under the file's hash."""
    sha256 = tools.hashes.of(path)
    known = tools.store.paper_of_file(sha256) or tools.store.named(f"file:{sha256}")
    if known:
        return dataclasses.replace(known, pdf=str(path.resolve()))
    document = tools.read(path, sha256)
    stamp = arxiv_stamp(document.page_texts[0]) if document.page_texts else None
    paper = Paper(
        id=stamp[0] if stamp else f"file:{sha256}",
        version=stamp[1] if stamp else None,
        title=document.title or path.stem,
        abstract=document.abstract,
        authors=document.authors,
        source="folder",
        pdf=str(path.resolve()),
        aliases=(f"file:{sha256}",) if stamp else (),
    )
    tools.store.add_papers([paper], today=date)
    return tools.store.named(paper.id) or paper


def settle(tools: Tools, papers: Sequence[Paper]) -> list[Paper]:
    """*papers* as the library knows them by now, each once: what two sources or two days told of one is one record."""
    found: dict[str, Paper] = {}
    for paper in papers:
        kept = tools.store.named(paper.id)
        whole = dataclasses.replace(kept, source=paper.source) if kept else paper
        found.setdefault(whole.id, whole)
    return list(found.values())


def rank_papers(tools: Tools, papers: Sequence[Paper], date: dt.date, progress: Progress) -> list[Ranked]:
    """*papers* by the reader's profile and feedback as of *date*, best first."""
    from digest.reader import judged, read_mind, unread

    progress.stage("rank", len(papers))
    for name in unread(tools):
        progress.say(f"digest: no word of {name!r} is understood, so nothing fits it: digest profile check")
    reader = read_mind(tools, today=date)
    ranked = judged(tools, reader, papers, today=date, on_progress=progress.advance)
    if not reader.scale.reference:  # a library's first papers are their own measure, and only now have vectors
        first = read_mind(tools, today=date)
        ranked = judged(tools, first, papers, today=date) if first.scale.reference else ranked
    tools.store.add_scores(ranked, today=date)
    return ranked


def pick_papers(tools: Tools, good: Sequence[Ranked], *, top_k: int) -> list[Ranked]:
    """Of papers that are *good* enough, best first, those of the digest: no crowd of near-copies, one place to explore if wished."""
    from digest.ranking.diversity import pick

    settings = tools.settings.ranking
    vectors = tools.embedder.embed([item.paper.gist for item in good])
    return pick(good, vectors, top_k=top_k, max_alike=settings.max_alike, explore=settings.explore)


def read_paper(tools: Tools, paper: Paper) -> tuple[Document, Path]:
    """The document of *paper*, downloaded where it must be, with its passages made searchable.

    Raises:
        PaperError: there is no PDF, or nothing in it can be read.
    """
    path = tools.download(paper)
    return accepted(tools, paper, tools.read(path, tools.hash_of(path)), path), path


def accepted(tools: Tools, paper: Paper, document: Document, path: Path) -> Document:
    """*document*, now the body of *paper*; refused when there is none, or none to be trusted: it is never analysed as if read."""
    if document.status is not ReadStatus.OK:
        reason = f"{document.status}: {document.problem}" if document.problem else str(document.status)
        raise PaperError(paper.name, "read", f"{reason} ({path.name})", retry=bool(document.problem))
    if document.grade and document.grade.letter == "F":
        raise PaperError(paper.name, "read", f"its text cannot be trusted: {'; '.join(document.grade.reasons)} ({path.name})", retry=False)
    tools.store.set_file(paper.id, document, path)
    return document


def retry_downloads(tools: Tools, progress: Progress) -> list[Failed]:
    """Try again the downloads that are due, and read what comes; return those that failed again."""
    now = dt.datetime.fromtimestamp(tools.http.clock.now(), dt.UTC)
    papers = tools.store.due("download", now, _RETRIES)
    failed = []
    if papers:
        progress.stage("download", len(papers))
    with tools.downloading(papers):
        for paper in papers:
            try:
                read_paper(tools, paper)
                tools.store.clear_failure(paper.id, "download")
            except PaperError as error:
                note_failure(tools, paper, error)
                failed.append(Failed(paper, error))
            progress.advance()
    return failed


def note_failure(tools: Tools, paper: Paper, error: PaperError) -> None:
    """Keep the failure, with the time from which another try makes sense."""
    if error.stage == "read":
        tools.store.clear_failure(paper.id, "download")  # it got further than that
    now = dt.datetime.fromtimestamp(tools.http.clock.now(), dt.UTC)
    tools.store.add_failure(paper.id, error.stage, error.reason, retry=error.retry, not_before=error.not_before, now=now)
