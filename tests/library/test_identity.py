"""One paper is one row, whatever it came from and in whatever order."""

from __future__ import annotations

import dataclasses
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.library.identity import merged, rank_of
from digest.records import Paper
from tests.library.examples import TODAY, add, analysis, digest, document, paper

ARXIV = paper("2601.00001", "from the feed", version=2, pdf="https://arxiv.org/pdf/2601.00001v2", source="arxiv", authors=("Ann",))
LOOSE = paper("file:aa", "from the PDF", pdf="/papers/x.pdf", source="folder")
STAMPED = dataclasses.replace(LOOSE, id="2601.00001", version=2, aliases=("file:aa",))
CITED = paper("doi:10.1/x", "from the export", source="folder", aliases=("file:aa",), authors=("Ann", "Bo"))


@pytest.mark.parametrize("order", list(itertools.permutations([ARXIV, LOOSE, STAMPED, CITED])))
def test_every_order_of_arrival_ends_in_one_row_under_the_best_id(store, order):
    for arrived in order:
        store.add_papers([arrived], today=TODAY)
    (kept,) = store.all_papers()
    assert kept.id == "2601.00001"
    assert kept.version == 2
    assert kept.pdf == "/papers/x.pdf"
    for name in ("2601.00001", "file:aa", "doi:10.1/x"):
        assert store.named(name) == kept


def test_what_is_kept_of_a_paper_goes_with_it_to_its_better_id(store, tmp_path):
    loose = add(store, "file:aa", "words", "passage one", "passage two")
    store.add_analysis("key", analysis("file:aa"))
    store.add_digest(digest(TODAY, loose), sources="folder", folder="f")
    store.add_failure("file:aa", "read", "slow", retry=True)
    store.add_papers([dataclasses.replace(loose, id="2601.00001", aliases=("file:aa",))], today=TODAY)
    assert [kept.id for kept in store.all_papers()] == ["2601.00001"]
    assert store.file_of("2601.00001") == (document("passage one", "passage two").sha256, "/papers/file:aa.pdf")
    assert {unit.paper for unit in store.units.get(sorted(store.units.ids()))} == {"2601.00001"}
    assert store.count("passage") == 3
    assert store.delivered(date=TODAY.replace(day=1), style="daily", sources="x") == {"2601.00001": None}
    assert [failure.paper for failure in store.failures()] == ["2601.00001"]
    assert store.units.matching(["two"], 5)


def test_a_paper_known_by_a_lesser_name_is_not_new_and_stays_first_seen_then(store):
    store.add_papers([LOOSE], today=TODAY)
    assert store.add_papers([STAMPED], today=TODAY.replace(day=20)) == []
    assert store.first_seen_since(TODAY.replace(day=17), ["2601.00001"]) == set()
    assert store.first_seen_since(TODAY, ["2601.00001", "other"]) == {"2601.00001"}


def test_two_arxiv_papers_are_two_although_a_file_claims_to_be_both(store):
    other = dataclasses.replace(STAMPED, id="2601.00002")
    store.add_papers([STAMPED, other], today=TODAY)
    assert [kept.id for kept in store.all_papers()] == ["2601.00001", "2601.00002"]
    named = store.named("file:aa")
    assert named is not None
    assert named.id == "2601.00001"


def test_a_record_without_abstract_takes_nothing_away():
    known = merged(ARXIV, Paper(id="2601.00001", title="2601.00001v2", abstract="", version=2, pdf="/here/2601.00001v2.pdf"))
    assert (known.title, known.abstract, known.authors) == (ARXIV.title, ARXIV.abstract, ARXIV.authors)
    assert known.pdf == "/here/2601.00001v2.pdf"


def test_a_file_of_another_version_is_not_the_full_text_of_this_one():
    known = merged(ARXIV, dataclasses.replace(STAMPED, version=1))
    assert (known.version, known.pdf) == (2, ARXIV.pdf)


names = st.sampled_from(["2601.00001", "doi:10.1/x", "local:x", "file:aa"])
records = st.builds(
    Paper,
    id=names,
    title=st.sampled_from(["A", "B"]),
    abstract=st.sampled_from(["", "x", "y"]),
    version=st.sampled_from([None, 1, 2]),
    pdf=st.sampled_from(["", "/a.pdf", "https://a/b.pdf"]),
    upvotes=st.sampled_from([None, 0, 3]),
)


@given(records, records)
def test_two_records_of_a_paper_lose_nothing_and_settle(one, other):
    both = merged(one, other)
    assert rank_of(both.id) == min(rank_of(one.id), rank_of(other.id))
    assert {both.id, *both.aliases} == {one.id, other.id}
    assert bool(both.abstract) == bool(one.abstract or other.abstract)
    assert (both.version or 0) == max(one.version or 0, other.version or 0)
    again = merged(both, other)
    assert merged(again, other) == again
