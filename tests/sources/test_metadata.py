from __future__ import annotations

import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import UsageError
from digest.records import Paper
from digest.sources.metadata import clean, distinct, is_withdrawn, papers_from_jsonl, split_arxiv_id
from tests.sources.conftest import DATA


def paper(**fields) -> Paper:
    return Paper(**{"id": "2601.00001", "title": "A title", "abstract": "We do things."} | fields)


def row(**fields) -> str:
    return json.dumps({"id": "2601.20742v1", "title": "A title"} | fields)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("2601.20742", ("2601.20742", None)),
        ("2601.20742v1", ("2601.20742", 1)),
        ("0704.0213v12", ("0704.0213", 12)),
        ("quant-ph/0112019v2", ("quant-ph/0112019", 2)),
        ("math.GT/0309136", ("math/0309136", None)),
        ("arXiv:2601.20742v3", ("2601.20742", 3)),
        ("http://arxiv.org/abs/math/0502287v1", ("math/0502287", 1)),
        ("https://arxiv.org/pdf/2601.20742v1.pdf", ("2601.20742", 1)),
    ],
)
def test_an_arxiv_id_is_split_from_its_version(text, parts):
    assert split_arxiv_id(text) == parts


@pytest.mark.parametrize(
    "text", ["", "0112019", "2613.00001", "2601.20742v0", "sample-1", "acl/2024001", "2601.20742v1x", "https://example.org/abs/2601.20742"]
)
def test_what_is_no_arxiv_id_is_not_split(text):
    assert split_arxiv_id(text) is None


@given(year=st.integers(7, 99), month=st.integers(1, 12), number=st.integers(1, 99999), version=st.integers(1, 40))
def test_an_id_and_its_version_make_the_name_again(year, month, number, version):
    name = f"{year:02}{month:02}.{number:05}v{version}"
    plain, found = split_arxiv_id(name) or ("", None)
    assert paper(id=plain, version=found).name == name


def test_double_escaped_entities_become_what_was_meant():
    assert clean("1.2 &amp;#177; 0.3 and &#177;, Erd&ouml;s &amp;amp; R&#xe9;nyi, AT&amp;T") == "1.2 ± 0.3 and ±, Erdös & Rényi, AT&T"


def test_latex_that_looks_like_an_entity_is_left_alone():
    assert clean(r"$\begin{matrix} a &sub b & c \end{matrix}$; done") == r"$\begin{matrix} a &sub b & c \end{matrix}$; done"


def test_white_space_is_folded_and_what_cannot_be_stored_removed():
    assert clean("  broken\n  over\u00a0lines \x00 \ud83d ") == "broken over lines ?"


@given(st.text())
def test_clean_text_can_always_be_written_as_utf8_on_one_line(text):
    assert len(clean(text).encode().splitlines()) <= 1


@pytest.mark.parametrize(
    "fields",
    [
        {"comment": "This paper has been withdrawn by the author due to a crucial sign error in equation 1"},
        {"comment": "arXiv admin note: This paper has been withdrawn by arXiv due to unverifiable authorship"},
        {"comment": "Withdrawn."},
        {"abstract": "This article has been withdrawn because it has been merged with the earlier article."},
        {"title": "This paper has been withdrawn"},
    ],
)
def test_withdrawal_is_seen_wherever_it_is_written(fields):
    assert is_withdrawn(paper(**fields))


@pytest.mark.parametrize(
    "fields",
    [
        {"version": 7},
        {"comment": "Withdrawn from ICLR 2026 and resubmitted to CVPR"},
        {"comment": "This submission was withdrawn from NeurIPS"},
        {"abstract": "We study customers who withdrew money, and deposits withdrawn by no one."},
    ],
)
def test_a_paper_that_only_speaks_of_withdrawing_is_not_withdrawn(fields):
    assert not is_withdrawn(paper(**fields))


