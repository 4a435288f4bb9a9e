"""The Atom feed, held against the grammar of RFC 4287."""

import dataclasses
import datetime as dt
import uuid
from pathlib import Path

import pytest
from hypothesis import given
from lxml import etree

from digest.publishing.feed import render_feed
from digest.records import Digest
from tests.publishing.examples import FULL, morning
from tests.publishing.hostile import Page, hostile_text

GRAMMAR = etree.RelaxNG(etree.parse(str(Path(__file__).parent / "atom.rng")))
ORIGIN = uuid.UUID("0123456789abcdef0123456789abcdef")
ATOM = {"a": "http://www.w3.org/2005/Atom"}
EMPTY = dataclasses.replace(morning(), entries=(), date=dt.date(2026, 2, 15), counts=dataclasses.replace(morning().counts, chosen=0))


def feed(*editions: tuple[str, Digest], url: str = "") -> etree._Element:
    root = etree.fromstring(render_feed(editions, origin=ORIGIN, language="zh", url=url).encode())
    GRAMMAR.assertValid(root)
    return root


def texts(root: etree._Element, path: str) -> list[str]:
    return [str(value) for value in root.xpath(path, namespaces=ATOM)]


def test_a_feed_looks_as_reviewed(golden):
    golden("publishing/feed.xml", render_feed([("2026-02-16", morning()), ("2026-02-15", EMPTY)], origin=ORIGIN, language="zh"))


def test_each_edition_is_an_entry_that_leads_to_its_page():
    root = feed(("2026-02-16-2", morning(style="method")), ("2026-02-16", morning()))
    assert texts(root, "a:entry/a:link/@href") == ["2026-02-16-2/digest.html", "2026-02-16/digest.html"]
    assert len(set(texts(root, "//a:id/text()"))) == 3


def test_ids_and_dates_stay_when_the_feed_is_drawn_again_or_grows():
    first = feed(("2026-02-16", morning()))
    second = feed(("2026-02-17", dataclasses.replace(morning(), date=dt.date(2026, 2, 17))), ("2026-02-16", morning()))
    for path in ("a:entry[last()]/a:id/text()", "a:entry[last()]/a:updated/text()", "/a:feed/a:id/text()"):
        assert texts(first, path) == texts(second, path)
    assert texts(second, "/a:feed/a:updated/text()") == ["2026-02-17T00:00:00Z"]


def test_a_digest_made_again_later_says_so():
    later = dataclasses.replace(morning(), made=dt.datetime(2026, 2, 18, 7, 30, tzinfo=dt.timezone(dt.timedelta(hours=8))))
    root = feed(("2026-02-16", later))
    assert texts(root, "a:entry/a:updated/text()") == ["2026-02-17T23:30:00Z"]
    assert texts(root, "a:entry/a:published/text()") == ["2026-02-16T00:00:00Z"]


def test_where_the_folder_is_served_links_are_absolute():
    root = feed(("2026-02-16", morning()), url="https://example.org/digests")
    assert texts(root, "a:entry/a:link/@href") == ["https://example.org/digests/2026-02-16/digest.html"]
    assert "https://example.org/digests/2026-02-16/digest.html#arxiv-2411-09911v2" in texts(root, "a:entry/a:content/text()")[0]
    assert texts(root, "a:link[@rel='self']/@href") == ["feed.xml"]


def test_an_empty_library_has_a_valid_feed():
    assert texts(feed(), "a:entry") == []


@given(hostile_text)
def test_any_text_stays_text_in_the_feed_and_in_its_html(text):
    paper = dataclasses.replace(FULL.ranked.paper, title=text)
    digest = dataclasses.replace(
        morning(), title=text, notices=(text,), entries=(dataclasses.replace(FULL, ranked=dataclasses.replace(FULL.ranked, paper=paper)),)
    )
    (content,) = texts(feed(("2026-02-16", digest)), "a:entry/a:content/text()")
    page = Page(content)
    assert page.open == []
    assert not set(page.tags) & {"script", "b", "img"}
    assert all(value.startswith("2026-02-16/digest.html") for tag, name, value in page.attributes if (tag, name) == ("a", "href"))


@pytest.mark.parametrize("fault", ["<id>x</id>", "<updated>yesterday</updated>", "<entry/>", "<title type='xml'>t</title>"])
def test_the_grammar_is_no_rubber_stamp(fault):
    body = (
        f"<feed xmlns='{ATOM['a']}'><id>urn:x:y</id><title>t</title><updated>2026-01-01T00:00:00Z</updated><author><name>n</name></author>"
    )
    assert GRAMMAR.validate(etree.fromstring(f"{body}</feed>"))
    assert not GRAMMAR.validate(etree.fromstring(f"{body}{fault}</feed>"))
