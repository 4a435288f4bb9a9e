"""Fills the room's own templates. Whatever a value holds is escaped; a name that is not there is an error."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from digest.publishing.html import inline_html, lang
from digest.publishing.inline import Inline, metadata

if TYPE_CHECKING:
    from digest.records import Paper


def fill(template: str, **values: object) -> str:
    """The text of *template* filled with *values*."""
    return _environment().get_template(f"{template}.html.j2").render(**values)


def trusted(html: str) -> Markup:
    """HTML that publishing has drawn, in which everything is escaped already."""
    return Markup(html)  # noqa: S704


def place(kind: str, paper: Paper | str) -> str:
    """The address of something of a paper; its id may hold anything."""
    return f"/{kind}/{quote(paper if isinstance(paper, str) else paper.id, safe='')}"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("digest.web"),
        autoescape=True,
        finalize=lambda value: trusted(inline_html(value)) if isinstance(value, Inline) else value,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"place": place, "title": metadata, "lang": lang}
    return environment
