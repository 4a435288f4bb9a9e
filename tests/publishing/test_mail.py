"""Mails: what a mail program reads, and nothing that somebody else could make of them."""

import dataclasses
import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from hypothesis import given, settings

from digest.errors import UsageError
from digest.publishing.mail import address, compose_mail
from digest.records import Digest
from tests.publishing.examples import FULL, morning
from tests.publishing.hostile import Page, hostile_text

ADA = address("Ada <ada@example.org>")
PNG = b"\x89PNG\r\n\x1a\n rest"


def mail(digest: Digest, figure: bytes = b"") -> EmailMessage:
    """What arrives of the mail."""
    sent = compose_mail(digest, sender=ADA, to=[address("bo@example.org")], figures={FULL.figure: figure} if figure else {})
    arrived = message_from_bytes(sent.as_bytes(), policy=default)
    assert isinstance(arrived, EmailMessage)
    return arrived


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part
    return str(part.get_content()).replace("\r\n", "\n")


def test_a_mail_looks_as_reviewed(golden):
    arrived = mail(morning(), figure=PNG)
    golden("publishing/mail.html", body(arrived, "html"))
    golden("publishing/mail.txt", body(arrived, "plain"))
    assert (arrived["Subject"], arrived["From"], arrived["To"]) == ("CV 论文日报 · 2026-02-16", "Ada <ada@example.org>", "bo@example.org")


def test_figures_are_inside_and_shown_by_their_content_id():
    arrived = mail(morning(), figure=PNG)
    (image,) = [part for part in arrived.walk() if part.get_content_maintype() == "image"]
    assert image.get_payload(decode=True) == PNG
    assert f'src="cid:{image["Content-ID"].strip("<>")}"' in body(arrived, "html")
    assert "cid:" not in body(mail(morning()), "html")
    assert "cid:" not in body(mail(morning(), figure=b"<svg onload=x>"), "html")


def test_a_day_without_papers_is_a_mail_that_says_why():
    empty = dataclasses.replace(morning(), entries=(), counts=dataclasses.replace(morning().counts, chosen=0, below=31))
    assert "今天没有足够接近画像的论文" in body(mail(empty), "plain")


@settings(max_examples=40)
@given(hostile_text)
def test_any_text_stays_text_in_a_mail(text):
    paper = dataclasses.replace(FULL.ranked.paper, title=text, authors=(text,), link=text)
    entry = dataclasses.replace(FULL, ranked=dataclasses.replace(FULL.ranked, paper=paper), figure="")
    arrived = mail(dataclasses.replace(morning(), title=text, notices=(text,), entries=(entry,)))
    page = Page(body(arrived, "html").removeprefix("<!DOCTYPE html>"))
    assert set(page.tags) <= {
        "html",
        "head",
        "meta",
        "title",
        "body",
        "div",
        "h1",
        "h2",
        "h3",
        "p",
        "span",
        "ul",
        "li",
        "a",
        "strong",
        "code",
    }
    assert all(re.match(r"https?://", value) for tag, name, value in page.attributes if (tag, name) == ("a", "href"))
    assert set(arrived.keys()) == {"Subject", "From", "To", "Date", "Message-ID", "MIME-Version", "Content-Type"}


@pytest.mark.parametrize(
    "text", ["", "ada", "ada@", "a@b@c", "ada@example.org\nBcc: eve@example.org", "a@b.c, d@e.f", "<a@b.c", 'x" <a@b.c>', "李@例.中国"]
)
def test_what_is_no_address_is_refused(text):
    with pytest.raises(UsageError, match="is no mail address"):
        address(text)


@given(hostile_text)
def test_no_text_becomes_a_second_header_through_an_address(text):
    try:
        found = address(f"{text} <ada@example.org>")
    except UsageError:
        return
    assert "\n" not in str(found)
    assert found.addr_spec == "ada@example.org"
