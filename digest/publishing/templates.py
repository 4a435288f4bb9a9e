"""Fills the templates. The only file that knows Jinja2.

Nothing has to remember to escape: whatever a template prints passes through ``finalize``, which writes running text in
the template's own form. In HTML plain strings are escaped by Jinja2, in Markdown here. A name that is not there is an error.
A workspace's own templates come before the shipped ones, which they reach as ``shipped/<name>``; all run in the sandbox.
"""

from __future__ import annotations

import base64
import hashlib
import traceback
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import ChoiceLoader, FileSystemLoader, PackageLoader, PrefixLoader, StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from digest.errors import UsageError
from digest.publishing.html import inline_html, lang, simple_html
from digest.publishing.inline import Inline, literal
from digest.publishing.markdown import Markdown, inline_markdown, link, page_mark

if TYPE_CHECKING:
    from collections.abc import Callable

_MARKUP = (".html.j2", ".svg.j2")
_MISTAKES = (TemplateError, ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


def fill(template: str, folder: Path | None = None, /, **values: object) -> str:
    """The text of *template* (``daily.html.j2``, ``daily.md.j2``, …) filled with *values*.

    Args:
        folder: the workspace's own templates.

    Raises:
        UsageError: one of those is wrong; says which and where.
    """
    try:
        return _environment(folder, html=template.endswith(_MARKUP)).get_template(template).render(**values)
    except _MISTAKES as error:
        place = _place(error, folder) if folder else ""
        if not place:
            raise
        problem = f"{place}: {error or type(error).__name__}"
        raise UsageError(problem, hint="digest render  # after mending it; without the file the shipped one is used") from error


def check_templates(folder: Path) -> None:
    """Compile every template of *folder*, so that a slip in one is told before hours of work and not after.

    Raises:
        UsageError: one is wrong; says which and where.
    """
    for path in sorted(folder.glob("*.j2")):
        try:
            _environment(folder, html=path.name.endswith(_MARKUP)).get_template(path.name)
        except _MISTAKES as error:
            raise UsageError(f"{_place(error, folder) or path}: {error}", hint="digest render  # after mending it") from error


def _place(error: Exception, folder: Path) -> str:
    """File and line of *folder* where *error* arose; "" when it arose elsewhere."""
    if isinstance(error, TemplateSyntaxError):
        return f"{error.filename}, line {error.lineno}" if error.filename and Path(error.filename).is_relative_to(folder) else ""
    own = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(folder)]
    return f"{own[-1].filename}, line {own[-1].lineno}" if own else ""


@lru_cache(maxsize=8)
def _environment(folder: Path | None, *, html: bool) -> ImmutableSandboxedEnvironment:
    finalize: Callable[[object], object] = _html_value if html else _markdown_value
    shipped = PackageLoader("digest.publishing")
    own = [FileSystemLoader(folder)] if folder else []
    environment = ImmutableSandboxedEnvironment(
        loader=ChoiceLoader([*own, shipped, PrefixLoader({"shipped": shipped})]),
        autoescape=html,
        finalize=finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def text_of(name: str) -> Markup:
        """A file beside the templates as it is: its author is the program's or the workspace's."""
        assert environment.loader is not None
        return Markup(environment.loader.get_source(environment, name)[0])  # noqa: S704 - a file of the program

    def hash_of(name: str) -> str:
        """What a page's policy calls the text of *name*."""
        return "sha256-" + base64.b64encode(hashlib.sha256(text_of(name).encode()).digest()).decode()

    environment.globals |= {
        "link": link,
        "page_mark": page_mark,
        "lang": lang,
        "simple": simple_html,
        "text_of": text_of,
        "hash_of": hash_of,
    }
    return environment


def _html_value(value: object) -> object:
    return Markup(inline_html(value)) if isinstance(value, Inline) else value  # noqa: S704 - inline_html escapes


def _markdown_value(value: object) -> str:
    if isinstance(value, Markdown):
        return value
    return inline_markdown(value if isinstance(value, Inline) else literal(str(value)))
