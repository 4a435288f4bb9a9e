from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import SourceError
from digest.sources.announced import batch_of, harvest_of, set_of
from tests.sources.arxivfeeds import DELETED, harvest, item, oai_error, record, rss


def test_an_announcement_becomes_a_paper():
    batch = batch_of(rss(item("2601.00001v1", title=r"On &amp;#177; $\alpha$", abstract="We show that a < b.")).encode())
    (paper,) = batch.papers
    assert (paper.id, paper.version, paper.title, paper.abstract) == ("2601.00001", 1, r"On ± $\alpha$", "We show that a < b.")
    assert (paper.authors, paper.categories, paper.published) == (("Ann Lee", "Bo Xu"), ("cs.CV", "cs.LG"), None)
    assert (paper.source, paper.pdf) == ("arxiv", "https://arxiv.org/pdf/2601.00001v1")
    assert batch.day == dt.date(2026, 1, 30)


def test_new_and_cross_listed_papers_are_new_and_replaced_ones_are_not():
    kinds = ["new", "cross", "replace", "replace-cross"]
    batch = batch_of(rss(*(item(f"2601.0000{n}v1", kind) for n, kind in enumerate(kinds))).encode())
    assert [paper.id for paper in batch.papers] == ["2601.00000", "2601.00001"]


def test_the_kind_is_read_from_the_text_where_the_element_is_missing():
    old = item("2601.00001v3", "replace").replace("<arxiv:announce_type>replace</arxiv:announce_type>", "")
    assert batch_of(rss(old, item("hep-th/9901001v1")).encode()).papers[0].id == "hep-th/9901001"


def test_a_day_without_announcements_is_empty():
    assert batch_of(rss().encode()).papers == ()


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<html><body>hotel</body></html>",
        rss(item("2601.00001v1"))[:-40],
        rss(item("no-id")),
        '<!DOCTYPE rss [<!ENTITY a "aaaa">]><rss><channel><title>&a;</title></channel></rss>',
        "\x00\x01",
    ],
)
def test_what_is_no_announcement_is_an_error_of_the_source(body):
    with pytest.raises(SourceError, match=r"^arxiv: "):
        batch_of(body.encode())


def test_a_harvested_record_becomes_a_paper():
    page = harvest_of(harvest(record("2601.00001", "2026-01-20", comment="Accepted"), DELETED, token="next|1").encode())
    (paper,) = page.papers
    assert (paper.id, paper.version, paper.abstract, paper.comment) == ("2601.00001", None, "We show things.", "Accepted")
    assert (paper.authors, paper.categories) == (("Ann Lee", "Bo Xu Jr"), ("cs.CV", "cs.LG"))
    assert (paper.published, paper.updated, page.token) == (dt.date(2026, 1, 20), None, "next|1")


def test_no_records_is_an_empty_harvest_and_any_other_complaint_an_error():
    assert harvest_of(oai_error("noRecordsMatch").encode()).papers == ()
    with pytest.raises(SourceError, match="refused: badArgument no such set"):
        harvest_of(oai_error("badArgument", "no such set").encode())


@pytest.mark.parametrize("body", ["", "<html/>", harvest()[:-5]])
def test_what_is_no_harvest_is_an_error_of_the_source(body):
    with pytest.raises(SourceError, match=r"^arxiv: "):
        harvest_of(body.encode())


@pytest.mark.parametrize(
    ("category", "name"),
    [
        ("cs.CV", "cs:cs:CV"),
        ("math.AG", "math:math:AG"),
        ("hep-th", "physics:hep-th"),
        ("astro-ph.GA", "physics:astro-ph:GA"),
        ("physics.optics", "physics:physics:optics"),
        ("cs", "cs"),
    ],
)
def test_sets_are_named_as_arxiv_names_them(category, name):
    assert set_of(category) == name


@given(st.binary(max_size=200))
def test_no_bytes_at_all_break_the_readers(body):
    for read in (batch_of, harvest_of):
        with pytest.raises(SourceError):
            read(body)
