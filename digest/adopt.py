"""A profile made from what the reader has collected: a reference manager's export, or a list of arXiv ids."""

from __future__ import annotations

import hashlib
import json
import shlex
from typing import TYPE_CHECKING

from digest.errors import SourceError, UsageError
from digest.ranking.clusters import Group, examples, groups
from digest.records import Paper

if TYPE_CHECKING:
    from pathlib import Path

    from digest.stages import Progress
    from digest.wiring import Tools

_EXPORTS = (".bib", ".ris", ".json")


def collected(tools: Tools, path: Path) -> list[Paper]:
    """The papers that *path* names, each once: entries of an export, or arXiv ids, one on a line.

    Raises:
        UsageError: it cannot be read, or names no paper.
        SourceError: arXiv was needed for an id that the library lacks, and did not answer.
    """
    from digest.sources.bibliography import entries_of
    from digest.sources.metadata import split_arxiv_id

    papers: dict[str, Paper] = {}
    if path.suffix.lower() in _EXPORTS:
        try:
            entries = entries_of(path)
        except OSError as error:
            raise UsageError(f"{path} cannot be read: {error.strerror}", hint=f"ls -l {path}") from None
        for entry in entries:
            entry_id = entry.arxiv[0] if entry.arxiv else f"title:{hashlib.sha256(entry.title.lower().encode()).hexdigest()[:16]}"
            known = tools.store.paper(entry_id)
            papers[entry_id] = known or Paper(id=entry_id, title=entry.title, abstract=entry.abstract, authors=entry.authors)
    else:
        for line in _lines(path):
            arxiv_id = split_arxiv_id(line)
            if not arxiv_id:
                raise UsageError(f"{path}: {line!r} is no arXiv id", hint="digest profile import library.bib")
            papers[arxiv_id[0]] = tools.store.paper(arxiv_id[0]) or _asked_for(tools, arxiv_id[0], path)
    if not papers:
        raise UsageError(f"{path} names no paper", hint="digest profile import library.bib")
    return list(papers.values())


def _asked_for(tools: Tools, arxiv_id: str, path: Path) -> Paper:
    if tools.offline:
        raise SourceError(
            "arxiv",
            f"{arxiv_id} is not in the library, and --offline forbids asking for it",
            hint=f"digest profile import {shlex.quote(str(path))}  # with a network; an export with titles needs none",
        )
    return tools.arxiv_paper(arxiv_id)


def profile_of(tools: Tools, papers: list[Paper], *, number: int | None, progress: Progress) -> str:
    """The text of a profile.toml whose interests are groups of *papers*."""
    progress.stage("embed", len(papers))
    texts = [paper.gist for paper in papers]
    vectors = tools.embedder.embed(texts, on_progress=progress.advance)
    parts = [f"# Made from {len(papers)} papers. Look at the names and texts: they are only terms that the papers share.\n"]
    parts += [_interest(tools, papers, group) for group in groups(texts, vectors, tools.glossary.terms, number=number)]
    return "\n".join(parts)


def _interest(tools: Tools, papers: list[Paper], group: Group) -> str:
    chinese = tools.settings.language == "zh"
    names = [(tools.glossary.chinese(term) if chinese else "") or term for term in group.terms]
    typical = [papers[i] for i in examples(group)]
    known = [paper.id for paper in typical if not paper.id.startswith("title:")]
    text = f"{', '.join(group.terms)}. {typical[0].title}."
    lines = ["[[interest]]", f"name = {_toml('、'.join(names[:2]) if chinese else ', '.join(names[:2]))}", f"text = {_toml(text)}"]
    lines += [f"papers = [{', '.join(map(_toml, known))}]"] if known else []
    return "\n".join([*lines, f"# {len(group.members)} papers", *(f"#   {' '.join(paper.title.split())}" for paper in typical), ""])


def _lines(path: Path) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from None
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]


def _toml(text: str) -> str:
    """*text* on one line as a TOML string."""
    return json.dumps(" ".join(text.split()), ensure_ascii=False).replace("\x7f", "\\u007f")
