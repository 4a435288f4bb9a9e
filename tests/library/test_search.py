from __future__ import annotations

import dataclasses
import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.library import units as units_module
from digest.library.embeddings import CachedEmbedder
from digest.library.feedback import LIKED, Feedback
from digest.library.query import parse
from digest.library.search import Searcher, fuse
from digest.library.vectors import VectorIndex
from digest.records import AnalysisSection, Claim, Fact, Figure, Ranked, SectionStatus, Table
from tests.embedders import WordLengthEmbedder
from tests.library.examples import TODAY, add, analysis, document, paper


def found(searcher: Searcher, query: str, *, top_k: int = 10, per_paper: int = 3, **asked) -> list[tuple[str, str]]:
    hits = searcher.search(searcher.settled(parse(query).narrowed(**asked)), top_k=top_k, per_paper=per_paper)
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
    # first of both lists: 6/6/2 + 6/6/2; first and third: 6/6/2 + 6/8/2; second of both: 6/7/2 + 6/7/2
    assert fuse([7, 8], [7, 8]) == {7: 1.0, 8: pytest.approx(6 / 7)}
    assert fuse([7, 8], [9, 8, 7]) == {7: pytest.approx(0.5 + 6 / 16), 8: pytest.approx(6 / 7), 9: 0.5}
    assert fuse([7], []) == {7: 0.5}
    assert fuse([], []) == {}


def test_a_hit_says_where_it_stands_and_how_it_scored(store, searcher):
    known = add(store, "1", "aa", "bbbb bbbb", "cc ccc")
    searcher.sync()
    first, second, third = searcher.search("bbbb", top_k=10, per_paper=3)
    assert (first.paper, first.page, first.section, first.passage, first.score) == (known, 1, "1 Method", "bbbb bbbb", 1.0)
    assert {hit.page for hit in (second, third)} == {None, 2}
    assert second.score == round(6 / 7 / 2, 4)
    assert third.score == round(6 / 8 / 2, 4)


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


def test_common_words_find_nothing_by_themselves_where_rare_ones_do(store, monkeypatch):
    monkeypatch.setattr(units_module, "_LOOKED_AT", 3)
    monkeypatch.setattr(units_module, "_FEWEST_WORDS", 1)
    add(store, "1", "", "rare", "rare common", *(f"common {n}" for n in range(4)))
    asked = ["common", "rare"]
    assert {unit.text for unit in store.units.get(store.units.matching(asked, 5))} == {"rare common", "rare"}
    assert len(store.units.matching(asked, units_module.EVERYTHING)) == 6


def test_one_paper_does_not_fill_the_list(store, searcher):
    add(store, "1", "", "aa 1", "aa 2", "aa 3", "aa 4")
    add(store, "2", "", "bbb")
    searcher.sync()
    assert [paper for paper, _ in found(searcher, "aa")] == ["1", "1", "1", "2"]
    assert [paper for paper, _ in found(searcher, "aa", per_paper=1)] == ["1", "2"]
    assert len(found(searcher, "aa", top_k=2)) == 2


def test_a_hit_names_the_pages_of_its_paper_that_were_found_next(store, searcher):
    add(store, "1", "the abstract", "aa bbb", "aa bbb", "aa cccc", "aa ddd", "zzz")
    searcher.sync()
    (hit,) = searcher.search("aa bbb", top_k=10)
    assert len(hit.others) == 2
    assert len({hit.page, *(other.page for other in hit.others)}) == 3
    assert None not in {other.page for other in hit.others}
    assert {other.paper.id for other in hit.others} == {"1"}
    assert not any(other.others for other in hit.others)
    assert hit.score > hit.others[0].score > hit.others[1].score
    first, second, third = searcher.search("aa bbb", top_k=3, per_paper=3)
    assert not {first.page, second.page, third.page} & {other.page for other in first.others}
    assert second.others == third.others == ()


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


# --- what a hit must be -----------------------------------------------------------------------------------------------


def test_phrases_must_stand_and_exclusions_must_not(store, searcher):
    add(store, "1", "", "a score network for images")
    add(store, "2", "", "a network with a score")
    searcher.sync()
    assert found(searcher, '"score network"') == [("1", "a score network for images")]
    assert found(searcher, "network -images") == [("2", "a network with a score")]
    assert found(searcher, 'network -"score network"') == [("2", "a network with a score")]
    assert found(searcher, '"no such phrase"') == []


