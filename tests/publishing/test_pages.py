import dataclasses

import pytest
from hypothesis import given, settings

from digest.publishing import render_html, render_markdown, render_paper_html
from digest.records import Claim, Digest, HiddenText, Reason, ReasonKind, SectionStatus
from tests.publishing import examples
from tests.publishing.examples import REASON, analysis, claim, morning, section
from tests.publishing.hostile import Page, blocks, hostile_text, parse_markdown

RENDERERS = [render_markdown, render_html]


def with_sections(*sections) -> Digest:
    entry = dataclasses.replace(examples.FULL, analysis=analysis("x", *sections))
    return dataclasses.replace(morning(), entries=(entry,), skipped=())


def headings(markdown: str) -> list[str]:
    tokens = parse_markdown(markdown)
    return [
        f"{'#' * int(token.tag[1])} {tokens[number + 1].content}" for number, token in enumerate(tokens) if token.type == "heading_open"
    ]


@pytest.mark.parametrize("style", ["daily", "method"])
def test_both_styles_look_as_reviewed_in_both_forms(style, golden):
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


def _with_text_everywhere(text: str) -> Digest:
    """The full entry with *text* in every field that others write."""
    full = examples.FULL
    claims = (Claim(text=text + "x", pages=(1,), quote=text, unfound=(text,)),)
    paper = dataclasses.replace(
        full.ranked.paper,
        id=text,
        title=text + "x",
        abstract=text + "x",
        authors=(text + "x",) * 9,
        categories=(text + "x",),
        link=text,
        pdf=text,
    )
    document = examples.document(
        facts=(dataclasses.replace(full.document.facts[0], kind=text, value=text + "x", quote=text),) if full.document else (),
        hidden=(HiddenText(page=1, reason=text, text=text),),
        reasons=(text,),
    )
    entry = dataclasses.replace(
        full,
        ranked=dataclasses.replace(full.ranked, paper=paper, reasons=(Reason(interest=text, share=0.5, sentence=text + "x"),)),
        document=document,
        analysis=analysis(text, section("a", text + "x", *claims), section("b", "b", *claims, kind="prose")),
        pdf=text + "x",
        figure=text + "x",
        figure_caption=text + "x",
        neighbours=(paper,),
    )
    return dataclasses.replace(morning(), entries=(entry,), notices=(text + "x",), model=text)


@settings(max_examples=60)
@given(hostile_text)
def test_no_text_anywhere_changes_the_elements_of_a_page(text):
    calm, page = Page(render_html(_with_text_everywhere("word"))), Page(render_html(_with_text_everywhere(text)))
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

    for style in ("daily", "method"):
        calm = dataclasses.replace(_with_text_everywhere("word"), style=style)
        wild = dataclasses.replace(_with_text_everywhere(text), style=style)
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
