from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from digest.errors import PartsUnreadable, SourceError, UsageError
from digest.records import Paper
from digest.sources.folder import FolderSource

if TYPE_CHECKING:
    from digest.records import Paper

DAY = dt.date(2026, 1, 30)
ONE, TWO = b"%PDF-1.7 one", b"%PDF-1.7 two"


def fetched(folder: Path, name: str = "folder") -> list[Paper]:
    return list(FolderSource(folder, name).fetch(DAY))


def test_every_pdf_below_the_folder_is_a_paper(tmp_path):
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "b.PDF").write_bytes(TWO)
    (tmp_path / "a.pdf").write_bytes(ONE)
    (tmp_path / "notes.txt").write_bytes(b"no paper")
    papers = fetched(tmp_path, name="mine")
    assert [paper.pdf for paper in papers] == [str(tmp_path / "a.pdf"), str(tmp_path / "deep" / "er" / "b.PDF")]
    assert [paper.id for paper in papers] == [f"file:{hashlib.sha256(content).hexdigest()}" for content in (ONE, TWO)]
    assert {paper.source for paper in papers} == {"mine"}


@pytest.mark.parametrize(
    ("stem", "title"),
    [
        ("Liu_DiffFNO-_Neural_Operator_CVPR_2025_paper", "Liu DiffFNO- Neural Operator CVPR 2025 paper"),
        ("attention-is-all-you-need", "attention is all you need"),
        ("A long-range title", "A long-range title"),
        ("2601.20742v1", "2601.20742v1"),
        ("扩散模型_综述", "扩散模型 综述"),
    ],
)
def test_a_loose_pdf_is_called_by_its_file_name(tmp_path, stem, title):
    (tmp_path / f"{stem}.pdf").write_bytes(ONE)
    assert [paper.title for paper in fetched(tmp_path)] == [title]


def test_hidden_files_are_no_papers(tmp_path):
    (tmp_path / "._a.pdf").write_bytes(TWO)
    (tmp_path / "a.pdf").write_bytes(ONE)
    assert [paper.title for paper in fetched(tmp_path)] == ["a"]


def test_two_copies_are_one_paper(tmp_path):
    for name in ("a.pdf", "b.pdf"):
        (tmp_path / name).write_bytes(ONE)
    assert [paper.pdf for paper in fetched(tmp_path)] == [str(tmp_path / "a.pdf")]


def test_metadata_beside_the_pdfs_describes_them(tmp_path):
    (tmp_path / "pdf").mkdir()
    (tmp_path / "pdf" / "known.pdf").write_bytes(ONE)
    (tmp_path / "loose.pdf").write_bytes(TWO)
    rows = [
        {"id": "local:one", "title": "One", "abstract": "A\u2028B", "authors": ["Ann"], "file": "pdf/known.pdf"},
        {"id": "x", "title": "Absent", "file": "no.pdf"},
    ]
    (tmp_path / "papers.jsonl").write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    loose, known = fetched(tmp_path)
    assert loose.id.startswith("file:")
    assert (known.id, known.title, known.abstract, known.authors, known.source) == ("local:one", "One", "A B", ("Ann",), "folder")
    assert known.pdf == str(tmp_path / "pdf" / "known.pdf")


def test_of_two_copies_the_described_one_counts(tmp_path):
    for name in ("a.pdf", "b.pdf"):
        (tmp_path / name).write_bytes(ONE)
    (tmp_path / "papers.jsonl").write_text('{"id": "local:b", "title": "B", "file": "b.pdf"}')
    assert [paper.id for paper in fetched(tmp_path)] == ["local:b"]


