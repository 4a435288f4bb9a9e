"""Inline text as HTML: every character of it shows as itself."""

from __future__ import annotations

import re
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from markupsafe import Markup

from digest.publishing.inline import Inline, Mark, Span
from digest.publishing.math import to_mathml, to_plain

if TYPE_CHECKING:
    from digest.publishing.labels import Labels

_CHINESE = re.compile("[\u3400-\u9fff]")


def inline_html(text: Inline) -> str:
    """*text* as phrasing content for the inside of an element (not for attributes)."""
    parts = []
    for bold, spans in groupby(text.spans, key=lambda span: span.bold):
        body = "".join(map(_span, spans))
        parts.append(f"<strong>{body}</strong>" if bold else body)
    return "".join(parts)


def simple_html(text: Inline) -> Markup:
    """*text* for mail programs and feed readers: formulas as Unicode, which all of them show, where MathML is dropped by most."""
    return Markup(inline_html(Inline(tuple(map(_unicode, text.spans)))))  # noqa: S704 - inline_html escapes


def _unicode(span: Span) -> Span:
    shown = to_plain(span.text) if span.mark is Mark.MATH else None
    return Span(Mark.TEXT, shown, span.bold) if shown else span


def lang(text: Inline | str, labels: Labels) -> Markup:
    """The attribute that says that *text* is English where the page is not: for a screen reader, and for the shape of an apostrophe."""
    english = not labels.lang.startswith("en") and not _CHINESE.search(text if isinstance(text, str) else text.plain)
    return Markup(' lang="en"') if english and text else Markup()


def _span(span: Span) -> str:
    if span.mark is Mark.MATH:
        return to_mathml(span.text) or f'<code class="tex">{escape(span.text)}</code>'
    shown = escape(span.text)
    return f"<code>{shown}</code>" if span.mark is Mark.CODE else shown
