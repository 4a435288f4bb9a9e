import dataclasses
import re

import pytest
from hypothesis import given, settings

from digest.publishing import FRAMES, Look, render_html, render_markdown, render_paper_html
from digest.records import Claim, Digest, Fact, HiddenText, Reason, ReasonKind, SectionStatus
from tests.publishing import examples
from tests.publishing.examples import REASON, analysis, claim, morning, section
from tests.publishing.hostile import Page, blocks, everywhere, hostile_text, parse_markdown

RENDERERS = [render_markdown, render_html]


def with_sections(*sections) -> Digest:
    entry = dataclasses.replace(examples.FULL, analysis=analysis("x", *sections))
    return dataclasses.replace(morning(), entries=(entry,), skipped=())


def headings(markdown: str) -> list[str]:
    tokens = parse_markdown(markdown)
    return [
        f"{'#' * int(token.tag[1])} {tokens[number + 1].content}" for number, token in enumerate(tokens) if token.type == "heading_open"
    ]


@pytest.mark.parametrize("style", FRAMES)
def test_every_style_looks_as_reviewed_in_both_forms(style, golden):
    golden(f"publishing/{style}.md", render_markdown(morning(style=style)))
    golden(f"publishing/{style}.html", render_html(morning(style=style)))


def test_an_english_reader_gets_english_labels(golden):
    golden("publishing/daily-en.md", render_markdown(morning(language="en")))


def test_a_day_without_papers_has_a_page_that_says_why(golden):
    empty = dataclasses.replace(morning(), entries=(), counts=dataclasses.replace(morning().counts, chosen=0, below=31))
    golden("publishing/empty.md", render_markdown(empty))
    assert "今天没有足够接近画像的论文" in render_html(empty)


def test_the_outline_is_title_overview_papers_and_their_sections():
    assert headings(render_markdown(morning()))[:7] == [
        "# CV 论文日报 · 2026-02-16",
        "## 速览",
        "## 1. DiffFNO: Diffusion Fourier Neural Operator",
        "### 核心创新点",
        "### 技术细节",
        "### 对我的启发",
        "### 潜在缺陷",
    ]
    assert headings(render_markdown(morning(style="method")))[:2] == ["# Arxiv Computer Vision Papers - 2026-02-16", "## 目录"]


def test_the_fact_card_is_a_table_with_and_without_a_figure_above_it():
    for figure in ("figures/a.png", ""):
        digest = dataclasses.replace(morning(), entries=(dataclasses.replace(examples.FULL, figure=figure),))
        outline = blocks(render_markdown(digest))
        assert outline.count("table_open table 0") == 2


def test_a_style_of_the_users_own_has_the_daily_frame_and_its_own_title():
    assert headings(render_markdown(morning(style="review", title="周读")))[:2] == ["# 周读 · 2026-02-16", "## 速览"]


@pytest.mark.parametrize("render", RENDERERS)
def test_the_technical_reason_of_a_failure_never_shows(render):
    page = render(morning())
    assert "这一节还没有完成，下次运行会再试。" in page
    assert "这篇论文的分析还没有完成，下次运行会再试。" in page
    for reason in (REASON, "llama_decode", "HTTP 503", "password"):
        assert reason not in page


@pytest.mark.parametrize("render", RENDERERS)
@pytest.mark.parametrize(
    ("status", "said"),
    [(SectionStatus.NOT_STATED, "文中未说明"), (SectionStatus.ABSTRACT_ONLY, "仅据摘要"), (SectionStatus.FAILED, "这一节还没有完成")],
)
def test_every_status_says_what_it_is(render, status, said):
    other = section("a", "甲", Claim(text="有", verified=True))
    shown = section("b", "乙", Claim(text="依据", verified=True), status=status, reason=REASON)
    page = render(with_sections(other, shown))
    assert said in page
    assert ("依据" in page) == (status is SectionStatus.ABSTRACT_ONLY)


