"""Asking servers politely: requests to a host some time apart, bounded retries and answers, typed errors.

The only file that knows httpx and sockets. It does not know what a paper is; turns and pauses are ``pace``'s.
"""

from __future__ import annotations

import contextlib
import email.utils
import json
import random
import socket
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self, TypeVar

import httpx

from digest import __version__
from digest.errors import PaperError, SourceError, SourcePaused, SourceUnreachable
from digest.sources.pace import HostClosed, Pace
from digest.text import shorten

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import httpcore

    from digest.sources.pace import Clock

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
    headers: Mapping[str, str]  # names in lower case
    chunks: Iterator[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A whole answer, of any status that does not ask to come back later."""

    status: int
    content_type: str
    body: bytes


class PoliteClient:
    """Sends GET requests as a guest should.

    Requests to one host keep their distance (``Pace``), from however many threads and processes. 429 and its like, 5xx,
    broken connections and time-outs are tried again, at most four times in all, after what ``Retry-After`` asks for or a
    growing, jittered pause. A host that asks for more than a minute, or goes on failing, is left alone for longer, and
    that is remembered. A host that cannot be reached is not tried again: without a network the caller knows within seconds.

    Args:
        delay_seconds: least time between two requests to a host, and the first pause after a failure.
        timeout_seconds: longest silence on an open connection; connecting gets five seconds at most.
        deadline_seconds: longest time for one whole answer, however slowly it drips.
        pace: what remembers turns and pauses; by default it does so in this object only.
    """

    def __init__(
        self,
        *,
        delay_seconds: float = 3.0,
        timeout_seconds: float = 30.0,
        deadline_seconds: float = 180.0,
        pace: Pace | None = None,
        user_agent: str = USER_AGENT,
    ) -> None:
        self._delay_seconds, self._deadline_seconds = delay_seconds, deadline_seconds
        self._pace = pace or Pace(delay_seconds=delay_seconds)
        self._client = httpx.Client(
            headers={"User-Agent": user_agent},
            timeout=httpx.Timeout(timeout_seconds, connect=min(_CONNECT_SECONDS, timeout_seconds)),
            # Seconds apart, a kept connection saves little and is often dead: servers close it without a word.
            limits=httpx.Limits(max_keepalive_connections=0),
            follow_redirects=True,
        )

    @property
    def clock(self) -> Clock:
        """The clock that pauses are measured by."""
        return self._pace.clock

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def get(self, url: str, *, source: str, params: Mapping[str, str] | None = None, silence_seconds: float | None = None) -> Reply:
        """Return the whole answer of *url*, whatever its status unless that asks to come back later.

        Args:
            silence_seconds: how long a server known to be slow may keep silent, instead of the client's time-out.

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

        return self.ask(url, read, source=source, params=params, silence_seconds=silence_seconds)

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
        headers: Callable[[], Mapping[str, str]] | None = None,
        silence_seconds: float | None = None,
        deadline_seconds: float | None = None,
    ) -> _T:
        """Return what *read* makes of the answer; it is called anew for each try, and a broken body is a failed try.

        Args:
            source: who is asking, for the messages of errors.
            headers: asked anew for each try: what is sent may depend on what the last one brought.

        Raises:
            SourcePaused: the host is left alone for now.
            SourceUnreachable: no connection.
            SourceError: not an address, redirects without end, or no success after all tries.
        """
        host, problem = _host(url, source), ""
        try:
            for attempt in range(_TRIES):
                self._pace.take_turn(host)
                request = _Request(url, params, headers() if headers else None, silence_seconds, deadline_seconds or self._deadline_seconds)
                try:
                    result = self._tried(request, read, source)
                except TryAgain as busy:
                    problem = str(busy)
                    self._after_failure(host, busy, attempt)
                except PaperError:  # an answer all the same
                    self._pace.worked(host)
                    raise
                else:
                    self._pace.worked(host)
                    return result
        except HostClosed as closed:
            raise SourcePaused(source, host, closed.problem, closed.until) from None
        raise SourceError(source, f"{host}: {problem}, {_TRIES} times in a row", hint="digest run  # in a few minutes")

    def _after_failure(self, host: str, busy: TryAgain, attempt: int) -> None:
        wait = busy.retry_after
        if wait is not None and wait > _LONGEST_WAIT_SECONDS:
            self._pace.close(host, f"{busy}, and asks to come back in {wait:.0f} s", wait)
        self._pace.failed(host, str(busy), refused=busy.refused)
        if wait is None:
            growing = self._delay_seconds * 2.0**attempt * random.uniform(0.5, 1.5)  # noqa: S311 - spreads retries, guards nothing
            wait = min(growing, _LONGEST_WAIT_SECONDS)
        self._pace.hold_off(host, wait)

    def _tried(self, request: _Request, read: Callable[[Answer], _T], source: str) -> _T:
        """One request. What goes wrong with it, also while the body is read, leaves as a typed error."""
        timeout = self._client.timeout
        if request.silence_seconds:
            timeout = httpx.Timeout(request.silence_seconds, connect=timeout.connect)
        try:
            with (
                _Deadline(request.deadline_seconds) as deadline,
                self._client.stream(
                    "GET",
                    request.url,
                    params=request.params,
                    headers=request.headers,
                    timeout=timeout,
                    extensions={"trace": deadline.watch},
                ) as response,
            ):
                if response.status_code in _ASKS_TO_WAIT or response.status_code >= 500:
                    wait = _seconds_to_wait(response.headers.get("Retry-After", ""), self.clock.now())
                    raise TryAgain(f"HTTP {response.status_code}", wait, refused=response.status_code in _ASKS_TO_WAIT)
                return read(_answer(response, deadline))
        except (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.TooManyRedirects) as error:
            raise SourceError(source, f"{request.url}: {error}") from error
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
            hint = "digest run --source samples --offline"
            raise SourceUnreachable(source, f"{_host(request.url, source)} cannot be reached: {_reason(error)}", hint=hint) from error
        except httpx.RequestError as error:
            raise TryAgain(deadline.problem or _reason(error)) from error


