"""What a day's papers say together, counted by hand."""

import dataclasses
import datetime as dt

from hypothesis import given, settings

from digest.analysing import load_style
from digest.analysing.day import Before, Day, Subject, before
from digest.analysing.extractive import ExtractiveEngine
from digest.analysing.summary import NOTHING, summarise
from digest.records import Claim, Entry, Fact, Paper, Ranked, Reason
from digest.workspace import Workspace, shipped
from tests.publishing.examples import analysis, document, morning, section
from tests.publishing.hostile import hostile_text

DAILY = load_style(Workspace(shipped()), "daily")


def entry(
    name: str,
    score: int = 80,
    interests: tuple[str, ...] = ("超分辨率",),
    terms: tuple[str, ...] = (),
    facts: tuple[tuple[str, str], ...] = (),
) -> Entry:
    share = 1 / len(interests) if interests else 0
    return Entry(
        ranked=Ranked(
            paper=Paper(id=name.lower(), title=f"Net{name}: a title", abstract=""),
            score=score,
            relevance=0.5,
            reasons=tuple(Reason(interest=interest, share=share, sentence="") for interest in interests),
        ),
        document=document(facts=tuple(Fact(kind=kind, value=value, page=1, quote="q", own=True) for kind, value in facts)),
        terms=terms,
    )


def day(*entries: Entry, past: Before = NOTHING) -> Day:
    return Day([Subject(number, one) for number, one in enumerate(entries, 1)], past)


def names(subjects) -> list[str]:
    return [subject.short.removeprefix("Net") for subject in subjects]


def test_a_paper_far_from_the_reader_is_about_none_of_the_interests():
    found = day(entry("A"), entry("B"), entry("C", score=30))
    assert [(trend.name, names(trend.papers), trend.usual) for trend in found.trends] == [("超分辨率", ["A", "B"], None)]
    assert names(found.rest) == ["C"]
    assert names(pick.paper for pick in found.picks) == ["A", "B"]


def test_where_no_paper_is_close_the_first_is_to_be_read_and_nothing_is_put_down():
    found = day(entry("A", score=30), entry("B", score=20))
    assert (names(pick.paper for pick in found.picks), found.rest, found.trends) == (["A"], [], [])


def test_what_papers_share_is_named_once_for_the_same_papers_and_not_where_all_have_it():
    both = (("dataset", "DIV2K"), ("dataset", "Urban100"), ("dataset", "ImageNet"))
    rest = (("dataset", "ImageNet"),)
    found = day(entry("A", facts=both), entry("B", facts=both), entry("C", facts=rest), entry("D", facts=rest))
    assert [(link.names, names(link.papers)) for link in found.links] == [(("DIV2K", "Urban100"), ["A", "B"])]


def test_a_result_in_which_others_lead_is_no_reason_to_read():
    (ahead,) = day(entry("A", facts=(("result", "FID 8.69 < DDPM 9.09"),))).picks
    (behind,) = day(entry("B", facts=(("result", "FID 9.56 > DDPM 7.84"),))).picks
    assert ahead.result
    assert (ahead.result.rival, ahead.result.best) == ("DDPM", "9.09")
    assert behind.result is None


def test_what_the_weeks_before_did_not_have_is_new():
    old = [dataclasses.replace(morning(), date=dt.date(2026, 2, d), entries=(entry("Old", terms=("扩散模型",)),)) for d in (1, 2)]
    past = before(old)
    assert (past.editions, past.interests, past.named) == (2, {"超分辨率": 1}, frozenset({"扩散模型"}))
    found = day(entry("A", terms=("扩散模型", "流匹配")), entry("B", interests=("流匹配",)), past=past)
    assert [link.names for link in found.fresh] == [("流匹配",)]
    assert [(trend.name, trend.usual) for trend in found.trends] == [("流匹配", 0)]
    assert day(entry("A", terms=("流匹配",)), past=before(old[:1])).fresh == []


def test_the_minute_says_what_the_quick_view_does_not():
    told = section("weak", "潜在缺陷", Claim(text="主张与表格不符", verified=True, basis="tables"))
    results = (("result", "×2 PSNR 35.72 > LMI 35.40"), ("code", "https://github.com/a/b"))
    first = dataclasses.replace(entry("A", facts=results), analysis=analysis("a", told))
    (minute,) = summarise((first, entry("B"), entry("C", score=20)), DAILY, ExtractiveEngine(), language="zh", seed=7)
    assert [claim.text for claim in minute.claims] == [
        "先读 **NetA**：相关度 80，最接近“超分辨率”；×2 PSNR 35.72，最强对手 LMI 35.40；给出了代码链接；主张与表格有出入，见“潜在缺陷”。",
        "再读 **NetB**：相关度 80，最接近“超分辨率”。",
        "接近“超分辨率”的今天 2 篇：NetA、NetB。",
        "给出了代码或项目链接：NetA。",
        "相关度不高，看速览即可：NetC。",
    ]
    assert [claim.papers for claim in minute.claims] == [("a",), ("b",), ("a", "b"), ("a",), ("c",)]
    (english,) = summarise((first, entry("B")), DAILY, ExtractiveEngine(), language="en", seed=7)
    assert english.claims[0].text.startswith(
        "Read first **NetA**: score 80, closest to “超分辨率”; ×2 PSNR 35.72, the strongest other LMI 35.40"
    )


@settings(max_examples=15)
@given(hostile_text)
def test_whatever_a_paper_calls_itself_a_statement_names_papers_of_the_day_alone(text):
    odd = entry(text, interests=(text,), terms=(text,), facts=(("dataset", text), ("result", f"{text} 2.0 > {text} 1.0")))
    entries = (odd, dataclasses.replace(odd, ranked=dataclasses.replace(odd.ranked, paper=dataclasses.replace(odd.ranked.paper, id="b"))))
    (minute,) = summarise(entries, DAILY, ExtractiveEngine(), language="zh", seed=7)
    assert {paper for claim in minute.claims for paper in claim.papers} <= {odd.ranked.paper.id, "b"}
