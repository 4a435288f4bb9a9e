"""Digests as files: every form of an edition in its folder, and the feed beside the folders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.errors import UsageError
from digest.library.past import Past
from digest.publishing import Look, render_html, render_json, render_markdown, render_run_report
from digest.publishing.feed import NAME as FEED
from digest.publishing.feed import render_feed
from digest.workspace import write_text

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator
    from pathlib import Path

    from digest.records import Digest
    from digest.wiring import Tools


def editions_of(tools: Tools, day: dt.date | None = None, style: str = "") -> Iterator[tuple[str, Digest]]:
    """Yield (folder, digest) of the editions, the newest first, of *day* and in *style* where they are named.

    Raises:
        UsageError: there is none.
    """
    past, found = Past(tools.store), False
    for folder, digest in past.editions(since=day, until=day) if day else past.editions():
        if style in ("", digest.style):
            found = True
            yield folder, digest
    if not found:
        wanted = " ".join(filter(None, ["no", style, "digest", f"of {day}" if day else "", "in the library"]))
        raise UsageError(wanted, hint="digest run" if day is None else "digest show  # the newest")


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
    editions = list(past.editions(limit=settings.feed.entries))
    text = render_feed(editions, origin=past.origin, language=settings.language, url=settings.feed.url)
    write_text(tools.workspace.digests / FEED, text)
