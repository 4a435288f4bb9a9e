"""The page in a real browser, opened from disk."""

import dataclasses
from pathlib import Path

import pymupdf
import pytest

from digest.publishing import render_html
from digest.records import AnalysisSection, Claim, SectionStatus
from tests.publishing.examples import FULL, morning

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page_url(tmp_path_factory) -> str:
    folder: Path = tmp_path_factory.mktemp("digest")
    (folder / "figures").mkdir()
    pymupdf.Pixmap(pymupdf.csRGB, pymupdf.IRect(0, 0, 60, 40), 0).save(folder / FULL.figure)
    (folder / "daily.html").write_text(render_html(morning()), encoding="utf-8")
    return (folder / "daily.html").as_uri()


def test_the_figure_shows_and_nothing_is_refused(browser, page_url):
    page = browser.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(page_url)
    page.locator("figure img").scroll_into_view_if_needed()  # far down the page it is loaded when it is near
    assert page.evaluate("Promise.all([...document.images].map(image => image.decode().then(() => image.naturalWidth)))") == [60]
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


def test_a_statement_that_names_thirty_papers_stays_on_a_phone(browser, tmp_path):
    entries = tuple(
        dataclasses.replace(
            FULL, figure="", ranked=dataclasses.replace(FULL.ranked, paper=dataclasses.replace(FULL.ranked.paper, id=f"2611.{number:05d}"))
        )
        for number in range(30)
    )
    said = Claim(text="三十篇都与超分辨率相关。", papers=tuple(entry.ranked.paper.id for entry in entries), verified=True)
    summary = (AnalysisSection(id="minute", title="今日一分钟", status=SectionStatus.OK, claims=(said,)),)
    (tmp_path / "page.html").write_text(render_html(dataclasses.replace(morning(), entries=entries, summary=summary)), encoding="utf-8")
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto((tmp_path / "page.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.close()


def test_keys_go_from_paper_to_paper_and_unfold(browser, page_url):
    page = browser.new_page()
    page.goto(page_url)
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.id") == "arxiv-2602-09891v1"
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.id") == "arxiv-2411-09911v2"
    page.keyboard.press("o")
    assert page.evaluate("[...document.activeElement.querySelectorAll('details')].every(part => part.open)")
    page.close()


def test_print_shows_the_folded_abstract(browser, page_url):
    page = browser.new_page()
    page.goto(page_url)
    page.emulate_media(media="print")
    abstract = page.locator("details.abstract p").first
    assert abstract.is_visible()
    assert page.locator(".toc").is_hidden()
    page.close()
