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
    from digest.records import Analysis, Claim, Counts, Coverage, Digest, Document, Grade, Paper

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*%?")
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


def join_names(names: Sequence[str]) -> str:
    """Names of people as a list: Chinese ones in Chinese, others with commas, whatever the language around them."""
    return ("、" if names and all("\u4e00" <= name[:1] <= "\u9fff" for name in names) else ", ").join(names)


def fold_authors(authors: Sequence[str], labels: Labels, *, limit: int = 6, shown: int = 3) -> str:
    """All names up to *limit*; of a longer list the first *shown* and how many there are."""
    names = [metadata(name).plain for name in authors]
    if len(names) <= limit:
        return join_names(names)
    return labels.and_others.format(shown=join_names(names[:shown]), n=len(names))


def anchors(papers: Iterable[Paper]) -> list[str]:
    """A fragment name for each paper: from its id, so that a link to it survives a new edition, or its title where the id is a hash.

    Each begins with a letter, as selectors want it.
    """
    found: list[str] = []
    for paper in papers:
        named = metadata(paper.title).plain if paper.id.startswith("file:") else paper.name
        base = re.sub(r"[^a-z0-9]+", "-", named.lower()).strip("-")[:40].strip("-") or "paper"
        base = base if base[0].isalpha() else f"arxiv-{base}"
        name, count = base, 1
        while name in found:
            count += 1
            name = f"{base}-{count}"
        found.append(name)
    return found


def short_name(name: str) -> str:
    """*name* of a paper; of a loose PDF as much of its hash as tells it from others."""
    return name[: len("file:") + 12] if name.startswith("file:") else name


def web_link(url: str) -> str:
    """*url* when a browser may open it from a digest, that is over HTTP; otherwise nothing."""
    url = clean(url)  # urlsplit passes over control characters, and so would take "\x1bhttps://" for an address
    url = url.replace(" ", "")  # of an address in print, the end of a line leaves one
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
    reasons = [clean(in_words(reason, labels.grade_reasons)) for reason in grade.reasons]
    return grade.letter + (labels.aside.format(labels.clause.join(reasons)) if reasons else "")


def in_words(remark: str, table: dict[str, str]) -> str:
    """A *remark* of the program in the words of *table*, whose keys have "#" for every number; as it is where there is none."""
    numbers = _NUMBER.findall(remark)
    return table.get(_NUMBER.sub("#", remark), remark.replace("{", "{{").replace("}", "}}")).format(*numbers)


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
    several = len(counts.by_source) > 1  # the number of a single one is the total
    sources = labels.mid.join(source_name(name, labels) + (f" {n}" if several else "") for name, n in counts.by_source.items())
    line = labels.scanned.format(n=counts.scanned) + (labels.aside.format(sources) if sources else "")
    line += labels.comma + labels.chosen.format(n=counts.chosen)
    parts = unlisted(counts, labels)
    return line + (labels.clause + labels.not_listed.format(parts=parts) if parts else "") + labels.stop


def body_line(analyses: Sequence[Analysis | None], labels: Labels) -> str:
    """Of how many papers the body was read, and how much of it on average; "" for a page without papers."""
    made = [analysis.coverage for analysis in analyses if analysis]
    if analyses and not made:
        return labels.all_unfinished.format(n=len(analyses)) + labels.stop
    read = [min(1.0, coverage.share) for coverage in made if coverage.read_tokens]
    parts = [labels.bodies_read.format(n=len(read), share=percent(sum(read) / len(read)))] if read else []
    if len(made) > len(read):
        parts.append(labels.abstracts_read.format(n=len(made) - len(read)))
    if len(analyses) > len(made):
        parts.append(labels.unfinished.format(n=len(analyses) - len(made)))
    return labels.clause.join(parts) + labels.stop if parts else ""


def made_line(digest: Digest, labels: Labels) -> str:
    """With which model, and in what time."""
    engines = {entry.analysis.provenance.engine for entry in digest.entries if entry.analysis}
    parts = [labels.by_hand if engines == {"extractive"} else labels.made_with.format(model=clean(digest.model))] if digest.model else []
    parts += [labels.took.format(time=duration(digest.seconds, labels))] if digest.seconds else []
    return labels.comma.join(parts) + labels.stop if parts else ""


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