@dataclass(frozen=True, slots=True)
class _Request:
    """One try."""

    url: str
    params: Mapping[str, str] | None
    headers: Mapping[str, str] | None
    silence_seconds: float | None
    deadline_seconds: float


class _Deadline:
    """Cuts the connection of a request that takes too long; a time-out alone never ends an answer that drips."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._streams: list[httpcore.NetworkStream] = []
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self.problem = ""

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def watch(self, event: str, info: Mapping[str, Any]) -> None:
        """Called by httpcore for each step of the request."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self._streams.append(info["return_value"])

    def _cut(self) -> None:
        self.problem = f"no whole answer within {self._seconds:.0f} s"
        for stream in self._streams:
            with contextlib.suppress(OSError):
                # The plain shutdown: that of a TLS socket would forget its keys while another thread reads.
                socket.socket.shutdown(stream.get_extra_info("socket"), socket.SHUT_RDWR)


class TryAgain(Exception):
    """A try that failed in a way that may pass; whoever reads an answer may raise it too."""

    def __init__(self, problem: str, retry_after: float | None = None, *, refused: bool = False) -> None:
        super().__init__(problem)
        self.retry_after = retry_after  # seconds
        self.refused = refused  # the server said "not now", rather than fail


def _host(url: str, source: str) -> str:
    try:
        return httpx.URL(url).netloc.decode()
    except httpx.InvalidURL as error:
        raise SourceError(source, f"{url!r} is not an address: {error}") from error


def _answer(response: httpx.Response, deadline: _Deadline) -> Answer:
    length = response.headers.get("Content-Length", "")
    return Answer(
        status=response.status_code,
        content_type=response.headers.get("Content-Type", "").partition(";")[0].strip().lower(),
        size_bytes=int(length) if length.isdecimal() and len(length) < 19 else None,
        headers={name.lower(): value for name, value in response.headers.items()},
        chunks=_chunks(response, deadline),
    )


def _chunks(response: httpx.Response, deadline: _Deadline) -> Iterator[bytes]:
    """The body; where no length is announced, the cut of a deadline would look like its end."""
    yield from response.iter_bytes()
    if deadline.problem:
        raise TryAgain(deadline.problem)


def _seconds_to_wait(retry_after: str, now: float) -> float | None:
    """The header's seconds, or those until its date (RFC 9110, 10.2.3); None when it says neither."""
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        when = email.utils.parsedate_to_datetime(retry_after)
    except (ValueError, OverflowError):
        return None
    return max(0.0, when.timestamp() - now)


def _reason(error: httpx.RequestError) -> str:
    """httpx leaves the message of time-outs empty; their name says it then."""
    return str(error) or type(error).__name__
