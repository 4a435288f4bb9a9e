"""Fills the templates. The only file that knows Jinja2.

Nothing has to remember to escape: whatever a template prints passes through ``finalize``, which writes running text in
the template's own form. In HTML plain strings are escaped by Jinja2, in Markdown here. A name that is not there is an error.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from digest.publishing.html import inline_html
from digest.publishing.inline import Inline, literal
from digest.publishing.markdown import Markdown, inline_markdown, link, page_mark

if TYPE_CHECKING:
    from collections.abc import Callable


def fill(template: str, **values: object) -> str:
    """The text of *template* (``daily.html.j2``, ``daily.md.j2``, …) filled with *values*."""
    return _environment(html=template.endswith(".html.j2")).get_template(template).render(**values)


@lru_cache(maxsize=2)
def _environment(*, html: bool) -> Environment:
    finalize: Callable[[object], object] = _html_value if html else _markdown_value
    environment = Environment(
        loader=PackageLoader("digest.publishing"),
        autoescape=html,  # noqa: S701 - Markdown is escaped by its own rules in _markdown_value
        finalize=finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"link": link, "page_mark": page_mark}
    return environment


def _html_value(value: object) -> object:
    return Markup(inline_html(value)) if isinstance(value, Inline) else value  # noqa: S704 - inline_html escapes


def _markdown_value(value: object) -> str:
    if isinstance(value, Markdown):
        return value
    return inline_markdown(value if isinstance(value, Inline) else literal(str(value)))
