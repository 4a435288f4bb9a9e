"""What arXiv announces, as its RSS feed and its harvesting interface (OAI-PMH) write it, made into papers.

Pure functions on bytes. Formats: https://info.arxiv.org/help/rss.html, https://info.arxiv.org/help/oa/index.html. Neither
tells everything: RSS has no comment and no submission date, OAI-PMH no version; who wants these asks the query interface by id.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.errors import SourceError
from digest.records import Paper
from digest.sources.metadata import arxiv_pages, clean, day_of, split_arxiv_id
from digest.text import shorten

if TYPE_CHECKING:
    from collections.abc import Iterator

_SOURCE = "arxiv"
_OAI = "{http://www.openarchives.org/OAI/2.0/}"
_RECORD = "{http://arxiv.org/OAI/arXiv/}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_ATOM = "{http://arxiv.org/schemas/atom}"
_HEAD = re.compile(r"\s*arXiv:(?P<id>\S+)\s+Announce Type:\s*(?P<kind>[a-z-]+)\s*(?:Abstract:\s*)?", re.IGNORECASE)
_GROUPED = frozenset({"cs", "econ", "eess", "math", "q-bio", "q-fin", "stat"})  # the rest is physics


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One announcement: the papers that are new in the categories asked for, not the replaced ones."""

    day: dt.date | None  # that it says it is of; it may be an old batch under a new date
    papers: tuple[Paper, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Harvest:
    """One page of a harvest."""

    papers: tuple[Paper, ...]
    token: str  # asks for the next page; "" on the last one


def batch_of(body: bytes) -> Batch:
    """Read an RSS feed of arXiv.

    Raises:
        SourceError: it is not such a feed, or not one of its items is a paper.
    """
    channel = _xml(body, "RSS feed").find("channel")
    if channel is None:
        raise SourceError(_SOURCE, f"the answer is not an RSS feed: {_start(body)}")
    items = channel.findall("item")
    read = [_announced(item) for item in items]
    if items and not any(paper for paper, _ in read):
        raise SourceError(_SOURCE, f"not one of {len(items)} announcements is a paper")
    new = tuple(paper for paper, kind in read if paper and kind in ("new", "cross"))
    return Batch(day=_rfc822_day(channel.findtext("pubDate")), papers=new)


def _announced(item: ET.Element) -> tuple[Paper | None, str]:
    """The paper of an item, and how it was announced: new, cross, replace, replace-cross."""
    description = item.findtext("description") or ""
    head = _HEAD.match(description)
    kind = (item.findtext(f"{_ATOM}announce_type") or (head["kind"] if head else "new")).strip().lower()
    guid = (item.findtext("guid") or "").rpartition("oai:arXiv.org:")[2]
    named = (head["id"] if head else "", guid, item.findtext("link") or "")
    known = next((found for name in named if (found := split_arxiv_id(name))), None)
    title = clean(item.findtext("title") or "")
    if known is None or not title:
        return None, kind
    plain, version = known
    page, pdf = arxiv_pages(f"{plain}v{version}" if version else plain)
    return Paper(
        id=plain,
        title=title,
        abstract=clean(description[head.end() :] if head else description),
        authors=tuple(name for part in (item.findtext(f"{_DC}creator") or "").split(",") if (name := clean(part))),
        categories=tuple(dict.fromkeys(name for part in item.findall("category") if (name := clean(part.text or "")))),
        version=version,
        source=_SOURCE,
        link=page,
        pdf=pdf,
    ), kind


def set_of(category: str) -> str:
    """The name of the harvesting set of a category: ``cs:cs:CV`` for ``cs.CV``, ``physics:hep-th`` for ``hep-th``."""
    archive, _, subject = category.partition(".")
    group = archive if archive in _GROUPED else "physics"
    if subject:
        return f"{group}:{archive}:{subject}"
    return group if group == archive else f"{group}:{archive}"


def harvest_of(body: bytes) -> Harvest:
    """Read one page of a ``ListRecords`` answer in the format ``arXiv``; a deleted record is passed over.

    Raises:
        SourceError: it is not such an answer, or says that the question was wrong.
    """
    root = _xml(body, "harvest")
    error = root.find(f"{_OAI}error")
    if error is not None and error.get("code") == "noRecordsMatch":
        return Harvest(papers=(), token="")
    if error is not None:
        raise SourceError(_SOURCE, f"the harvest was refused: {error.get('code', '')} {clean(error.text or '')}".rstrip())
    records = root.find(f"{_OAI}ListRecords")
    if records is None:
        raise SourceError(_SOURCE, f"the answer is not a harvest: {_start(body)}")
    return Harvest(papers=tuple(_harvested(records)), token=(records.findtext(f"{_OAI}resumptionToken") or "").strip())


def _harvested(records: ET.Element) -> Iterator[Paper]:
    for record in records.iter(f"{_RECORD}arXiv"):
        field = {name: clean(record.findtext(f"{_RECORD}{name}") or "") for name in ("id", "title", "abstract", "comments", "categories")}
        known = split_arxiv_id(field["id"])
        if known is None or not field["title"]:
            continue
        page, pdf = arxiv_pages(known[0])
        created = day_of(record.findtext(f"{_RECORD}created"))
        yield Paper(
            id=known[0],
            title=field["title"],
            abstract=field["abstract"],
            authors=tuple(_author(author) for author in record.iter(f"{_RECORD}author")),
            categories=tuple(field["categories"].split()),
            published=created,
            updated=day_of(record.findtext(f"{_RECORD}updated")),  # missing while there is one version
            source=_SOURCE,
            comment=field["comments"],
            link=page,
            pdf=pdf,
        )


def _author(author: ET.Element) -> str:
    return clean(" ".join(author.findtext(f"{_RECORD}{part}") or "" for part in ("forenames", "keyname", "suffix")))


def _xml(body: bytes, what: str) -> ET.Element:
    if b"<!ENTITY" in body or b"<!DOCTYPE" in body[:2000]:  # neither format has one; a web page and an attack do
        raise SourceError(_SOURCE, f"the answer is not a {what}: {_start(body)}")
    try:
        return ET.fromstring(body)  # noqa: S314 - entities are refused above
    except (ET.ParseError, ValueError, LookupError):
        raise SourceError(_SOURCE, f"the {what} is broken or breaks off: {_start(body)}") from None


def _start(body: bytes) -> str:
    return shorten(body[:1000].decode("utf-8", "replace"), 120)


def _rfc822_day(text: str | None) -> dt.date | None:
    try:
        return email.utils.parsedate_to_datetime(text).date() if text else None
    except ValueError:
        return None
