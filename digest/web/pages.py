"""Pages about the workspace: the run, the profile, the settings; and what is shown when something fails."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from digest.config import Settings, load_settings
from digest.library import shelf
from digest.portrait import understood
from digest.publishing import phrases
from digest.publishing.report import report_view
from digest.web.status import status

if TYPE_CHECKING:
    from digest.errors import DigestError
    from digest.web.asked import Asked
    from digest.web.desk import Desk

_SECRET = re.compile(r"pass|token|secret|key", re.IGNORECASE)
_CREDENTIALS = re.compile(r"(?<=//)[^/@\s]+@")


def run(desk: Desk, asked: Asked) -> str:
    """What the command at work is doing, how the last one ended, and the report of the newest digest."""
    newest = shelf.editions(desk.store, limit=1)
    digest = shelf.edition(desk.store, newest[0].folder) if newest else None
    counts = [(name, desk.store.count(table)) for name, table in _COUNTED]
    return asked.page(
        "run",
        status=status(desk.workspace),
        report=report_view(digest, digest.title, asked.d) if digest else None,
        scan=phrases.scan_line(digest.counts, asked.d) if digest else "",
        folder=newest[0].folder if newest else "",
        failures=desk.store.failures()[:50],
        counts=counts,
    )


_COUNTED = (("papers", "paper"), ("bodies", "file"), ("passages", "passage"), ("analyses", "analysis"), ("digests", "digest"))


def profile(desk: Desk, asked: Asked) -> str:
    """The profile as ranking takes it."""
    desk.tools.__dict__.pop("profile", None)  # read it again: it may have changed
    lines = understood(desk.tools)
    kinds = list(dict.fromkeys(line.kind for line in lines))
    return asked.page("profile", groups=[(kind, [line for line in lines if line.kind == kind]) for kind in kinds])


def settings(desk: Desk, asked: Asked) -> str:
    """What digest.toml says, and where it differs from what the program would do by itself. Secrets stay where they are."""
    found, usual = load_settings(desk.workspace.settings).model_dump(), Settings().model_dump()
    tables: dict[str, list[tuple[str, str, bool]]] = {}
    for name, value in found.items():
        rows = value.items() if isinstance(value, dict) else [(name, value)]
        default = usual[name] if isinstance(value, dict) else usual
        table = name if isinstance(value, dict) else ""
        tables.setdefault(table, []).extend((key, _shown(key, item), item != default.get(key)) for key, item in rows)
    return asked.page("settings", tables=sorted(tables.items(), key=lambda table: bool(table[0])), root=str(desk.workspace.root))


def _shown(key: str, value: Any) -> str:
    if value and _SECRET.search(key) and not isinstance(value, int | float):
        return "••••"
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return _CREDENTIALS.sub("••••@", text)


def failed(asked: Asked, error: DigestError) -> str:
    """What could not be done, and the command that helps."""
    return asked.page("failed", said=str(error), hint=error.hint)


def missing(asked: Asked) -> str:
    """There is no such page."""
    return asked.page("failed", said=asked.t.no_such_page, hint="")
