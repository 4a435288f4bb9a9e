"""A small arXiv, HuggingFace and PDF host on loopback that answer as the real ones do, on the day that a clock shows.

What they answer with is real where there is something real: HuggingFace's daily arrays and arXiv's feeds byte for byte, and the
papers that arXiv listed on the days that are lived again. Beside them stand papers that are made up, for what no file has:
some held back by moderators, cross-listed late, or replaced.
"""

from __future__ import annotations

import datetime as dt
import functools
import html
import json
import re
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.loopback import Answer
from tests.sources.arxivfeeds import harvest, item, oai_error, old_entry, old_feed, record, rss
from tests.sources.test_arxiv import entry, feed

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator, Mapping

    from tests.clock import JumpingClock
    from tests.loopback import LoopbackServer, Request

    Answering = Callable[[Request], Answer]

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
FIRST = dt.date(2026, 1, 26)  # a Monday
CATEGORIES = ("cs.IT", "cs.GT", "cs.GR", "cs.RO", "cs.MA", "cs.CE", "cs.HC", "cs.LG")  # one a seed: 5 to 250 papers in the two weeks
BACKFILL = (dt.date(2024, 5, 27), dt.date(2024, 6, 10))  # days of HuggingFace long past, asked for once
MISSING = "1201.56789"  # well-formed, and nobody's
_OAI_PAGE = 20
_TITLES = (r"On $\mathcal{O}(n^2)$ & other <things>", "A title", "Über «Bilder»: 图像", "Double &amp;#177; escaped")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A paper of this world."""

    id: str
    submitted: dt.date
    announced: dt.date
    kind: str  # new, cross, replace: how arXiv announces it; hf: HuggingFace lists it, and arXiv only knows it
    title: str
    abstract: str = "We show things."
    authors: tuple[str, ...] = ("Ann Lee", "Bo Xu")
    categories: tuple[str, ...] = ()
    comment: str = "8 pages"

    @property
    def pdf(self) -> bytes:
        """A file like a PDF, another one for each paper."""
        return b"%PDF-1.7\n" + self.id.encode() * 400 + b"\n%%EOF\n"

    def fields(self) -> dict[str, str]:
        """What its descriptions in all formats have in common."""
        names = {"authors": ", ".join(self.authors), "categories": " ".join(self.categories)}
        return {"abstract": self.abstract, "comment": self.comment, **names}

    def entry(self, *, old: bool) -> str:
        """As the query interface describes it, in the format of 2018 or of 2026."""
        return (old_entry if old else entry)(f"{self.id}v1", f"{self.submitted}T10:00:00Z", self.title, **self.fields())


@dataclass(frozen=True, slots=True)
class RealFeed:
    """An answer of arXiv, cut into what stands before, in and after its entries; all of them together are the file again."""

    head: bytes
    entries: Mapping[str, bytes]  # by plain id
    tail: bytes

    def answer(self, ids: set[str]) -> bytes:
        """The file, if *ids* are all of its papers; else with those alone."""
        return self.head + b"".join(text for name, text in self.entries.items() if name in ids) + self.tail


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Real:
    """What is there of real answers; all empty where the files are absent."""

    days: Mapping[dt.date, bytes]  # arrays of HuggingFace
    rows: tuple[Listed, ...]  # what arXiv listed first in the two weeks
    known: Mapping[str, Listed]  # every paper that any file of arXiv's listings describes
    feeds: tuple[RealFeed, ...]
    errors: tuple[bytes, ...]  # feeds with an error entry
    empty: tuple[bytes, ...]  # feeds of nothing
    odd: bytes  # an array that somebody saved wrongly

    @classmethod
    @functools.cache
    def load(cls, folder: Path = SHARED) -> Real:
        """Read the files below *folder*."""
        atom = sorted((folder / "feeds/arxiv_atom").rglob("*.xml"))
        read = {path.stem: path.read_bytes() for path in atom}
        rows = {row.id: row for row in reversed(list(_rows(folder / "metadata")))}  # as the first day had it
        odd = folder / "feeds/hf_daily_papers/odd/2024-12-11.json"
        return cls(
            days={
                dt.date.fromisoformat(path.stem): path.read_bytes() for path in sorted((folder / "feeds/hf_daily_papers").glob("*.json"))
            },
            rows=tuple(sorted((row for row in rows.values() if row.announced >= FIRST), key=lambda row: (row.announced, row.id))),
            known=rows,
            feeds=tuple(_cut(body) for name, body in read.items() if name.startswith("real_") and "error" not in name),
            errors=tuple(body for name, body in read.items() if "error" in name),
            empty=tuple(body for name, body in read.items() if name.startswith("empty")) or (feed().encode(),),
            odd=odd.read_bytes() if odd.is_file() else b"[\"{'paper': 1}\"]",
        )

    @functools.cache  # noqa: B019 there is one of it
    def picks(self, day: dt.date) -> tuple[Listed, ...]:
        """The papers in the array of *day*, most upvotes first; read without the program's help."""
        items: list[dict[str, Any]] = [item["paper"] for item in json.loads(self.days.get(day, b"[]"))]
        items.sort(key=lambda paper: (-paper["upvotes"], paper["id"]))
        return tuple(
            Listed(id=paper["id"], submitted=day, announced=day, kind="hf", title=paper["title"], abstract=paper["summary"])
            for paper in items
        )

    def of_arxiv(self, pick: Listed) -> Listed:
        """*pick* as arXiv describes it, known from the day that it was picked on at the latest."""
        known = self.known.get(pick.id)
        return replace(known, announced=min(pick.announced, known.announced)) if known else pick


