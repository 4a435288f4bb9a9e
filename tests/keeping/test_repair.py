"""What a disk or a person did to a library is found, and put right where that is possible; a backup is a library."""

from __future__ import annotations

import datetime as dt
import threading
from typing import TYPE_CHECKING

import pytest

from digest.errors import LibraryError
from digest.library.store import Store
from digest.library.upkeep import Fault, backup, check
from digest.repair import mend
from tests.cli.conftest import PAPERS, make_pdf
from tests.keeping.scripted import ScriptedTools, edition, tools_in
from tests.library.examples import TODAY, paper

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY = dt.date(2026, 11, 18)


@pytest.fixture
def tools(tmp_path) -> Iterator[ScriptedTools]:
    (tmp_path / "mine").mkdir()
    make_pdf(tmp_path / "mine" / "sharp.pdf", *PAPERS["sharp"])
    tools = tools_in(tmp_path / "workspace")
    edition(tools, DAY, tmp_path / "mine")
    assert faults(tools) == []
    yield tools
    tools.store.close()


def faults(tools: ScriptedTools) -> list[Fault]:
    return check(tools.store, tools.workspace)


def mended(tools: ScriptedTools) -> list[bool]:
    return [mend(tools, fault).mended for fault in faults(tools)]


def test_lost_pages_are_drawn_again(tools):
    page = tools.workspace.digests / DAY.isoformat() / "digest.md"
    before = page.read_text(encoding="utf-8")
    page.unlink()
    assert [fault.text for fault in faults(tools)] == ["the pages of digest 2026-11-18 are gone"]
    assert mended(tools) == [True]
    assert page.read_text(encoding="utf-8") == before
    assert faults(tools) == []


def test_a_moved_pdf_is_found_by_its_content(tools, tmp_path, monkeypatch):
    monkeypatch.setattr("digest.library.hashes._SETTLED_SECONDS", -1)
    pdf = tmp_path / "mine" / "sharp.pdf"
    moved = pdf.rename(tmp_path / "moved.pdf")
    assert mended(tools) == [False]
    tools.hashes.of(moved)
    assert mended(tools) == [True]
    assert faults(tools) == []


def test_a_changed_pdf_is_read_again(tools, tmp_path):
    title, body = PAPERS["sharp"]
    make_pdf(tmp_path / "mine" / "sharp.pdf", title, body + " An erratum corrects the third table.")
    assert "changed since it was read" in faults(tools)[0].text
    assert mended(tools) == [True]
    assert faults(tools) == []
    assert tools.store.units.matching(["erratum"], 5)


def test_a_changed_pdf_that_cannot_be_read_stays_a_fault_and_costs_nothing(tools, tmp_path):
    (tmp_path / "mine" / "sharp.pdf").write_bytes(b"%PDF-1.4 torn")
    assert mended(tools) == [False]
    assert tools.store.units.matching(["diffusion"], 5)


def test_a_pdf_that_can_be_downloaded_again_is_no_fault_for_ever(tools, tmp_path):
    kept = tools.store.all_papers()[0]
    tools.store.connection.execute("UPDATE paper SET record = json_set(record, '$.pdf', 'https://arxiv.org/pdf/1')")
    (tmp_path / "mine" / "sharp.pdf").unlink()
    assert mended(tools) == [True]
    assert faults(tools) == []
    assert tools.store.paper(kept.id)


def test_a_backup_made_while_another_writes_is_a_whole_library(tools, tmp_path):
    stop = threading.Event()
    written = 0

    def write() -> None:
        nonlocal written
        other = Store(tools.store.path)
        while not stop.is_set():
            other.add_papers([paper(f"2602.{written + n:05}") for n in range(10)], today=TODAY)
            written += 10
        other.close()

    writer = threading.Thread(target=write)
    writer.start()
    for number in range(3):
        backup(tools.store, tmp_path / "copies" / f"{number}.sqlite")
    stop.set()
    writer.join()
    counts = []
    for number in range(3):
        copy = Store(tmp_path / "copies" / f"{number}.sqlite")
        assert copy.faults() == []
        counts.append(copy.count("paper") - 1)
        copy.close()
    assert counts == sorted(counts)
    assert all(count % 10 == 0 for count in counts)
    assert counts[-1] <= written
    assert not list(tmp_path.rglob("*.partial"))


def test_a_backup_that_cannot_be_written_leaves_the_last_one(tools, tmp_path):
    target = tmp_path / "copy.sqlite"
    backup(tools.store, target)
    before = target.read_bytes()
    with pytest.raises((LibraryError, OSError)):
        backup(tools.store, target / "below")
    assert target.read_bytes() == before


def test_a_database_that_was_replaced_by_an_empty_one_is_told_and_the_vectors_stay(tools, tmp_path):
    tools.searcher.sync()
    tools.store.close()
    for path in tools.workspace.index.glob("library.sqlite*"):
        path.unlink()
    fresh = tools_in(tools.workspace.root)
    (fault,) = check(fresh.store, fresh.workspace)
    assert "is empty, and" in fault.text
    assert not fault.mended
    assert list(tools.workspace.index.glob("*.faiss"))
    fresh.store.close()


@pytest.mark.parametrize("gone", ["table delivery", "table passage_words", "index paper_published", "trigger paper_came"])
def test_a_part_of_the_database_that_is_gone_is_told_and_nothing_is_mended_around_it(tools, gone):
    tools.store.connection.execute(f"DROP {gone}")
    (fault,) = check(tools.store, tools.workspace)
    assert gone in fault.text
    assert not fault.mended


def test_asking_for_a_part_that_is_gone_names_the_command_that_tells_more(tools):
    tools.store.connection.execute("DROP TABLE delivery")
    with pytest.raises(LibraryError, match="a part of it is gone") as caught:
        tools.store.count("delivery")
    assert caught.value.hint == "digest index check"
