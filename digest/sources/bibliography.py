"""What a reference manager exported beside the PDFs: BibTeX, RIS or CSL-JSON, made into one kind of entry.

An export is a help, never a hindrance: what cannot be read of it is passed over.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from digest.sources.metadata import clean, day_of, split_arxiv_id, web_link

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

_DOI = re.compile(r"(?:doi:\s*|https?://(?:dx\.)?doi\.org/)?(10\.\d{4,9}/\S+)", re.IGNORECASE)
_ARXIV_DOI = "10.48550/arxiv."
_LARGEST_BYTES = 64 << 20  # 50,000 entries with abstracts; beyond it a .json is somebody's data


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """One entry of an export."""

    title: str
    authors: tuple[str, ...] = ()  # given names first
    abstract: str = ""
    doi: str = ""  # in lower case
    arxiv: tuple[str, int | None] | None = None  # id and version
    published: dt.date | None = None  # None when only the year is known
    link: str = ""
    files: tuple[str, ...] = ()  # paths as they stand there, often of another machine


def entries_of(path: Path) -> list[Cited]:
    """The entries of the export at *path* that have a title; none when it is no export after all.

    Raises:
        OSError: it cannot be read.
    """
    content = path.read_bytes() if path.stat().st_size <= _LARGEST_BYTES else b""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    entries = _READERS[path.suffix.lower()](text)
    return [entry for entry in entries if entry.title]


def normal_doi(text: str) -> str:
    """The DOI in *text* in lower case, as DOIs are compared; "" when there is none."""
    match = _DOI.match(text.strip())
    return match[1].rstrip(".,;").lower() if match else ""


def _cited(title: str, authors: Iterable[str], ids: Iterable[str], **more: Any) -> Cited:
    """An entry whose *ids* may hold a DOI and an arXiv id, in whatever field they were given."""
    ids = [text for text in ids if text]
    doi = next(filter(None, map(normal_doi, ids)), "")
    candidates = [doi.removeprefix(_ARXIV_DOI)] if doi.startswith(_ARXIV_DOI) else []
    arxiv = next(filter(None, map(split_arxiv_id, (*candidates, *ids))), None)
    names = tuple(name for author in authors if (name := _given_first(clean(author))))
    return Cited(title=clean(title), authors=names, doi="" if candidates else doi, arxiv=arxiv, **more)


def _given_first(name: str) -> str:
    """``Doe, Jane`` as ``Jane Doe``."""
    family, comma, given = name.partition(",")
    return f"{given.strip()} {family.strip()}".strip() if comma else name


def _bibtex(text: str) -> list[Cited]:
    from digest.sources.bibtex import fields_of

    return [_bibtex_entry(fields) for fields in fields_of(text)]


def _bibtex_entry(fields: Mapping[str, str]) -> Cited:
    url = fields.get("url", "")
    return _cited(
        fields.get("title", ""),
        re.split(r"\s+and\s+", fields.get("author", "")),
        (fields.get("doi", ""), fields.get("eprint", ""), url),
        abstract=clean(fields.get("abstract", "")),
        published=day_of(fields.get("date")),
        link=web_link(url),
        files=tuple(_bibtex_files(fields.get("file", ""))),
    )


def _bibtex_files(field: str) -> list[str]:
    """Paths in a ``file`` field: bare, or ``name:path:type`` parts with ``;`` between, ``\\:`` and ``\\;`` meant as they look."""
    found = []
    for part in re.split(r"(?<!\\);", field):
        pieces = [re.sub(r"\\([:;\\])", r"\1", piece) for piece in re.split(r"(?<!\\):", part.strip())]
        path = pieces[-2] if len(pieces) >= 3 else ":".join(pieces)
        if path.lower().endswith(".pdf"):
            found.append(path)
    return found


def _ris(text: str) -> list[Cited]:
    from digest.sources.ris import fields_of

    return [_ris_entry(fields) for fields in fields_of(text)]


def _ris_entry(fields: Mapping[str, Any]) -> Cited:
    urls = [str(url) for url in fields.get("urls", [])]
    attached = [str(fields.get(f"file_attachments{number}", "")) for number in (1, 2)]
    return _cited(
        str(fields.get("title") or fields.get("primary_title") or ""),
        [str(name) for name in fields.get("authors") or fields.get("first_authors") or ()],
        (str(fields.get("doi", "")), *urls),
        abstract=clean(str(fields.get("abstract") or fields.get("notes_abstract") or "")),
        published=day_of(str(fields.get("date") or fields.get("year") or "").replace("/", "-")),
        link=next((link for url in urls if (link := web_link(url))), ""),
        files=tuple(_plain_path(path) for path in [*attached, *urls] if path.lower().endswith(".pdf") and not web_link(path)),
    )


def _csl(text: str) -> list[Cited]:
    """CSL-JSON, as Zotero exports it: a list of items with at least a type and a title; any other JSON is none."""
    try:
        items = json.loads(text)
    except (ValueError, RecursionError):
        return []
    items = items if isinstance(items, list) else []
    return [_csl_entry(item) for item in items if isinstance(item, dict) and {"type", "title"} <= item.keys()]


def _csl_entry(item: Mapping[str, Any]) -> Cited:
    authors = item.get("author")
    names = [name for name in authors if isinstance(name, dict)] if isinstance(authors, list) else []
    url = str(item.get("URL", ""))
    return _cited(
        str(item["title"]),
        [str(name.get("literal") or f"{name.get('given', '')} {name.get('family', '')}") for name in names],
        (str(item.get("DOI", "")), str(item.get("number", "")), url),
        abstract=clean(str(item.get("abstract", ""))),
        published=_csl_day(item.get("issued")),
        link=web_link(url),
        files=tuple(_plain_path(path) for path in (item.get("file"), item.get("PDF")) if isinstance(path, str)),
    )


def _csl_day(issued: object) -> dt.date | None:
    try:
        year, month, day = issued["date-parts"][0]  # type: ignore[index]
        return dt.date(int(year), int(month), int(day))
    except (TypeError, KeyError, IndexError, ValueError):
        return None


def _plain_path(path: str) -> str:
    return unquote(re.sub(r"^(?:file://|internal-pdf://)", "", path))


_READERS: dict[str, Callable[[str], list[Cited]]] = {".bib": _bibtex, ".bibtex": _bibtex, ".ris": _ris, ".json": _csl}
SUFFIXES = frozenset(_READERS)
