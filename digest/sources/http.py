"""Asking servers politely: one request a host at a time apart, bounded retries, typed errors.

The only file of this room that knows httpx. It does not know what a paper is.
"""

from __future__ import annotations

import contextlib
import email.utils
import json
import random
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self, TypeVar

import httpx

from digest import __version__
from digest.errors import SourceError, SourceUnreachable
from digest.text import shorten

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

USER_AGENT = f"offline-digest/{__version__}"

_T = TypeVar("_T")
_TRIES = 4
_LONGEST_WAIT_SECONDS = 60.0
_CONNECT_SECONDS = 5.0  # a laptop without a network must find out quickly; a live host answers a SYN well within it
_LARGEST_BODY_BYTES = 64 << 20  # 2,000 arXiv entries, its largest page, are about 5 MB
_ASKS_TO_WAIT = frozenset({406, 425, 429})  # 406: arXiv's edge answers so while it throttles, whatever the Accept header (2026-09)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer whose body is still on its way."""

    status: int
    content_type: str  # lower case, without parameters
    size_bytes: int | None  # as the server announced it
    chunks: Iterator[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A whole answer, of any status that does not ask to come back later."""

    status: int
    content_type: str
    body: bytes


class PoliteClient:
    """Sends GET requests as a guest should.

    Requests to one host start at least *delay_seconds* apart, from however many threads. 429 and its like, 5xx, broken
    connections and time-outs are tried again, at most four times in all, after what ``Retry-After`` asks for or a
    growing, jittered pause; a server that asks for more than a minute is left alone. A host that cannot be reached
    is not tried again: without a network the caller knows within seconds.

    Args:
        delay_seconds: least time between two requests to a host, and the first pause after a failure.
        timeout_seconds: longest silence on an open connection; connecting gets five seconds at most.
    """

    def __init__(self, *, delay_seconds: float = 3.0, timeout_seconds: float = 30.0, user_agent: str = USER_AGENT) -> None:
        self._delay_seconds = delay_seconds
        self._next_turn: dict[str, float] = {}
        self._lock = threading.Lock()
        self._client = httpx.Client(
            headers={"User-Agent": user_agent},
            timeout=httpx.Timeout(timeout_seconds, connect=min(_CONNECT_SECONDS, timeout_seconds)),
            follow_redirects=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def get(self, url: str, *, source: str, params: Mapping[str, str] | None = None) -> Reply:
        """Return the whole answer of *url*, whatever its status unless that asks to come back later.

        Raises:
            SourceUnreachable: no connection.
            SourceError: no usable answer after all tries, or more than 64 MiB of it.
        """

        def read(answer: Answer) -> Reply:
            body = bytearray()
            for chunk in answer.chunks:
                body += chunk
                if len(body) > _LARGEST_BODY_BYTES:
                    raise SourceError(source, f"{url} sends more than {_LARGEST_BODY_BYTES >> 20} MiB")
            return Reply(status=answer.status, content_type=answer.content_type, body=bytes(body))

        return self.ask(url, read, source=source, params=params)

    def get_json(self, url: str, *, source: str, params: Mapping[str, str] | None = None) -> object:
        """Return the JSON value at *url*.

        Raises:
            SourceUnreachable: no connection.
            SourceError: no usable answer, a status other than 200, or not JSON.
        """
        reply = self.get(url, source=source, params=params)
        start = shorten(reply.body[:1000].decode("utf-8", "replace"), 120)
        if reply.status != 200:
            raise SourceError(source, f"{url} answers HTTP {reply.status}: {start}")
        try:
            return json.loads(reply.body)
        except (ValueError, RecursionError):
            raise SourceError(source, f"{url} does not answer with JSON: {start}") from None

    def ask(
        self,
        url: str,
        read: Callable[[Answer], _T],
        *,
        source: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> _T:
        """Return what *read* makes of the answer; it is called anew for each try, and a broken body is a failed try.

        Args:
            source: who is asking, for the messages of errors.

        Raises:
            SourceUnreachable: no connection.
            SourceError: not an address, redirects without end, or no success after all tries.
        """
        host = _host(url, source)
        problem = ""
        for attempt in range(_TRIES):
            self._wait_turn(host)
            try:
                with self._opened(url, source, params, headers) as answer:
                    return read(answer)
            except _BusyError as busy:
                problem = str(busy)
                wait = busy.retry_after if busy.retry_after is not None else self._pause(attempt)
            if wait > _LONGEST_WAIT_SECONDS:
                raise SourceError(source, f"{host}: {problem}, and asks to come back in {wait:.0f} s", hint="digest run  # later")
            self._hold_off(host, wait)
        raise SourceError(source, f"{host}: {problem}, {_TRIES} times in a row", hint="digest run  # in a few minutes")

    @contextlib.contextmanager
    def _opened(self, url: str, source: str, params: Mapping[str, str] | None, headers: Mapping[str, str] | None) -> Iterator[Answer]:
        """One request. What goes wrong with it, also while the body is read, leaves as a typed error."""
        try:
            with self._client.stream("GET", url, params=params, headers=headers) as response:
                if response.status_code in _ASKS_TO_WAIT or response.status_code >= 500:
                    raise _BusyError(f"HTTP {response.status_code}", _seconds_to_wait(response.headers.get("Retry-After", "")))
                yield _answer(response)
        except (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.TooManyRedirects) as error:
            raise SourceError(source, f"{url}: {error}") from error
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
            hint = "digest run --source samples --offline"
            raise SourceUnreachable(source, f"{_host(url, source)} cannot be reached: {_reason(error)}", hint=hint) from error
        except httpx.RequestError as error:
            raise _BusyError(_reason(error), None) from error

    def _wait_turn(self, host: str) -> None:
        with self._lock:
            now = time.monotonic()
            turn = max(now, self._next_turn.get(host, now))
            self._next_turn[host] = turn + self._delay_seconds
        time.sleep(turn - now)

    def _hold_off(self, host: str, seconds: float) -> None:
        """Let nobody, in any thread, ask *host* before *seconds* have passed."""
        with self._lock:
            self._next_turn[host] = max(self._next_turn.get(host, 0.0), time.monotonic() + seconds)

    def _pause(self, attempt: int) -> float:
        growing = self._delay_seconds * 2.0**attempt * random.uniform(0.5, 1.5)  # noqa: S311 - spreads retries, guards nothing
        return min(growing, _LONGEST_WAIT_SECONDS)


class _BusyError(Exception):
    """A try that failed in a way that may pass."""

    def __init__(self, problem: str, retry_after: float | None) -> None:
        super().__init__(problem)
        self.retry_after = retry_after  # seconds


def _host(url: str, source: str) -> str:
    try:
        return httpx.URL(url).netloc.decode()
    except httpx.InvalidURL as error:
        raise SourceError(source, f"{url!r} is not an address: {error}") from error


def _answer(response: httpx.Response) -> Answer:
    length = response.headers.get("Content-Length", "")
    return Answer(
        status=response.status_code,
        content_type=response.headers.get("Content-Type", "").partition(";")[0].strip().lower(),
        size_bytes=int(length) if length.isdecimal() else None,
        chunks=response.iter_bytes(),
    )


def _seconds_to_wait(retry_after: str) -> float | None:
    """The header's seconds, or those until its date (RFC 9110, 10.2.3); None when it says neither."""
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        when = email.utils.parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    return max(0.0, when.timestamp() - time.time())


def _reason(error: httpx.RequestError) -> str:
    """httpx leaves the message of time-outs empty; their name says it then."""
    return str(error) or type(error).__name__