def test_links_out_of_the_folder_are_not_followed(tmp_path):
    outside, folder = tmp_path / "outside", tmp_path / "folder"
    outside.mkdir()
    folder.mkdir()
    (outside / "secret.pdf").write_bytes(TWO)
    (folder / "own.pdf").write_bytes(ONE)
    (folder / "file.pdf").symlink_to(outside / "secret.pdf")
    (folder / "more").symlink_to(outside, target_is_directory=True)
    (folder / "dangling.pdf").symlink_to(folder / "nothing.pdf")
    assert [paper.title for paper in fetched(folder)] == ["own"]


def test_the_order_does_not_depend_on_the_file_system(tmp_path):
    for name in ("c.pdf", "a.pdf", "b.pdf"):
        (tmp_path / name).write_bytes(name.encode())
    assert [paper.title for paper in fetched(tmp_path)] == ["a", "b", "c"]


def test_a_folder_that_is_not_there_is_a_mistake_of_the_command(tmp_path):
    with pytest.raises(UsageError, match="is not a folder"):
        fetched(tmp_path / "nowhere")


def test_a_folder_without_pdfs_says_so(tmp_path):
    with pytest.raises(SourceError, match=f"folder: no PDF in {tmp_path}"):
        fetched(tmp_path)


@contextmanager
def without_privileges():
    """Root may read everything; for a while we are nobody."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)


@pytest.fixture
def shared():
    """A folder that everybody reaches, unlike that of pytest."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_what_may_not_be_read_costs_itself_alone_and_is_told_once(shared):
    for name in ("a.pdf", "b.pdf", "closed/c.pdf", "listed/d.pdf", "papers.jsonl", "my.bib"):
        (shared / name).parent.mkdir(exist_ok=True)
        (shared / name).write_bytes(name.encode())
    closed = {"b.pdf": 0, "closed": 0, "listed": 0o444, "papers.jsonl": 0, "my.bib": 0}
    for name, mode in closed.items():
        (shared / name).chmod(mode)
    papers: list[Paper] = []
    with without_privileges(), pytest.raises(PartsUnreadable) as told:
        papers.extend(FolderSource(shared).fetch(DAY))
    assert [paper.title for paper in papers] == ["a"]
    assert set(told.value.reasons) == {str(shared / name) for name in ("b.pdf", "closed", "listed/d.pdf", "papers.jsonl", "my.bib")}
    assert str(told.value).count(str(shared / "b.pdf")) == 1
    assert "Permission denied" in str(told.value)


def test_a_folder_that_may_not_be_read_at_all_is_a_mistake_of_the_command(shared):
    (shared / "mine").mkdir(mode=0)
    with without_privileges(), pytest.raises(UsageError, match="mine cannot be read"):
        fetched(shared / "mine")


def test_a_name_that_is_not_unicode_is_reached_by_a_link_and_stops_nothing(tmp_path):
    folder, links = tmp_path / "pdfs", tmp_path / "papers"
    (folder / os.fsdecode(b"d\xe9p\xf4t")).mkdir(parents=True)
    (folder / os.fsdecode(b"\xc2\xdb\xce\xc4.pdf")).write_bytes(ONE)  # GBK
    (folder / os.fsdecode(b"d\xe9p\xf4t") / "b.pdf").write_bytes(TWO)
    (folder / "c.pdf").write_bytes(b"%PDF-1.7 three")
    for _ in range(2):
        papers = list(FolderSource(folder, links=links).fetch(DAY))
        assert {paper.title for paper in papers} == {"论文", "b", "c"}
        assert {Path(paper.pdf).read_bytes() for paper in papers} == {ONE, TWO, b"%PDF-1.7 three"}
        assert [paper.pdf.encode() for paper in papers]
    assert [paper.title for paper in fetched(folder)] == ["c"]


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b'{"id": "x"}'])
def test_malformed_metadata_is_told_with_its_path(tmp_path, content):
    (tmp_path / "a.pdf").write_bytes(ONE)
    (tmp_path / "papers.jsonl").write_bytes(content)
    with pytest.raises(UsageError, match=r"papers\.jsonl"):
        fetched(tmp_path)
