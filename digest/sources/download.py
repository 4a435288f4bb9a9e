"""Bringing the full text of papers to the disk: whole PDFs under their final names, or nothing.

What has arrived of a broken transfer is kept and gone on with, in this run or a later one. It does not know pages or text;
that a file begins and ends like a PDF is all it looks at.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import urlsplit

from digest.errors import PaperError, SourceError, SourcePaused
from digest.sources.http import TryAgain
from digest.workspace import safe_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from concurrent.futures import Future

    from digest.records import Paper
    from digest.sources.http import Answer, PoliteClient

LARGEST_BYTES = 200 << 20

_STAGE = "download"
_GONE = frozenset({404, 410})
_HEADER_WITHIN = 1024  # readers find "%PDF-" anywhere in the first 1,024 bytes (PDF Reference 1.7, appendix H, note 13)
_END_WITHIN = 2048  # and "%%EOF" in the last 1,024 (note 18); some writers add a page of padding
_KEPT_DAYS = 7  # how long a part is worth going on with
_DEADLINE_SECONDS = 900.0  # for one transfer; a slow line goes on from there with the next
_CONTENT_RANGE = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15})")


class Downloads:
    """PDFs on their way: several hosts at once, one transfer a host at a time."""

    def __init__(self, folder: Path, http: PoliteClient) -> None:
        self._folder, self._http = folder, http
        self._hosts: dict[str, ThreadPoolExecutor] = {}
        self._coming: dict[str, Future[Path]] = {}
        self._stop = threading.Event()

    def start(self, papers: Iterable[Paper]) -> None:
        """Begin to fetch *papers*, in their order, without waiting."""
        self._stop.clear()
        for paper in papers:
            if "://" in paper.pdf and paper.name not in self._coming:
                host = urlsplit(paper.pdf).netloc
                if host not in self._hosts:
                    self._hosts[host] = ThreadPoolExecutor(1, thread_name_prefix="download")
                self._coming[paper.name] = self._hosts[host].submit(download, paper, self._folder, self._http, self._stop)

    def path(self, paper: Paper) -> Path:
        """The paper's PDF; fetched now if nobody began it.

        Raises:
            PaperError: as ``download``.
        """
        future = self._coming.pop(paper.name, None)
        return future.result() if future else download(paper, self._folder, self._http)

    def stop(self) -> None:
        """Give up what has not arrived; what there is of it is kept for the next time."""
        self._stop.set()
        for pool in self._hosts.values():
            pool.shutdown(cancel_futures=True)
        self._hosts.clear()
        self._coming.clear()


def download(paper: Paper, folder: Path, http: PoliteClient, stop: threading.Event | None = None) -> Path:
    """Return the path of the paper's PDF, fetched to *folder* unless it lies there; local files stay where they are.

    Args:
        stop: once set, the transfer ends at the next piece.

    Raises:
        PaperError: there is no full text, or it did not arrive whole; ``retry`` says whether a later try may help, and
            ``not_before`` when its host may be asked again.
    """
    if not paper.pdf:
        raise PaperError(paper.name, _STAGE, "its source names no full text", retry=False)
    if "://" not in paper.pdf:
        return _local(paper)
    target = _target(paper, folder)
    part = _Part(_part_of(target), paper.pdf)
    transfer = _Transfer(part, paper.name, stop or threading.Event())
    try:
        if not _is_pdf(target):
            folder.mkdir(parents=True, exist_ok=True)
            http.ask(paper.pdf, transfer.save, source=_STAGE, headers=transfer.headers, deadline_seconds=_DEADLINE_SECONDS)
            part.finish(target)
            _Part(_part_of(folder / f"{safe_name(paper.id)}.pdf"), paper.pdf).forget()  # begun before its version was known
    except SourcePaused as error:
        raise PaperError(paper.name, _STAGE, error.problem, not_before=error.until) from error
    except SourceError as error:
        raise PaperError(paper.name, _STAGE, error.problem) from error
    except OSError as error:
        full = "; free some space, what has arrived is kept" if error.errno in (errno.ENOSPC, errno.EDQUOT) else ""
        raise PaperError(paper.name, _STAGE, f"cannot write {target}: {error.strerror}{full}") from error
    finally:
        part.tidy()
    return target


def downloaded(paper: Paper, folder: Path) -> Path | None:
    """The paper's PDF if it lies in *folder*."""
    target = _target(paper, folder)
    return target if _is_pdf(target) else None


def forget_old_parts(folder: Path) -> None:
    """Remove parts of transfers that nobody went on with for a week."""
    for path in (*folder.glob(".*.part"), *folder.glob(".*.part.json")):
        if time.time() - path.stat().st_mtime > _KEPT_DAYS * 86_400:
            path.unlink(missing_ok=True)


