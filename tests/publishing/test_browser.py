"""The page in a real browser, opened from disk."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pymupdf
import pytest

from digest.publishing import render_html
from tests.publishing.examples import FULL, morning

playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium")
pytestmark = [pytest.mark.browser, pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed")]


@pytest.fixture(scope="module")
def page_url(tmp_path_factory) -> str:
    folder: Path = tmp_path_factory.mktemp("digest")
    (folder / "figures").mkdir()
    pymupdf.Pixmap(pymupdf.csRGB, pymupdf.IRect(0, 0, 60, 40), 0).save(folder / FULL.figure)
    (folder / "daily.html").write_text(render_html(morning()), encoding="utf-8")
    return (folder / "daily.html").as_uri()


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-quic"])
        yield running
        running.close()


def test_the_figure_shows_and_nothing_is_refused(browser, page_url):
    page = browser.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(page_url)
    assert page.evaluate("[...document.images].map(image => image.naturalWidth)") == [60]
    assert complaints == []
    page.close()


def test_a_phone_shows_the_whole_width(browser, page_url):
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(page_url)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.close()


def test_the_sentence_behind_a_claim_shows_on_focus(browser, page_url):
    page = browser.new_page()
    page.goto(page_url)
    source = page.locator(".answer .source").first
    assert not source.locator(".quote").is_visible()
    source.locator("a").first.focus()
    assert source.locator(".quote").is_visible()
    page.close()
