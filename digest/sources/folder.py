"""Papers that already lie on disk: the PDFs in a folder, described by a ``papers.jsonl`` where there is one.

Standard library only. It does not look inside a PDF: title, authors and abstract of a loose one come from reading it.
"""

from __future__ import annotations

import os
import re
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from digest.errors import SourceError, UsageError
from digest.records import Paper
from digest.sources.metadata import clean, papers_from_jsonl
from digest.workspace import sha256_of

if TYPE_CHECKING:
    import datetime as dt

METADATA = "papers.jsonl"


class FolderSource:
    """Every PDF in a folder and below it, in the order of their paths.

    A row of ``papers.jsonl`` whose ``file`` names one of them, relative to the folder, gives its id, title, authors
    and the rest; other PDFs get ``file:<sha256>`` and a title made of the file's name. Copies are one paper.
    Symbolic links that lead out of the folder are not followed.
    """

    def __init__(self, path: Path, name: str = "folder") -> None:
        self.name, self._path = name, path

    def fetch(self, _day: dt.date, /) -> list[Paper]:
        """Return the papers; the day does not matter.

        Raises:
            UsageError: the folder is missing, it or a part of it cannot be read, or ``papers.jsonl`` is malformed.
            SourceError: there is no PDF in it.
        """
        folder = self._path.resolve()
        if not folder.is_dir():
            raise UsageError(f"{self._path} is not a folder", hint=f"mkdir -p {self._path}")
        files = _pdfs(folder)
        if not files:
            raise SourceError(self.name, f"no PDF in {self._path}", hint=f"ls -R {self._path}")
        described = self._described(folder)
        papers: dict[str, Paper] = {}  # by content, the described copy first
        for file in sorted(files, key=lambda file: file not in described):
            sha256 = _sha256(file)
            paper = described.get(file) or Paper(id=f"file:{sha256}", title=_title(file), abstract="", source=self.name)
            papers.setdefault(sha256, replace(paper, pdf=str(file)))
        return sorted(papers.values(), key=lambda paper: paper.pdf)

    def _described(self, folder: Path) -> dict[Path, Paper]:
        metadata = folder / METADATA
        if not metadata.is_file():
            return {}
        try:
            lines = metadata.read_text(encoding="utf-8-sig").split("\n")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{metadata} cannot be read: {error}", hint=f"file {metadata}") from error
        papers = papers_from_jsonl(lines, origin=metadata, source=self.name)
        return {Path(paper.pdf).resolve(): paper for paper in papers if paper.pdf and "://" not in paper.pdf}


def _pdfs(folder: Path) -> list[Path]:
    """Resolved paths of the PDFs below *folder*, sorted, none outside it."""
    found = set()
    for here, _, names in os.walk(folder, onerror=_unreadable):
        for name in names:
            file = Path(here, name).resolve()
            # macOS leaves "._paper.pdf" beside each file it copies to a foreign disk
            if name.lower().endswith(".pdf") and not name.startswith(".") and file.is_file() and file.is_relative_to(folder):
                found.add(_encodable(file))
    return sorted(found)


def _unreadable(error: OSError) -> NoReturn:
    raise UsageError(f"{error.filename} cannot be read: {error.strerror}", hint=f"ls -ld {error.filename}") from error


def _encodable(file: Path) -> Path:
    """*file*, unless its name is not Unicode: such a path could be stored nowhere."""
    try:
        str(file).encode()
    except UnicodeEncodeError:
        raise UsageError(f"{str(file)!a}: the name is not UTF-8", hint="convmv -f gbk -t utf8 --notest -r .") from None
    return file


def _sha256(file: Path) -> str:
    try:
        return sha256_of(file)
    except OSError as error:
        _unreadable(error)


def _title(file: Path) -> str:
    """The file's name as words: underscores become spaces, and hyphens where they stand for all of them."""
    words = clean(unicodedata.normalize("NFC", file.stem).replace("_", " "))
    return words if " " in words else re.sub(r"(?<=\w)-(?=\w)", " ", words)
