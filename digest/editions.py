"""Digests as files: every form of an edition in its folder, and the feed beside the folders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.library.past import Past
from digest.publishing import Look, render_html, render_json, render_markdown, render_run_report
from digest.publishing.feed import NAME as FEED
from digest.publishing.feed import render_feed
from digest.workspace import write_text

if TYPE_CHECKING:
    from pathlib import Path

    from digest.records import Digest
    from digest.wiring import Tools


def publish(digest: Digest, folder: Path, templates: Path | None = None) -> None:
    """Write every form of *digest* into *folder*.

    Args:
        templates: folder of the workspace's own templates.

    Raises:
        UsageError: one of those is wrong.
    """
    look = Look(templates=templates)
    write_text(folder / "digest.md", render_markdown(digest, look))
    write_text(folder / "digest.html", render_html(digest, look))
    write_text(folder / "digest.json", render_json(digest))
    write_text(folder / "run-report.md", render_run_report(digest))


def publish_feed(tools: Tools) -> None:
    """Write the feed of the newest editions beside them."""
    settings, past = tools.settings, Past(tools.store)
    editions = past.editions(limit=settings.feed.entries)
    text = render_feed(editions, origin=past.origin, language=settings.language, url=settings.feed.url)
    write_text(tools.workspace.digests / FEED, text)
