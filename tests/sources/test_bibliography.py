"""Exports of reference managers beside the PDFs: read whatever wrote them, matched to the right file or to none."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import pytest

from digest.sources.bibliography import Cited, entries_of
from digest.sources.folder import FolderSource
from digest.sources.metadata import arxiv_id_in_name, arxiv_stamp

if TYPE_CHECKING:
    from pathlib import Path

    from digest.records import Paper

DAY = dt.date(2026, 1, 30)
BIBTEX = r"""
@article{muller2020deep,
  title = {{Deep} {\"U}bersicht of $x^2$ {GAN}s},
  author = {M{\"u}ller, J{\'o}n and {The Team} and Doe, Jane},
  abstract = {We study \textbf{everything}.},
  doi = {10.1109/TIP.2019.2891888},
  date = {2020-05-03},
  file = {Full Text PDF:storage/ABCD/Muller 2020.pdf:application/pdf;Snapshot:page.html:text/html},
}
@article{broken, title = {No end
@misc{vaswani2017, title = {Attention Is All You Need}, eprint = {1706.03762v5}, author={Vaswani, Ashish}, year = 2017}
@inproceedings{untitled, year = 2020}
"""
RIS = """TY  - JOUR
AU  - Doe, Jane
TI  - Restoring images with flows
DO  - 10.1000/ABC.1
AB  - An abstract.
DA  - 2020/05/03/
L1  - file:///home/jane/Zotero/storage/X/Doe%20-%202020%20-%20Restoring.pdf
ER  -

TY  - CONF
T1  - A second paper about noise
A1  - Roe, Rich
UR  - http://arxiv.org/abs/2601.20742v1
ER  -
"""
CSL = [
    {
        "type": "article-journal",
        "title": "A paper in CSL",
        "author": [{"family": "Doe", "given": "Jane"}, {"literal": "The Team"}],
        "DOI": "10.48550/arXiv.2601.00001",
        "issued": {"date-parts": [[2020, 5, 3]]},
        "abstract": "Short.",
    },
    {"type": "book", "title": "Year only", "issued": {"date-parts": [[2020]]}},
    "noise",
]


def entries(folder: Path, name: str, content: str | bytes) -> list[Cited]:
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return entries_of(folder / name)


def fetched(folder: Path, **more) -> dict[str, Paper]:
    return {paper.pdf.rpartition("/")[2]: paper for paper in FolderSource(folder, **more).fetch(DAY)}


def test_bibtex_is_read_around_what_is_broken(tmp_path):
    first, second = entries(tmp_path, "my.bib", BIBTEX)
    assert first == Cited(
        title="Deep Übersicht of $x^2$ GANs",
        authors=("Jón Müller", "The Team", "Jane Doe"),
        abstract="We study everything.",
        doi="10.1109/tip.2019.2891888",
        published=dt.date(2020, 5, 3),
        files=("storage/ABCD/Muller 2020.pdf",),
    )
    assert (second.title, second.arxiv, second.published) == ("Attention Is All You Need", ("1706.03762", 5), None)


@pytest.mark.parametrize(
    ("field", "path"),
    [
        ("/home/u/x.pdf", "/home/u/x.pdf"),
        (":x.pdf:PDF", "x.pdf"),
        (r"Full Text:C\:\\Users\\u\\a\;b.pdf:application/pdf", r"C:\Users\u\a;b.pdf"),
    ],
)
def test_a_file_field_may_be_of_any_manager(tmp_path, field, path):
    (entry,) = entries(tmp_path, "a.bib", f"@misc{{a, title={{T}}, file={{{field}}}}}")
    assert entry.files == (path,)


def test_ris_and_csl_give_the_same_kind_of_entry(tmp_path):
    first, second = entries(tmp_path, "my.ris", RIS)
    assert (first.title, first.authors, first.doi) == ("Restoring images with flows", ("Jane Doe",), "10.1000/abc.1")
    assert first.files == ("/home/jane/Zotero/storage/X/Doe - 2020 - Restoring.pdf",)
    assert (second.arxiv, second.authors) == (("2601.20742", 1), ("Rich Roe",))
    one, two = entries(tmp_path, "my.json", json.dumps(CSL))
    assert (one.arxiv, one.doi, one.authors) == (("2601.00001", None), "", ("Jane Doe", "The Team"))
    assert (one.published, two.published) == (dt.date(2020, 5, 3), None)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", "{}"),
        ("a.json", "[[["),
        ("a.json", "[" * 100_000),
        ("a.bib", b"\xff\xfe\x00"),
        ("a.bib", "@"),
        ("a.ris", "no tags"),
        ("a.ris", b"\x80"),
    ],
)
def test_what_is_no_export_is_passed_over(tmp_path, name, content):
    assert entries(tmp_path, name, content) == []


@pytest.mark.parametrize(
    "name",
    [
        "Muller 2020.pdf",  # the file field, of another machine
        "10.1109_TIP.2019.2891888.pdf",
        "Müller et al. - 2020 - Deep Ubersicht of x2 GANs.pdf",
        "deep-ubersicht-of-x2-gans.pdf",
        "Müller et al. - 2020 - Deep Übersicht of x2.pdf",  # cut short
    ],
)
def test_a_pdf_is_described_by_the_entry_that_means_it(tmp_path, name):
    (tmp_path / name).write_bytes(b"%PDF-1.7 one")
    (tmp_path / "other.pdf").write_bytes(b"%PDF-1.7 two")
    (tmp_path / "library.bib").write_text(BIBTEX)
    found = fetched(tmp_path)
    paper = found[name]
    assert (paper.id, paper.title, paper.authors[0]) == ("doi:10.1109/tip.2019.2891888", "Deep Übersicht of $x^2$ GANs", "Jón Müller")
    assert (paper.abstract, paper.link) == ("We study everything.", "https://doi.org/10.1109/tip.2019.2891888")
    assert any(alias.startswith("file:") for alias in paper.aliases)
    assert found["other.pdf"].id.startswith("file:")


def test_the_title_inside_a_pdf_matches_when_no_name_does(tmp_path):
    for name in ("download.pdf", "known.pdf"):
        (tmp_path / name).write_bytes(name.encode())
    (tmp_path / "library.ris").write_text(RIS)
    found = fetched(tmp_path, title_of=lambda path: "Restoring Images\nwith Flows" if path.name == "download.pdf" else "")
    assert found["download.pdf"].id == "doi:10.1000/abc.1"
    assert found["known.pdf"].id.startswith("file:")


def test_an_entry_that_could_mean_two_is_matched_to_neither(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "paper.pdf").write_bytes(folder.encode())
    (tmp_path / "x.bib").write_text("@misc{a, title={A title}, file={gone/paper.pdf}}")
    assert {paper.title for paper in FolderSource(tmp_path).fetch(DAY)} == {"paper"}
    (tmp_path / "x.bib").write_text("@misc{a, title={A title}, file={a/paper.pdf}}")
    assert {paper.title for paper in FolderSource(tmp_path).fetch(DAY)} == {"paper", "A title"}


def test_an_arxiv_entry_or_file_name_is_the_arxiv_paper(tmp_path):
    (tmp_path / "Attention Is All You Need.pdf").write_bytes(b"1")
    (tmp_path / "2601.20742v2.pdf").write_bytes(b"2")
    (tmp_path / "x.bib").write_text(BIBTEX)
    found = fetched(tmp_path)
    assert (found["Attention Is All You Need.pdf"].id, found["Attention Is All You Need.pdf"].version) == ("1706.03762", 5)
    assert (found["2601.20742v2.pdf"].id, found["2601.20742v2.pdf"].version) == ("2601.20742", 2)
    assert found["2601.20742v2.pdf"].link == "https://arxiv.org/abs/2601.20742"


@pytest.mark.parametrize(
    ("stem", "found"),
    [
        ("2601.20742v1", ("2601.20742", 1)),
        ("arXiv-2601.20742v2 - A title", ("2601.20742", 2)),
        ("2601.20742_title2", ("2601.20742", None)),
        ("quant-ph_0112019", ("quant-ph/0112019", None)),
        ("10.1109_TIP.2019.2891888", None),
        ("2601.207421", None),
        ("2023.10234", None),
        ("see 2601.20742", None),
    ],
)
def test_an_arxiv_id_counts_where_a_file_name_begins_with_it(stem, found):
    assert arxiv_id_in_name(stem) == found


def test_the_stamp_of_a_first_page_is_told_from_a_mention():
    assert arxiv_stamp("Attention\narXiv:1706.03762v5  [cs.CL]  6 Dec 2017\nAbstract") == ("1706.03762", 5)
    assert arxiv_stamp("arXiv:math/0309136v1 [math.GT] 8 Sep 2003") == ("math/0309136", 1)
    assert arxiv_stamp("as in arXiv:1706.03762v5 [12] and arXiv preprint arXiv:1706.03762, 2017") is None
