"""Papers that already lie on disk: the PDFs in a folder, described by a ``papers.jsonl`` or an export of a reference manager.

Standard library only. It does not look inside a PDF: title, authors and abstract of a loose one come from reading it.
"""

from __future__ import annotations

import logging
import os
import re
import unicodedata
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from digest.errors import PartsUnreadable, SourceError, UsageError
from digest.records import Paper
from digest.sources.bibliography import SUFFIXES
from digest.sources.metadata import arxiv_id_in_name, arxiv_pages, clean, papers_from_jsonl
from digest.workspace import sha256_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from digest.sources.bibliography import Cited

LOG = logging.getLogger("digest")
_T = TypeVar("_T")
METADATA = "papers.jsonl"


class FolderSource:
    """Every PDF in a folder and below it, in the order of their paths.

    What describes a PDF, the surest first: a row of ``papers.jsonl`` whose ``file`` names it, relative to the folder; an entry
    of a BibTeX, RIS or CSL-JSON export in the folder (``matching``); an arXiv id that its name begins with. Any other is
    ``file:<sha256>`` with a title made of its name. Copies are one paper. Symbolic links that lead out of the folder are
    not followed.

    Args:
        hash_of: sha256 of a file.
        title_of: title inside a PDF; asked for those that no name matches, where there are exports.
        links: where a PDF whose name is not Unicode, and could be stored nowhere, gets a link with a plain name; without, it is left out.
    """

    def __init__(
        self,
        path: Path,
        name: str = "folder",
        *,
        hash_of: Callable[[Path], str] = sha256_of,
        title_of: Callable[[Path], str] | None = None,
        links: Path | None = None,
    ) -> None:
        self.name, self._path = name, path
        self._hash_of, self._title_of, self._links = hash_of, title_of, links

    def fetch(self, _day: dt.date, /) -> Iterator[Paper]:
        """Give the papers; the day does not matter.

        Raises:
            PartsUnreadable: a file or a folder below may not be read; all that can be was given.
            UsageError: the folder is missing or cannot be read, or ``papers.jsonl`` is malformed.
            SourceError: there is no PDF in it.
        """
        folder = self._path.resolve()
        if not folder.is_dir():
            raise UsageError(f"{self._path} is not a folder", hint=f"mkdir -p {self._path}")
        there = _files(folder)
        hashes = {file: sha256 for file in there.pdfs if (sha256 := there.tried(self._hash_of, file))}
        if not hashes and not there.unreadable:
            raise SourceError(self.name, f"no PDF in {self._path}", hint=f"ls -R {self._path}")
        yield from self._papers(folder, hashes, there)
        if there.unreadable:
            raise PartsUnreadable(self.name, {_shown(file): reason for file, reason in sorted(there.unreadable.items())})

    def _papers(self, folder: Path, hashes: Mapping[Path, str], there: _Found) -> list[Paper]:
        described = there.tried(lambda path: _described(path, self.name), folder / METADATA) or {}
        cited = self._cited([file for file in hashes if file not in described], there)
        papers: dict[str, Paper] = {}  # by content, the copy that is best described first
        for file, sha256 in sorted(hashes.items(), key=lambda item: (item[0] not in described, item[0] not in cited)):
            paper = described.get(file) or self._paper(file, sha256, cited.get(file))
            if path := self._plain(file, sha256):
                papers.setdefault(sha256, replace(paper, pdf=path, aliases=(*paper.aliases, f"file:{sha256}")))
        return sorted(papers.values(), key=lambda paper: paper.pdf)

    def _cited(self, files: Sequence[Path], there: _Found) -> dict[Path, Cited]:
        from digest.sources.bibliography import entries_of
        from digest.sources.matching import match

        entries = [(export.parent, entry) for export in there.exports for entry in there.tried(entries_of, export) or ()]
        found = match(files, entries, {}) if entries else {}
        used = set(found.values())
        left, open_entries = [file for file in files if file not in found], [item for item in entries if item[1] not in used]
        if self._title_of and left and open_entries:
            found |= match(left, open_entries, {file: self._title_of(file) for file in left})
        return found

    def _paper(self, file: Path, sha256: str, cited: Cited | None) -> Paper:
        """The paper in *file*, called by the best of its names."""
        known = (cited.arxiv if cited else None) or arxiv_id_in_name(_words(file))
        doi = f"doi:{cited.doi}" if cited and cited.doi else ""
        plain, version = known or (doi or f"file:{sha256}", None)
        page = arxiv_pages(plain)[0] if known else f"https://doi.org/{cited.doi}" if cited and doi else ""
        return Paper(
            id=plain,
            title=cited.title if cited else _title(file),
            abstract=cited.abstract if cited else "",
            authors=cited.authors if cited else (),
            published=cited.published if cited else None,
            version=version,
            source=self.name,
            link=(cited.link if cited else "") or page,
            aliases=(doi,) if known and doi else (),
        )

    def _plain(self, file: Path, sha256: str) -> str:
        """The path of *file* as text: its own, or that of a link to it when its name is not Unicode."""
        if _is_unicode(file):
            return str(file)
        if self._links is None:
            LOG.warning("%s: %a left out: the name is not UTF-8", self.name, str(file))
            return ""
        link = self._links / f"file-{sha256[:24]}.pdf"
        self._links.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(file)
        return str(link)