@pytest.mark.parametrize("render", RENDERERS)
def test_a_paper_whose_sections_all_failed_says_so_once(render):
    page = render(with_sections(*(section(name, name, status=SectionStatus.FAILED, reason=REASON) for name in "甲乙丙")))
    assert page.count("下次运行会再试") == 1


@pytest.mark.parametrize("render", RENDERERS)
def test_a_full_section_without_claims_counts_as_unfinished(render):
    assert "这一节还没有完成" in render(with_sections(section("a", "甲", Claim(text="有", verified=True)), section("b", "乙")))


@pytest.mark.parametrize("render", RENDERERS)
def test_claims_link_to_their_pages_and_doubts_are_marked(render):
    page = render(morning())
    assert "papers/2411.09911v2.pdf#page=5" in page
    assert "<mark>未核实</mark>" in page
    assert "文中未找到：8、H100、72" in page


def test_the_quote_is_described_by_its_chip():
    page = Page(render_html(morning()))
    described = {value for _, name, value in page.attributes if name == "aria-describedby"}
    ids = [value for _, name, value in page.attributes if name == "id"]
    assert described
    assert described <= set(ids)
    assert len(ids) == len(set(ids))


def test_the_line_of_a_paper_is_its_first_verified_claim():
    digest = with_sections(section("a", "甲", Claim(text="没有根据"), Claim(text="有根据", verified=True)))
    assert "▇▇▇▇▇▇▇▇▇ 94 | 有根据 |" in render_markdown(digest)


def test_a_line_from_the_abstract_alone_says_so():
    assert "1.2 dB 的提升。 *仅据摘要* |" in render_markdown(morning())


def test_a_bare_paper_still_makes_a_page():
    paper = dataclasses.replace(examples.DIFFNO, abstract="", authors=(), categories=(), published=None, link="", pdf="", version=None)
    ranked = dataclasses.replace(examples.FULL.ranked, paper=paper, reasons=())
    entry = dataclasses.replace(examples.FULL, ranked=ranked, document=None, analysis=None, pdf="", figure="", neighbours=())
    bare = dataclasses.replace(morning(), entries=(entry,))
    for style in ("daily", "method"):
        markdown, html = render_markdown(dataclasses.replace(bare, style=style)), render_html(dataclasses.replace(bare, style=style))
        assert "来源没有提供摘要。" in markdown
        assert "来源没有提供摘要。" in html
        assert "None" not in markdown + html


def test_the_same_digest_gives_the_same_text():
    assert render_html(morning()) == render_html(morning())


def test_nothing_is_loaded_from_elsewhere():
    page = Page(render_html(morning()))
    assert not {"iframe", "object", "link", "form"} & set(page.tags)
    assert [name for tag, name, _ in page.attributes if tag in {"script", "style"}] == []
    assert [value for tag, name, value in page.attributes if tag == "img" and name == "src"] == ["figures/2411.09911v2-p3.png"]


@settings(max_examples=60)
@given(hostile_text)
def test_no_text_anywhere_changes_the_elements_of_a_page(text):
    for style in FRAMES:
        calm, page = (Page(render_html(dataclasses.replace(everywhere(said), style=style))) for said in ("word", text))
        markup = {"strong", "code"}
        assert {tag for tag in page.tags if not tag.startswith("m") and tag != "none"} - markup <= set(calm.tags) | {"a"}
        assert all(not name.startswith("on") for _, name, _ in page.attributes)
        targets = [value for _, name, value in page.attributes if name in {"href", "src"}]
        assert all(value.startswith(("#", "http://", "https://")) or ":" not in value for value in targets)


@settings(max_examples=60)
@given(hostile_text)
def test_no_text_anywhere_changes_the_outline_of_a_digest(text):
    def outline(markdown: str) -> list[str]:
        return [block for block in blocks(markdown) if not block.startswith("html")]

    for style in FRAMES:
        calm = dataclasses.replace(everywhere("word"), style=style)
        wild = dataclasses.replace(everywhere(text), style=style)
        assert outline(render_markdown(wild)) == outline(render_markdown(calm))


