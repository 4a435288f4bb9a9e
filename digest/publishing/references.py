"""A paper as reference managers know one: what BibTeX, RIS and CSL-JSON have in common.

Where the paper appeared is not known here, so a reference never claims a journal: an arXiv paper is a preprint of arXiv,
any other is known by its DOI, its address or its file.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.publishing.inline import clean, metadata
from digest.publishing.names import Name, split_name
from digest.publishing.phrases import web_link

if TYPE_CHECKING:
    import datetime as dt

    from digest.records import Paper

_ARXIV = re.compile(r"\d{4}\.\d{4,5}|[a-z-]+/\d{7}")
_ARXIV_DOI = "10.48550/arXiv."  # given to every arXiv paper, old ones too: https://info.arxiv.org/help/doi.html
_LONGEST_SLUG = 30
_UNMARKED = str.maketrans(dict(zip("øØłŁđĐßæœ", ("o", "O", "l", "L", "d", "D", "ss", "ae", "oe"), strict=True)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One reference; an empty field is not known."""

    key: str  # the same for a paper whatever else is exported and whatever becomes of its title
    source_title: str  # as its source has it, LaTeX kept
    source_abstract: str
    authors: tuple[Name, ...]
    published: dt.date | None
    arxiv: str  # id without version
    version: int | None
    categories: tuple[str, ...]  # the primary one first
    doi: str
    url: str
    pdf: str  # absolute path on this machine

    @property
    def title(self) -> str:
        """The title as Unicode, its formulas in dollars."""
        return plain(self.source_title)

    @property
    def abstract(self) -> str:
        """The same of the abstract."""
        return plain(self.source_abstract)

    @property
    def primary_class(self) -> str:
        """The arXiv category that the paper was submitted to."""
        return self.categories[0] if self.categories else ""


def reference(paper: Paper, *, pdf: str = "") -> Reference:
    """*paper* as a reference; *pdf* is the path of its file where that is to be named."""
    arxiv = paper.id if _ARXIV.fullmatch(paper.id) else ""
    names = (paper.id, *paper.aliases)
    doi = next((name.removeprefix("doi:") for name in names if name.startswith("doi:")), "")
    authors = tuple(name for author in paper.authors if (name := split_name(author)))
    return Reference(
        key=citation_key(paper),
        source_title=clean(paper.title),
        source_abstract=clean(paper.abstract),
        authors=authors,
        published=paper.published,
        arxiv=arxiv,
        version=paper.version if arxiv else None,
        categories=tuple(category for text in paper.categories if (category := clean(text))),
        doi=clean(doi) or (_ARXIV_DOI + arxiv if arxiv else ""),
        url=web_link(paper.link),
        pdf=pdf,
    )


def citation_key(paper: Paper) -> str:
    """Family name of the first author and the id: ``liu2411.09911``; ASCII letters, digits, dot and hyphen.

    Two papers never share one. It changes only with the paper's own id or first author, so documents that cite it go on working.
    """
    first = next((name for author in paper.authors if (name := split_name(author))), None)
    family = re.sub(r"[^a-z]", "", _ascii(first.family).lower())[:20] if first else ""
    kind, colon, rest = paper.id.partition(":")
    bare = rest[:12] if kind == "file" else rest if colon else paper.id
    slug = re.sub(r"[^a-z0-9.-]+", "-", bare.lower()).strip("-.")
    if not _ARXIV.fullmatch(paper.id) and kind != "file":
        slug = f"{slug[:_LONGEST_SLUG]}-{hashlib.sha256(paper.id.encode(errors='surrogatepass')).hexdigest()[:8]}"
    return f"{family or 'paper'}{slug}"


def plain(text: str) -> str:
    """*text* of a source as Unicode, its formulas in dollars."""
    return "".join(f"${span.text}$" if span.mark == "math" else span.text for span in metadata(text).spans)


def _ascii(text: str) -> str:
    """*text* with the marks of its letters taken off; what has no Latin letter under it is gone."""
    return unicodedata.normalize("NFKD", text.translate(_UNMARKED)).encode("ascii", "ignore").decode()