@dataclass(slots=True)
class _Found:
    """What lies in a folder and below it; resolved paths, sorted, none outside it."""

    pdfs: list[Path] = field(default_factory=list)
    exports: list[Path] = field(default_factory=list)
    unreadable: dict[Path, str] = field(default_factory=dict)  # why, by path

    def tried(self, read: Callable[[Path], _T], file: Path) -> _T | None:
        """What *read* makes of *file*; None where the disk or its owner refuses, which is kept for the end."""
        try:
            return read(file)
        except OSError as error:
            self.unreadable[file] = error.strerror or str(error)
            return None


def _files(folder: Path) -> _Found:
    found = _Found()

    def refused(error: OSError) -> None:
        place = Path(error.filename)
        if place == folder:
            raise UsageError(f"{folder} cannot be read: {error.strerror}", hint=f"ls -ld {folder}") from error
        found.unreadable[place] = error.strerror or str(error)

    pdfs, exports = set[Path](), set[Path]()
    for here, _, names in os.walk(folder, onerror=refused):
        for name in names:
            # macOS leaves "._paper.pdf" beside each file it copies to a foreign disk
            suffix = "" if name.startswith(".") else Path(name).suffix.lower()
            kind = pdfs if suffix == ".pdf" else exports if suffix in SUFFIXES else None
            file = Path(here, name)
            if kind is not None and found.tried(Path.is_file, file) and (file := file.resolve()).is_relative_to(folder):
                kind.add(file)
    found.pdfs, found.exports = sorted(pdfs), sorted(exports)
    return found


def _described(metadata: Path, source: str) -> dict[Path, Paper]:
    """The rows of ``papers.jsonl`` by the file that they name; none where there is no such file."""
    if not metadata.is_file():
        return {}
    try:
        lines = metadata.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise UsageError(f"{metadata} cannot be read: {error}", hint=f"file {metadata}") from error
    papers = papers_from_jsonl(lines, origin=metadata, source=source)
    return {Path(paper.pdf).resolve(): paper for paper in papers if paper.pdf and "://" not in paper.pdf}


def _shown(file: Path) -> str:
    """The path of *file* as it can be printed."""
    return str(file).encode(errors="backslashreplace").decode()


def _is_unicode(file: Path) -> bool:
    try:
        str(file).encode()
    except UnicodeEncodeError:
        return False
    return True


def _words(file: Path) -> str:
    """The file's name without its ending; one of another encoding read as the commonest of those, GB 18030."""
    return file.stem if _is_unicode(Path(file.stem)) else os.fsencode(file.stem).decode("gb18030", "replace")


def _title(file: Path) -> str:
    """The file's name as words: underscores become spaces, and hyphens where they stand for all of them."""
    words = clean(unicodedata.normalize("NFC", _words(file)).replace("_", " "))
    return words if " " in words else re.sub(r"(?<=\w)-(?=\w)", " ", words)