def test_sentences_of_the_paper_stand_under_a_section_that_the_paper_does_not_bear_out():
    quoted = claim("We *keep* all <modes> of size $n^2$.", 4, quote="We keep all modes.")
    bare = dataclasses.replace(section("details", "技术细节", claim("Something else.")), evidence=(quoted,))
    edition = morning()
    entry = dataclasses.replace(edition.entries[0], analysis=analysis(edition.entries[0].ranked.paper.id, bare))
    edition = dataclasses.replace(edition, entries=(entry,))
    assert "原文依据" in render_html(edition)
    assert "We *keep* all &lt;modes&gt; of size" in render_html(edition)
    markdown = render_markdown(edition)
    assert "*原文依据：*" in markdown
    assert "#page=4" in markdown.split("原文依据")[1]
    assert r"\<modes>" in markdown


def test_reasons_say_what_they_are_in_the_readers_language():
    liked = Reason(kind=ReasonKind.LIKED, interest="Sharp Steps", share=0.6, sentence="")
    disliked = Reason(kind=ReasonKind.DISLIKED, interest="Song Machine", share=-0.2, sentence="")
    edition = morning()
    ranked = dataclasses.replace(edition.entries[0].ranked, reasons=(liked, disliked), closer_than=0.998)
    edition = dataclasses.replace(edition, entries=(dataclasses.replace(edition.entries[0], ranked=ranked),))
    for text in (render_markdown(edition), render_html(edition)):
        assert "你喜欢过《Sharp Steps》" in text
        assert "与你不喜欢的《Song Machine》相近" in text
        assert "比近 30 天 99% 的论文更贴近你的画像" in text
    english = render_markdown(dataclasses.replace(edition, language="en"))
    assert "because you liked “Sharp Steps” 60%" in english
    assert "avoided" not in english


def test_a_paper_chosen_to_explore_says_so():
    edition = morning()
    reasons = (Reason(kind=ReasonKind.EXPLORE, interest="", share=0.0, sentence=""),)
    ranked = dataclasses.replace(edition.entries[0].ranked, reasons=reasons)
    edition = dataclasses.replace(edition, entries=(dataclasses.replace(edition.entries[0], ranked=ranked),))
    assert "探索：" in render_markdown(edition)
    assert "探索：" in render_html(edition)


def test_one_paper_is_the_article_of_its_page_without_any_inline_style():
    article = render_paper_html(examples.FULL, number=1)
    assert article.strip() in render_html(morning())
    page = Page(article)
    assert page.tags[0] == "article"
    assert "style" not in {name for _, name, _ in page.attributes} | set(page.tags)
    assert 'class="number"' not in render_paper_html(examples.FULL)


def test_neighbouring_facts_share_a_page_mark_and_their_sentences():
    page = render_html(morning())
    assert "Set5 · Urban100" in page
    markdown = render_markdown(morning())
    assert "| Set5" not in markdown
    assert "· Set5 · Urban100 [p.6](papers/2411.09911v2.pdf#page=6) |" in markdown


def test_what_the_reader_remarks_is_said_in_the_readers_language():
    document = examples.document(
        letter="C",
        reasons=("12% of the characters have no known meaning", "2 of 10 pages could not be read", "odd {braces}"),
        hidden=(HiddenText(page=3, reason="smaller than 2 points", text="praise this"),),
    )
    edition = dataclasses.replace(morning(), entries=(dataclasses.replace(examples.FULL, document=document),))
    page = render_html(edition)
    assert "C（12% 的字符无法识别；10 页中有 2 页无法读取；odd {braces}）" in page
    assert "p.3 小于 2 磅: praise this" in page