def _rows(folder: Path) -> Iterator[Listed]:
    """What the files of arXiv's listings say, day by day; the day of submission they do not tell is a weekday earlier."""
    for path in sorted(folder.glob("2026-*.jsonl")):
        day = dt.date.fromisoformat(path.stem)
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            yield Listed(
                id=row["id"],
                submitted=day - dt.timedelta(days=3 if day.weekday() == 0 else 1),
                announced=day,
                kind="new",
                title=row["title"],
                abstract=row["summary"],
                authors=tuple(row["authors"]),
                categories=tuple(row["categories"]),
                comment=row["comment"] or "",
            )


def _cut(body: bytes) -> RealFeed:
    entries = re.findall(rb"\s*<entry>.*?</entry>", body, re.DOTALL)
    head, _, rest = body.partition(entries[0])
    named = {re.findall(rb"<id>http://arxiv.org/abs/(.+?)(?:v\d+)?</id>", text)[0].decode(): text for text in entries}
    return RealFeed(head, named, rest[rest.rindex(b"</entry>") + 8 :] if len(entries) > 1 else rest)


def weekdays(first: dt.date, days: int) -> Iterator[dt.date]:
    """Those of *days* days from *first* on that are not of a weekend."""
    for n in range(days):
        if (day := first + dt.timedelta(days=n)).weekday() < 5:
            yield day


def made_papers(rng: random.Random, category: str, days: int) -> list[Listed]:
    """Papers of all the days: on time, held back by moderators, cross-listed, replaced."""
    papers = []
    for day in weekdays(FIRST, days):
        for number in range(rng.randint(1, 5)):
            kind = rng.choices(["new", "cross", "replace"], [8, 2, 2])[0]
            lag = {"new": rng.choice([1, 1, 1, 3, 20]), "cross": rng.randint(30, 50), "replace": 200}[kind]
            papers.append(
                Listed(
                    id=f"{2601 + (day.month > 1)}.{90 - day.day:02}{number:03}",
                    submitted=day - dt.timedelta(days=lag),
                    announced=day,
                    kind=kind,
                    title=rng.choice(
                        [r"On $\mathcal{O}(n^2)$ & other <things>", "A title", "Über «Bilder»: 图像", "Double &amp;#177; escaped"]
                    ),
                    categories=(category,),
                )
            )
    return papers


