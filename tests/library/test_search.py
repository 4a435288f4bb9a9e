from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.library.embeddings import CachedEmbedder
from digest.library.query import parse
from digest.library.search import Searcher, fuse
from digest.library.vectors import VectorIndex
from tests.embedders import WordLengthEmbedder
from tests.library.examples import TODAY, add, document, paper


def found(searcher: Searcher, query: str, *, top_k: int = 10, per_paper: int = 3, **asked) -> list[tuple[str, str]]:
    hits = searcher.search(parse(query).narrowed(**asked), top_k=top_k, per_paper=per_paper)
    return [(hit.paper.id, hit.passage) for hit in hits]


# --- keeping up -------------------------------------------------------------------------------------------------------


def test_what_is_added_is_found_after_the_next_sync(store, searcher):
    add(store, "1", "", "aa aa aa", "bbbb bbbb")
    assert searcher.sync() == 2
    assert found(searcher, "cccc")[0] == ("1", "bbbb bbbb")
    assert searcher.sync() == 0


def test_what_is_removed_is_not_found_after_the_next_sync(store, searcher, tmp_path):
    add(store, "1", "", "aa aa aa", "bbbb bbbb")
    searcher.sync()
    store.set_file("1", document("aa aa aa", "ccccc ddddd"), tmp_path)
    assert searcher.sync() == 2
    assert set(found(searcher, "xxxx")) == {("1", "aa aa aa"), ("1", "ccccc ddddd")}


def test_only_what_is_new_is_embedded(store, searcher, toy):
    add(store, "1", "", "aa", "bbb")
    searcher.sync()
    add(store, "2", "", "cccc")
    toy.asked.clear()
    searcher.sync()
    assert toy.asked == ["cccc"]


def test_a_lost_index_is_made_again_without_embedding_anything(store, searcher, toy, tmp_path):
    add(store, "1", "abstract", "aa", "bbb")
    searcher.sync()
    expected = searcher.search("aa bbb", top_k=5)
    toy.asked.clear()
    again = Searcher(store, VectorIndex(tmp_path / "lost", embedder=toy.id, dim=toy.dim), CachedEmbedder(toy, store))
    assert again.sync() == 3
    assert again.search("aa bbb", top_k=5) == expected
    assert toy.asked == ["aa bbb"]


def test_the_index_of_another_library_is_of_no_harm(store, searcher, toy, tmp_path):
    """As after a backup of the database was put back: what the index holds beside it must not answer."""
    add(store, "1", "", "aa", "bbb")
    searcher.sync()
    with store.transaction() as db:
        db.execute("DELETE FROM paper")
    add(store, "2", "", "cccc", "aa")
    assert Searcher(store, VectorIndex(tmp_path, embedder=toy.id, dim=toy.dim), CachedEmbedder(toy, store)).sync() == 4
    assert {paper for paper, _ in found(searcher, "zzzz")} == {"2"}


def test_progress_adds_up_to_what_was_added(store, searcher):
    add(store, "1", "", *(f"word {n}" for n in range(300)))
    steps: list[int] = []
    searcher.sync(steps.append)
    assert steps == [64, 64, 64, 64, 44]


# --- finding ----------------------------------------------------------------------------------------------------------


def test_fusion_is_reciprocal_in_the_ranks():
    # first of both lists: 61/61/2 + 61/61/2; first and third: 61/61/2 + 61/63/2; second of one: 61/62/2
    assert fuse([7, 8], [7, 8]) == {7: 1.0, 8: pytest.approx(61 / 62)}
    assert fuse([7, 8], [9, 8, 7]) == {7: pytest.approx(0.5 + 61 / 126), 8: pytest.approx(61 / 62), 9: 0.5}
    assert fuse([7], []) == {7: 0.5}
    assert fuse([], []) == {}


def test_a_hit_says_where_it_stands_and_how_it_scored(store, searcher):
    known = add(store, "1", "aa", "bbbb bbbb", "cc ccc")
    searcher.sync()
    first, second, third = searcher.search("bbbb", top_k=10)
    assert (first.paper, first.page, first.section, first.passage, first.score) == (known, 1, "1 Method", "bbbb bbbb", 1.0)
    assert {hit.page for hit in (second, third)} == {None, 2}
    assert second.score == round(61 / 62 / 2, 4)
    assert third.score == round(61 / 63 / 2, 4)


