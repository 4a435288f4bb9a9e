"""Metadata as the world writes it, made into records: JSON lines, arXiv ids, marked-up text, withdrawal notes.

Pure functions. This module knows no network and opens no file.
"""

from __future__ import annotations

import datetime as dt
import html
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from digest.errors import UsageError
from digest.records import Paper

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# Archives that gave out old ids, until March 2007; "acl/2024001" is somebody else's id.
_ARCHIVES = (
    "acc-phys|adap-org|alg-geom|ao-sci|astro-ph|atom-ph|bayes-an|chao-dyn|chem-ph|cmp-lg|comp-gas|cond-mat|cs|dg-ga|funct-an|gr-qc"
    "|hep-ex|hep-lat|hep-ph|hep-th|math|math-ph|mtrl-th|nlin|nucl-ex|nucl-th|patt-sol|physics|plasm-ph|q-alg|q-bio|quant-ph|solv-int|supr-con"
)
# 2601.20742v1 and quant-ph/0112019v2, bare or as people paste them; both forms: https://info.arxiv.org/help/arxiv_identifier.html
_ARXIV_ID = re.compile(
    r"(?:arxiv:|https?://(?:www\.|export\.)?arxiv\.org/(?:abs|pdf)/)?"
    rf"(?:(?P<new>\d{{2}}(?:0[1-9]|1[0-2])\.\d{{4,5}})|(?P<archive>{_ARCHIVES})(?:\.[A-Z]{{2}})?/(?P<number>\d{{7}}))"
    r"(?:v(?P<version>[1-9]\d*))?(?:\.pdf)?",
    re.ASCII | re.IGNORECASE,
)
_ID = r"(?:\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v[1-9]\d*)?"
_IN_NAME = re.compile(rf"(?:arxiv[ _.:-]*)?({_ID.replace('/', '[/_]')})(?!\d)", re.IGNORECASE | re.ASCII)
_STAMP = re.compile(rf"arXiv:({_ID})\s+\[[\w.-]+\]\s+\d{{1,2}}\s+[A-Z][a-z]{{2}}\s+(?:19|20)\d\d")
# Feeds of 2026 escape twice ("&amp;#177;" inside XML), so text arrives with "&#177;" in it and JSON copies of it with both.
# Only with the semicolon: html.unescape alone would turn the LaTeX "a &sub b" into "a ⊂ b".
_ENTITY = re.compile(r"&(?:amp;)*(#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_WORK = r"(?:paper|article|submission|manuscript|preprint|work|note|report|version)"
_TAKEN_BACK = r"withdrawn(?! from (?!arxiv))"
_WITHDRAWN = re.compile(
    rf"\bthis (?:arxiv )?{_WORK}(?: \([^)]*\))? (?:(?:has|have|had) been|was|is|is being) (?:temporarily |now )?{_TAKEN_BACK}"
    rf"|^(?:the )?{_WORK} (?:has been |was |is )?{_TAKEN_BACK}|^withdrawn(?: by|\.|,|;|:| due| because|$)"
    r"|\bwithdrawn by (?:the |its )?(?:first |corresponding )?(?:author|arxiv)"
    r"|\b(?:authors?|university|institution)\b[^.]{0,80}\brequest(?:s|ed)? a full withdrawal",
    re.IGNORECASE,
)


def split_arxiv_id(text: str) -> tuple[str, int | None] | None:
    """Split an arXiv id into its part without version and the version: ``2601.20742v1`` -> ``("2601.20742", 1)``.

    Takes old ids (``quant-ph/0112019v2``), the prefix ``arXiv:`` and addresses of abstracts and PDFs. The subject
    class of an old id is dropped (``math.GT/0309136``), as arXiv itself does. None when *text* is no arXiv id.
    """
    match = _ARXIV_ID.fullmatch(text.strip())
    if not match:
        return None
    plain = match["new"] or f"{match['archive'].lower()}/{match['number']}"
    return plain, int(match["version"]) if match["version"] else None


def arxiv_id_in_name(stem: str) -> tuple[str, int | None] | None:
    """The arXiv id a file's name begins with (``2601.20742v1``, ``arXiv-2601.20742 title``, ``quant-ph_0112019``), or None."""
    match = _IN_NAME.match(stem)
    return split_arxiv_id(match[1].replace("_", "/")) if match else None


def arxiv_stamp(page: str) -> tuple[str, int | None] | None:
    """The id that arXiv stamps on the margin of a first page, with class and date; a mere mention of an id is none."""
    match = _STAMP.search(page)
    return split_arxiv_id(match[1]) if match else None


def arxiv_pages(name: str) -> tuple[str, str]:
    """Addresses of the abstract page and the PDF of an arXiv id, with or without version."""
    return f"https://arxiv.org/abs/{name}", f"https://arxiv.org/pdf/{name}"


def clean(text: str) -> str:
    """*text* as it was meant: entities decoded, white space folded, nothing that cannot be written as UTF-8."""
    text = _ENTITY.sub(lambda match: html.unescape(f"&{match[1]};"), text)
    text = text.encode("utf-8", "replace").decode("utf-8")  # JSON may hold half of a surrogate pair
    return " ".join(_CONTROL.sub(" ", text).split())


def is_withdrawn(paper: Paper) -> bool:
    """Whether title, comment or abstract says that the paper was taken back; a version number alone is no sign.

    "Withdrawn from ICLR" speaks of a venue, not of the paper, and does not count.
    """
    return any(_WITHDRAWN.search(text) for text in (paper.title, paper.comment, paper.abstract))


def distinct(papers: Iterable[Paper]) -> list[Paper]:
    """Each id once, at its first place, in its highest version."""
    kept: dict[str, Paper] = {}
    for paper in papers:
        known = kept.get(paper.id)
        if known is None or (paper.version or 0) > (known.version or 0):
            kept[paper.id] = paper
    return list(kept.values())


def day_of(text: object) -> dt.date | None:
    """The date an ISO 8601 date or time begins with, or None."""
    try:
        return dt.date.fromisoformat(text[:10]) if isinstance(text, str) else None
    except ValueError:
        return None


def web_link(text: object) -> str:
    """*text* if it is an http or https address, else ""; nothing else may become a link a reader clicks."""
    return text if isinstance(text, str) and re.match(r"https?://\S+$", text) else ""


def papers_from_jsonl(lines: Iterable[str], *, origin: str | Path, source: str = "file") -> list[Paper]:
    """Read papers from JSON lines, ids distinct, in the order of the file.

    A row has ``id`` and ``title``, and may have ``summary`` or ``abstract``, ``authors``, ``categories``, ``comment``,
    ``published``, ``updated``, ``pdf``, ``abs``, ``upvotes`` and ``file``, a PDF relative to *origin*. Authors and
    categories are lists, or one string as in arXiv's own metadata dump. ``Paper.name`` is the row's id again, unless
    that was an address.

    Args:
        origin: the file the lines come from; named in errors, and the place that ``file`` starts from.
        source: what ``Paper.source`` says.

    Raises:
        UsageError: a line is not such a row; the message names file and line.
    """
    papers = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            papers.append(_paper(_object(line), Path(origin).parent, source))
        except ValueError as error:
            raise UsageError(f"{origin}, line {number}: {error}", hint=f"sed -n {number}p {origin}") from None
    return distinct(papers)


def _object(line: str) -> Mapping[str, object]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg} at column {error.colno}") from None
    except RecursionError:
        raise ValueError("not a paper: nested too deeply") from None
    if not isinstance(row, dict):
        raise ValueError(f"not a JSON object but {type(row).__name__}")  # noqa: TRY004 - becomes a UsageError with the line
    return row


