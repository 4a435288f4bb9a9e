from __future__ import annotations

import dataclasses
import datetime as dt
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.library import units
from digest.library.codec import from_json, to_json
from digest.library.past import Past
from digest.library.store import NAME, Failure, Store
from digest.records import Paper, SectionStatus
from tests.library.examples import TODAY, add, analysis, digest, document, paper

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY = dt.timedelta(days=1)


def texts(store: Store) -> set[tuple[int | None, str]]:
    return {(unit.page, unit.text) for unit in store.units.get(sorted(store.units.ids()))}


class Interrupted(Exception):
    """Something goes wrong in the middle."""


# --- papers -----------------------------------------------------------------------------------------------------------


def test_a_paper_comes_back_as_it_was_kept(store):
    kept = paper(authors=("A", "王"), categories=("cs.CV", "cs.LG"), version=2, updated=TODAY, upvotes=3)
    assert store.add_papers([kept], today=TODAY) == ["2602.00001"]
    assert store.paper("2602.00001") == kept
    assert store.paper("2602.00002") is None


@given(st.builds(Paper, id=st.text(), title=st.text(), abstract=st.text(), authors=st.lists(st.text()).map(tuple), published=st.dates()))
def test_any_paper_survives_json(kept):
    assert from_json(Paper, to_json(kept)) == kept


def test_only_papers_not_known_before_are_new(store):
    assert store.add_papers([paper("1"), paper("2")], today=TODAY) == ["1", "2"]
    assert store.add_papers([paper("2"), paper("3"), paper("3")], today=TODAY + DAY) == ["3"]
    assert [known.id for known in store.all_papers()] == ["1", "2", "3"]


def test_a_newer_version_takes_the_place_of_an_older_one(store):
    add(store, "1", "old words", version=1)
    add(store, "1", "new words", version=2)
    assert store.paper("1") == paper("1", "new words", version=2)
    assert texts(store) == {(None, "Title of 1. new words")}


@pytest.mark.parametrize("version", [1, None])
def test_an_older_version_does_not_come_back(store, version):
    add(store, "1", "new words", version=2)
    add(store, "1", "old words", version=version)
    assert store.paper("1") == paper("1", "new words", version=2)
    assert texts(store) == {(None, "Title of 1. new words")}


def test_what_does_not_change_the_abstract_does_not_touch_what_is_searched(store):
    add(store, "1", "aa", upvotes=3)
    before, changes = store.units.ids(), store.connection.total_changes
    add(store, "1", "aa", upvotes=4)
    assert store.units.ids() == before
    assert store.connection.total_changes == changes + 1


def test_a_paper_without_abstract_is_kept_and_not_searched(store):
    add(store, "1", "")
    assert store.paper("1") == paper("1", "")
    assert store.units.ids() == set()


def test_papers_are_kept_all_or_none(store):
    def half_a_feed() -> Iterator[Paper]:
        yield paper("1")
        raise Interrupted

    with pytest.raises(Interrupted):
        store.add_papers(half_a_feed(), today=TODAY)
    assert store.all_papers() == []
    assert store.add_papers([paper("1")], today=TODAY) == ["1"]


@pytest.mark.parametrize(
    ("part", "ids"),
    [("2602.1", ["2602.1"]), ("2602", ["2602.1", "2602.12"]), ("RESTORATION", ["2602.1"]), ("100%", ["2602.12"]), ("zzz", [])],
)
def test_a_paper_is_named_by_a_part_of_its_id_or_title(store, part, ids):
    store.add_papers([paper("2602.1", title="Image Restoration"), paper("2602.12", title="100% Flow")], today=TODAY)
    assert store.matching_ids(part) == ids


# --- documents --------------------------------------------------------------------------------------------------------


def test_a_document_is_found_by_its_file_and_reader(store):
    kept = document("aa", "bbb")
    store.add_document(kept)
    assert store.document(kept.sha256, "1.0") == kept
    assert store.document(kept.sha256, "1.1") is None
    assert store.document("0" * 64, "1.0") is None


def test_a_document_is_found_by_its_file_alone_whichever_reader_made_it(store):
    store.add_document(document("aa", reader="1.0"))
    assert store.document(document("aa").sha256) == document("aa", reader="1.0")
    assert store.document(document("bb").sha256) is None


def test_a_newer_reader_s_document_takes_the_place_of_the_older_one(store):
    store.add_document(document("aa", reader="1.0"))
    store.add_document(document("aa", reader="1.1"))
    assert store.count("document") == 1
    assert store.document(document("aa").sha256, "1.0") is None


