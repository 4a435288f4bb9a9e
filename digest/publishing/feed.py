"""The editions as an Atom feed (RFC 4287): one entry a digest, with its quick view as escaped HTML.

Ids rest on the library's own, so that no reader shows an entry twice, whatever is drawn again or moved.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING
from urllib.parse import quote
from xml.etree import ElementTree as ET

from digest.publishing.labels import labels_for
from digest.publishing.phrases import web_link
from digest.publishing.templates import fill
from digest.publishing.view import page_view

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.records import Digest

_ATOM = "http://www.w3.org/2005/Atom"
_XML = "http://www.w3.org/XML/1998/namespace"
NAME = "feed.xml"


def render_feed(editions: Sequence[tuple[str, Digest]], *, origin: uuid.UUID, language: str, url: str = "") -> str:
    """The feed of *editions*, pairs of a folder's name and its digest, the newest first.

    Args:
        origin: of the library.
        url: where the folder of the feed is served; empty: links are relative to the feed itself.
    """
    ET.register_namespace("", _ATOM)
    labels = labels_for(language)
    base = web_link(url).rstrip("/")
    feed = ET.Element(f"{{{_ATOM}}}feed", {f"{{{_XML}}}lang": labels.lang})
    if base:
        feed.set(f"{{{_XML}}}base", f"{base}/")
        _add(feed, "link", rel="self", href=NAME)
    _add(feed, "id", origin.urn)
    _add(feed, "title", labels.daily)
    _add(feed, "updated", max((_changed(digest) for _, digest in editions), default="1970-01-01T00:00:00Z"))
    _add(_add(feed, "author"), "name", "offline-digest")
    _add(feed, "generator", "offline-digest")
    for folder, digest in editions:
        _entry(feed, digest, uuid.uuid5(origin, folder), f"{base}/{quote(folder)}/digest.html".lstrip("/"))
    ET.indent(feed)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(feed, encoding="unicode") + "\n"


def _entry(feed: ET.Element, digest: Digest, name: uuid.UUID, href: str) -> None:
    labels = labels_for(digest.language)
    page = page_view(digest, digest.title or labels.daily, labels)
    entry = _add(feed, "entry")
    _add(entry, "id", name.urn)
    _add(entry, "title", f"{page.title} · {page.date}")
    _add(entry, "link", rel="alternate", type="text/html", href=href)
    _add(entry, "published", _midnight(digest))
    _add(entry, "updated", _changed(digest))
    content = _add(entry, "content", fill("feed-entry.html.j2", page=page, href=href, t=labels), type="html")
    content.set(f"{{{_XML}}}lang", labels.lang)


def _add(parent: ET.Element, name: str, text: str = "", /, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, f"{{{_ATOM}}}{name}", attributes)
    element.text = text or None
    return element


def _midnight(digest: Digest) -> str:
    return f"{digest.date.isoformat()}T00:00:00Z"


def _changed(digest: Digest) -> str:
    made = digest.made.astimezone(dt.UTC) if digest.made else None
    return made.isoformat(timespec="seconds").replace("+00:00", "Z") if made else _midnight(digest)