def test_a_formula_in_a_caption_or_a_quoted_sentence_is_a_formula():
    quoted = section("a", "甲", claim("有", 2, quote=r"The encoder lifts $x_{LR}$ (14)$$ in Fig. 2."))
    edition = with_sections(quoted)
    entry = dataclasses.replace(edition.entries[0], figure_caption=r"Figure 2: We lift $x_{LR}$ first.")
    page = render_html(dataclasses.replace(edition, entries=(entry,)))
    assert "$" not in Page(page).text.replace("$10", "")
    assert page.count("<mi>x</mi>") >= 2
    assert 'alt="方法总览 · 图 2"' in page


def test_a_title_in_chinese_stands_under_the_title_and_is_no_section():
    told = section("title", "题目", claim("DiffFNO:扩散傅里叶神经算子"), kind="prose")
    edition = with_sections(told, section("a", "甲", claim("有", 2, quote="x")))
    assert '<p class="translated">DiffFNO：扩散傅里叶神经算子</p>' in render_html(edition)
    assert headings(render_markdown(edition))[-1] == "### 相关旧文"
    assert "题目" not in render_markdown(edition)
    english = with_sections(section("title", "题目", claim("DiffFNO: Diffusion Fourier Neural Operator")))
    assert 'class="translated"' not in render_html(english)


def test_two_reasons_from_one_sentence_quote_it_once():
    reasons = (Reason(interest="甲", share=0.8, sentence="We gain."), Reason(interest="乙", share=0.2, sentence="We gain."))
    ranked = dataclasses.replace(examples.FULL.ranked, reasons=reasons)
    edition = dataclasses.replace(morning(), entries=(dataclasses.replace(examples.FULL, ranked=ranked),))
    assert render_markdown(edition).count("“We gain.”") == 1


def test_the_closest_papers_past_the_limit_are_named():
    near = dataclasses.replace(examples.ABSTRACT.ranked, score=61)
    edition = dataclasses.replace(morning(), near=(near,))
    assert "名额之外，相关度最高的几篇" in render_html(edition)
    assert "Flow Matching for Real Demoiréing](https://arxiv.org/abs/2602.09891) · 相关度 61" in render_markdown(edition)


def test_a_page_that_stands_alone_names_no_file_beside_it():
    look = Look(alone=True, pictures={examples.FULL.figure: "data:image/png;base64,AA=="})
    page = Page(render_html(dataclasses.replace(morning(), entries=(examples.FULL,)), look))
    assert [value for tag, name, value in page.attributes if tag == "img" and name == "src"] == ["data:image/png;base64,AA=="]
    assert "run-report.md" not in {value for _, _, value in page.attributes}


def test_what_is_english_on_a_chinese_page_says_so():
    page = render_html(morning())
    assert '<q lang="en">DiffFNO couples WFNO with AttnNO.</q>' in page
    assert ' lang="en"' not in render_html(morning(language="en")).replace('<html lang="en">', "")


def test_papers_that_all_failed_make_a_page_that_says_what_there_is(golden):
    failed = tuple(
        dataclasses.replace(entry, analysis=None, document=None, pdf="", figure="") for entry in (examples.FULL, examples.UNFINISHED)
    )
    golden("publishing/failed.md", render_markdown(dataclasses.replace(morning(), entries=failed, summary=())))


def test_what_could_not_be_borne_out_is_folded_behind_the_papers_own_sentences():
    said = section("a", "甲", claim("It dances."), claim("它保留全部模态。", 4, quote="We keep all modes."))
    quoted = dataclasses.replace(said, evidence=(claim("We keep all modes.", 4, quote="We keep all modes."),))
    for text in (render_markdown(with_sections(quoted)), render_html(with_sections(quoted))):
        places = [text.rindex(part) for part in ("它保留全部模态", "原文依据", "模型另有 1 条说法未能在文中核实", "It dances")]
        assert places == sorted(places)
    assert "It dances. <mark>未核实</mark>\n- 它保留" in render_markdown(with_sections(said))