def test_a_body_makes_its_passages_searchable(store):
    add(store, "1", "abstract", "aa", "bbb")
    assert texts(store) == {(None, "Title of 1. abstract"), (1, "aa"), (2, "bbb")}
    assert store.file_of("1") == (document("aa", "bbb").sha256, "/papers/1.pdf")
    assert store.files() == [("1", "/papers/1.pdf")]
    assert store.paper_of_file(document("aa", "bbb").sha256) == paper("1", "abstract")
    assert store.file_of("2") is None


def test_reading_the_same_body_again_touches_no_passage(store):
    add(store, "1", "abstract", "aa", "bbb")
    before, changes = store.units.ids(), store.connection.total_changes
    store.set_file("1", document("aa", "bbb"), Path("/papers/1.pdf"))
    assert store.units.ids() == before
    assert store.connection.total_changes == changes + 1  # the row of the file


def test_another_body_changes_only_the_passages_that_differ(store):
    add(store, "1", "abstract", "aa", "bbb", "cccc")
    before = store.units.ids()
    store.set_file("1", document("aa", "other", "cccc"), Path("/papers/1.pdf"))
    assert len(store.units.ids() & before) == 3
    assert texts(store) == {(None, "Title of 1. abstract"), (1, "aa"), (2, "other"), (3, "cccc")}


def test_a_passage_has_the_same_id_in_every_library(store, tmp_path):
    add(store, "1", "abstract", "aa", "bbb")
    other = Store(tmp_path / "other" / NAME)
    add(other, "9", "something before")
    before = other.units.ids()
    add(other, "1", "abstract", "aa", "bbb")
    assert other.units.ids() - before == store.units.ids()
    other.close()


def test_the_same_words_twice_on_a_page_are_one_passage(store):
    store.add_papers([paper("1", "")], today=TODAY)
    twice = document("aa")
    store.set_file("1", dataclasses.replace(twice, passages=twice.passages * 2), Path("/x.pdf"))
    assert texts(store) == {(1, "aa")}


# --- analyses and digests ---------------------------------------------------------------------------------------------


def test_an_analysis_is_found_under_exactly_its_key(store):
    add(store, "1", "aa")
    store.add_analysis("key", analysis("1", "first"))
    store.add_analysis("key", analysis("1", "second"))
    assert store.analysis("key") == analysis("1", "second")
    assert store.analysis("another") is None


def test_a_paper_is_delivered_from_the_day_after_on(store):
    first, second = add(store, "1", "aa"), add(store, "2", "bb")
    store.add_digest(digest(TODAY, first), sources="arxiv", folder="f")
    store.add_digest(digest(TODAY - DAY, second), sources="arxiv", folder="g")
    assert store.delivered(date=TODAY, style="daily", sources="arxiv") == {"2": None}
    assert store.delivered(date=TODAY + DAY, style="daily", sources="arxiv") == {"1": None, "2": None}


def test_a_paper_whose_analysis_is_not_whole_is_not_delivered_yet(store):
    edition = digest(TODAY, add(store, "1", "aa"), add(store, "2", "bb"))
    failed = dataclasses.replace(analysis("1").sections[0], status=SectionStatus.FAILED)
    entries = (
        dataclasses.replace(edition.entries[0], analysis=dataclasses.replace(analysis("1"), sections=(failed,))),
        dataclasses.replace(edition.entries[1], analysis=None),
    )
    store.add_digest(dataclasses.replace(edition, entries=entries), sources="arxiv", folder="f")
    assert store.delivered(date=TODAY + DAY, style="daily", sources="arxiv") == {}


def test_another_edition_of_the_day_does_not_repeat_a_paper_in_the_same_style(store):
    store.add_digest(digest(TODAY, add(store, "1", "aa")), sources="arxiv", folder="f")
    assert store.delivered(date=TODAY, style="daily", sources="hf") == {"1": None}
    assert store.delivered(date=TODAY, style="method", sources="hf") == {}


def test_a_digest_made_again_takes_the_place_of_the_first(store):
    first, second = add(store, "1", "aa"), add(store, "2", "bb")
    store.add_digest(digest(TODAY, first), sources="arxiv", folder="f")
    store.add_digest(digest(TODAY, second), sources="arxiv", folder="f")
    assert list(Past(store).editions()) == [("f", digest(TODAY, second))]
    assert store.delivered(date=TODAY + DAY, style="daily", sources="arxiv") == {"2": None}


