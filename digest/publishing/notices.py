"""What is said once, at the top of a digest, in the reader's language."""

from __future__ import annotations

from digest.errors import Incomplete, PartsUnreadable, SourceError, SourcePaused
from digest.publishing.labels import labels_for


def source_name(source: str, language: str) -> str:
    """What a reader calls the source *source*; its own name where there is no word for it."""
    return labels_for(language).sources.get(source, source)


def notice(name: str, language: str, **values: object) -> str:
    """The notice *name* in the reader's *language*, its braces filled."""
    return labels_for(language).notices[name].format(**values)


def source_notice(error: SourceError, language: str, *, known: bool) -> str:
    """What the reader is told of a source that failed; *known*: whether papers it gave earlier stand in."""
    source = source_name(error.source, language)
    if isinstance(error, SourcePaused):
        return notice("paused", language, source=source, time=f"{error.until.astimezone():%H:%M}")
    if isinstance(error, PartsUnreadable):
        return notice("unreadable", language, source=source, n=len(error.reasons))
    if isinstance(error, Incomplete):
        return notice("left" if error.left else "incomplete", language, source=source, n=error.left)
    return notice("known" if known else "unreachable", language, source=source)


def language_name(code: str, language: str) -> str:
    """What *language* calls the language *code*; the code itself where it has no word for it."""
    return labels_for(language).languages.get(code, code)
