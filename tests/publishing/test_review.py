"""Reviews and their charts: what is drawn, what it says, and that any name stays text."""

import dataclasses
import datetime as dt
import itertools
import math

import pymupdf
import pytest
from hypothesis import given, settings
from lxml import etree

from digest.publishing.charts import _nice, draw, score_bars, topic_map, topic_rows, week_bars
from digest.publishing.labels import labels_for
from digest.publishing.png import to_png
from digest.publishing.review import Review, name_of, render_review_html, render_review_markdown
from digest.records import Claim, Topic
from tests.publishing.examples import ABSTRACT, FULL, SRNO, morning, section
from tests.publishing.hostile import Page, blocks, hostile_text

ZH = labels_for("zh")
WEEKS = [dt.date(2026, 1, 5) + dt.timedelta(weeks=n) for n in range(7)]
SVG = "{http://www.w3.org/2000/svg}"


def topic(name: str, counts: tuple[int, ...], x: float, y: float, trend: float = 0.0) -> Topic:
    papers = tuple(f"{name}-{n}" for n in range(sum(counts)))
    weeks = {week.isoformat(): n for week, n in zip(WEEKS, counts, strict=True)}
    return Topic(name=name, terms=(*name.split(", "), "diffusion prior", "one step"), papers=papers, weeks=weeks, trend=trend, x=x, y=y)


TOPICS = (
    topic("diffusion model, image generation", (30, 28, 33, 31, 40, 44, 47), 0.2, 0.3, 0.41),
    topic("3d gaussian, splatting", (20, 24, 22, 18, 15, 14, 12), 0.9, 0.8, -0.52),
    topic("super-resolution, restoration", (9, 8, 12, 10, 11, 9, 10), 0.25, 0.36, 0.02),
    topic("vision-language, 视觉语言模型", (2, 3, 6, 8, 11, 17, 20), 0.6, 0.1, 1.3),
)
REVIEW = Review(
    first=dt.date(2026, 2, 16),
    last=dt.date(2026, 2, 22),
    language="zh",
    editions=(("2026-02-16", morning()),),
    entries=(("2026-02-16", FULL), ("2026-02-16", ABSTRACT)),
    liked=(SRNO,),
    named={"dataset": (("DIV2K", 3), ("Set5", 2)), "metric": (), "method": ()},
    topics=TOPICS,
)


def test_a_week_looks_as_reviewed(golden):
    golden("publishing/review.html", render_review_html(REVIEW))
    golden("publishing/review.md", render_review_markdown(REVIEW))


def test_what_a_model_says_of_a_week_leads_to_its_papers_and_names_the_model():
    said = Claim(text="两篇都把采样步数压到 30 步以内。", papers=(FULL.ranked.paper.id, ABSTRACT.ranked.paper.id), verified=True)
    doubted = Claim(text="共 9 篇开源。", papers=(ABSTRACT.ranked.paper.id,), unfound=("9",))
    told = (section("review", "这段时间", said, doubted),)
    review = dataclasses.replace(REVIEW, told=told, model="Qwen3-8B Q4_K_M")
    page = render_review_markdown(review)
    assert "模型 Qwen3-8B Q4_K_M。" in page
    assert "以内。 [1](../2026-02-16/digest.html#arxiv-2411-09911v2) [2](../2026-02-16/digest.html#arxiv-2602-09891v1)" in page
    assert "共 9 篇开源。 <mark>未核实</mark>（文中未找到：9）" in page
    assert 'href="../2026-02-16/digest.html#arxiv-2411-09911v2">1</a>' in render_review_html(review)


def test_a_month_is_named_by_its_own_and_a_week_by_its_number():
    assert name_of(REVIEW) == "review-2026-W08"
    assert name_of(dataclasses.replace(REVIEW, first=dt.date(2026, 2, 1), last=dt.date(2026, 2, 28))) == "review-2026-02"