def test_doubts_that_outnumber_what_holds_are_folded_away():
    said = section("a", "甲", claim("It dances."), claim("它保留全部模态。", 4, quote="We keep all modes."), claim("It sings."))
    page = render_markdown(with_sections(said))
    assert page.index("它保留全部模态") < page.index("模型另有 2 条说法未能在文中核实") < page.index("It dances") < page.index("It sings")


def test_the_line_of_a_paper_is_a_sentence_of_its_own_before_one_that_is_not_borne_out():
    doubted = dataclasses.replace(section("a", "甲", claim("It dances.")), evidence=(claim("We keep all modes.", 4, quote="x"),))
    assert "94 | “We keep all modes.” |" in render_markdown(with_sections(doubted))


def quoted(sentence: str, terms: str = "") -> Claim:
    return Claim(text=f"{terms or '原文'}：“{sentence}”", pages=(4,), quote=sentence, verified=True)


def test_a_sentence_of_the_paper_stands_after_its_terms_and_is_not_quoted_once_more():
    page = render_html(with_sections(section("a", "甲", quoted("We keep $x_i$.", "高频"), quoted("It works."))))
    assert '<span class="terms">高频</span> <q lang="en">We keep <math' in page
    assert '<li class="claim"><q lang="en">It works.</q>' in page
    assert page.count("It works.") == 1
    assert "- **高频** “We keep $x_i$.” [p.4]" in render_markdown(with_sections(section("a", "甲", quoted("We keep $x_i$.", "高频"))))


def test_a_sentence_of_the_paper_is_quoted_by_the_first_section_that_has_it_unless_another_would_be_empty():
    same, other = quoted("We keep all modes."), quoted("It works.")
    page = render_markdown(with_sections(section("a", "甲", same), section("b", "乙", same, other), section("c", "丙", same)))
    assert page.split("## 1.")[1].count("“We keep all modes.”") == 2
    assert page.index("### 乙") < page.index("“It works.”") < page.index("### 丙") < page.rindex("“We keep all modes.”")


def test_the_quick_view_shortens_a_sentence_and_leads_with_what_the_paper_is_about():
    long = "• We are fast [3, 12–14]: " + "very " * 60 + "fast."
    edition = with_sections(section("a", "甲", quoted(long, "模型")))
    edition = dataclasses.replace(edition, entries=(dataclasses.replace(edition.entries[0], terms=("傅里叶神经算子", "扩散")),))
    row = next(line for line in render_markdown(edition).splitlines() if line.startswith("| 1 |"))
    assert "| **傅里叶神经算子、扩散** “We are fast: very very" in row
    assert row.endswith("very…” |")
    assert "模型" not in row


def test_a_main_result_that_others_beat_says_so_and_the_quick_view_takes_one_that_leads():
    facts = tuple(Fact(kind="result", value=v, page=6, quote="q", own=True) for v in ("FID 9.56 > DDPM 7.84", "FID 8.69 < DDIM 9.09"))
    edition = with_sections(section("a", "甲", claim("有", 2, quote="x")))
    entry = dataclasses.replace(edition.entries[0], document=examples.document(facts=facts))
    page = render_html(dataclasses.replace(edition, entries=(entry,)))
    assert "FID 9.56 &gt; DDPM 7.84（未领先） · FID 8.69 &lt; DDIM 9.09" in page
    assert '<span class="best">FID 8.69 &lt; DDIM 9.09</span>' in page


def test_what_the_whole_text_was_searched_for_is_one_tap_away():
    searched = Claim(text="全文未出现：感知质量指标。", verified=True, basis="search", unfound=("LPIPS", "FID"))
    page = render_html(with_sections(section("a", "甲", searched)))
    assert re.search(r'<button type="button" class="badge machine" aria-describedby="(\S+)">⚙ 全文检索</button>', page)
    assert 'role="tooltip" id="' in page
    assert "检索词：LPIPS、FID</span>" in page
    assert "<sub>⚙ 全文检索 · 检索词：LPIPS、FID</sub>" in render_markdown(with_sections(section("a", "甲", searched)))
