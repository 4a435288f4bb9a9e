"""The small wordings of a digest: pure functions from records and labels to plain text.

Nothing here is escaped; that is done once, when a template prints a value.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from digest.publishing.inline import clean, metadata

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

    from digest.publishing.labels import Labels
    from digest.records import Claim, Counts, Coverage, Document, Grade, Paper

_HOSTS = {"arxiv.org": "arXiv", "huggingface.co": "HF", "openaccess.thecvf.com": "CVF", "github.com": "GitHub"}


def score_bar(score: int) -> str:
    """One block for each ten points, at least one for any score above 0."""
    return "▇" * (max(1, round(min(score, 100) / 10)) if score > 0 else 0)


def closer_line(closer_than: float | None, labels: Labels) -> str:
    """How rare so close a paper is, where it is rarer than every other one; never more than 99 %."""
    share = min(99, math.floor(100 * closer_than)) if closer_than is not None else 0
    return labels.closer_than.format(share=share) if share >= 50 else ""


def reason_name(kind: str, name: str, labels: Labels) -> str:
    """What a reason is called: the interest's own name, or what it is in the reader's words."""
    return labels.reason_kinds.get(kind, "{}").format(name)


def fold_authors(authors: Sequence[str], labels: Labels, *, limit: int = 6, shown: int = 3) -> str:
    """All names up to *limit*; of a longer list the first *shown* and how many there are."""
    names = [metadata(name).plain for name in authors]
    if len(names) <= limit:
        return labels.listing.join(names)
    return labels.and_others.format(shown=labels.listing.join(names[:shown]), n=len(names))


def anchors(papers: Iterable[Paper]) -> list[str]:
    """A fragment name for each paper: from its id, so that a link to it survives a new edition; never twice the same."""
    found: list[str] = []
    for paper in papers:
        base = re.sub(r"[^a-z0-9]+", "-", paper.name.lower()).strip("-")[:40].strip("-") or "paper"
        name, count = base, 1
        while name in found:
            count += 1
            name = f"{base}-{count}"
        found.append(name)
    return found


def web_link(url: str) -> str:
    """*url* when a browser may open it from a digest, that is over HTTP; otherwise nothing."""
    url = clean(url)  # urlsplit passes over control characters, and so would take "\x1bhttps://" for an address
    try:
        parts = urlsplit(url)
    except ValueError:  # "http://[" is no address
        return ""
    return quote(url, safe="/:?#@!$&*+,;=%~.-_", errors="replace") if parts.scheme in {"http", "https"} and parts.netloc else ""


def file_link(path: str) -> str:
    """A path beside the digest as a relative link; a colon in it cannot become a scheme."""
    return quote(path, safe="/.-_~", errors="replace")


def page_link(pdf: str, page: int) -> str:
    """Where *page* of the PDF opens; nothing without a PDF."""
    return f"{file_link(pdf)}#page={page}" if pdf else ""


def link_name(url: str, labels: Labels) -> str:
    """The site a link leads to."""
    return _HOSTS.get((urlsplit(url).hostname or "").removeprefix("www."), labels.page_link)


def percent(share: float) -> int:
    """A share as whole percent, rounded down: 99.6 % read is not all of it."""
    return math.floor(share * 100 + 1e-9)


def duration(seconds: float, labels: Labels) -> str:
    """*seconds* in the two largest units that matter."""
    whole = round(seconds)
    if whole < 60:
        return labels.seconds.format(s=whole)
    if whole < 3600:
        return labels.minutes.format(m=whole // 60, s=whole % 60)
    return labels.hours.format(h=whole // 3600, m=whole % 3600 // 60)


def coverage_line(coverage: Coverage, labels: Labels) -> str:
    """How much of the body the model was given."""
    if not coverage.read_tokens:
        return labels.coverage_none
    share = percent(min(coverage.share, 1.0))
    return labels.coverage_value.format(share=share, read=f"{coverage.read_tokens:,}", total=f"{coverage.total_tokens:,}")


def grade_line(grade: Grade, labels: Labels) -> str:
    """The grade of the extracted text and what lowered it."""
    return grade.letter + (labels.aside.format(labels.clause.join(grade.reasons)) if grade.reasons else "")


def hidden_line(document: Document, labels: Labels) -> str:
    """Whether the PDF holds text that its reader cannot see, and on which pages."""
    if not document.hidden_text:
        return labels.no_hidden
    pages = sorted({hidden.page for hidden in document.hidden_text})
    shown = labels.listing.join(labels.hidden_page.format(page=page) for page in pages)
    return labels.hidden.format(n=len(document.hidden_text), pages=shown)


def missing_line(claim: Claim, labels: Labels) -> str:
    """What an unverified claim says that the paper does not; nothing for a verified one."""
    if claim.verified or not claim.unfound:
        return ""
    return labels.not_found.format(terms=labels.listing.join(claim.unfound))


def claims_line(claims: Sequence[Claim], labels: Labels) -> str:
    """How many statements there are and how many were found in the paper."""
    verified = sum(claim.verified for claim in claims)
    parts = [labels.claims_verified.format(n=verified)] if verified else []
    if verified < len(claims):
        parts.append(labels.claims_unverified.format(n=len(claims) - verified))
    return labels.claims.format(n=len(claims), parts=labels.listing.join(parts))


def source_name(source: str, labels: Labels) -> str:
    """The name of a source as a reader knows it."""
    return labels.sources.get(source, source)


def unlisted(counts: Counts, labels: Labels) -> str:
    """Where the papers went that are not in the digest; nothing when all are."""
    rest = counts.scanned - counts.chosen - counts.delivered_before - counts.below - counts.beyond
    steps = (
        (counts.delivered_before, labels.delivered_before),
        (counts.below, labels.below),
        (counts.beyond, labels.beyond),
        (rest, labels.unplaced),
    )
    return labels.listing.join(label.format(n=n) for n, label in steps if n)


def scan_line(counts: Counts, labels: Labels) -> str:
    """``扫描 37 篇（arXiv 22 · HF Daily 15），精选 3 篇`` and what became of the others."""
    sources = labels.listing.join(f"{source_name(name, labels)} {n}" for name, n in counts.by_source.items())
    line = labels.scanned.format(n=counts.scanned) + (labels.aside.format(sources) if sources else "")
    line += labels.comma + labels.chosen.format(n=counts.chosen)
    parts = unlisted(counts, labels)
    return line + (labels.clause + labels.not_listed.format(parts=parts) if parts else "") + labels.stop


def nothing_line(counts: Counts, date: dt.date, labels: Labels) -> str:
    """Why a digest holds no paper."""
    if counts.fetched and not counts.scanned:
        steps = [(labels.step_withdrawn, counts.withdrawn), (labels.step_unreadable, counts.unreadable)]
        parts = labels.listing.join(f"{label} {n}" for label, n in steps if n)
        return labels.nothing_usable.format(n=counts.fetched, parts=parts)
    if not counts.scanned:
        return labels.nothing_weekend if date.weekday() >= 5 else labels.nothing_scanned
    if counts.chosen:
        return labels.nothing_shown.format(n=counts.chosen)
    if counts.delivered_before == counts.scanned:
        return labels.nothing_new.format(n=counts.scanned)
    return labels.nothing_close.format(parts=unlisted(counts, labels))


def nothing_new(counts: Counts, date: dt.date, labels: Labels, *, shown: int) -> str:
    """Why there is nothing, or nothing new among the *shown* papers; "" on a day with news."""
    if not shown:
        return nothing_line(counts, date, labels)
    return labels.nothing_unseen.format(n=counts.fetched) if counts.fetched and not counts.new else ""
