"""The reading room in a real browser: both languages, desk and phone, light and dark."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from tests.web.conftest import EVIL, SHARP, SONG

if TYPE_CHECKING:
    from collections.abc import Iterator

AXE = Path(os.environ.get("DIGEST_AXE", "/nowhere"))  # axe.min.js of the npm package axe-core
pytestmark = pytest.mark.browser
PAGES = ["/", "/days", "/search?q=frequency", "/search", "/library", "/library?sort=taste", "/run", "/profile", "/settings"]
PAGES += [f"/paper/{SHARP.id}", f"/paper/{quote(EVIL, safe='')}"]


class Visit:
    """A page of a browser that notes what it should never see."""

    def __init__(self, browser: Any, room: Any, **more: Any) -> None:
        room.desk.with_models(wait=True)
        self.home = f"http://127.0.0.1:{room.door.port}"
        self.page = browser.new_page(**more)
        self.complaints: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self._asked(request.url))

    def _asked(self, url: str) -> None:
        if not url.startswith((self.home, "data:")):
            self.complaints.append(f"asked {url}")

    def open(self, path: str) -> Any:
        self.page.goto(self.home + path)
        self.page.wait_for_selector("[data-load]:empty", state="detached")  # what comes after the page
        return self.page


@pytest.fixture
def visit(browser, room) -> Iterator[Any]:
    opened: list[Visit] = []

    def begin(**more: Any) -> Visit:
        opened.append(Visit(browser, room, **more))
        return opened[-1]

    yield begin
    for one in opened:
        one.page.close()


@pytest.mark.parametrize(("language", "scheme", "width"), [("zh", "light", 1440), ("en", "dark", 390)])
def test_every_page_fits_asks_nobody_and_complains_of_nothing(visit, language, scheme, width):
    one = visit(color_scheme=scheme, viewport={"width": width, "height": 844}, bypass_csp=AXE.is_file())
    one.open(f"/?lang={language}")
    for path in PAGES:
        page = one.open(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert page.evaluate("window.hurt") is None
        if AXE.is_file():
            page.evaluate(AXE.read_text(encoding="utf-8"))
            found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
            assert [(path, fault["id"]) for fault in found if fault["impact"] in {"serious", "critical"}] == []
    assert one.complaints == []


def test_the_keyboard_walks_likes_searches_and_helps(visit):
    page = visit().open("/library")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    first = page.locator(".items .item").first
    assert "at" in first.get_attribute("class").split()
    for _ in range(2):  # said, and taken back
        with page.expect_response("**/feedback") as answer:
            page.keyboard.press("l")
        assert answer.value.ok
    page.keyboard.press("?")
    assert page.locator("dialog.keys").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("dialog.keys").is_visible()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "find"


def test_a_like_moves_the_paper_up_and_taking_it_back_moves_it_down(visit):
    page = visit().open("/")
    names = "[...document.querySelectorAll('[data-lines] .item')].map(item => item.dataset.item)"
    row = page.locator(f"[data-lines] .item[data-item='{SONG.id}']")
    assert page.evaluate(names)[-1] == SONG.id
    row.get_by_role("button", name="喜欢", exact=True).click()
    page.wait_for_selector(f"[data-lines] .item[data-item='{SONG.id}'] button[aria-pressed=true]")
    first = f"[data-lines] .item:first-child[data-item='{SONG.id}']"
    page.wait_for_selector(first)
    row.get_by_role("button", name="喜欢", exact=True).click()
    page.wait_for_selector(first, state="detached")


def test_the_search_answers_while_one_types(visit):
    page = visit().open("/days")
    page.locator("#find").press_sequentially("every frequency")
    page.wait_for_url("**/search?q=every%20frequency")  # what was typed by then may be answered before
    page.wait_for_selector(".hit mark")


def test_a_page_chip_turns_the_page_and_marks_the_sentence(visit):
    one = visit(viewport={"width": 1440, "height": 900})
    page = one.open(f"/paper/{SHARP.id}?p=1")
    assert page.locator(".viewer input").input_value() == "1"
    page.locator(".answer a.chip").first.click()
    page.wait_for_selector(".sheet rect", state="attached")
    assert page.locator(".viewer input").input_value() == "2"
    box, image = page.locator(".sheet rect").first.bounding_box(), page.locator(".sheet img").bounding_box()
    assert 0.15 < (box["y"] - image["y"]) / image["height"] < 0.5  # the sentence stands in the upper half
    assert box["height"] < 0.05 * image["height"]
    assert page.url.startswith(one.home)
    page.keyboard.press("ArrowLeft")
    assert page.locator(".viewer input").input_value() == "1"


def test_on_a_phone_the_page_opens_over_the_analysis_and_closes_again(visit):
    page = visit(viewport={"width": 390, "height": 844}).open(f"/paper/{SHARP.id}")
    assert not page.locator(".viewer").is_visible()
    page.locator(".answer a.chip").first.click()
    assert page.locator(".viewer").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator(".viewer").is_visible()


def test_paper_prints_without_the_room(visit):
    page = visit().open(f"/paper/{SHARP.id}")
    page.emulate_media(media="print")
    assert not page.locator(".bar-top").is_visible()
    assert page.locator("article.paper").is_visible()
