"""With ``WordLengthEmbedder`` a text is about the lengths of its words, so every cosine can be worked out by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.config import Avoid, Favour, Interest, Profile
from digest.ranking import rank
from digest.ranking.taste import learn
from digest.records import Paper, Ranked
from tests.embedders import WordLengthEmbedder

TWO, FOUR = Interest(name="two", text="xx"), Interest(name="four", text="yyyy")


def paper(paper_id: str, title: str, abstract: str = "") -> Paper:
    return Paper(id=paper_id, title=title, abstract=abstract)


def profile(*interests: Interest, **more) -> Profile:
    return Profile(interest=list(interests), **more)


def ranked(papers: list[Paper], profile: Profile, **more) -> list[Ranked]:
    return rank(papers, profile, WordLengthEmbedder(), **more)


def order(papers: list[Paper], profile: Profile, **more) -> list[str]:
    return [item.paper.id for item in ranked(papers, profile, **more)]


words = st.lists(st.text("abc", min_size=1, max_size=9), max_size=8).map(" ".join)
abstracts = st.lists(words, max_size=4).map(lambda sentences: ". ".join(sentence.capitalize() for sentence in sentences))
papers_strategy = st.lists(
    st.builds(Paper, id=st.text("0123456789", min_size=1, max_size=4), title=words, abstract=abstracts),
    max_size=12,
    unique_by=lambda p: p.id,
)
profiles = st.builds(
    Profile,
    interest=st.lists(
        st.builds(Interest, name=st.text(min_size=1), text=words.filter(bool), weight=st.floats(0.1, 10)), min_size=1, max_size=4
    ),
    avoid=st.lists(st.builds(Avoid, text=words.filter(bool), weight=st.floats(0.1, 10)), max_size=2),
)


@given(papers_strategy, profiles, st.randoms(use_true_random=False))
def test_the_order_of_the_feed_does_not_matter(papers, wanted, random):
    expected = ranked(papers, wanted)
    random.shuffle(papers)
    assert ranked(papers, wanted) == expected


@given(papers_strategy, profiles)
def test_a_paper_scores_the_same_alone_as_among_others(papers, wanted):
    for item in ranked(papers, wanted):
        assert ranked([item.paper], wanted) == [item]


@given(papers_strategy, profiles)
def test_reasons_quote_the_paper_and_their_shares_are_parts_of_one(papers, wanted):
    names = {interest.name for interest in wanted.interest}
    for item in ranked(papers, wanted):
        assert 0 <= item.score <= 100
        gains = [reason for reason in item.reasons if reason.share > 0]
        assert sum(reason.share for reason in gains) <= 1 + 1e-9
        assert gains == sorted(gains, key=lambda reason: -reason.share)
        assert {reason.interest for reason in gains} <= names
        for reason in item.reasons:
            assert reason.sentence == item.paper.title or reason.sentence in " ".join(item.paper.abstract.split())


@given(papers_strategy, profiles)
def test_the_best_come_first_and_ties_fall_to_the_earlier_id(papers, wanted):
    found = ranked(papers, wanted)
    assert found == sorted(found, key=lambda item: (-item.relevance, item.paper.id))
    assert len(found) == len(papers)


def test_relevance_can_be_worked_out_by_hand():
    (item,) = ranked([paper("1", "aa", "aa ccc. ccc")], profile(TWO))
    # whole: two words of two letters and two of three, cosine 2/sqrt(8); the title alone: 1; the topic's one word is there: 0.8 of 1
    assert item.relevance == pytest.approx((2 / 8**0.5 + 1 + 0.8) / 2.8, abs=1e-6)
    assert item.score == 98
    assert [(reason.interest, reason.share, reason.sentence) for reason in item.reasons] == [("two", 1.0, "aa")]


def test_unrelated_interests_are_not_averaged():
    between = paper("between", "aa dddd", "aa dddd aa dddd")
    near_one = paper("near one", "aa", "aa aa aa dddd")
    assert order([between, near_one], profile(TWO, FOUR)) == ["near one", "between"]


def test_an_interest_added_takes_nothing_from_the_others():
    papers = [paper("1", "aa", "aa aa ccc")]
    assert ranked(papers, profile(TWO, FOUR))[0].score == ranked(papers, profile(TWO))[0].score


def test_one_sentence_on_the_interest_is_enough_to_stand_out():
    lost = paper("lost", "eeeee", "eeeee eeeee eeeee. Eeeee eeeee aa eeeee")
    said = paper("said", "eeeee", "eeeee eeeee eeeee. Aa. Eeeee eeeee eeeee")
    (first, second) = ranked([lost, said], profile(TWO))
    assert first.paper is said
    assert first.reasons[0].sentence == "Aa."
    assert first.relevance > second.relevance + 0.2


def test_weight_decides_between_two_interests():
    papers = [paper("two", "aa", "aa aa"), paper("four", "dddd", "dddd dddd")]
    assert order(papers, profile(TWO, FOUR)) == ["four", "two"]
    assert order(papers, profile(Interest(name="two", text="xx", weight=2.0), FOUR)) == ["two", "four"]


def test_an_avoided_topic_holds_a_paper_back_and_says_so():
    papers = [paper("mixed", "aa eeeee", "aa eeeee"), paper("pure", "aa eeeeee", "aa eeeeee")]
    assert order(papers, profile(TWO)) == ["mixed", "pure"]
    pure, mixed = ranked(papers, profile(TWO, avoid=[Avoid(text="zzzzz")]))
    assert (pure.paper.id, mixed.paper.id) == ("pure", "mixed")
    # both cosines with either topic are 1/sqrt(2), and its word is there: what lies above 0.34 is taken, above 0.15 is gain
    about = (2 * 0.5**0.5 + 0.8) / 2.8
    assert (mixed.reasons[-1].interest, mixed.reasons[-1].kind) == ("zzzzz", "avoid")
    assert mixed.reasons[-1].share == pytest.approx(-(about - 0.34) / (about - 0.15), abs=1e-3)
    assert all(reason.share > 0 for reason in pure.reasons)


def test_an_avoided_topic_beside_the_point_changes_nothing():
    papers = [paper("1", "aa ccc", "aa")]
    assert ranked(papers, profile(TWO, avoid=[Avoid(text="zzzzz", weight=10.0)])) == ranked(papers, profile(TWO))


def test_likeness_to_a_liked_paper_lifts_a_paper_and_says_so():
    papers = [paper("1", "eeeee", "eeeee"), paper("2", "ccc", "ccc")]
    liked = paper("old", "zzz", "zzz")
    assert order(papers, profile(TWO)) == ["1", "2"]
    taste = learn([liked], [], WordLengthEmbedder(), at_large=["aa", "eeeee"])
    first, second = ranked(papers, profile(TWO), taste=taste)
    assert (first.paper.id, first.reasons[0].kind, first.reasons[0].interest) == ("2", "liked", "zzz")
    assert 0.2 < first.relevance < 0.6  # no likeness lifts further than 0.6
    assert second == ranked(papers, profile(TWO))[0]  # unlikeness takes nothing


def test_likeness_to_a_disliked_paper_holds_a_paper_back_and_says_so():
    papers = [paper("1", "aa eeeee", "aa eeeee"), paper("2", "aa ccc", "aa ccc")]
    taste = learn([], [paper("old", "zzzzz", "zzzzz zzzzz")], WordLengthEmbedder(), at_large=["aa", "ccc"])
    found = ranked(papers, profile(TWO), taste=taste)
    assert [item.paper.id for item in found] == ["2", "1"]
    assert (found[1].reasons[-1].kind, found[1].reasons[-1].interest) == ("disliked", "zzzzz")
    assert found[1].reasons[-1].share < 0


def test_an_example_paper_speaks_for_its_interest():
    papers = [paper("1", "ccc", "ccc")]
    shown = Interest(name="two", text="xx", papers=["old", "unknown"])
    (item,) = ranked(papers, profile(shown), known={"old": paper("old", "zzz", "zzz")})
    assert [(reason.interest, reason.share) for reason in item.reasons] == [("two", 1.0)]
    assert item.relevance == pytest.approx(0.15 + 0.8 * 0.85)


def test_a_favoured_author_lifts_a_paper_by_a_bounded_step():
    papers = [paper("1", "ccc"), Paper(id="2", title="ccc", abstract="", authors=("Ada  Example",))]
    first, second = ranked(papers, profile(TWO, favour=Favour(authors=["ada example"])))
    assert (first.paper.id, first.reasons[0].kind, first.reasons[0].interest) == ("2", "author", "ada example")
    assert first.relevance - second.relevance == pytest.approx(0.8 * 0.07, abs=1e-6)


def test_a_name_in_another_language_does_not_change_a_score():
    papers = [paper("1", "aa", "aa ccc")]
    named = ranked(papers, profile(Interest(name="超分辨率 with many words", text="xx")))
    assert named[0].relevance == ranked(papers, profile(TWO))[0].relevance


def test_no_papers_are_no_ranking():
    assert ranked([], profile(TWO)) == []


def test_a_paper_without_abstract_is_ranked_by_its_title():
    first, second = ranked([paper("1", "ccc"), paper("2", "aa")], profile(TWO))
    assert first.paper.id == "2"
    assert first.reasons[0].sentence == "aa"
    assert (second.score, second.reasons) == (0, ())


def test_progress_adds_up_to_the_papers():
    steps: list[int] = []
    ranked([paper(str(n), "aa") for n in range(70)], profile(TWO), on_progress=steps.append)
    assert steps == [32, 32, 6]


def test_the_whole_paper_is_embedded_as_the_library_keeps_it():
    toy = WordLengthEmbedder()
    known = paper("1", "Title", "Abstract here")
    rank([known], profile(TWO), toy)
    assert known.gist in toy.asked
