"""One Obsidian note a paper: properties, the analysis with page links, wikilinks to near papers, room for the reader's own words.

A note is made anew by each export, but for two things that are the reader's: everything below the marker, and properties and
tags of their own. A note without its marker is left alone. Names of notes are citation keys: ASCII, and no title changes them.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.publishing.claims import Link
from digest.publishing.inline import Inline, clean, literal, metadata, model_text
from digest.publishing.labels import labels_for
from digest.publishing.markdown import Markdown
from digest.publishing.phrases import fold_authors, link_name, page_link, web_link
from digest.publishing.references import reference
from digest.publishing.templates import fill
from digest.records import SectionStatus

if TYPE_CHECKING:
    from collections.abc import Mapping

    from digest.records import AnalysisSection, Claim, Entry, Paper

MARKER = "%% digest %%"  # begins the line that ends our part; a comment to Obsidian, so only the hint after it shows
_MARKER_LINE = re.compile(rf"^{MARKER}.*\r?$\n?", re.MULTILINE)
_FRONT = re.compile(r"\A---\r?\n(?P<properties>.*?)^---\r?$\n?", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A statement of the analysis and where it stands in the paper."""

    text: Inline
    pages: tuple[Link, ...]
    verified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A headed part of the note."""

    title: Inline
    note: str
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What the template draws."""

    front: Markdown
    title: Inline
    authors: str
    links: tuple[Link, ...]
    score: str
    parts: tuple[Part, ...]
    near: tuple[Markdown, ...]
    abstract: Inline
    marker: Markdown


def render_note(entry: Entry, *, near: Mapping[str, Paper], language: str, liked: bool = False) -> str:
    """The note of *entry*.

    Args:
        near: the nearest papers that have notes, by the names of those.
    """
    labels = labels_for(language)
    paper = entry.ranked.paper
    links = [Link(name="PDF", href=entry.pdf)] if entry.pdf else []
    sections = entry.analysis.sections if entry.analysis else ()
    note = Note(
        front=Markdown(_front(entry, liked=liked)),
        title=metadata(paper.title),
        authors=fold_authors(paper.authors, labels),
        links=(*([Link(name=link_name(link, labels), href=link)] if (link := web_link(paper.link)) else []), *links),
        score=f"{labels.score} {entry.ranked.score}" if entry.ranked.score else "",
        parts=tuple(part for section in sections if (part := _part(section, entry.pdf, language))),
        near=tuple(Markdown(f"[[{name}|{_shown(known)}]]") for name, known in near.items()),
        abstract=metadata(paper.abstract),
        marker=Markdown(f"{MARKER} {labels.own_words}"),
    )
    return re.sub(r"\n{3,}", "\n\n", fill("note.md.j2", note=note, t=labels)).strip() + "\n"


def _part(section: AnalysisSection, pdf: str, language: str) -> Part | None:
    """A section that has something to say; one that failed is left out."""
    labels = labels_for(language)
    notes = {SectionStatus.NOT_STATED: labels.not_stated, SectionStatus.ABSTRACT_ONLY: labels.abstract_only}
    if section.status is SectionStatus.FAILED:
        return None
    statements = tuple(_statement(claim, pdf) for claim in section.claims)
    return Part(title=literal(section.title), note=notes.get(section.status, ""), statements=statements)


def _statement(claim: Claim, pdf: str) -> Statement:
    pages = tuple(Link(name=f"p.{page}", href=f"{pdf}#page={page}" if "://" in pdf else page_link(pdf, page)) for page in claim.pages)
    return Statement(text=model_text(claim.text), pages=pages, verified=claim.verified)


def _shown(paper: Paper) -> str:
    """A title as the text of a wikilink, which ends at a bracket or a bar."""
    return " ".join(re.sub(r"[\[\]|#^`$\\<>*_~=%&]+", " ", metadata(paper.title).plain).split()) or paper.name


# --- properties -------------------------------------------------------------------------------------------------------


def _front(entry: Entry, *, liked: bool) -> str:
    """The properties as YAML: every string as JSON writes it, which YAML reads the same."""
    paper, item = entry.ranked.paper, reference(entry.ranked.paper)
    title = metadata(paper.title).plain
    fields: dict[str, object] = {
        "title": title,
        "aliases": [title],
        "authors": [metadata(name).plain for name in paper.authors],
        "date": Markdown(paper.published.isoformat()) if paper.published else "",
        "arxiv": item.arxiv,
        "doi": item.doi,
        "url": item.url,
        "citekey": item.key,
        "categories": list(item.categories),
        "score": entry.ranked.score,
        "liked": liked,
        "model": clean(entry.analysis.provenance.model) if entry.analysis else "",
        "tags": _tags(entry),
    }
    return "".join(_property(name, value) for name, value in fields.items() if value)


def _property(name: str, value: object) -> str:
    if isinstance(value, list):
        return f"{name}:\n" + "".join(f"  - {json.dumps(item, ensure_ascii=False)}\n" for item in value)
    return f"{name}: {value if isinstance(value, Markdown) else json.dumps(value, ensure_ascii=False)}\n"


def _tags(entry: Entry) -> list[str]:
    """``paper``, the arXiv categories and the interests that the paper meets, as Obsidian allows tags to be."""
    interests = [reason.interest for reason in entry.ranked.reasons if reason.kind == "interest" and reason.share > 0]
    categories = [category.replace(".", "/") for category in entry.ranked.paper.categories]
    tags = (re.sub(r"[^\w/-]+", "-", clean(text)).strip("-/") for text in ("paper", *categories, *interests))
    return list(dict.fromkeys(tag for tag in tags if re.search(r"[^\d/_-]", tag)))


# --- what is the reader's ---------------------------------------------------------------------------------------------


def merged_note(new: str, old: str) -> str | None:
    """*new* with what the reader added to *old*; None where *old* has no marker, and so is all the reader's."""
    marker = _MARKER_LINE.search(old)
    if not marker:
        return None
    front = _FRONT.match(old)
    properties = _properties(front["properties"]) if front and front.end() <= marker.start() else {}
    return _with_own(new, properties) + old[marker.end() :]


def _with_own(new: str, old: Mapping[str, str]) -> str:
    """*new* with the properties of *old* that it does not have, and the tags."""
    front = _FRONT.match(new)
    assert front, "every note begins with its properties"
    ours = _properties(front["properties"])
    tags = [tag for tag in _items(old.get("tags", "")) if tag not in _items(ours.get("tags", ""))]
    known = {"title", "aliases", "authors", "date", "arxiv", "doi", "url", "citekey", "categories", "score", "liked", "model", "tags"}
    own = "".join(text for name, text in old.items() if name not in known)
    added = "".join(f"  - {tag}\n" for tag in tags)
    return f"---\n{front['properties']}{added}{own}---\n{new[front.end() :]}"


def _properties(front: str) -> dict[str, str]:
    """The lines of each property, by its name."""
    found: dict[str, str] = {}
    name = ""
    for line in front.replace("\r\n", "\n").splitlines(keepends=True):
        if line[:1].strip() and not line.startswith(("-", "#")) and ":" in line:
            name = line.partition(":")[0].strip().strip("\"'")
        found[name] = found.get(name, "") + line
    return found


def _items(lines: str) -> list[str]:
    """The items of a list property, in either of YAML's forms, as they are written."""
    inline = re.match(r"[^:]*:\s*\[(.*)\]\s*$", lines)
    if inline:
        return [item.strip() for item in inline[1].split(",") if item.strip()]
    return re.findall(r"^\s*-\s+(.+?)\s*$", lines, re.MULTILINE)
