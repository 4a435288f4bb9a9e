"""Eight weeks lived again: every day's listings fetched as they came, each paper kept once, nothing delivered twice.

Usage: python -m bench replay [SHARED] [DAYS]
SHARED (default: ../shared beside the checkout) holds data/metadata and data/feeds/hf_daily_papers. What the library says is
held against a count of the raw files that shares no code with the program. Prints papers, seconds and the size of the database.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from digest.errors import SourceError
from digest.records import Analysis, Counts, Coverage, Digest, Entry, Paper, Provenance, Ranked, Timing
from digest.sources.huggingface import papers_of_day
from digest.sources.metadata import papers_from_jsonl
from digest.stages import Silent, Wish, fetch, settle
from digest.wiring import Tools
from digest.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from digest.sources import Source

FIRST, LAST = dt.date(2026, 1, 12), dt.date(2026, 3, 5)
_DELIVERED = 3  # papers a day


@dataclass(frozen=True, slots=True)
class Listing:
    """A source that answers with the files of one day."""

    name: str
    shared: Path

    def fetch(self, day: dt.date, /) -> list[Paper]:
        """The papers of *day*; none on a day without a file."""
        if self.name == "hf":
            path = self.shared / f"data/feeds/hf_daily_papers/{day}.json"
            return papers_of_day(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else []
        path = self.shared / f"data/metadata/{day}.jsonl"
        lines = path.read_text(encoding="utf-8").split("\n") if path.is_file() else []
        return papers_from_jsonl(lines, origin=path, source=self.name)


class ReplayTools(Tools):
    """Tools whose sources are the listings of past days."""

    shared = Path()

    def source(self, name: str, *, since: dt.date | None = None, queries: Sequence[str] = ()) -> Source:  # noqa: ARG002
        """See ``Tools.source``."""
        return Listing(name, self.shared)


@dataclass(slots=True)
class Lived:
    """What came of it."""

    new: list[int] = field(default_factory=list)  # papers of each day that were not known before
    delivered: Counter[str] = field(default_factory=Counter)
    papers: int = 0
    database_bytes: int = 0
    seconds: float = 0.0
    slowest_day: float = 0.0


def days(first: dt.date = FIRST, last: dt.date = LAST) -> list[dt.date]:
    """Every day from *first* to *last*, weekends too."""
    return [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]


def live(shared: Path, folder: Path, when: Sequence[dt.date]) -> Lived:
    """Fetch and deliver day by day into a library in *folder*, each day by a program that was started anew."""
    lived = Lived()
    started = time.perf_counter()
    for day in when:
        tools = ReplayTools(Workspace(folder))
        tools.shared = shared
        begun = time.perf_counter()
        papers = settle(tools, fetch(tools, Wish(date=day, sources=("arxiv", "hf")), Silent()).papers)
        lived.new.append(len(tools.store.first_seen_since(day, [paper.id for paper in papers])))
        before = tools.store.delivered(date=day, style="daily", sources="arxiv hf")
        chosen = [paper for paper in papers if paper.id not in before][:_DELIVERED]
        tools.store.add_digest(_edition(day, chosen), sources="arxiv hf", folder=day.isoformat())
        lived.delivered.update(paper.id for paper in chosen)
        lived.slowest_day = max(lived.slowest_day, time.perf_counter() - begun)
        lived.papers = tools.store.count("paper")
        if faults := tools.store.faults() if day == when[-1] else []:
            raise SourceError("replay", "; ".join(faults))
        tools.store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        lived.database_bytes = tools.store.path.stat().st_size
        tools.store.close()
    lived.seconds = time.perf_counter() - started
    return lived


def _edition(day: dt.date, papers: Sequence[Paper]) -> Digest:
    entries = tuple(Entry(ranked=Ranked(paper=paper, score=50, relevance=0.5), analysis=_whole(paper)) for paper in papers)
    return Digest(date=day, style="daily", language="zh", title="", counts=Counts(), entries=entries)


def _whole(paper: Paper) -> Analysis:
    provenance = Provenance(
        engine="", model="", model_sha256="", prompts_sha256="", document_sha256="", reader="", seed=0, context_tokens=0
    )
    return Analysis(
        paper=paper.id,
        style="daily",
        language="en",
        sections=(),
        coverage=Coverage(read_tokens=0, total_tokens=0),
        provenance=provenance,
        timing=Timing(prompt_tokens=0, output_tokens=0, seconds=0),
    )


def raw_ids(shared: Path, day: dt.date) -> Iterator[str]:
    """The ids in the raw files of *day*, by a pattern, versions cut off."""
    metadata = shared / f"data/metadata/{day}.jsonl"
    if metadata.is_file():
        yield from re.findall(r'^\{"id": "([^"]+?)(?:v\d+)?"', metadata.read_text(encoding="utf-8"), re.MULTILINE)
    feed = shared / f"data/feeds/hf_daily_papers/{day}.json"
    if feed.is_file():
        yield from (re.sub(r"v\d+$", "", item["paper"]["id"]) for item in json.loads(feed.read_text(encoding="utf-8")))


def counted(shared: Path, when: Sequence[dt.date]) -> list[int]:
    """How many ids of each day no earlier day had."""
    seen: set[str] = set()
    new = []
    for day in when:
        ids = set(raw_ids(shared, day))
        new.append(len(ids - seen))
        seen |= ids
    return new


def main(arguments: Sequence[str] = ()) -> None:
    """Live it and print what came of it."""
    shared = Path(arguments[0]) if arguments else Path(__file__).resolve().parents[2] / "shared"
    when = days()[: int(arguments[1])] if len(arguments) > 1 else days()
    with tempfile.TemporaryDirectory() as folder:
        lived = live(shared, Path(folder), when)
    expected, listed = counted(shared, when), sum(1 for day in when for _ in raw_ids(shared, day))
    print(f"{len(when)} days, {listed} listed, {lived.papers} papers, {sum(lived.new)} new; raw files: {sum(expected)}")
    print(f"days that differ: {sum(a != b for a, b in zip(lived.new, expected, strict=True))}")
    print(f"delivered twice: {sum(n > 1 for n in lived.delivered.values())} of {len(lived.delivered)}")
    print(f"{lived.seconds:.1f} s, slowest day {lived.slowest_day:.2f} s, database {lived.database_bytes / 1e6:.1f} MB")


if __name__ == "__main__":
    main(sys.argv[1:])
