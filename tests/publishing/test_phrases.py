import dataclasses
import datetime as dt

import pytest

from digest.publishing import phrases
from digest.publishing.labels import labels_for, load
from digest.records import Claim, Counts, Coverage, Paper

ZH, EN = load("zh"), load("en")


def paper(name):
    return Paper(id=name, title="FNO: Sharp, and $x$ Fast", abstract="", published=dt.date(2026, 1, 1))


def test_the_bar_has_a_block_for_ten_points():
    assert [phrases.score_bar(score) for score in (0, 1, 44, 94, 100, 130)] == ["", "▇", "▇" * 4, "▇" * 9, "▇" * 10, "▇" * 10]


def test_a_short_list_of_authors_is_whole_and_a_long_one_folded():
    assert phrases.fold_authors(["Ana Mu\\~noz", "李雷"], ZH) == "Ana Muñoz, 李雷"
    assert phrases.fold_authors(["韩梅梅", "李雷"], EN) == "韩梅梅、李雷"
    assert phrases.fold_authors([f"A{n}" for n in range(574)], ZH) == "A0, A1, A2 等 574 人"
    assert phrases.fold_authors([f"A{n}" for n in range(574)], EN) == "A0, A1, A2 and others (574 in all)"


def test_anchors_come_from_ids_and_never_repeat():
    names = ["2601.20742", "2601.20742", "local:Diff FNO", "文", "file:" + "a" * 64]
    found = phrases.anchors(map(paper, names))
    assert found == [
        "arxiv-2601-20742",
        "arxiv-2601-20742-2",
        "local-diff-fno",
        "paper",
        "fno-sharp-and-x-fast",
    ]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//a.b", "/etc/passwd", "http://", "http://[", ""])
def test_only_web_addresses_are_linked(url):
    assert phrases.web_link(url) == ""


def test_a_quote_in_an_address_cannot_leave_its_attribute():
    assert phrases.web_link('https://a.b/"onclick="x') == "https://a.b/%22onclick=%22x"


def test_a_line_end_within_a_printed_address_is_no_part_of_it():
    assert phrases.web_link("https://github.com/ ada/gutters") == "https://github.com/ada/gutters"


def test_a_file_name_cannot_become_a_scheme():
    assert phrases.file_link("javascript:x y.pdf") == "javascript%3Ax%20y.pdf"


def test_coverage_is_rounded_down():
    assert phrases.coverage_line(Coverage(read_tokens=9999, total_tokens=10000), ZH) == "99%（9,999 / 10,000 词元）"
    assert phrases.coverage_line(Coverage(read_tokens=0, total_tokens=10000), ZH) == "未读正文，仅据摘要"


def test_times_are_told_in_two_units():
    assert [phrases.duration(seconds, ZH) for seconds in (9.6, 700, 7260)] == ["10 秒", "11 分 40 秒", "2 小时 1 分"]


def test_an_unverified_claim_names_what_was_not_found():
    assert phrases.missing_line(Claim(text="x", unfound=("12.5", "FooNet")), ZH) == "文中未找到：12.5、FooNet"
    assert phrases.missing_line(Claim(text="x", verified=True, unfound=("12.5",)), ZH) == ""


def test_the_front_accounts_for_every_paper():
    counts = Counts(scanned=37, delivered_before=4, below=27, beyond=2, chosen=3, by_source={"arxiv": 22, "hf": 15})
    assert (
        phrases.scan_line(counts, ZH)
        == "扫描 37 篇（arXiv 22 · HF Daily 15），精选 3 篇；已推送过 4 篇、相关度不足 27 篇、名额之外 2 篇、未归类 1 篇未列出。"
    )
    assert phrases.scan_line(Counts(scanned=2, chosen=2), EN) == "2 scanned, 2 chosen."


MONDAY = dt.date(2026, 2, 16)


@pytest.mark.parametrize(
    ("counts", "why"),
    [
        (Counts(), "今天没有新论文：各来源都没有返回论文。"),
        (Counts(fetched=3, withdrawn=2, unreadable=1), "今天没有可读的新论文：取得 3 篇，其中已撤稿 2、PDF 无法阅读 1。"),
        (Counts(scanned=5, delivered_before=5), "今天没有新论文：扫描到的 5 篇以前都推送过。"),
        (Counts(scanned=5, delivered_before=1, below=4), "今天没有足够接近画像的论文：已推送过 1 篇、相关度不足 4 篇。"),
        (Counts(scanned=5, below=4, chosen=1), "精选的 1 篇还没有处理完，下次运行会接着做。"),
    ],
)
def test_an_empty_digest_says_why(counts, why):
    assert phrases.nothing_new(counts, MONDAY, ZH, shown=0) == why


def test_a_weekend_is_told_as_such():
    assert phrases.nothing_new(Counts(), MONDAY - dt.timedelta(days=1), ZH, shown=0) == "今天没有新论文：周末 arXiv 与 HF Daily 不发布。"


def test_a_digest_of_papers_seen_before_says_so_and_one_with_news_says_nothing():
    seen = Counts(fetched=4, scanned=4, known=4, chosen=1, beyond=3)
    assert phrases.nothing_new(seen, MONDAY, ZH, shown=1) == "今天没有新论文：取得的 4 篇以前都见过。"
    assert phrases.nothing_new(dataclasses.replace(seen, new=1, known=3), MONDAY, ZH, shown=1) == ""


def test_an_unknown_language_is_served_in_chinese():
    assert [labels_for(language) for language in ("zh", "en-GB", "de")] == [ZH, EN, ZH]
