"""Inline text as Markdown: every character shows as itself on GitHub and in Obsidian, and none can open a block.

Where the two differ, the form that both render is chosen; the differences are named where they matter.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby
from typing import TYPE_CHECKING
from urllib.parse import quote

from digest.publishing.inline import Inline, Mark, Span, literal

if TYPE_CHECKING:
    from digest.publishing.claims import Link

# Besides CommonMark's own: "#tag", "==mark==", "%%comment%%" and "^block" of Obsidian, "~strike~" of GitHub, and
# "://" and "www.", which both would turn into links that nobody checked.
_SPECIAL = re.compile(r"[\\`*\[\]|~#^]|<(?=[A-Za-z/!?])|&(?=#?\w+;)|=(?==)|(?<==)=|%(?=%)|(?<=%)%|:(?=//)|(?<=www)\.", re.IGNORECASE)
_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")  # within a word it is no emphasis
_OPENS_BLOCK = re.compile(r"[-+](?=\s|$)|-(?=-)|[=>]|\d{1,9}[.)](?=\s|$)")
_URL_SAFE = "/:?#@!$&*+,;=%~.-_"

# Backslash and punctuation inside "$…$" are eaten by GitHub's Markdown before the formula is read (microsoft/vscode
# issue 208430 shows the braces lost), "<" may open a tag and "|" ends a table cell: the names mean the same to MathJax.
_PORTABLE = {
    r"\\": r"\cr ",
    r"\{": r"\lbrace ",
    r"\}": r"\rbrace ",
    r"\|": r"\Vert ",
    r"\,": r"\thinspace ",
    r"\:": r"\medspace ",
    r"\;": r"\thickspace ",
    r"\!": r"\negthinspace ",
    "|": r"\vert ",
    "<": r"\lt ",
    ">": r"\gt ",
    "*": r"\ast ",
}
_UNPORTABLE = re.compile(r"\\[\\{}|,:;!]|[|<>*]")
_EMPHATIC = re.compile(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")


class Markdown(str):
    """Markdown that is meant as Markdown."""

    __slots__ = ()


def inline_markdown(text: Inline) -> Markdown:
    """*text* as inline Markdown on one line, for the start of a block, the middle of one or a table cell."""
    spans = text.spans
    parts: list[str] = []
    done = 0
    for bold, group in groupby(spans, key=lambda span: span.bold):
        run = list(group)
        before = spans[done - 1].text[-1:] if done else ""
        done += len(run)
        after = spans[done].text[:1] if done < len(spans) else ""
        body = _run(run, before, after)
        parts.append(_bold(body, before, after) if bold else body)
    line = "".join(parts)
    opener = _OPENS_BLOCK.match(line)
    return Markdown(f"{line[: opener.end() - 1]}\\{line[opener.end() - 1 :]}" if opener else line)


def link(text: Inline | str, href: str) -> Markdown:
    """*text* leading to *href*; the text alone when that is empty."""
    shown = inline_markdown(literal(text) if isinstance(text, str) else text)
    return Markdown(f"[{shown}]({quote(href, safe=_URL_SAFE)})") if href else shown


def page_mark(page: Link) -> Markdown:
    """``p.5`` as a link into the PDF, or in brackets when there is no PDF to open."""
    return link(page.name, page.href) if page.href else Markdown(f"\\[{page.name}\\]")


def _run(spans: list[Span], before: str, after: str) -> str:
    """*spans* of one weight between the characters *before* and *after* them."""
    lefts = [before, *(span.text[-1:] for span in spans[:-1])]
    rights = [*(span.text[:1] for span in spans[1:]), after]
    return "".join(map(_span, spans, lefts, rights))


def _span(span: Span, before: str, after: str) -> str:
    if span.mark is Mark.MATH and "$" not in span.text and "`" not in span.text:
        return _math(span.text, before, after)
    if span.mark is Mark.TEXT:
        return _escape(span.text)
    if re.search(r"[|$`]", span.text):  # a cell's end, a formula's start and a code span's own mark
        return "<code>" + re.sub(r"[^\w\s]|_", lambda match: f"&#{ord(match[0])};", span.text) + "</code>"
    return f"`{span.text}`"


def _escape(text: str) -> str:
    text = _SPECIAL.sub(r"\\\g<0>", text)
    text = _UNDERSCORE.sub(r"\\_", text)
    # GitHub pairs escaped dollars all the same, unless an element stands between them; Obsidian wants the backslash.
    return text.replace("$", r"<span>\$</span>")


def _math(latex: str, before: str, after: str) -> str:
    """A formula in dollars, spaced where GitHub would not see it otherwise (github/markup issue 1742)."""
    latex = _UNPORTABLE.sub(lambda match: _PORTABLE[match[0]], latex).strip()
    if _EMPHATIC.search(latex):
        latex = re.sub(r"\s*_", " _", latex)  # after a space it can close no emphasis, and TeX does not mind
    lead = " " if before and not before.isspace() else ""
    trail = " " if after.isalnum() or after == "$" else ""
    return f"{lead}${latex.strip()}${trail}"


def _bold(body: str, before: str, after: str) -> str:
    """*body* in asterisks; in tags where CommonMark's flanking rule would not see them, as in ``**词（X）**后``."""
    if _flanks(before, body[:1]) and _flanks(after, body[-1:]):
        return f"**{body}**"
    return f"<strong>{body}</strong>"


def _flanks(outside: str, inside: str) -> bool:
    if inside.isspace():
        return False
    return not _is_punctuation(inside) or not outside or outside.isspace() or _is_punctuation(outside)


def _is_punctuation(character: str) -> bool:
    return unicodedata.category(character)[0] in "PS"
