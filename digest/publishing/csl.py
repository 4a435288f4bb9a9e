"""References as CSL-JSON, for Pandoc, Zotero and everything that speaks CSL: https://docs.citationstyles.org, version 1.0.2.

CSL has no preprint: it is an ``article`` of the genre, which is what Zotero makes a preprint of.
"""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from digest.publishing.names import Name
    from digest.publishing.references import Reference


def render_csl(references: Iterable[Reference]) -> str:
    """*references* as one JSON array."""
    return "".join(stream_csl(references))


def stream_csl(references: Iterable[Reference]) -> Iterator[str]:
    """Yield the array piece by piece."""
    opening = "["
    for item in references:
        yield f"{opening}\n{textwrap.indent(json.dumps(_item(item), ensure_ascii=False, indent=2), '  ')}"
        opening = ","
    yield "[]\n" if opening == "[" else "\n]\n"


def _item(item: Reference) -> dict[str, Any]:
    day = item.published
    fields: dict[str, Any] = {
        "id": item.key,
        "type": "article" if item.arxiv or not item.doi else "article-journal",
        "title": item.title,
        "author": [_name(name) for name in item.authors],
        "issued": {"date-parts": [[day.year, day.month, day.day]]} if day else None,
        "abstract": item.abstract,
        "DOI": item.doi,
        "URL": item.url,
        "keyword": ", ".join(item.categories),
    }
    if item.arxiv:
        fields |= {"genre": "preprint", "publisher": "arXiv", "archive": "arXiv", "number": f"arXiv:{item.arxiv}"}
        fields["version"] = str(item.version) if item.version else ""
    if item.pdf:
        fields["file"] = item.pdf
    return {name: value for name, value in fields.items() if value}


def _name(name: Name) -> dict[str, str]:
    if name.whole:
        return {"literal": name.family}
    parts = {"family": name.family, "given": name.given, "non-dropping-particle": name.particle, "suffix": name.suffix}
    return {part: text for part, text in parts.items() if text}