def test_a_row_becomes_a_paper():
    line = row(
        summary="We  show\nthings.",
        authors=["Ann Lee", "Bo Xu"],
        categories=["cs.CV"],
        comment=None,
        published="2026-01-28T16:32:00Z",
        pdf="https://arxiv.org/pdf/2601.20742",
        abs="https://arxiv.org/abs/2601.20742",
        upvotes=3,
    )
    assert papers_from_jsonl([line], origin="papers.jsonl") == [
        Paper(
            id="2601.20742",
            version=1,
            title="A title",
            abstract="We show things.",
            authors=("Ann Lee", "Bo Xu"),
            categories=("cs.CV",),
            published=dt.date(2026, 1, 28),
            source="file",
            link="https://arxiv.org/abs/2601.20742",
            pdf="https://arxiv.org/pdf/2601.20742",
            upvotes=3,
        )
    ]


def test_both_names_of_the_abstract_are_read():
    first, second = papers_from_jsonl([row(id="a", summary="S"), row(id="b", abstract="A")], origin="f")
    assert (first.abstract, second.abstract) == ("S", "A")


def test_authors_and_categories_may_be_one_string():
    (found,) = papers_from_jsonl([row(authors="Ann Lee, Bo Xu and Cy Ng", categories="cs.CV cs.LG")], origin="f")
    assert (found.authors, found.categories) == (("Ann Lee", "Bo Xu", "Cy Ng"), ("cs.CV", "cs.LG"))


@pytest.mark.parametrize("name", ["2601.20742", "2601.20742v2", "hep-th/9901001v1", "local:diffusion", "4711", "论文 1"])
def test_the_id_of_a_row_is_the_name_of_the_paper(name):
    assert [found.name for found in papers_from_jsonl([row(id=name)], origin="f")] == [name]


def test_a_file_of_a_row_lies_beside_the_metadata():
    (found,) = papers_from_jsonl([row(file="pdf/one.pdf", pdf="https://example.org/x.pdf")], origin="/data/papers.jsonl")
    assert found.pdf == "/data/pdf/one.pdf"


def test_only_web_addresses_become_links():
    (found,) = papers_from_jsonl([row(id="x", abs="javascript:alert(1)", pdf="file:///etc/passwd")], origin="f")
    assert (found.link, found.pdf) == ("", "")


def test_repeated_ids_are_one_paper_in_its_highest_version():
    lines = [row(id="2601.00001v1"), row(id="2601.00002"), row(id="2601.00001v2"), row(id="2601.00002")]
    assert [found.name for found in papers_from_jsonl(lines, origin="f")] == ["2601.00001v2", "2601.00002"]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.none() | st.integers(1, 3))))
def test_distinct_keeps_every_id_once_and_never_an_older_version(keys):
    papers = [paper(id=plain, version=version) for plain, version in keys]
    kept = distinct(papers)
    assert {found.id for found in kept} == {plain for plain, _ in keys}
    assert len(kept) == len({plain for plain, _ in keys})
    assert all((found.version or 0) == max(version or 0 for plain, version in keys if plain == found.id) for found in kept)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{", "not JSON"),
        ("[1]", "not a JSON object but list"),
        ('{"title": "T"}', '"id" and "title"'),
        ('{"id": "x", "title": ["T"]}', '"title" is not a string but list'),
        ('{"id": "x", "title": "T", "authors": [{"name": "A"}]}', '"authors" is not a list of strings'),
        ('{"id": "x", "title": "T", "categories": 7}', '"categories" is not a list of strings'),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_a_malformed_line_is_named(line, problem):
    with pytest.raises(UsageError, match=r"papers\.jsonl, line 3: ") as caught:
        papers_from_jsonl([row(), "\n", line], origin="papers.jsonl")
    assert problem in str(caught.value)


@pytest.mark.data
@pytest.mark.skipif(not DATA.is_dir(), reason=f"no real metadata at {DATA}")
def test_a_real_crawl_day_is_read_whole():
    path = DATA / "metadata" / "2026-03-05.jsonl"
    lines = path.read_text(encoding="utf-8").split("\n")
    papers = papers_from_jsonl(lines, origin=path)
    assert {found.name for found in papers} == {json.loads(line)["id"] for line in lines if line}
    assert all(found.title and found.abstract and found.authors and found.categories and found.pdf for found in papers)


@pytest.mark.data
def test_real_withdrawal_notes_are_recognised(feeds):
    notes = json.loads((feeds / "withdrawn_examples.json").read_text())
    papers = [
        paper(title=n.get("title", "T"), comment=clean(n.get("comments", "")), abstract=clean(n.get("abstract_starts", ""))) for n in notes
    ]
    assert all(map(is_withdrawn, papers))
