"""Papers out of the library into other programs: which ones are meant, and the notes of a vault."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from digest.errors import SetupError, UsageError
from digest.library.feedback import LIKED, Feedback
from digest.library.past import Past
from digest.publishing.obsidian import merged_note, render_note
from digest.publishing.references import citation_key
from digest.records import Entry, Paper, Ranked
from digest.workspace import replace_file, safe_name, write_text

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Sequence

    from digest.stages import Progress
    from digest.wiring import Tools

_NEAREST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which papers to take: those named, or a digest's, or the liked ones, or all, or those met; of these, what passes the filters."""

    ids: tuple[str, ...] = ()
    digest: dt.date | None = None
    liked: bool = False
    everything: bool = False  # also papers that were only fetched
    since: dt.date | None = None  # published on or after
    category: str = ""


def chosen_papers(tools: Tools, choice: Choice) -> Iterator[Paper]:
    """The papers of *choice*, the newest first; a whole library is not held in memory.

    Raises:
        UsageError: an id is not known, or nothing is chosen.
    """
    papers = (paper for paper in _named(tools, choice) if _passes(paper, choice))
    first = next(papers, None)
    if first is None:
        raise UsageError("no paper of the library was chosen", hint="digest export bibtex --all")
    return itertools.chain([first], papers)


def _named(tools: Tools, choice: Choice) -> Iterable[Paper]:
    store, past = tools.store, Past(tools.store)
    if choice.ids:
        found = {name: store.named(name) or store.paper(_without_version(name)) for name in choice.ids}
        if unknown := [name for name, paper in found.items() if paper is None]:
            raise UsageError(f"no paper of the library is called {unknown[0]!r}", hint="digest search WORDS")
        return _by_date(paper for paper in found.values() if paper)
    if choice.everything:
        return store.newest_papers()
    if choice.liked:
        ids = {*Feedback(store).papers(LIKED), *tools.profile.liked}
    elif choice.digest:
        editions = list(past.editions(since=choice.digest, until=choice.digest))
        if not editions:
            raise UsageError(f"no digest of {choice.digest} in the library", hint="digest run")
        ids = {entry.ranked.paper.id for _, digest in editions for entry in digest.entries}
    else:
        ids = past.met()
    return _by_date(paper for name in ids if (paper := store.named(name)))


def _by_date(papers: Iterable[Paper]) -> list[Paper]:
    """*papers*, each once, the newest first."""
    once = {paper.id: paper for paper in papers}.values()
    return sorted(once, key=lambda paper: (-(paper.published.toordinal() if paper.published else 0), paper.id))


def _without_version(name: str) -> str:
    from digest.sources.metadata import split_arxiv_id

    arxiv = split_arxiv_id(name)
    return arxiv[0] if arxiv else name


def _passes(paper: Paper, choice: Choice) -> bool:
    late = choice.since is None or (paper.published is not None and paper.published >= choice.since)
    return late and (not choice.category or choice.category in paper.categories)


def file_of(tools: Tools, paper: Paper) -> str:
    """The absolute path of the PDF the paper was read from; "" when there is none on this disk."""
    kept = tools.store.file_of(paper.id)
    return kept[1] if kept and Path(kept[1]).is_file() else ""


# --- notes ------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Written:
    """What became of the notes."""

    new: int = 0
    changed: int = 0
    same: int = 0
    left: list[Path] = dataclasses.field(default_factory=list)  # without a marker, or not text: all the reader's


def write_notes(tools: Tools, papers: Sequence[Paper], folder: Path, progress: Progress, *, files: bool) -> Written:
    """Write the note of each paper into *folder*; with *files* its PDF too, so that page links open inside the vault."""
    written, names = Written(), {paper.id: citation_key(paper) for paper in papers}
    liked = {*Feedback(tools.store).papers(LIKED), *tools.profile.liked}
    before = _latest_entries(tools)
    progress.stage("notes", len(papers))
    for paper in papers:
        entry = _entry(tools, paper, before.get(paper.id), folder, files=files)
        near = {citation_key(known): known for known in _near(tools, entry) if known.id in names}
        text = render_note(entry, near=near, language=tools.settings.language, liked=paper.id in liked)
        _write(folder / f"{names[paper.id]}.md", text, written)
        progress.advance()
    return written


def _write(path: Path, text: str, written: Written) -> None:
    if not path.exists():
        write_text(path, text)
        written.new += 1
        return
    try:
        old = path.read_bytes().decode()
    except UnicodeDecodeError:
        old = ""
    merged = merged_note(text, old)
    if merged is None:
        written.left.append(path)
    elif merged == old:
        written.same += 1
    else:
        write_text(path, merged)
        written.changed += 1


def _latest_entries(tools: Tools) -> dict[str, Entry]:
    """The newest appearance of each paper in a digest."""
    found: dict[str, Entry] = {}
    for _, digest in Past(tools.store).editions():
        for entry in digest.entries:
            found.setdefault(entry.ranked.paper.id, entry)
    return found


def _entry(tools: Tools, paper: Paper, before: Entry | None, folder: Path, *, files: bool) -> Entry:
    """Everything kept of *paper*, its PDF named as the note is to name it."""
    analysis = next(iter(Past(tools.store).analyses(paper.id)), before.analysis if before else None)
    pdf = file_of(tools, paper)
    if pdf and files:
        pdf = _copied(Path(pdf), folder / "pdfs" / f"{safe_name(paper.name)}.pdf", folder)
    elif pdf:
        pdf = Path(pdf).as_uri()
    ranked = dataclasses.replace(before.ranked, paper=paper) if before else Ranked(paper=paper, score=0, relevance=0.0)
    return Entry(ranked=ranked, analysis=analysis, pdf=pdf, neighbours=before.neighbours if before else ())


def _copied(source: Path, target: Path, folder: Path) -> str:
    if not target.is_file() or target.stat().st_size != source.stat().st_size:
        with source.open("rb") as original, replace_file(target) as copy:
            shutil.copyfileobj(original, copy)
    return Path(os.path.relpath(target, folder)).as_posix()


def _near(tools: Tools, entry: Entry) -> Sequence[Paper]:
    """The nearest papers of the library; without an embedding model, those that the digest named."""
    with contextlib.suppress(SetupError):
        return [paper for paper, _ in tools.searcher.similar(entry.ranked.paper, top_k=_NEAREST)]
    return entry.neighbours