def test_meaning_finds_what_no_word_matches_and_words_what_no_meaning_does(store, searcher):
    add(store, "1", "", "xxxxx yyyyy")
    add(store, "2", "", "diffusion of a gas")
    searcher.sync()
    assert found(searcher, "zzzzz", top_k=1) == [("1", "xxxxx yyyyy")]
    assert found(searcher, "diffusion", top_k=1) == [("2", "diffusion of a gas")]


def test_hits_can_be_limited_by_day_and_category(store, searcher):
    add(store, "1", "", "aa", categories=("cs.CV",), published=TODAY - dt.timedelta(days=1))
    add(store, "2", "", "aa aa", categories=("cs.LG", "cs.CV"), published=TODAY)
    add(store, "3", "", "aa aa aa", categories=("cs.LG",), published=None)
    searcher.sync()
    assert {paper for paper, _ in found(searcher, "aa")} == {"1", "2", "3"}
    assert {paper for paper, _ in found(searcher, "aa", since=TODAY)} == {"2"}
    assert {paper for paper, _ in found(searcher, "aa", categories=("cs.CV",))} == {"1", "2"}
    assert {paper for paper, _ in found(searcher, "aa", categories=("cs.CV",), since=TODAY)} == {"2"}
    assert found(searcher, "aa", categories=("cs",)) == []


def test_a_filter_finds_the_one_paper_that_five_hundred_others_stand_before(store, searcher):
    store.add_papers([paper(f"{n}", "aa aa aa", categories=("cs.CV",)) for n in range(500)], today=TODAY)
    add(store, "rare", "", "bbb cccc", categories=("math.AG",))
    searcher.sync()
    assert found(searcher, "aa", categories=("math.AG",)) == [("rare", "bbb cccc")]


def test_one_paper_does_not_fill_the_list(store, searcher):
    add(store, "1", "", "aa 1", "aa 2", "aa 3", "aa 4")
    add(store, "2", "", "bbb")
    searcher.sync()
    assert [paper for paper, _ in found(searcher, "aa")] == ["1", "1", "1", "2"]
    assert [paper for paper, _ in found(searcher, "aa", per_paper=1)] == ["1", "2"]
    assert len(found(searcher, "aa", top_k=2)) == 2


@pytest.mark.parametrize(
    "query", ["?!", "aa AND", "NOT aa OR", "text: aa", "aa*", "(aa", "^aa", "aa NEAR/2 bb", "- aa + {bb}", "''", "%_", "\0"]
)
def test_no_query_is_a_syntax_error(store, searcher, query):
    add(store, "1", "abstract", "aa bb")
    searcher.sync()
    assert len(found(searcher, query)) == 2


@given(query=st.text(max_size=30))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_any_text_may_be_asked(store, searcher, query):
    add(store, "1", "abstract", "aa bb")
    searcher.sync()
    assert len(found(searcher, query)) <= 2


@pytest.mark.parametrize("query", ["扩散模型", "用扩散模型做超分辨率", "扩散 diffusion", "，。"])
def test_chinese_may_be_asked(store, searcher, query):
    add(store, "1", "扩散模型很慢", "aa bb")
    searcher.sync()
    assert len(found(searcher, query)) == 2


def test_an_empty_library_answers_nothing(searcher):
    assert searcher.sync() == 0
    assert found(searcher, "aa") == []


def test_the_nearest_papers_come_first_and_never_the_paper_itself(store, searcher):
    asked = add(store, "1", "aa aa aa aa", "bbb")
    add(store, "2", "aa aa aa bbb")
    add(store, "3", "bbb bbb bbb bbb")
    searcher.sync()
    near = searcher.similar(asked, top_k=5)
    assert [paper.id for paper, _ in near] == ["2", "3"]
    assert near[0][1] > near[1][1]
    assert len(searcher.similar(asked, top_k=1)) == 1


def test_near_papers_are_found_behind_any_number_of_passages(store, searcher):
    asked = add(store, "1", "aa aa", *(f"Title of 1. aa aa {'aa ' * n}" for n in range(300)))
    add(store, "2", "bbb bbb bbb")
    searcher.sync()
    assert [paper.id for paper, _ in searcher.similar(asked, top_k=3)] == ["2"]


def test_vectors_of_two_models_do_not_share_an_index(store, searcher, toy, tmp_path):
    add(store, "1", "", "aa")
    searcher.sync()
    other = WordLengthEmbedder("another", dim=16)
    again = Searcher(store, VectorIndex(tmp_path / "other", embedder=other.id, dim=16), CachedEmbedder(other, store))
    again.sync()
    assert other.asked == ["aa"]
