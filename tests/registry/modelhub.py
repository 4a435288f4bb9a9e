"""A model hub on loopback that answers as huggingface.co does.

HEAD and GET of ``/{repo}/resolve/{revision}/{file}`` carry the commit and, for a large file, its sha256 as ETag of the
linked object, and lead to another host, where ranges are served.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from tests.loopback import Answer, LoopbackServer, Request

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

COMMIT = "a" * 40


class ModelHub:
    """Publishes files on *server*."""

    def __init__(self, server: LoopbackServer, monkeypatch: pytest.MonkeyPatch) -> None:
        import huggingface_hub.constants

        self.server = server
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        # What another test of this process forbade must not hold here, nor in a process started here.
        monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
        monkeypatch.delenv("TRANSFORMERS_OFFLINE", raising=False)
        monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)

    def publish(
        self, path: str, body: bytes, *, sends: bytes | None = None, gets: Callable[[Request, Answer], Answer] | None = None
    ) -> None:
        """Serve *body* as ``/{repo}/resolve/{revision}/{file}``.

        *sends* are the bytes that come although *body* is announced; *gets* may change what a GET is answered.
        """
        sha256 = hashlib.sha256(body).hexdigest()
        # The name differs from the hub's, as that of a content delivery network does.
        stored = f"/stored/{sha256}"
        headers = {
            "X-Repo-Commit": COMMIT,
            "X-Linked-Etag": f'"{sha256}"',
            "X-Linked-Size": str(len(body)),
            "ETag": '"of the redirect"',
            "Location": self.server.url.replace("127.0.0.1", "localhost") + stored,
        }
        self.server.route(path, Answer(status=302, headers=headers))

        def content(request: Request) -> Answer:
            answer = _part(request, body if sends is None else sends)
            return gets(request, answer) if gets else answer

        self.server.route(stored, content)

    def publish_small(self, path: str, body: bytes) -> None:
        """Serve *body* as a file kept in git itself, whose ETag is no sha256."""
        headers = {"X-Repo-Commit": COMMIT, "ETag": f'"{hashlib.sha1(body).hexdigest()}"'}
        self.server.route(path, Answer(body, headers=headers))

    def refuse(self, path: str, status: int, code: str) -> None:
        """Answer as for a repository, revision or file that is not there."""
        self.server.route(path, Answer("nothing here", status=status, headers={"X-Error-Code": code, "X-Error-Message": "not found"}))

    @property
    def ranges(self) -> list[str]:
        """Where each GET of content began: "" for a whole one."""
        stored = [request for request in self.server.requests if request.path.startswith("/stored/")]
        return [request.headers.get("range", "") for request in stored if request.method == "GET"]


def _part(request: Request, body: bytes) -> Answer:
    wanted = request.headers.get("range", "")
    if not wanted:
        return Answer(body, headers={"Accept-Ranges": "bytes"})
    start = int(wanted.removeprefix("bytes=").removesuffix("-"))
    return Answer(body[start:], status=206, headers={"Content-Range": f"bytes {start}-{len(body) - 1}/{len(body)}"})