def test_a_phrase_beside_words_that_stands_nowhere_is_words(store, searcher):
    add(store, "1", "", "a score network for images")
    add(store, "2", "", "a network with a score")
    searcher.sync()
    query = searcher.settled(parse('a "score network" for “孤岛”'))
    assert (query.phrases, query.unheld, query.text) == (("score network",), ("孤岛",), "a score network for 孤岛")
    assert searcher.settled(query) == query
    assert found(searcher, 'a "score network" for “孤岛”') == [("1", "a score network for images")]
    assert len(found(searcher, "网络中的“孤岛” network")) == 2
    assert found(searcher, "“孤岛”") == found(searcher, "“孤岛” “扩散”") == []


def test_a_part_of_a_chinese_word_of_two_characters_is_found(store, searcher):
    add(store, "1", "基于扩散的图像复原")
    add(store, "2", "掩码自回归生成")
    searcher.sync()
    for query in ("“扩散”", "“图像复原”", "“扩”"):
        assert [paper for paper, _ in found(searcher, query)] == ["1"]
    assert found(searcher, "“复图”") == []


def test_an_id_shows_its_paper_and_with_words_its_passages(store, searcher):
    add(store, "2601.00001", "aa", "bbb of one")
    add(store, "2601.00002", "bbb", "bbb of two")
    searcher.sync()
    (hit,) = searcher.search("arXiv:2601.00001v3", top_k=5)
    assert (hit.paper.id, hit.page, hit.why, hit.score) == ("2601.00001", None, "id", 1.0)
    assert {paper for paper, _ in found(searcher, "2601.00001 bbb")} == {"2601.00001"}
    assert found(searcher, "2601.99999") != []  # an unknown id is words


def test_an_author_is_found_by_any_part_of_the_name(store, searcher):
    add(store, "1", "aa", authors=("Kaiming He", "Ross Girshick"))
    add(store, "2", "aa", authors=("Bruno Lévy",))
    searcher.sync()
    for query in ('author:"Kaiming He"', "author:he", "author:girshick", 'author:"K. He"'):
        assert [hit.paper.id for hit in searcher.search(query, top_k=5)] == ["1"]
    assert [hit.paper.id for hit in searcher.search("author:levy", top_k=5)] == ["2"]
    assert searcher.search('author:"Ross He"', top_k=5) == []
    first = searcher.search("Kaiming He", top_k=5)[0]
    assert (first.paper.id, first.why) == ("1", "author")


def test_authors_and_categories_follow_the_record(store, searcher):
    add(store, "1", "aa", authors=("Ann Old",), categories=("cs.CV",))
    add(store, "1", "aa", authors=("Ann New",), categories=("cs.LG",))
    searcher.sync()
    assert found(searcher, "author:old") == found(searcher, "cat:cs.CV") == []
    assert len(found(searcher, "author:new cat:cs.lg")) == 1


def test_state_score_source_and_section_are_conditions(store, searcher):
    liked = add(store, "1", "aa", "bbb", source="hf")
    add(store, "2", "aa", source="arxiv")
    Feedback(store).say("1", LIKED)
    store.add_scores([Ranked(paper=liked, score=80, relevance=0.8)], today=TODAY)
    searcher.sync()
    for query in ("aa is:liked", "aa is:read", "aa score:80", "aa score:70-90", "aa source:hf"):
        assert {paper for paper, _ in found(searcher, query)} == {"1"}
    assert found(searcher, "aa is:disliked") == found(searcher, "aa score:>80") == []
    assert found(searcher, "aa in:method") == [("1", "bbb")]


def test_what_an_analysis_found_is_searched_with_the_page_it_rests_on(store, searcher):
    add(store, "1", "aa", "bbb")
    claim = Claim(text="以流匹配代替扩散", pages=(5,), quote="q", verified=True)
    doubted = Claim(text="从未发生的事", pages=(5,), verified=False)
    section = AnalysisSection(id="core", title="核心创新点", status=SectionStatus.OK, claims=(claim, doubted))
    store.add_analysis("key", dataclasses.replace(analysis("1"), sections=(section,)))
    searcher.sync()
    (hit,) = searcher.search("“流匹配” in:analysis", top_k=5)
    assert (hit.page, hit.section, hit.passage, hit.kind) == (5, "核心创新点", "以流匹配代替扩散", "analysis")
    assert found(searcher, "“从未发生”") == []
    store.add_analysis("newer", dataclasses.replace(analysis("1"), sections=()))
    assert found(searcher, "“流匹配”") == []


def test_the_sentence_that_answers_is_marked(store, searcher):
    add(store, "1", "", "Nothing of the kind here. A gas by diffusionprocess spreads. And so on.")
    searcher.sync()
    (hit,) = searcher.search("diffusionprocess", top_k=1)
    assert hit.passage[slice(*hit.mark)] == "A gas by diffusionprocess spreads."
    assert hit.link == "file:///papers/1.pdf#page=1"


