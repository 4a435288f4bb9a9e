"""How large a digest of many papers is, and how long it takes to draw and to open.

The papers are the samples, analysed by quoting in the longest style, again and again under other ids. `python -m bench pages 100`.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from digest.pipeline import Order, run
from digest.publishing import FRAMES, Look, render_html, render_json, render_markdown
from digest.stages import Silent
from digest.wiring import Tools
from digest.workspace import Workspace

if TYPE_CHECKING:
    from digest.records import Digest


def samples(folder: Path) -> Digest:
    """The digest of the sample papers."""
    (folder / "digest.toml").write_text("", encoding="utf-8")
    order = Order(date=dt.date(2026, 11, 20), sources=("samples",), style="method", top_k=5, engine="extractive")
    return run(Tools(Workspace(folder), offline=True), order, Silent()).digest


def many(digest: Digest, papers: int) -> Digest:
    """*digest* with its entries repeated up to *papers*, each under an id of its own."""
    entries = []
    for number in range(papers):
        entry = digest.entries[number % len(digest.entries)]
        paper = dataclasses.replace(entry.ranked.paper, id=f"2611.{number:05d}")
        entries.append(dataclasses.replace(entry, ranked=dataclasses.replace(entry.ranked, paper=paper), figure=""))
    return dataclasses.replace(digest, entries=tuple(entries))


def opened(path: Path) -> float:
    """Seconds until chromium has loaded and laid out the page; the second of two, the browser being warm."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu", "--disable-quic"])
        for _ in range(2):
            page = browser.new_page()
            started = time.perf_counter()
            page.goto(path.as_uri())
            page.evaluate("document.documentElement.scrollHeight")
            seconds = time.perf_counter() - started
            page.close()
        browser.close()
    return seconds


def main(arguments: list[str] | None = None) -> None:
    """Print a row for every form."""
    papers = int((arguments or ["100"])[0])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        digest = many(samples(folder), papers)
        print(f"{papers} papers: form, MB, seconds to draw, seconds to open")
        for frame in FRAMES:
            started = time.perf_counter()
            page = render_html(digest, Look(frame=frame))
            drawn = time.perf_counter() - started
            (folder / f"{frame}.html").write_text(page, encoding="utf-8")
            print(f"{frame}.html {len(page.encode()) / 1e6:.2f} {drawn:.2f} {opened(folder / f'{frame}.html'):.2f}")
        for form, draw in (("digest.md", render_markdown), ("digest.json", render_json)):
            started = time.perf_counter()
            print(f"{form} {len(draw(digest).encode()) / 1e6:.2f} {time.perf_counter() - started:.2f} -")


if __name__ == "__main__":
    main(sys.argv[1:])
