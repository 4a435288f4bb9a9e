"""What one request asks, checked: whatever stands in an address, a page gets plain values within bounds."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.exceptions import HTTPException

from digest.publishing.labels import Labels, labels_for
from digest.web.templates import fill
from digest.web.words import words_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from digest.records import Paper
    from digest.web.desk import Desk
    from digest.web.guard import Door

_LONGEST = 400  # characters of a query; more of it is not read


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request."""

    path: str
    names: Mapping[str, str | int]  # what the path names
    values: Mapping[str, str]  # of the query
    body: bytes
    language: str  # zh or en
    chosen: bool  # the language stands in the address
    token: str
    t: Labels  # words of the room
    d: Labels  # words of digests

    def text(self, name: str) -> str:
        """A value of the query on one line, cut where it is too long; "" where there is none."""
        return " ".join(self.values.get(name, "")[:_LONGEST].split())

    def number(self, name: str, *, most: int) -> int:
        """A value of the query as a number from 0; 0 where there is none."""
        text = self.values.get(name, "")
        return min(int(text), most) if text.isascii() and text.isdecimal() and len(text) < 9 else 0

    def day(self, name: str) -> dt.date | None:
        """A value of the query as a date, or None."""
        try:
            return dt.date.fromisoformat(self.text(name))
        except ValueError:
            return None

    def json(self) -> dict[str, object]:
        """The body.

        Raises:
            HTTPException: it is no object.
        """
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise HTTPException(400, "JSON")
        return found

    def paper(self, desk: Desk) -> Paper:
        """The paper that the path names, by any of its names.

        Raises:
            HTTPException: the library has none of that name.
        """
        return known(desk, str(self.names["id"]))

    @property
    def part(self) -> bool:
        """Whether only what changes on the page is wanted."""
        return self.values.get("part") == "1"

    def page(self, template: str, **values: object) -> str:
        """The page that *template* draws."""
        other = "en" if self.language == "zh" else "zh"
        kept = {name: value for name, value in self.values.items() if name not in {"lang", "part"}}
        switch = f"{self.path}?{urlencode({**kept, 'lang': other})}" if _is_plain(self.path) else f"/?lang={other}"
        frame = {"t": self.t, "d": self.d, "token": self.token, "part": self.part, "here": self.path, "switch": switch}
        return fill(template, **frame, **values)


def known(desk: Desk, name: str) -> Paper:
    """The paper of that name, whatever version it names.

    Raises:
        HTTPException: the library has none.
    """
    from digest.sources.metadata import split_arxiv_id

    split = split_arxiv_id(name)
    paper = desk.store.named(name) or (desk.store.named(split[0]) if split else None)
    if paper is None:
        raise HTTPException(404)
    return paper


def asked_of(request: Request, body: bytes, desk: Desk, door: Door) -> Asked:
    """What *request* asks."""
    values = {name: _clean(value) for name, value in request.query_params.items()}
    wanted = values.get("lang", "")
    chosen = wanted in {"zh", "en"}
    held = request.cookies.get("digest_lang", "")
    language = wanted if chosen else held if held in {"zh", "en"} else desk.tools.settings.language
    return Asked(
        path=request.scope.get("raw_path", b"/").decode("latin-1"),
        names={name: _clean(value) if isinstance(value, str) else value for name, value in request.path_params.items()},
        values=values,
        body=body,
        language=language,
        chosen=chosen,
        token=door.token,
        t=words_for(language),
        d=labels_for(language),
    )


def _clean(text: str) -> str:
    """*text* as SQLite and UTF-8 can hold it."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "")


def _is_plain(path: str) -> bool:
    """Whether *path* may stand in a link: from the root of this server, not of another one."""
    return path.startswith("/") and not path.startswith("//")
