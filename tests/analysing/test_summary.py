"""A day of three papers summed up: by a model, held against them, and without one."""

import pytest

from digest.analysing import load_style
from digest.analysing.day import Subject
from digest.analysing.extractive import ExtractiveEngine
from digest.analysing.reply import Statement
from digest.analysing.summary import check, summarise
from digest.records import AnalysisSection, Claim, Entry, Paper, Ranked, Reason, SectionStatus
from digest.workspace import Workspace, shipped
from tests.engines import ScriptedEngine
from tests.publishing.examples import analysis

PAPERS = (
    (
        "2601.1",
        "Sharp Steps: Fast Super-Resolution",
        "Sharp Steps 用时间网络学习 12 个采样步，在 DIV2K 上达到 30.88 dB。",
        ("超分辨率", "扩散模型"),
    ),
    ("2601.2", "DeblurFlow: Flow Matching for Deblurring", "DeblurFlow 用流匹配去模糊，单张图像耗时 40 ms。", ("流匹配",)),
    ("2601.3", "GateMix: Restoration by Gating", "GateMix 用门控扩散模型做图像复原。", ("扩散模型",)),
)


def entry(paper: str, title: str, claim: str, interests: tuple[str, ...]) -> Entry:
    ranked = Ranked(
        paper=Paper(id=paper, title=title, abstract=""),
        score=80,
        relevance=0.5,
        reasons=tuple(Reason(interest=name, share=0.5, sentence="") for name in interests),
    )
    section = AnalysisSection(
        id="contribution", title="核心创新点", status=SectionStatus.OK, claims=(Claim(text=claim, pages=(1,), quote="q", verified=True),)
    )
    return Entry(ranked=ranked, analysis=analysis(paper, section))


DAY = tuple(entry(*paper) for paper in PAPERS)
SUBJECTS = [Subject(number, one) for number, one in enumerate(DAY, 1)]


def style(name: str):
    return load_style(Workspace(shipped()), name)


def test_a_model_writes_the_summary_and_every_statement_names_its_papers():
    said = {"*": ["- 扩散模型（Diffusion Model）用于图像复原与超分辨率 [p1][p3]。"], "reading": ["- Sharp Steps 只用 12 个采样步 [p1]。"]}
    sections = summarise(DAY, style("method"), ScriptedEngine(said), language="zh", seed=7)
    assert [section.title for section in sections] == ["主要趋势", "亮点与创新", "新兴方向", "建议阅读全文"]
    assert [claim.papers for claim in sections[3].claims] == [("2601.1",)]
    assert all(claim.verified and not claim.basis for section in sections for claim in section.claims[:1])


@pytest.mark.parametrize(
    ("text", "cited", "unfound"),
    [
        ("Sharp Steps 在 DIV2K 上达到 31.88 dB。", ("p1",), ("31.88 dB",)),
        ("DeblurFlow 在 DIV2K 上达到 30.88 dB。", ("p2",), ("30.88 dB", "DIV2K")),
        ("SwinIR 用扩散模型做图像复原。", ("p3",), ("SwinIR",)),
        ("大语言模型推理成为热点。", ("p2",), ()),
        ("多篇论文关注推理成本。", (), ()),
    ],
)
def test_what_the_named_papers_do_not_hold_is_marked(text, cited, unfound):
    claim = check(Statement(text, cited), SUBJECTS)
    assert not claim.verified
    assert claim.unfound == unfound


def test_a_statement_without_marks_is_given_the_paper_whose_name_it_holds():
    claim = check(Statement("DeblurFlow 用流匹配去模糊，耗时 40 ms。"), SUBJECTS)
    assert (claim.papers, claim.verified) == (("2601.2",), True)


@pytest.mark.parametrize(
    "reply", ["请提供论文内容。", "None", "This is English only and says nothing of the day.", "- 大语言模型推理成为热点 [p9]。"]
)
def test_an_answer_that_cannot_be_used_is_replaced_by_what_the_program_draws_up(reply):
    engine = ScriptedEngine({"*": [reply]})
    (section,) = summarise(DAY, style("daily"), engine, language="zh", seed=7)
    assert {claim.basis for claim in section.claims} == {"drawn"}


@pytest.mark.parametrize("engine", [ExtractiveEngine(), ScriptedEngine({"*": ["x"]}, languages=("en",))])
def test_without_a_fit_model_the_program_draws_it_up(engine):
    sections = {section.id: section for section in summarise(DAY, style("method"), engine, language="zh", seed=7)}
    (trend,) = sections["trends"].claims
    assert trend.text == "接近“扩散模型”的今天 2 篇：Sharp Steps、GateMix。"
    assert trend.papers == ("2601.1", "2601.3")
    assert sections["highlights"].claims[0].text == f"**Sharp Steps**：{PAPERS[0][2]}"
    assert [claim.papers for claim in sections["reading"].claims] == [("2601.1",), ("2601.2",), ("2601.3",)]


def test_a_context_too_small_for_the_findings_holds_fewer_of_them_and_then_none():
    said = {"*": ["- 扩散模型用于图像复原与超分辨率 [p1][p3]。"]}
    for context_tokens in (200, 380, 420, 8192):
        engine = ScriptedEngine(said, context_tokens=context_tokens)
        (section,) = summarise(DAY, style("daily"), engine, language="zh", seed=7)
        assert section.claims
        assert not engine.asked or engine.count(engine.asked[0][1]) <= engine.room(engine.asked[0][0], [engine.asked[0][2]])


def test_a_day_without_papers_has_no_summary():
    assert summarise((), style("method"), ExtractiveEngine(), language="zh", seed=7) == ()
