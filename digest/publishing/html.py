"""Inline text as HTML: every character of it shows as itself."""

from __future__ import annotations

from html import escape
from itertools import groupby

from digest.publishing.inline import Inline, Mark, Span
from digest.publishing.math import to_mathml


def inline_html(text: Inline) -> str:
    """*text* as phrasing content for the inside of an element (not for attributes)."""
    parts = []
    for bold, spans in groupby(text.spans, key=lambda span: span.bold):
        body = "".join(map(_span, spans))
        parts.append(f"<strong>{body}</strong>" if bold else body)
    return "".join(parts)


def _span(span: Span) -> str:
    if span.mark is Mark.MATH:
        return to_mathml(span.text) or f'<code class="tex">{escape(span.text)}</code>'
    shown = escape(span.text)
    return f"<code>{shown}</code>" if span.mark is Mark.CODE else shown
