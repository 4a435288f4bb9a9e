"""References as RIS: one tag a line, as https://en.wikipedia.org/wiki/RIS_(file_format) and Zotero's translator have them.

An arXiv paper is UNPB, unpublished work, which Zotero takes for a preprint; any other is GEN without a DOI, JOUR with one.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from digest.publishing.references import Reference


def render_ris(references: Iterable[Reference]) -> str:
    """*references* as one RIS file in UTF-8."""
    return "".join(stream_ris(references))


def stream_ris(references: Iterable[Reference]) -> Iterator[str]:
    """Yield the file piece by piece."""
    for number, item in enumerate(references):
        yield "\n" * bool(number) + "".join(f"{tag}  - {value}\n" for tag, value in _lines(item))


def _lines(item: Reference) -> Iterator[tuple[str, str]]:
    yield "TY", "UNPB" if item.arxiv else "JOUR" if item.doi else "GEN"
    fields = {
        "ID": item.key,
        "TI": item.title,
        "PY": f"{item.published:%Y}" if item.published else "",
        "DA": f"{item.published:%Y/%m/%d}" if item.published else "",
        "AB": item.abstract,
        "DO": item.doi,
        "UR": item.url.replace(";", "%3B"),  # readers take ";" for the end of an address
        "PB": "arXiv" if item.arxiv else "",
        "AN": f"arXiv:{item.arxiv}" if item.arxiv else "",
        "L1": Path(item.pdf).as_uri() if item.pdf else "",
    }
    yield from ((tag, value) for tag, value in fields.items() if value)
    for name in item.authors:
        yield "AU", name.family.replace(",", " ") if name.whole else name.inverted
    for category in item.categories:
        yield "KW", category
    yield "ER", ""