class SmallWorld:
    """Answers on the day that its clock shows.

    Args:
        category: what arXiv is asked for; real papers of it and those made up for it are listed.
        top_n: how many of a day's picks the reader wants.
    """

    def __init__(self, papers: list[Listed], *, category: str, top_n: int, clock: JumpingClock, rng: random.Random) -> None:
        self.real, self.category, self.clock, self.rng = Real.load(), category, clock, rng
        self.listed = [*papers, *(row for row in self.real.rows if category in row.categories)]
        self.top_n = top_n
        picked = [self.real.of_arxiv(paper) for day in self.real.days for paper in self.real.picks(day)]
        self.papers = {paper.id: paper for paper in (*self.listed, *picked)}
        self.stale = 0.0  # how often an old announcement comes under a new date
        self.faults: Counter[str] = Counter()

    def serve(self, server: LoopbackServer, as_served: Callable[[Answering], Answering]) -> None:
        """Answer at *server*, through *as_served*."""
        routes = {
            "/api/query": self.query,
            f"/rss/{self.category}": self.announcement,
            "/oai": self.harvested,
            "/api/daily_papers": self.daily,
        }
        pdfs = {f"/pdf/{name}": self.pdf_of(paper) for paper in self.papers.values() for name in (paper.id, f"{paper.id}v1")}
        for path, answer in (routes | pdfs).items():
            server.route(path, as_served(answer))

    @property
    def today(self) -> dt.date:
        """The day it is."""
        return dt.datetime.fromtimestamp(self.clock.now(), dt.UTC).date()

    def visible(self) -> list[Listed]:
        """What arXiv has announced in the category by now."""
        return [paper for paper in self.listed if paper.announced <= self.today]

    def picked(self, first: dt.date, last: dt.date) -> set[str]:
        """Ids of what HuggingFace picked from *first* to *last*, as far as the reader wants it."""
        days = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
        return {paper.id for day in days for paper in self.real.picks(day)[: self.top_n]}

    # --- arXiv --------------------------------------------------------------------------------------------------------

    def query(self, request: Request) -> Answer:
        """The query interface: a list of ids in any order, or a window of submissions."""
        if wanted := request.query.get("id_list"):
            return Answer(self._by_id({re.sub(r"v\d+$", "", name) for name in wanted.split(",")}))
        first, last = re.findall(r"(\d{8})\d{4}", request.query["search_query"])
        found = [paper for paper in self.visible() if first <= f"{paper.submitted:%Y%m%d}" <= last]
        if not found:
            return Answer(self.rng.choice(self.real.empty))
        found.sort(key=lambda paper: (paper.submitted, paper.id), reverse=True)
        start, count = int(request.query["start"]), int(request.query["max_results"])
        return Answer(self._feed(found[start : start + count], total=len(found)))

    def _by_id(self, ids: set[str]) -> bytes | str:
        for real in self.real.feeds:
            if real.entries.keys() & ids:
                return real.answer(ids)
        found = [self.papers[name] for name in sorted(ids) if name in self.papers and self.papers[name].announced <= self.today]
        self.rng.shuffle(found)
        return self._feed(found, total=len(ids))

    def _feed(self, papers: list[Listed], *, total: int) -> str:
        old = self.rng.random() < 0.2
        return (old_feed if old else feed)(*(paper.entry(old=old) for paper in papers), total=total)

    def announcement(self, _: Request) -> Answer:
        """The RSS feed of the day."""
        days = sorted({paper.announced for paper in self.visible()}) or [self.today]
        day = batch = days[-1]
        if len(days) > 1 and self.rng.random() < self.stale:
            batch = days[-2]
            self.faults["old batch under a new date"] += 1
        items = (item(f"{paper.id}v1", paper.kind, paper.title, **paper.fields()) for paper in self.visible() if paper.announced == batch)
        return Answer(rss(*items, day=f"{day:%a, %d %b %Y} 00:00:00 -0500"))

    def harvested(self, request: Request) -> Answer:
        """OAI-PMH, page by page."""
        first, _, start = request.query.get("resumptionToken", f"{request.query.get('from')}|0").partition("|")
        changed = [paper for paper in self.visible() if paper.announced.isoformat() >= first]
        if not changed:
            return Answer(oai_error("noRecordsMatch"))
        end = int(start) + _OAI_PAGE
        records = (
            record(p.id, p.submitted.isoformat(), p.announced.isoformat() if p.kind == "replace" else "", p.title, **p.fields())
            for p in changed[int(start) : end]
        )
        return Answer(harvest(*records, token=f"{first}|{end}" if end < len(changed) else ""))

    # --- HuggingFace, and PDFs ----------------------------------------------------------------------------------------

    def daily(self, request: Request) -> Answer:
        """The array of a day, as it was saved; one that is to come is refused."""
        day = dt.date.fromisoformat(request.query["date"])
        return Answer(self.real.days.get(day, b"[]")) if day <= self.today else Answer(status=400)

    def pdf_of(self, paper: Listed) -> Answering:
        """The host of one file, which can go on in the middle."""

        def answer(request: Request) -> Answer:
            start = int((request.headers.get("range", "") or "bytes=0-")[6:-1])
            named = {"ETag": f'"{paper.id}"', "Content-Type": "application/pdf"}
            body = self.file_of(paper)
            if not start or request.headers.get("if-range") != named["ETag"]:
                return Answer(body, headers=named)
            told = {"Content-Range": f"bytes {start}-{len(body) - 1}/{len(body)}"}
            return Answer(body[start:], status=206, headers=named | told)

        return answer

    def file_of(self, paper: Listed) -> bytes:
        """What is sent as the PDF of *paper*."""
        return paper.pdf


def same_words(a: str, b: str) -> bool:
    """Whether two texts differ in white space and escaped characters alone."""
    return " ".join(html.unescape(html.unescape(a)).split()) == " ".join(html.unescape(html.unescape(b)).split())
