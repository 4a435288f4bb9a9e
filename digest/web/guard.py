"""Who may ask: every request passes here first, and every answer leaves with the headers that keep a page to itself.

A page of another site can make the reader's browser send requests to this machine. It is refused by what browsers say of themselves
(Host, Origin, Sec-Fetch-Site) and, where something is written, by two tokens that only a page of this server has seen.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse, RedirectResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LONGEST_ADDRESS = 4096  # bytes of path and query
LARGEST_BODY = 2048  # bytes
_LOCAL = frozenset({"127.0.0.1", "localhost", "[::1]"})
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
        " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Where the server listens, and the secrets of this run of it."""

    host: str
    port: int
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))  # stands in pages, comes back in a header
    seat: str = field(default_factory=lambda: secrets.token_urlsafe(24))  # stands in a cookie

    @property
    def local(self) -> bool:
        """Whether only this machine can reach it."""
        return self.host == "localhost" or (_is_address(self.host) and ipaddress.ip_address(self.host).is_loopback)

    @property
    def cookie(self) -> str:
        """Its name: cookies do not tell ports apart."""
        return f"digest_{self.port}"

    @property
    def url(self) -> str:
        """What to open; from another machine only with the seat."""
        shown = "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host  # noqa: S104 compared, not bound
        home = f"http://{f'[{shown}]' if ':' in shown else shown}:{self.port}/"
        return home if self.local else f"{home}?seat={self.seat}"

    def is_called(self, host: str) -> bool:
        """Whether *host*, as a browser gives it, is a name of this server: no name that a stranger could make point here.

        A server that other machines reach is called by any address of numbers: rebinding needs a name.
        """
        name, _, port = host.rpartition(":")
        if port != str(self.port):
            return False
        if self.local:
            return name in _LOCAL
        return name == self.host or _is_address(name.strip("[]"))


class Guard:
    """Wraps the application."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self._app, self._door = app, door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        if scope["type"] != "http":
            return
        headers = Headers(scope=scope)

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._dress(MutableHeaders(scope=message), headers)
            await send(message)

        answer: ASGIApp = self._app
        if refused := self._refusal(scope, headers):
            answer = PlainTextResponse(refused[1], status_code=refused[0])
        elif not self._door.local and not self._is_seated(headers):
            answer = self._seated(scope)
        await answer(scope, receive, dressed)

    def _dress(self, answer: MutableHeaders, asked: Headers) -> None:
        for name, value in _HEADERS.items():
            answer.setdefault(name, value)
        if self._door.local and not self._is_seated(asked) and answer.get("content-type", "").startswith("text/html"):
            answer.append("Set-Cookie", self._cookie())

    def _cookie(self) -> str:
        return f"{self._door.cookie}={self._door.seat}; HttpOnly; SameSite=Strict; Path=/"

    def _is_seated(self, headers: Headers) -> bool:
        held = cookie_parser(headers.get("cookie", "")).get(self._door.cookie, "")
        return _same(held, self._door.seat)

    def _seated(self, scope: Scope) -> ASGIApp:
        """The answer to one who comes from another machine without a cookie: it is given for the address that was printed."""
        given = parse_qs(scope["query_string"].decode("latin-1")).get("seat", [""])[0]
        if not _same(given, self._door.seat):
            return PlainTextResponse("open the address that digest serve has printed", status_code=403)
        return RedirectResponse("/", status_code=303, headers={"Set-Cookie": self._cookie()})

    def _refusal(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        """Status and words where the request is not answered."""
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self._door.is_called(hosts[0]):
            return 421, "this server has another name"
        if scope["method"] not in {"GET", "HEAD", "POST"}:
            return 405, "GET or POST"
        if len(scope.get("raw_path", b"")) + len(scope["query_string"]) > LONGEST_ADDRESS:
            return 414, "that address is too long"
        site, mode = headers.get("sec-fetch-site", "none"), headers.get("sec-fetch-mode", "navigate")
        if site not in {"same-origin", "none"} and (mode != "navigate" or scope["method"] == "POST"):
            return 403, "asked by another site"
        return self._refused_write(headers) if scope["method"] == "POST" else None

    def _refused_write(self, headers: Headers) -> tuple[int, str] | None:
        if headers.get("origin") != f"http://{headers['host']}":
            return 403, "written by another site"
        if not (self._is_seated(headers) and _same(headers.get("x-digest-token", ""), self._door.token)):
            return 403, "reload the page: the server was started again"
        if headers.get("content-type") != "application/json":
            return 415, "JSON"
        length = headers.get("content-length", "")
        if not length.isdecimal():
            return 411, "how long is it?"
        return (413, "too large") if int(length) > LARGEST_BODY else None


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode())


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
