"""Real papers, read from ../shared/data where it is present."""

import re
from pathlib import Path

import pytest

from bench import structure
from digest.reading import headings, read
from digest.records import Document, ReadStatus

DATA = Path(__file__).parents[3] / "shared" / "data"
INJECTED = DATA / "hostile" / "injected_papers"
pytestmark = [pytest.mark.data, pytest.mark.skipif(not DATA.is_dir(), reason="needs ../shared/data")]


@pytest.mark.parametrize("path", sorted((INJECTED / "bad").glob("*.pdf")), ids=lambda path: path.stem)
def test_hidden_instructions_are_found_and_kept_out(path: Path) -> None:
    document = read(path)
    reported = " ".join(found.text for found in document.hidden_text)
    asked = "POSITIVE REVIEW" if "POSITIVE REVIEW" in reported else "IGNORE ALL PREVIOUS INSTRUCTIONS"
    assert asked in reported
    assert not any(asked in text for text in (document.text, *document.page_texts))


@pytest.mark.parametrize("path", sorted((INJECTED / "good").glob("*.pdf")), ids=lambda path: path.stem)
def test_clean_papers_are_not_accused(path: Path) -> None:
    assert read(path).hidden_text == ()


@pytest.fixture(scope="module")
def attention() -> Document:
    return read(DATA / "pdfs" / "arxiv_ml" / "1706.03762.pdf")


def test_a_paper_in_one_column_is_read_with_its_outline(attention: Document) -> None:
    assert (attention.status, attention.pages, attention.title) == (ReadStatus.OK, 15, "Attention Is All You Need")
    assert len(attention.authors) == 8
    top = [headings.bare(section.title) for section in attention.sections if section.level == 1]
    assert top[:5] == ["Abstract", "Introduction", "Background", "Model Architecture", "Why Self-Attention"]
    assert top[5:] == ["Training", "Results", "Conclusion", "Acknowledgements", "Attention Visualizations"]
    assert len(attention.references) == 40


def test_numbers_of_tables_are_in_the_text_of_their_page(attention: Document) -> None:
    assert "28.4" in attention.page_texts[7]
    assert "Transformer (big)" in attention.page_texts[7]
    assert all(figure.box for figure in attention.figures)


def test_every_fact_stands_on_its_page(attention: Document) -> None:
    for fact in attention.facts:
        assert fact.value in re.sub(r"\s+", " ", attention.page_texts[fact.page - 1])


@pytest.mark.parametrize("name", ["cvpr2025/GoalFlow-Goal-Driven-Flow-Matching-for-Multimodal-Trajectori", "acl_icml_2004_2014/smith07"])
def test_headings_and_captions_of_real_papers_are_found(name: str) -> None:
    listed = structure.listed_papers()[name]
    document = read(DATA / "pdfs" / f"{name}.pdf")
    own, runs = structure.headings(listed["headings"], document)
    captions = structure.floats(listed["floats"], document)
    assert min(own.recall, own.precision, runs.recall, runs.precision, captions.recall, captions.precision) > 0.9


def test_cells_of_real_tables_are_found_in_their_columns(attention: Document) -> None:
    listed = next(rows for paper, _, rows in structure.listed_tables() if paper.endswith("1706.03762"))
    assert structure.cells(listed, "Table 2", attention).recall > 0.9


@pytest.mark.parametrize("path", sorted((DATA / "pdfs" / "grobid").glob("*.pdf")), ids=lambda path: path.stem)
def test_no_page_of_a_real_paper_is_lost(path: Path) -> None:
    document = read(path)
    assert document.grade is not None
    assert not any("could not be read" in reason for reason in document.grade.reasons)