@dataclass(slots=True)
class _Transfer:
    """One PDF's way to the disk, over as many tries as it takes."""

    part: _Part
    name: str
    stop: threading.Event
    _odd_bytes: int = -1  # size of the last whole answer that did not begin or end like a PDF

    def headers(self) -> Mapping[str, str]:
        """What the next try asks with."""
        if self.stop.is_set():
            raise PaperError(self.name, _STAGE, "given up before it was there")
        return self.part.headers()

    def save(self, answer: Answer) -> None:
        """Write the body to the part; that it is as long as announced is the HTTP layer's own check (h11).

        Raises:
            TryAgain: it is not the whole file.
            PaperError: it is something else.
        """
        if answer.status == 416 or (answer.status == 206 and not self.part.is_continued_by(answer)):
            self.part.forget()
            raise TryAgain("the server does not go on where the transfer broke off")
        if answer.status not in (200, 206):
            raise PaperError(self.name, _STAGE, f"HTTP {answer.status}", retry=answer.status not in _GONE)
        if answer.content_type == "text/html":
            raise _web_page(self.name)
        with self.part.open(answer) as file:
            size_bytes = file.tell()
            if size_bytes + (answer.size_bytes or 0) > LARGEST_BYTES:
                raise self._rejected(_too_large(self.name))
            for chunk in answer.chunks:
                size_bytes += len(chunk)
                if size_bytes > LARGEST_BYTES:
                    raise self._rejected(_too_large(self.name))
                file.write(chunk)
                if self.stop.is_set():
                    raise PaperError(self.name, _STAGE, "given up before it was there")
        self._check()

    def _check(self) -> None:
        head, tail, size_bytes = _ends_of(self.part.path)
        if not size_bytes:
            raise TryAgain("an empty answer")
        if b"%PDF-" not in head and head.lstrip().startswith((b"<", b"{")):
            raise self._rejected(_web_page(self.name))
        if b"%PDF-" not in head:
            self._doubt(size_bytes, "what came is not a PDF")
            stub = size_bytes < _HEADER_WITHIN  # too little to be judged for ever
            raise self._rejected(PaperError(self.name, _STAGE, "what came is not a PDF", retry=stub))
        if b"%%EOF" not in tail:
            self._doubt(size_bytes, "the PDF breaks off")

    def _doubt(self, size_bytes: int, problem: str) -> None:
        """Ask for the whole file once more; when as much of it comes again, it is the file that is so."""
        if size_bytes != self._odd_bytes:
            self._odd_bytes = size_bytes
            self.part.forget()
            raise TryAgain(problem)

    def _rejected(self, error: PaperError) -> PaperError:
        self.part.forget()
        return error


@dataclass(slots=True)
class _Part:
    """What has arrived of a file, and what its server calls this very version of it."""

    path: Path
    url: str
    _validator: str = ""  # strong ETag, else the date of the last change; "": what arrived cannot be gone on with

    def headers(self) -> Mapping[str, str]:
        """What to ask with: the rest, if the file is still the same, else all of it (RFC 9110, 13.1.5)."""
        plain = {"Accept-Encoding": "identity"}  # so that sizes are those of the file
        notes = self._notes()
        self._validator = notes.get("validator", "") if notes.get("url") == self.url else ""
        if not self._validator or not self.size_bytes:
            return plain
        return plain | {"Range": f"bytes={self.size_bytes}-", "If-Range": self._validator}

    @property
    def size_bytes(self) -> int:
        """How much has arrived."""
        return self.path.stat().st_size if self.path.is_file() else 0

    def is_continued_by(self, answer: Answer) -> bool:
        """Whether the answer brings all that is missing."""
        told = _CONTENT_RANGE.fullmatch(answer.headers.get("content-range", ""))
        return told is not None and int(told[1]) == self.size_bytes and int(told[2]) + 1 == int(told[3])

    def open(self, answer: Answer) -> BinaryIO:
        """The file to write the answer's body to."""
        if answer.status == 206:
            return self.path.open("ab")
        self.forget()
        etag = answer.headers.get("etag", "")
        self._validator = etag if etag.startswith('"') else answer.headers.get("last-modified", "")
        if self._validator:
            self._notes_path.write_text(json.dumps({"url": self.url, "validator": self._validator}), encoding="utf-8")
        return self.path.open("wb")

    def finish(self, target: Path) -> None:
        """Make it the finished file."""
        with self.path.open("rb") as file:
            os.fsync(file.fileno())
        self.path.replace(target)

    def tidy(self) -> None:
        """Leave nothing behind that cannot be gone on with."""
        with contextlib.suppress(OSError):
            if not (self._validator and self.size_bytes):
                self.forget()

    def forget(self) -> None:
        """What arrived is of no use."""
        self._validator = ""
        self.path.unlink(missing_ok=True)
        self._notes_path.unlink(missing_ok=True)

    @property
    def _notes_path(self) -> Path:
        return self.path.with_name(f"{self.path.name}.json")

    def _notes(self) -> dict[str, str]:
        try:
            notes = json.loads(self._notes_path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return {str(name): str(value) for name, value in notes.items()} if isinstance(notes, dict) else {}


def _target(paper: Paper, folder: Path) -> Path:
    return folder / f"{safe_name(paper.name)}.pdf"


def _part_of(target: Path) -> Path:
    return target.with_name(f".{target.name}.part")


def _local(paper: Paper) -> Path:
    path = Path(paper.pdf)
    if not path.is_file():
        raise PaperError(paper.name, _STAGE, f"{path} is not there", retry=False)
    return path


def _ends_of(path: Path) -> tuple[bytes, bytes, int]:
    """The first and the last bytes of a file, and its size."""
    with path.open("rb") as file:
        head = file.read(_HEADER_WITHIN)
        size_bytes = file.seek(0, os.SEEK_END)
        file.seek(max(0, size_bytes - _END_WITHIN))
        return head, file.read(), size_bytes


def _is_pdf(path: Path) -> bool:
    return path.is_file() and b"%PDF-" in _ends_of(path)[0]


def _web_page(name: str) -> PaperError:
    """ArXiv serves one while it still makes the PDF, and when it suspects a robot; later it may be a PDF."""
    return PaperError(name, _STAGE, "a web page came instead of the PDF")


def _too_large(name: str) -> PaperError:
    return PaperError(name, _STAGE, f"larger than {LARGEST_BYTES >> 20} MiB", retry=False)
