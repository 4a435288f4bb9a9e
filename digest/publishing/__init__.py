"""A digest as Markdown and HTML, and the run report.

Every function is pure: the same digest gives the same text. Pictures and PDFs are named relative to the digest's folder.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.publishing import phrases
from digest.publishing.labels import Labels, labels_for
from digest.publishing.report import report_view
from digest.publishing.templates import fill
from digest.publishing.view import page_view, paper_view

if TYPE_CHECKING:
    from digest.records import Digest, Entry

__all__ = ["nothing_new", "render_html", "render_markdown", "render_paper_html", "render_run_report", "stylesheet"]


@dataclass(frozen=True, slots=True)
class _Frame:
    """The outer form of a report style."""

    template: str
    title: str


def render_markdown(digest: Digest) -> str:
    """*digest* as one Markdown file for GitHub and Obsidian."""
    labels = labels_for(digest.language)
    frame = _frame(digest, labels)
    return _tidy(fill(f"{frame.template}.md.j2", page=page_view(digest, frame.title, labels), t=labels))


def render_html(digest: Digest) -> str:
    """*digest* as one self-contained HTML page: no script, nothing from outside but its own figures."""
    labels = labels_for(digest.language)
    frame = _frame(digest, labels)
    return fill(f"{frame.template}.html.j2", page=page_view(digest, frame.title, labels), t=labels) + "\n"


def render_paper_html(entry: Entry, *, language: str = "zh", style: str = "daily", number: int = 0) -> str:
    """One paper as a page shows it: an ``<article>`` to stand in any page that has ``stylesheet``; no script, no inline style.

    Its page chips lead to ``<entry.pdf>#page=N`` and its figure to ``entry.figure``: put there what addresses the page has for them.

    Args:
        style: of the frame: ``method`` shows the abstract first, any other folds it.
        number: its place on the page; 0 shows none.
    """
    labels = labels_for(language)
    values = {"paper": paper_view(entry, number, labels), "abstract_first": style == "method", "t": labels}
    return fill("paper.html.j2", **values)


def stylesheet() -> str:
    """The CSS of every page of a digest."""
    return fill("style.css")


def render_run_report(digest: Digest) -> str:
    """What became of every paper of the run, with the technical reasons that a digest never shows; Markdown."""
    labels = labels_for(digest.language)
    return _tidy(fill("run-report.md.j2", report=report_view(digest, _frame(digest, labels).title, labels), t=labels))


def nothing_new(digest: Digest) -> str:
    """Why there is nothing in *digest*, or nothing new, in one line; "" on a day with news."""
    labels = labels_for(digest.language)
    return phrases.nothing_new(digest.counts, digest.date, labels, shown=len(digest.entries))


def _frame(digest: Digest, labels: Labels) -> _Frame:
    """The frame of a built-in style; a style of the user's own has the daily frame under its own title."""
    if digest.style == "method":
        return _Frame("method", digest.title or labels.method)
    return _Frame("daily", digest.title or labels.daily)


def _tidy(markdown: str) -> str:
    """No runs of blank lines, no spaces at line ends; no value holds a line break, so only the frame is touched."""
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+\n", "\n", markdown)).strip() + "\n"
