"""Listening: the only file that knows uvicorn and opens a socket.

uvicorn itself (0.54) waits for ever for a request that never ends and for a reader that never reads; here both have their time.
"""

from __future__ import annotations

import logging
import socket
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from digest.errors import UsageError

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from starlette.types import ASGIApp

_REQUEST_SECONDS = 10.0  # from the connection, or the first byte, to the whole request
_ANSWER_SECONDS = 120.0  # from then until the answer has been taken
_IDLE_SECONDS = 30  # that a browser may keep an idle connection
_CONNECTIONS = 200
_HEADER_BYTES = 16_384


class _Patient(H11Protocol):
    """HTTP whose patience ends."""

    request_seconds, answer_seconds = _REQUEST_SECONDS, _ANSWER_SECONDS
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._allow(self.request_seconds)

    def data_received(self, data: bytes) -> None:
        if self._deadline is None:
            self._allow(self.request_seconds)
        super().data_received(data)
        if self._is_answering:
            self._allow(self.answer_seconds)

    def on_response_complete(self) -> None:
        self._forgive()
        super().on_response_complete()
        if self._is_answering:  # a request that had come already
            self._allow(self.answer_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        self._forgive()
        super().connection_lost(exc)

    @property
    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.more_body and not self.cycle.response_complete

    def _allow(self, seconds: float) -> None:
        self._forgive()
        self._deadline = self.loop.call_later(seconds, self.transport.abort)

    def _forgive(self) -> None:
        if self._deadline:
            self._deadline.cancel()
            self._deadline = None


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there; port 0 takes a free one.

    Raises:
        UsageError: it cannot be had.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listening = socket.socket(*found[:3])  # with its protocol: without, asyncio leaves Nagle's wait on, 40 ms an answer
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(found[4])
    except OSError as error:
        raise UsageError(f"cannot listen on {host}:{port}: {error.strerror or error}", hint="digest serve --port 0") from None
    return listening


def server(app: ASGIApp, *, started: Callable[[], None] = lambda: None) -> uvicorn.Server:
    """A server for *app*, to be run with the socket it shall listen on; *started* is called when it does."""
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)  # what clients do wrong is no news
    config = uvicorn.Config(
        app,
        http=_Patient,
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=False,
        limit_concurrency=_CONNECTIONS,
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=2,
        h11_max_incomplete_event_size=_HEADER_BYTES,
    )

    class Announced(uvicorn.Server):
        async def startup(self, sockets: list[Any] | None = None) -> None:
            await super().startup(sockets)
            started()

    return Announced(config)
