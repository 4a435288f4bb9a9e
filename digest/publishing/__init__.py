"""A digest as HTML, Markdown, JSON and plain text, and the run report.

Every function is pure: the same digest gives the same text. Pictures and PDFs are named relative to the digest's folder.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from digest.publishing import phrases
from digest.publishing.jsonform import to_text
from digest.publishing.labels import Labels, labels_for
from digest.publishing.paper import paper_view
from digest.publishing.plain import page_lines, paper_lines
from digest.publishing.report import report_view
from digest.publishing.templates import check_templates, fill
from digest.publishing.view import RUN_REPORT, Setting, page_view

if TYPE_CHECKING:
    from collections.abc import Mapping

    from digest.publishing.plain import Line
    from digest.records import Digest, Entry

__all__ = [
    "FRAMES",
    "Look",
    "check_templates",
    "nothing_new",
    "paper_text_lines",
    "render_html",
    "render_json",
    "render_markdown",
    "render_paper_html",
    "render_run_report",
    "stylesheet",
    "text_lines",
]
FRAMES = ("daily", "method", "brief")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a digest is drawn, besides what it says."""

    frame: str = ""  # its outer form: one of FRAMES or of the workspace's own; "": that of its style
    templates: Path | None = None  # folder of the workspace's own templates
    alone: bool = False  # nothing beside the page will be there: PDFs are those on the web, the run report is not linked
    pictures: Mapping[str, str] = field(default_factory=dict)  # path of a figure -> address that stands for it

    @property
    def folder(self) -> Path | None:
        """The folder of templates, if there is one."""
        return self.templates if self.templates and self.templates.is_dir() else None


_PLAIN = Look()


def render_markdown(digest: Digest, look: Look = _PLAIN) -> str:
    """*digest* as one Markdown file for GitHub and Obsidian."""
    return _tidy(_render(digest, look, "md"))


def render_html(digest: Digest, look: Look = _PLAIN) -> str:
    """*digest* as one HTML page, its style and its one script within: nothing comes from outside but its own figures."""
    return _trimmed(_render(digest, look, "html")) + "\n"


def render_json(digest: Digest) -> str:
    """*digest* for other programs; ``docs/digest.schema.json`` describes it."""
    return to_text(digest, _title(digest, labels_for(digest.language)))


def text_lines(digest: Digest) -> list[Line]:
    """*digest* as lines of plain text, not yet wrapped."""
    labels = labels_for(digest.language)
    return list(page_lines(page_view(digest, _title(digest, labels), labels), labels))


def paper_text_lines(entry: Entry, language: str) -> list[Line]:
    """One paper of a digest as lines of plain text, with its abstract."""
    labels = labels_for(language)
    return list(paper_lines(paper_view(entry, 0, "", labels), labels, abstract=True))


def render_paper_html(entry: Entry, *, language: str = "zh", style: str = "daily", number: int = 0) -> str:
    """One paper as a page shows it: an ``<article>`` to stand in any page that has ``stylesheet``; no script, no inline style.

    Its page chips lead to ``<entry.pdf>#page=N`` and its figure to ``entry.figure``: put there what addresses the page has for them.

    Args:
        style: of the frame: ``method`` shows the abstract first, any other folds it.
        number: its place on the page; 0 shows none.
    """
    labels = labels_for(language)
    view = paper_view(entry, number, phrases.anchors([entry.ranked.paper])[0], labels)
    return _trimmed(fill("paper.html.j2", paper=view, abstract_first=style == "method", t=labels))


def stylesheet() -> str:
    """The CSS of every page of a digest."""
    return fill("style.css")


def render_run_report(digest: Digest) -> str:
    """What became of every paper of the run, with the technical reasons that a digest never shows; Markdown."""
    labels = labels_for(digest.language)
    return _tidy(fill("run-report.md.j2", report=report_view(digest, _title(digest, labels), labels), t=labels))


def nothing_new(digest: Digest) -> str:
    """Why there is nothing in *digest*, or nothing new, in one line; "" on a day with news."""
    labels = labels_for(digest.language)
    return phrases.nothing_new(digest.counts, digest.date, labels, shown=len(digest.entries))


def _render(digest: Digest, look: Look, form: str) -> str:
    labels = labels_for(digest.language)
    setting = Setting(report="" if look.alone else RUN_REPORT, pictures=look.pictures)
    if look.alone:
        digest = replace(digest, entries=tuple(replace(entry, pdf="") for entry in digest.entries))
    page = page_view(digest, _title(digest, labels), labels, setting)
    return fill(f"{_frame(digest, look, form)}.{form}.j2", look.folder, page=page, t=labels)


def _frame(digest: Digest, look: Look, form: str) -> str:
    """The frame asked for, else that of the style; a style of the user's own without one has the daily frame."""
    name = look.frame or digest.style
    own = look.folder is not None and (look.folder / f"{name}.{form}.j2").is_file()
    return name if own or name in FRAMES else "daily"


def _title(digest: Digest, labels: Labels) -> str:
    titles = {"method": labels.method, "brief": labels.brief}
    return digest.title or titles.get(digest.style, labels.daily)


def _tidy(markdown: str) -> str:
    """No runs of blank lines, no spaces at line ends; no value holds a line break, so only the frame is touched."""
    return re.sub(r"\n{3,}", "\n\n", _trimmed(markdown)).strip() + "\n"


def _trimmed(text: str) -> str:
    return re.sub(r"[ \t]+\n", "\n", text)
