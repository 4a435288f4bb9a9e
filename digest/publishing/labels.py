"""Every word a digest says of itself, in each language a reader can choose.

A label with braces is filled by ``str.format``. This module does not know records or templates.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """The labels of one language; a missing one is a type error, not an empty spot on a page."""

    lang: str  # BCP 47 tag of the page
    listing: str  # between the items of a list within a sentence
    comma: str  # between the parts of a clause
    clause: str  # between the clauses of a sentence
    stop: str  # after a sentence
    aside: str  # a remark in brackets, {}
    # the front
    daily: str
    method: str
    overview: str
    contents: str
    details: str
    skip_link: str
    scanned: str
    chosen: str
    delivered_before: str
    below: str
    beyond: str
    unplaced: str
    not_listed: str
    sources: dict[str, str]
    made_with: str
    took: str
    hours: str
    minutes: str
    seconds: str
    # a page without papers
    nothing_scanned: str
    nothing_weekend: str
    nothing_usable: str
    nothing_unseen: str
    nothing_new: str
    nothing_close: str
    nothing_shown: str
    nothing_hint: str
    # the quick view
    number: str
    paper: str
    score: str
    one_line: str
    no_line: str
    # one paper
    authors: str
    and_others: str
    published: str
    categories: str
    links: str
    page_link: str
    abstract: str
    no_abstract: str
    why: str
    avoided: str
    disliked: str
    reason_kinds: dict[str, str]  # what a reason of each kind but an interest is called, {}
    closer_than: str
    explore: str
    coverage: str
    coverage_value: str
    coverage_none: str
    grade: str
    no_hidden: str
    hidden: str
    hidden_page: str
    figure: str
    facts: str
    fact_kinds: dict[str, str]
    more_facts: str
    no_code: str
    neighbours: str
    no_analysis: str
    # sections and claims
    not_stated: str
    abstract_only: str
    failed: str
    unverified: str
    not_found: str
    by_tables: str
    by_search: str
    by_program: str
    summary: str
    quote: str
    evidence: str
    # the foot of a paper
    claims: str
    claims_verified: str
    claims_unverified: str
    model: str
    prompts: str
    seed: str
    reader: str
    tokens: str
    # the foot of a page
    to_retry: str
    # the run report
    report: str
    counts: str
    step: str
    step_chosen: str
    step_delivered: str
    step_below: str
    step_beyond: str
    step_unplaced: str
    fetched: str
    step_new: str
    step_known: str
    step_repeated: str
    step_withdrawn: str
    step_unreadable: str
    repeated: str
    papers: str
    total: str
    by_source: str
    source: str
    in_digest: str
    body_read: str
    section_states: str
    skipped_retry: str
    skipped_final: str
    nothing_skipped: str
    stages: dict[str, str]
    state_ok: str
    state_failed: str


ZH = Labels(
    lang="zh-CN",
    listing="、",
    comma="，",
    clause="；",
    stop="。",
    aside="（{}）",
    daily="CV 论文日报",
    method="Arxiv Computer Vision Papers",
    overview="速览",
    contents="目录",
    details="运行明细",
    skip_link="跳到正文",
    scanned="扫描 {n} 篇",
    chosen="精选 {n} 篇",
    delivered_before="已推送过 {n} 篇",
    below="相关度不足 {n} 篇",
    beyond="名额之外 {n} 篇",
    unplaced="未归类 {n} 篇",
    not_listed="{parts}未列出",
    sources={"arxiv": "arXiv", "hf": "HF Daily", "folder": "文件夹", "samples": "示例论文", "ids": "指定论文"},
    made_with="模型 {model}",
    took="用时 {time}",
    hours="{h} 小时 {m} 分",
    minutes="{m} 分 {s} 秒",
    seconds="{s} 秒",
    nothing_scanned="今天没有新论文：各来源都没有返回论文。",
    nothing_weekend="今天没有新论文：周末 arXiv 与 HF Daily 不发布。",
    nothing_usable="今天没有可读的新论文：取得 {n} 篇，其中{parts}。",
    nothing_unseen="今天没有新论文：取得的 {n} 篇以前都见过。",
    nothing_new="今天没有新论文：扫描到的 {n} 篇以前都推送过。",
    nothing_close="今天没有足够接近画像的论文：{parts}。",
    nothing_shown="精选的 {n} 篇还没有处理完，下次运行会接着做。",
    nothing_hint="想看到更多，可修改 profile.toml 里的兴趣画像，或调低 digest.toml 里的 threshold。",
    number="序",
    paper="论文",
    score="相关度",
    one_line="一句话",
    no_line="—",
    authors="作者",
    and_others="{shown} 等 {n} 人",
    published="发布",
    categories="分类",
    links="链接",
    page_link="网页",
    abstract="摘要",
    no_abstract="来源没有提供摘要。",
    why="为什么推荐",
    avoided="不想看的主题，拉低了相关度",
    disliked="拉低了相关度",
    reason_kinds={
        "liked": "你喜欢过《{}》",
        "disliked": "与你不喜欢的《{}》相近",
        "author": "关注的作者 {}",
        "group": "关注的团队 {}",
        "category": "关注的分类 {}",
        "recent": "新近发布（{}）",
        "upvotes": "{} 个赞",
    },
    closer_than="比近 30 天 {share}% 的论文更贴近你的画像",
    explore="探索：与往日精选不同的一篇，供开阔视野",
    coverage="正文读取",
    coverage_value="{share}%（{read} / {total} 词元）",
    coverage_none="未读正文，仅据摘要",
    grade="提取质量",
    no_hidden="未发现隐藏文字",
    hidden="发现 {n} 处隐藏文字（{pages}），没有交给模型",
    hidden_page="第 {page} 页",
    figure="方法总览",
    facts="事实卡片",
    fact_kinds={"method": "方法", "dataset": "数据", "metric": "指标", "code": "代码", "compute": "算力", "parameters": "参数"},
    more_facts="等 {n} 项",
    no_code="正文中没有找到代码链接",
    neighbours="相关旧文",
    no_analysis="这篇论文的分析还没有完成，下次运行会再试。",
    not_stated="文中未说明",
    abstract_only="仅据摘要",
    failed="这一节还没有完成，下次运行会再试。",
    unverified="未核实",
    not_found="文中未找到：{terms}",
    by_tables="⚙ 由表格算出",
    by_search="⚙ 全文检索",
    by_program="⚙ 由程序汇总",
    summary="执行摘要",
    quote="原文",
    evidence="原文依据",
    claims="{n} 条陈述：{parts}",
    claims_verified="{n} 条已核对原文",
    claims_unverified="{n} 条未核实",
    model="模型",
    prompts="提示词",
    seed="种子",
    reader="读取器",
    tokens="输入 {prompt} + 输出 {output} 词元",
    to_retry="另有 {n} 篇论文这次没有处理完，下次运行会接着做。",
    report="运行报告",
    counts="数目",
    step="去向",
    step_chosen="精选",
    step_delivered="以前推送过",
    step_below="相关度不足",
    step_beyond="名额之外",
    step_unplaced="未归类",
    fetched="取得",
    step_new="首次见到",
    step_known="以前见过",
    step_repeated="同一论文重复",
    step_withdrawn="已撤稿",
    step_unreadable="PDF 无法阅读",
    repeated="来源之间重复",
    papers="篇数",
    total="合计",
    by_source="来源",
    source="来源",
    in_digest="本期论文",
    body_read="正文读取",
    section_states="各节状态",
    skipped_retry="没有完成，下次再试",
    skipped_final="跳过，不再重试",
    nothing_skipped="没有。",
    stages={"fetch": "获取", "rank": "排序", "download": "下载", "read": "阅读", "analyse": "分析"},
    state_ok="完成",
    state_failed="未完成",
)

EN = Labels(
    lang="en",
    listing=", ",
    comma=", ",
    clause="; ",
    stop=".",
    aside=" ({})",
    daily="CV Paper Daily",
    method="Arxiv Computer Vision Papers",
    overview="Quick view",
    contents="Contents",
    details="run report",
    skip_link="Skip to the papers",
    scanned="{n} scanned",
    chosen="{n} chosen",
    delivered_before="{n} delivered before",
    below="{n} not close enough",
    beyond="{n} past the limit",
    unplaced="{n} unaccounted for",
    not_listed="not listed: {parts}",
    sources={"arxiv": "arXiv", "hf": "HF Daily", "folder": "folder", "samples": "sample papers", "ids": "named papers"},
    made_with="Model {model}",
    took="took {time}",
    hours="{h} h {m} min",
    minutes="{m} min {s} s",
    seconds="{s} s",
    nothing_scanned="No new papers today: no source returned any.",
    nothing_weekend="No new papers today: arXiv and HF Daily publish nothing at the weekend.",
    nothing_usable="No new paper can be read today: {n} fetched, of which {parts}.",
    nothing_unseen="No new papers today: all {n} fetched were seen before.",
    nothing_new="No new papers today: all {n} scanned were delivered before.",
    nothing_close="No paper came close enough to the profile today: {parts}.",
    nothing_shown="The {n} chosen papers are not finished yet; the next run goes on with them.",
    nothing_hint="To see more, widen the interests in profile.toml or lower threshold in digest.toml.",
    number="No.",
    paper="Paper",
    score="Relevance",
    one_line="In one line",
    no_line="—",
    authors="Authors",
    and_others="{shown} and others ({n} in all)",
    published="Published",
    categories="Categories",
    links="Links",
    page_link="Page",
    abstract="Abstract",
    no_abstract="The source gave no abstract.",
    why="Why this paper",
    avoided="an avoided topic that held it back",
    disliked="which held it back",
    reason_kinds={
        "liked": "because you liked “{}”",
        "disliked": "like “{}”, which you disliked",
        "author": "by {}",
        "group": "from {}",
        "category": "in {}",
        "recent": "new ({})",
        "upvotes": "{} upvotes",
    },
    closer_than="closer to your profile than {share}% of the papers of the last 30 days",
    explore="To explore: unlike the other picks, to widen the view",
    coverage="Body read",
    coverage_value="{share}% ({read} / {total} tokens)",
    coverage_none="body not read, abstract only",
    grade="Extraction grade",
    no_hidden="no hidden text found",
    hidden="hidden text found in {n} places ({pages}) and kept from the model",
    hidden_page="page {page}",
    figure="Overview of the method",
    facts="Fact card",
    fact_kinds={
        "method": "Method",
        "dataset": "Data",
        "result": "Main results",
        "metric": "Metrics",
        "code": "Code",
        "compute": "Compute",
        "parameters": "Parameters",
    },
    more_facts="{n} in all",
    no_code="no link to code found in the body",
    neighbours="Related papers read before",
    no_analysis="The analysis of this paper is not finished yet; the next run tries again.",
    not_stated="Not stated in the paper",
    abstract_only="From the abstract only",
    failed="This section is not finished yet; the next run tries again.",
    unverified="unverified",
    not_found="not found in the paper: {terms}",
    by_tables="⚙ computed from the tables",
    by_search="⚙ searched in the whole text",
    by_program="⚙ drawn up by the program",
    summary="Executive summary",
    quote="quote",
    evidence="From the paper",
    claims="{n} statements: {parts}",
    claims_verified="{n} checked against the paper",
    claims_unverified="{n} unverified",
    model="model",
    prompts="prompts",
    seed="seed",
    reader="reader",
    tokens="{prompt} tokens in + {output} out",
    to_retry="{n} more papers were not finished; the next run goes on with them.",
    report="Run report",
    counts="Counts",
    step="Outcome",
    step_chosen="chosen",
    step_delivered="delivered before",
    step_below="not close enough",
    step_beyond="past the limit",
    step_unplaced="unaccounted for",
    fetched="Fetched",
    step_new="seen for the first time",
    step_known="seen before",
    step_repeated="the same paper again",
    step_withdrawn="withdrawn",
    step_unreadable="PDF cannot be read",
    repeated="repeated between sources",
    papers="Papers",
    total="Total",
    by_source="Sources",
    source="Source",
    in_digest="Papers of this edition",
    body_read="Body read",
    section_states="Sections",
    skipped_retry="Not finished, to be retried",
    skipped_final="Skipped for good",
    nothing_skipped="None.",
    stages={"fetch": "fetch", "rank": "rank", "download": "download", "read": "read", "analyse": "analyse"},
    state_ok="done",
    state_failed="not finished",
)


def labels_for(language: str) -> Labels:
    """The labels of *language*; Chinese, the default of the program, for one that has none."""
    return EN if language.lower().startswith("en") else ZH