def test_a_week_without_anything_says_so():
    empty = dataclasses.replace(REVIEW, editions=(), entries=(), liked=(), named={}, topics=())
    assert "这段时间没有日报。" in render_review_markdown(empty)
    assert "<svg" not in render_review_html(empty).split("</header>")[1]


def test_charts_look_as_reviewed(golden):
    golden("publishing/weeks.svg", draw(week_bars(dict(zip(WEEKS, (3, 14, 15, 9, 26, 5, 35), strict=True)), ZH), ZH))
    golden("publishing/scores.svg", draw(score_bars([0, 9, 10, 55, 80, 99, 100], ZH), ZH))
    golden("publishing/topics.svg", draw(topic_rows(TOPICS, ZH), ZH))
    golden("publishing/map.svg", draw(topic_map(TOPICS, ZH), ZH))


def test_every_chart_has_a_title_and_says_its_numbers_in_words():
    root = etree.fromstring(draw(topic_rows(TOPICS, ZH), ZH).encode())
    names = str(root.get("aria-labelledby")).split()
    assert next(root.find(f"{SVG}*[@id='{name}']").text for name in names) == "主题与走势（每周论文数）"
    assert "视觉语言模型 ↑ 67" in root.find(f"{SVG}desc").text
    assert root.get("role") == "img"


def test_no_label_leaves_the_canvas():
    chart = topic_map([topic(f"long name of topic {x} {y}", (9, 0, 0, 0, 0, 0, 0), x, y) for x in (0, 1) for y in (0, 1)], ZH)
    assert len(chart.texts) == 4
    assert all(chart.height - 4 > text.y > 36 and 60 < text.x < 660 for text in chart.texts)


def test_topics_of_one_place_stand_beside_each_other_and_each_is_named_once():
    chart = topic_map([topic(f"topic number {n}", (n, 0, 0, 0, 0, 0, 1), 0.5, 0.5) for n in range(24)], ZH)
    pairs = list(itertools.combinations(chart.dots, 2))
    assert len(pairs) == 276
    assert all(math.hypot(a.x - b.x, a.y - b.y) > 0.9 * (a.radius + b.radius) for a, b in pairs)
    names = [text.text for text in chart.texts if "topic" in text.text]
    assert sorted(name.lstrip("0123456789 ") for name in names) == sorted(f"topic number {n}" for n in range(24))
    numbers = [text.text for text in chart.texts if text.text.isdigit()]
    assert sorted(name.split()[0] for name in names if name[0].isdigit()) == sorted(numbers)


@pytest.mark.parametrize(("most", "end"), [(0, 1), (1, 1), (3, 3), (4, 4), (9, 12), (35, 36), (101, 120), (1234, 1600)])
def test_a_scale_ends_at_a_number_that_four_divides(most, end):
    assert _nice(most) == end


def test_a_chart_becomes_a_picture_with_its_chinese():
    picture = pymupdf.Pixmap(to_png(draw(topic_rows(TOPICS, ZH), ZH)))
    assert picture.width == 1440
    assert len(set(picture.samples[::4999])) > 1


@settings(max_examples=20)
@given(hostile_text)
def test_any_name_stays_text_in_charts_and_reviews(text):
    odd = tuple(dataclasses.replace(item, name=text, terms=(text,)) for item in TOPICS)
    etree.fromstring(draw(topic_rows(odd, ZH), ZH).encode())
    etree.fromstring(draw(topic_map(odd, ZH), ZH).encode())
    review = dataclasses.replace(REVIEW, topics=odd, named={"dataset": ((text, 2),)}, liked=(dataclasses.replace(SRNO, title=text),))
    page = Page(render_review_html(review).removeprefix("<!DOCTYPE html>"))
    assert not set(page.tags) & {"script", "b", "img"}
    expected = [block for block in blocks(render_review_markdown(REVIEW)) if block.startswith("heading")]
    assert [block for block in blocks(render_review_markdown(review)) if block.startswith("heading")] == expected