def _paper(row: Mapping[str, object], folder: Path, source: str) -> Paper:
    known = split_arxiv_id(_text(row, "id"))
    plain, version = known or (_text(row, "id"), None)
    title = _text(row, "title")
    if not plain or not title:
        raise ValueError('a paper needs "id" and "title"')
    upvotes = row.get("upvotes")
    page, pdf = arxiv_pages(f"{plain}v{version}" if version else plain) if known else ("", "")
    return Paper(
        id=plain,
        title=title,
        abstract=_text(row, "summary") or _text(row, "abstract"),
        authors=_texts(row, "authors", r",\s*(?:and\s+)?|\s+and\s+"),
        categories=_texts(row, "categories", r"[\s,;]+"),
        published=day_of(row.get("published")),
        updated=day_of(row.get("updated")),
        version=version,
        source=source,
        comment=_text(row, "comment") or _text(row, "comments"),
        link=web_link(row.get("abs")) or page,
        pdf=_full_text(row, folder) or pdf,
        upvotes=upvotes if isinstance(upvotes, int) else None,
    )


def _text(row: Mapping[str, object], field: str) -> str:
    value = row.get(field)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f'"{field}" is not a string but {type(value).__name__}')  # noqa: TRY004 - becomes a UsageError with the line
    return clean(value)


def _texts(row: Mapping[str, object], field: str, separator: str) -> tuple[str, ...]:
    value = row.get(field) or ()
    parts = re.split(separator, value) if isinstance(value, str) else value
    if not isinstance(parts, (list, tuple)) or not all(isinstance(part, str) for part in parts):
        raise ValueError(f'"{field}" is not a list of strings')
    return tuple(text for text in map(clean, parts) if text)


def _full_text(row: Mapping[str, object], folder: Path) -> str:
    """The row's own PDF: a file beside the metadata, or an address."""
    given = _text(row, "file") or _text(row, "pdf")
    return str(folder / given) if given and "://" not in given else web_link(given)
