"""A scripted HTTP server on loopback: paths answer from a list, every request is recorded.

For whatever speaks HTTP: sources, downloads of papers and of models. It can also misbehave on purpose.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from io import BufferedIOBase


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as it arrived."""

    method: str
    path: str  # without the query
    query: Mapping[str, str]  # last value of each name, empty ones too
    headers: Mapping[str, str]  # names in lower case
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server sends back."""

    body: bytes | str = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    announced_bytes: int | None = None  # a Content-Length that lies; the connection closes after the body
    announces: bool = True  # without, there is no Content-Length and the body ends with the connection
    reset: bool = False  # break the connection instead of answering
    seconds_a_byte: float = 0.0  # send the body this slowly, until the client has had enough
    drips_headers: bool = False  # send headers, and no end of them, as slowly


class LoopbackServer:
    """Serves from 127.0.0.1 until the ``with`` block ends.

    ``route(path, first, second)`` answers in turn, the last one for ever; a function is asked with the request each
    time. Unknown paths get 404.
    """

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self._routes: dict[str, list[Answer | Callable[[Request], Answer]]] = {}
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def route(self, path: str, *answers: Answer | bytes | str | Callable[[Request], Answer]) -> str:
        """Script *path* and return its full address."""
        self._routes[path] = [Answer(answer) if isinstance(answer, (bytes, str)) else answer for answer in answers]
        return self.url + path

    def asked(self, path: str) -> list[Request]:
        """The requests for *path* so far, in order."""
        return [request for request in self.requests if request.path == path]

    def _answer(self, request: Request) -> Answer:
        with self._lock:
            self.requests.append(request)
            script = self._routes.get(request.path, [Answer(status=404)])
            answer = script.pop(0) if len(script) > 1 else script[0]
        return answer if isinstance(answer, Answer) else answer(request)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        answer = self._answer

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                url = urlsplit(self.path)
                query = {name: values[-1] for name, values in parse_qs(url.query, keep_blank_values=True).items()}
                headers = {name.lower(): value for name, value in self.headers.items()}
                body = self.rfile.read(int(headers.get("content-length", 0)))
                self._send(answer(Request(method=self.command, path=url.path, query=query, headers=headers, body=body)))

            do_POST = do_HEAD = do_GET  # noqa: N815 - the names http.server looks for

            def _send(self, reply: Answer) -> None:
                self.close_connection = True
                if reply.reset:
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    return
                body = reply.body.encode() if isinstance(reply.body, str) else reply.body
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                if reply.announces:
                    self.send_header("Content-Length", str(len(body) if reply.announced_bytes is None else reply.announced_bytes))
                self.send_header("Connection", "close")
                with contextlib.suppress(ConnectionError):  # a client that has seen enough may hang up
                    if reply.drips_headers:
                        _drip(self.wfile, b"HTTP/1.1 200 OK\r\nX-Slow: ".ljust(1000, b"x"), reply.seconds_a_byte)
                    self.end_headers()
                    if self.command != "HEAD":
                        _drip(self.wfile, body, reply.seconds_a_byte) if reply.seconds_a_byte else self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing: the requests are recorded."""

        return Handler


def _drip(file: BufferedIOBase, body: bytes, seconds_a_byte: float) -> None:
    for place in range(len(body)):
        file.write(body[place : place + 1])
        file.flush()
        time.sleep(seconds_a_byte)


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # server_close waits for them, so that no test leaves one behind

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        """Close without the polite shutdown, which would turn a wanted reset into a normal end."""
        self.close_request(request)


def closed_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert isinstance(port, int)
    return port