def test_every_edition_of_a_day_has_a_folder_of_its_own_and_keeps_it(store):
    def publish(style: str, sources: str) -> str:
        folder: str = store.edition_folder(TODAY, style, sources)
        store.add_digest(digest(TODAY, style=style), sources=sources, folder=folder)
        return folder

    editions = [("daily", "arxiv"), ("daily", "hf"), ("method", "arxiv")]
    folders = [publish(*edition) for edition in editions]
    assert folders == ["2026-02-16", "2026-02-16-2", "2026-02-16-3"]
    assert [publish(*edition) for edition in editions] == folders


# --- failures ---------------------------------------------------------------------------------------------------------


def test_a_failure_counts_its_tries_until_the_stage_works(store):
    add(store, "1", "aa")
    store.add_failure("1", "download", "503", retry=True)
    store.add_failure("1", "download", "404", retry=False)
    assert store.failures() == [Failure(paper="1", stage="download", reason="404", retry=False, tries=2)]
    store.clear_failure("1", "read")
    assert len(store.failures()) == 1
    store.clear_failure("1", "download")
    assert store.failures() == []


# --- reading and writing at once --------------------------------------------------------------------------------------


def test_a_reader_sees_the_last_whole_state_while_another_writes(store, tmp_path):
    add(store, "1", "aa")
    reader = Store(tmp_path / NAME)
    with store.transaction() as db:
        db.execute("DELETE FROM paper")
        assert [known.id for known in reader.all_papers()] == ["1"]
        assert len(reader.units.ids()) == 1
    assert reader.all_papers() == []
    assert reader.units.ids() == set()
    reader.close()


# --- words ------------------------------------------------------------------------------------------------------------


def test_words_are_found_in_every_inflection_and_only_where_they_are(store):
    add(store, "1", "abstract", "We restore images", "Diffusion models")
    assert [unit.text for unit in store.units.get(store.units.matching(["restored"], 10))] == ["We restore images"]
    store.set_file("1", document("Diffusion models"), Path("/x.pdf"))
    assert store.units.matching(["restored"], 10) == []


@given(bodies=st.lists(st.lists(st.sampled_from(["aa", "bb", "cc dd", "ee"]), max_size=4), max_size=6))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
def test_the_word_index_follows_every_change(store, bodies):
    store.add_papers([paper("1", "")], today=TODAY)
    for body in bodies:
        store.set_file("1", document(*body), Path("/x.pdf"))
        assert texts(store) == {(page, text) for page, text in enumerate(body, 1)}
        assert store.faults() == []


def test_threads_share_a_store_and_each_has_its_own_transaction(store):
    add(store, "1", "abstract")
    started, seen = threading.Event(), list[int]()

    def read() -> None:
        started.wait()
        seen.append(store.count("paper"))

    reader = threading.Thread(target=read)
    reader.start()
    with store.transaction() as db:
        db.execute("DELETE FROM paper")
        started.set()
        reader.join()
    assert (seen, store.count("paper")) == ([1], 0)


def test_words_are_looked_for_among_few_rows_and_among_many(store):
    store.add_papers([paper(f"2602.{n:05}", f"restored {'twice restored ' * (n == 7)}image {n}") for n in range(80)], today=TODAY)
    every = sorted(store.units.ids())
    for among in (every[:20], every):
        found = store.units.matching(["restored"], 100, among)
        assert sorted(found) == among
        assert found == [unit for unit in store.units.matching(["restored"], 100) if unit in set(among)]
    best = store.units.get(store.units.matching(["restored"], 1, every))
    assert [unit.paper for unit in best] == ["2602.00007"]


def test_where_words_stand_in_too_many_units_the_rarest_are_looked_for_together(store, monkeypatch):
    monkeypatch.setattr(units, "_MOST_HELD", 10)
    texts = [f"image {'model ' * (n % 2)}{'restored' * (n == 7)}" for n in range(30)]
    store.add_papers([paper(f"2602.{n:05}", text) for n, text in enumerate(texts)], today=TODAY)

    def found(*words: str) -> list[str]:
        return [unit.paper for unit in store.units.get(store.units.matching(words, 100))]

    assert found("restored") == ["2602.00007"]
    both = found("image", "model")
    assert len(both) == 15
    assert all(int(name[-2:]) % 2 for name in both)
    assert set(found("image", "model", "restored", "restores", "restoring")) == {"2602.00007"}


def test_all_papers_come_in_parts_by_id_whatever_is_written_in_between(store):
    store.add_papers([paper(str(number)) for number in range(1, 6)], today=TODAY)
    found = []
    for part in store.parts(2):
        found.append([known.id for known in part])
        store.add_papers([paper("0")], today=TODAY)  # behind what has come
    assert found == [["1", "2"], ["3", "4"], ["5"]]
