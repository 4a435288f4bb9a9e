"""One paper is one row and one delivery, whatever its file is called, and a day without news says so."""

from __future__ import annotations

import datetime as dt
import os
from typing import TYPE_CHECKING

import pymupdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import PaperError
from digest.library.hashes import FileHashes
from digest.records import Paper, Ranked
from digest.selection import choose
from tests.cli.conftest import PAPERS, make_pdf
from tests.keeping.scripted import Quiet, ScriptedTools, edition, names, tools_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DAY = dt.date(2026, 11, 18)


def later(days: int) -> dt.date:
    return DAY + dt.timedelta(days=days)


def stamped(path: Path, version: int) -> None:
    """The paper *sharp* as arXiv serves it: with its stamp in the margin of the first page."""
    make_pdf(path, *PAPERS["sharp"])
    with pymupdf.open(path) as document:
        document[0].insert_text((20, 600), f"arXiv:2611.00001v{version}  [cs.CV]  20 Nov 2026", rotate=90, fontsize=16)
        document.saveIncr()


@pytest.fixture
def folder(tmp_path) -> Path:
    mine: Path = tmp_path / "mine"
    mine.mkdir()
    make_pdf(mine / "sharp.pdf", *PAPERS["sharp"])
    return mine


@pytest.fixture
def tools(tmp_path) -> Iterator[ScriptedTools]:
    tools = tools_in(tmp_path / "workspace")
    yield tools
    assert tools.store.faults() == []
    tools.store.close()


def test_a_day_without_news_says_so_on_the_page_in_the_report_and_on_stderr(tools, folder):
    make_pdf(folder / "blur.pdf", *PAPERS["blur"])
    counts = edition(tools, DAY, folder).digest.counts
    assert (counts.fetched, counts.new, counts.known, counts.scanned, counts.chosen) == (2, 2, 0, 2, 2)
    progress = Quiet()
    made = edition(tools, later(1), folder, progress=progress)
    why = "今天没有新论文：扫描到的 2 篇以前都推送过。"
    assert progress.said == [f"digest: {why}"]
    assert why in (made.folder / "digest.md").read_text(encoding="utf-8")
    report = (made.folder / "run-report.md").read_text(encoding="utf-8")
    assert why in report
    assert "| 以前见过 | 2 |" in report


def test_a_renamed_file_is_the_same_paper_and_a_replaced_one_its_new_text(tools, folder):
    edition(tools, DAY, folder)
    (folder / "sharp.pdf").rename(folder / "renamed.pdf")
    assert names(edition(tools, later(1), folder)) == []
    title, body = PAPERS["sharp"]
    make_pdf(folder / "renamed.pdf", title, body + " An erratum corrects the third table.")
    assert names(edition(tools, later(2), folder)) == []
    assert len(names(edition(tools, later(2), folder, again=True))) == 1
    assert tools.store.count("paper") == 1
    assert "erratum" in " ".join(unit.text for unit in tools.store.units.get(sorted(tools.store.units.ids())))


def test_another_paper_in_the_place_of_a_file_is_another_paper(tools, folder):
    edition(tools, DAY, folder)
    make_pdf(folder / "sharp.pdf", *PAPERS["blur"])
    assert len(names(edition(tools, later(1), folder))) == 1
    assert tools.store.count("paper") == 2


def test_a_stamped_pdf_is_the_arxiv_paper_and_its_next_version_an_update(tools, folder):
    (folder / "sharp.pdf").unlink()
    stamped(folder / "a.pdf", 1)
    assert names(edition(tools, DAY, folder)) == ["2611.00001v1"]
    stamped(folder / "2611.00001v2.pdf", 2)
    second = edition(tools, later(1), folder)
    assert names(second) == []
    assert (second.digest.counts.fetched, second.digest.counts.repeated, second.digest.counts.scanned) == (2, 1, 1)
    followed = edition(tools, later(2), folder, follow_versions=True)
    assert names(followed) == ["2611.00001v2"]
    assert "2611.00001 v1 → v2" in (followed.folder / "digest.md").read_text(encoding="utf-8")
    assert names(edition(tools, later(3), folder, follow_versions=True)) == []
    assert tools.store.count("paper") == 1


def test_a_stamped_pdf_that_was_deleted_is_had_from_arxiv(tools, folder):
    stamped(folder / "sharp.pdf", 1)
    edition(tools, DAY, folder)
    kept = tools.store.paper("2611.00001")
    (folder / "sharp.pdf").unlink()
    tools.offline = True
    with pytest.raises(PaperError, match="--offline forbids fetching it"):
        tools.download(kept)
    copy = tools.workspace.papers / "2611.00001v1.pdf"
    copy.parent.mkdir()
    stamped(copy, 1)
    assert tools.download(kept) == copy


def test_a_clock_that_goes_back_repeats_no_paper_and_forgets_none(tools, folder):
    edition(tools, DAY, folder)
    back = edition(tools, later(-30), folder)
    assert names(back) == []
    assert names(edition(tools, later(-30), folder, again=True)) == names(edition(tools, DAY, folder))
    assert tools.store.count("paper") == 1


def test_one_bad_file_costs_only_itself_and_is_counted(tools, folder):
    (folder / "broken.pdf").write_bytes(b"%PDF-1.4 nothing else")
    make_pdf(folder / "blur.pdf", *PAPERS["blur"])
    (folder / "blur.pdf").rename(folder / os.fsdecode(b"\xc2\xdb\xce\xc4.pdf"))
    counts = edition(tools, DAY, folder).digest.counts
    assert (counts.fetched, counts.unreadable, counts.scanned, counts.chosen) == (3, 1, 2, 2)


def test_a_file_is_hashed_once_for_each_of_its_states(tools, folder, monkeypatch):
    monkeypatch.setattr("digest.library.hashes._SETTLED_SECONDS", -1)
    hashed: list[str] = []
    real = FileHashes.of.__globals__["sha256_of"]
    monkeypatch.setattr("digest.library.hashes.sha256_of", lambda path: hashed.append(path.name) or real(path))  # type: ignore[func-returns-value]
    edition(tools, DAY, folder)
    edition(tools, later(1), folder)
    assert hashed == ["sharp.pdf"]
    make_pdf(folder / "sharp.pdf", *PAPERS["blur"])
    edition(tools, later(2), folder)
    assert hashed == ["sharp.pdf", "sharp.pdf"]


@given(
    scores=st.lists(st.integers(0, 100), max_size=30),
    delivered=st.sets(st.integers(0, 29)),
    threshold=st.integers(0, 100),
    top_k=st.integers(1, 10),
)
def test_every_ranked_paper_is_counted_exactly_once(scores, delivered, threshold, top_k):
    ranked = [
        Ranked(paper=Paper(id=str(n), title="T", abstract="", source="x"), score=score, relevance=score / 100)
        for n, score in enumerate(sorted(scores, reverse=True))
    ]
    chosen, counts = choose(ranked, pick=lambda good: good[:top_k], threshold=threshold, delivered={str(n) for n in delivered})
    assert counts.scanned == len(scores) == counts.delivered_before + counts.below + counts.beyond + counts.chosen
    assert counts.chosen == len(chosen) <= top_k
    assert sum(counts.by_source.values()) == counts.scanned
