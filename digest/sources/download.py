"""Bringing the full text of one paper to the disk: a whole PDF under its final name, or nothing.

It does not know pages or text; that a file begins like a PDF is all it looks at.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from digest.errors import PaperError, SourceError
from digest.workspace import replace_file, safe_name

if TYPE_CHECKING:
    from digest.records import Paper
    from digest.sources.http import Answer, PoliteClient

LARGEST_BYTES = 200 << 20

_STAGE = "download"
_GONE = frozenset({404, 410})
_HEADER_WITHIN = 1024  # readers find "%PDF-" anywhere in the first 1,024 bytes (PDF Reference 1.7, appendix H, note 13)


def download(paper: Paper, folder: Path, http: PoliteClient) -> Path:
    """Return the path of the paper's PDF, fetched to *folder* unless it lies there; local files stay where they are.

    Raises:
        PaperError: there is no full text, or it did not arrive whole; ``retry`` says whether a later try may help.
    """
    if not paper.pdf:
        raise PaperError(paper.name, _STAGE, "its source names no full text", retry=False)
    if "://" not in paper.pdf:
        return _local(paper)
    target = folder / f"{safe_name(paper.name)}.pdf"
    if target.is_file():
        return target
    try:
        # Without compression, so that sizes are those of the file.
        http.ask(paper.pdf, lambda answer: _save(answer, target, paper.name), source=_STAGE, headers={"Accept-Encoding": "identity"})
    except SourceError as error:
        raise PaperError(paper.name, _STAGE, error.problem) from error
    except OSError as error:
        raise PaperError(paper.name, _STAGE, f"cannot write {target}: {error.strerror}") from error
    return target


def _local(paper: Paper) -> Path:
    path = Path(paper.pdf)
    if not path.is_file():
        raise PaperError(paper.name, _STAGE, f"{path} is not there", retry=False)
    return path


def _save(answer: Answer, target: Path, name: str) -> None:
    """Write the body to *target*; that it is as long as announced is the HTTP layer's own check (h11)."""
    if answer.status != 200:
        raise PaperError(name, _STAGE, f"HTTP {answer.status}", retry=answer.status not in _GONE)
    if answer.content_type == "text/html":
        raise _web_page(name)
    if (answer.size_bytes or 0) > LARGEST_BYTES:
        raise _too_large(name)
    with replace_file(target) as file:
        _copy(answer, file, name)


def _copy(answer: Answer, file: BinaryIO, name: str) -> None:
    head, size_bytes = b"", 0
    for chunk in answer.chunks:
        if len(head) < _HEADER_WITHIN:
            head += chunk
        size_bytes += len(chunk)
        if size_bytes > LARGEST_BYTES:
            raise _too_large(name)
        file.write(chunk)
    if b"%PDF-" not in head[:_HEADER_WITHIN]:
        is_web_page = head.lstrip()[:14].lower().startswith((b"<!doctype html", b"<html"))
        raise _web_page(name) if is_web_page else PaperError(name, _STAGE, "what came is not a PDF", retry=False)


def _web_page(name: str) -> PaperError:
    """ArXiv serves one while it still makes the PDF, and when it suspects a robot; later it may be a PDF."""
    return PaperError(name, _STAGE, "a web page came instead of the PDF")


def _too_large(name: str) -> PaperError:
    return PaperError(name, _STAGE, f"larger than {LARGEST_BYTES >> 20} MiB", retry=False)