def test_a_hit_names_the_page_of_its_marked_sentence(store, searcher):
    text = "Nothing of the kind here. A gas by diffusionprocess spreads. And so with moraines."
    body = document(text)
    turned = dataclasses.replace(body.passages[0], page=4, turns=((text.index("A gas"), 5), (text.index("And"), 7)))
    add(store, "1", "")
    store.set_file("1", dataclasses.replace(body, passages=(turned,)), Path("/papers/1.pdf"))
    searcher.sync()
    assert [searcher.search(words, top_k=1)[0].page for words in ("kind", "diffusionprocess", "moraines")] == [4, 5, 7]
    (hit,) = searcher.search("diffusionprocess", top_k=1)
    assert hit.link == "file:///papers/1.pdf#page=5"
    assert [hit.marking(words).page for words in ("of the kind", "A gas", "And so", "not there")] == [4, 5, 7, 5]


def test_captions_tables_and_facts_are_found_and_can_be_asked_for(store, searcher):
    add(store, "1", "", "prose about pictures")
    body = dataclasses.replace(
        document("prose about pictures"),
        figures=(Figure(page=2, label="Figure 2", caption="Overview of the pictures."), Figure(page=3, label="Table 1", caption="Rows.")),
        tables=(Table(label="Table 1", caption="Rows.", page=3, rows=(("Model", "Set5"), ("Ours", "38.1"), ("Theirs", "37.5"))),),
        facts=(
            Fact(kind="compute", value="8 P100", page=1, quote="It took 8 P100 GPUs."),
            Fact(kind="result", value="Set5 38.1 > Theirs 37.5", page=3, quote="Table 1. Rows."),
        ),
    )
    store.set_file("1", body, Path("/papers/1.pdf"))
    assert searcher.sync() == 5
    (hit,) = searcher.search("theirs set5 in:table", top_k=5, per_paper=5)
    assert (hit.page, hit.section, hit.kind, hit.passage[slice(*hit.mark)]) == (3, "Table 1", "table", "Theirs | 37.5")
    (hit,) = searcher.search("overview 章节：图", top_k=5, per_paper=5)
    assert (hit.page, hit.section, hit.passage) == (2, "Figure 2", "Figure 2: Overview of the pictures.")
    hits = searcher.search("in:fact gpus", top_k=5, per_paper=5)
    assert {(hit.section, hit.passage) for hit in hits} == {
        ("compute", "It took 8 P100 GPUs."),
        ("result", "Set5 38.1 > Theirs 37.5. Table 1. Rows."),
    }


def test_full_texts_of_an_earlier_release_are_made_searchable_anew_a_part_at_a_time(store, searcher, toy):
    for number in range(3):
        body = dataclasses.replace(document(f"prose {number}"), figures=(Figure(page=1, label="Figure 1", caption=f"Drawing {number}."),))
        add(store, str(number), "")
        store.add_document(body)
        store.set_file(str(number), body, Path(f"/papers/{number}.pdf"))
    with store.transaction() as db:
        db.execute("DELETE FROM passage WHERE kind = 'figure'")
        db.execute("UPDATE file SET made = 0")
    assert searcher.outdated() == 3
    searcher.sync(seconds=0)
    assert (store.count("passage"), searcher.outdated()) == (3, 3)
    toy.asked.clear()
    searcher.sync()
    assert (searcher.outdated(), len(searcher.search("in:figure", top_k=5))) == (0, 3)
    assert toy.asked.count("prose 0") == 1


def test_threads_search_while_another_one_syncs(store, searcher):
    add(store, "1", "aa", *(f"word number{n}" for n in range(50)))
    searcher.sync()
    with ThreadPoolExecutor(8) as threads:
        hits = [threads.submit(searcher.search, f"number{n % 50}", top_k=1, per_paper=1) for n in range(80)]
        for n in range(3):
            add(store, f"new {n}", "bbb", f"fresh{n}")
            searcher.sync()
        assert [hit.result()[0].passage for hit in hits] == [f"word number{n % 50}" for n in range(80)]
    assert found(searcher, "fresh2", top_k=1) == [("new 2", "fresh2")]


def test_a_search_writes_nothing(store, searcher):
    add(store, "1", "aa", "bbb")
    searcher.sync()
    before = store.connection.total_changes
    searcher.search("aa never asked before", top_k=5)
    assert store.connection.total_changes == before
