"""What likes teach, and what an interest in Chinese is worth: sixteen topics found by their words in two months of arXiv metadata."""

from __future__ import annotations

import argparse
import copy
import datetime as dt
import hashlib
import json
import re
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.table import Table, tell
from digest.config import load_profile
from digest.embedding.backends import Model, build
from digest.glossary import Glossary
from digest.library.embeddings import CachedEmbedder
from digest.library.store import NAME, Store
from digest.ranking.backtest import ndcg
from digest.ranking.calibration import Scale
from digest.ranking.diversity import shared_out
from digest.ranking.evidence import topics_of, traits_of
from digest.ranking.scores import FLOOR
from digest.ranking.taste import learn
from digest.registry import Registry
from digest.sources.metadata import papers_from_jsonl
from digest.workspace import Workspace, shipped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.embedding import Vectors
    from digest.ranking.evidence import Traits
    from digest.ranking.taste import Taste
    from digest.records import Paper

METADATA = Path(__file__).parents[2] / "shared" / "data" / "metadata"
CACHE = Path(tempfile.gettempdir()) / "digest-bench"
FIRST_HELD_DAY = "2026-02-10"  # likes come from the days before it
LIKES = (0, 1, 5, 20)
DRAWS = 5
TOP_K = 10
TUNED_ON = 2  # the constants of ranking/taste.py were chosen on every second topic, beginning with the second
# Papers of the starter profile's own interests, as its words would find them.
WRITTEN = (
    r"(?i)super-?resolution|image restoration|denois(?!ing diffusion)|deblur|derain|dehaz|low-light|diffusion (model|transformer)"
    r"|flow matching|rectified flow|masked (image|autoregress|generative)|few-step|text-to-image"
)
CURVES = ("unwritten", "written", "others", "others' places")
# Name: words that make a paper one of the topic, the interest in English and in Chinese.
TOPICS = {
    "gaussian splatting": (
        r"(?i)gaussian splatting|radiance field|\bNeRF\b",
        "3D Gaussian splatting and neural radiance fields for novel view synthesis.",
        "用于新视角合成的三维高斯泼溅与神经辐射场",
    ),
    "medical images": (
        r"\b(MRI|CT scan|histopatholog|ultrasound|tumou?r|radiolog)",
        "Medical image analysis: segmentation and diagnosis from MRI, CT and pathology.",
        "医学图像分析：基于磁共振成像、CT 和病理的分割与诊断",
    ),
    "driving": (
        r"(?i)autonomous driving|self-driving|\blidar\b",
        "Autonomous driving: perception, planning and simulation with cameras and lidar.",
        "自动驾驶：基于相机和激光雷达的感知、规划与仿真",
    ),
    "agents": (
        r"(?i)(web|GUI|tool-using|tool use|multi-agent|agentic).{0,40}(agent|LLM|benchmark)",
        "Agents built on large language models that use tools and the web.",
        "会使用工具和网页的大语言模型智能体",
    ),
    "hallucination": (
        r"(?i)hallucinat",
        "Detecting and reducing hallucinations of language and vision-language models.",
        "检测并减少语言模型与视觉语言模型的幻觉",
    ),
    "verifiable rewards": (
        r"(?i)\bGRPO\b|verifiable reward|RLVR",
        "Reinforcement learning with verifiable rewards for reasoning of language models.",
        "用于语言模型推理的可验证奖励强化学习",
    ),
    "translation": (
        r"(?i)machine translation|low-resource language|multilingual",
        "Multilingual language models and machine translation for low-resource languages.",
        "多语言语言模型与低资源语言的机器翻译",
    ),
    "video generation": (
        r"(?i)video (generation|diffusion|synthesis)|text-to-video",
        "Video generation with diffusion models.",
        "基于扩散模型的视频生成",
    ),
    "retrieval": (
        r"(?i)retrieval-augmented|\bRAG\b",
        "Retrieval-augmented generation for question answering.",
        "用于问答的检索增强生成",
    ),
    "remote sensing": (
        r"(?i)remote sensing|satellite|aerial image|earth observation",
        "Remote sensing and satellite image interpretation.",
        "遥感与卫星图像理解",
    ),
    "deepfakes": (
        r"(?i)deepfake|watermark|AI-generated (image|text|video|content)|forgery",
        "Detection of generated images and deepfakes, watermarking.",
        "生成图像检测、深度伪造检测与水印",
    ),
    "human motion": (
        r"(?i)human (motion|pose)|pose estimation|motion generation",
        "Human pose estimation and motion generation.",
        "人体姿态估计与人体动作生成",
    ),
    "speech": (r"(?i)\b(speech|ASR|spoken)\b", "Speech recognition and spoken language models.", "语音识别与口语语言模型"),
    "robots": (
        r"(?i)robot|manipulation polic|vision-language-action|\bVLA\b",
        "Robot manipulation with vision-language-action models.",
        "基于视觉语言动作模型的机器人操作",
    ),
    "radio": (
        r"\b(MIMO|beamforming|channel estimation|polar code|LDPC|6G)\b",
        "Wireless communication: channel estimation, beamforming and coding.",
        "无线通信：信道估计、波束成形与信道编码",
    ),
    "safety": (
        r"(?i)jailbreak|red.team|harmful|safety alignment",
        "Jailbreak attacks and safety alignment of language models.",
        "语言模型的越狱攻击与安全对齐",
    ),
}


@dataclass(frozen=True, slots=True)
class Corpus:
    """Every second paper of the metadata of 2026, by a hash of its id."""

    papers: list[Paper]
    days: list[str]
    traits: list[Traits]
    embedder: CachedEmbedder

    def held(self) -> list[int]:
        """Papers that rankings are judged on."""
        return [i for i, day in enumerate(self.days) if day >= FIRST_HELD_DAY]

    def relevance(self, texts: Sequence[str]) -> Vectors:
        """(n,) relevance of every paper to the closest of *texts*."""
        topics = topics_of(texts, self.embedder)
        return np.array([topics.relevance(traits)[0].max() for traits in self.traits])


def corpus() -> Corpus:
    """Read and embed the papers; their vectors are kept below the system's temporary folder."""
    first: dict[str, tuple[str, Paper]] = {}
    for path in sorted(METADATA.glob("2026-*.jsonl")):
        for paper in papers_from_jsonl(path.read_text(encoding="utf-8").split("\n"), origin=path):
            first.setdefault(paper.id, (path.stem, paper))
    half = sorted(i for i in first if int(hashlib.sha256(i.encode()).hexdigest()[:8], 16) < 2**31)
    registry = Registry.load(Workspace(Path.cwd()))
    card = registry.card("minilm-l6")
    folder = registry.path(card).parent
    model = Model(folder=folder, model_id=card.id, sha256=card.sha256, dim=card.dim, window_tokens=card.context_tokens)
    embedder = CachedEmbedder(build(model), Store(CACHE / NAME))
    papers = [first[i][1] for i in half]
    return Corpus(papers=papers, days=[first[i][0] for i in half], traits=traits_of(papers, embedder), embedder=embedder)


def daily_ndcg(corpus: Corpus, relevance: Vectors, wanted: Sequence[bool], by_likes: Sequence[bool] | None = None) -> float:
    """Mean over the held-out days that have a wanted paper and at least twenty in all.

    Args:
        by_likes: what likes alone brought; then the places of a digest are shared out as ``ranking.diversity`` does.
    """
    by_day = defaultdict(list)
    for i in corpus.held():
        by_day[corpus.days[i]].append(i)
    found = []
    for papers in by_day.values():
        number = sum(wanted[i] for i in papers)
        if number and len(papers) >= 20:
            order = sorted(papers, key=lambda i: (-relevance[i], corpus.papers[i].id))
            if by_likes is not None:
                good = [Scale().score(float(relevance[i])) >= 50 for i in order]
                places = shared_out([by_likes[i] for i in order], good, places=TOP_K)[:TOP_K]
                order = [order[place] for place in sorted(places)]
            found.append(ndcg([wanted[i] for i in order], top_k=TOP_K, wanted=number))
    return float(np.mean(found))


def learning(corpus: Corpus, weight: float) -> dict[str, dict[str, list[float]]]:
    """nDCG at each number of likes, by group of topics.

    Of papers of the topic, from a profile that says nothing of it (unwritten) and from one that does (written); and of papers
    of that first profile's own interests, in the ranking (others) and in a digest of ten (others' places).
    """
    starter = corpus.relevance([interest.text for interest in load_profile(shipped("profile.toml")).interest])
    own = [bool(re.search(WRITTEN, paper.gist)) for paper in corpus.papers]
    past = [i for i, day in enumerate(corpus.days) if day < FIRST_HELD_DAY]
    at_large = [corpus.papers[i].gist for i in sorted(past, key=lambda i: hashlib.sha256(corpus.papers[i].id.encode()).hexdigest())[:500]]
    empty: dict[str, list[list[float]]] = {name: [[] for _ in LIKES] for name in CURVES}
    sums = {group: copy.deepcopy(empty) for group in ("chosen on", "held out")}
    for number, (pattern, english, _) in enumerate(TOPICS.values()):
        sum_of = sums["chosen on" if number % TUNED_ON else "held out"]
        wanted = [bool(re.search(pattern, paper.gist)) for paper in corpus.papers]
        others = [mine and not theirs for mine, theirs in zip(own, wanted, strict=True)]
        written = corpus.relevance([english])
        for draw in range(DRAWS):
            order = np.random.default_rng(1000 * number + draw).permutation([i for i in past if wanted[i]])
            for column, likes in enumerate(LIKES):
                taste = learn([corpus.papers[i] for i in order[:likes]], [], corpus.embedder, at_large=at_large, weight=weight)
                lift = lifted(corpus, taste, starter)
                by_likes = list(lift > starter - FLOOR)
                sum_of["unwritten"][column].append(daily_ndcg(corpus, starter + lift, wanted))
                sum_of["written"][column].append(daily_ndcg(corpus, written + lifted(corpus, taste, written), wanted))
                sum_of["others"][column].append(daily_ndcg(corpus, starter + lift, others))
                sum_of["others' places"][column].append(daily_ndcg(corpus, starter + lift, others, by_likes))
    return {g: {b: [float(np.mean(column)) for column in columns] for b, columns in bases.items()} for g, bases in sums.items()}


def lifted(corpus: Corpus, taste: Taste | None, base: Vectors) -> Vectors:
    """(n,) what *taste* does to each held-out paper whose written relevance is *base*."""
    lift = np.zeros(len(base), dtype=np.float32)
    if taste is None:
        return lift
    for i in corpus.held():
        lift[i] = sum([pull.amount for pull in taste.pulls(corpus.traits[i].whole, base=float(base[i]))])
    return lift


def languages(corpus: Corpus) -> list[tuple[str, float, float, float]]:
    """For each topic nDCG of the interest in English, of the same in Chinese, and the rank correlation of the two."""
    glossary, held = Glossary.load(), corpus.held()
    rows = []
    for name, (pattern, english, chinese) in TOPICS.items():
        wanted = [bool(re.search(pattern, paper.gist)) for paper in corpus.papers]
        one, other = corpus.relevance([english]), corpus.relevance([glossary.translate(chinese).text])
        first, second = (np.argsort(np.argsort(values[held])) for values in (one, other))
        rows.append((name, daily_ndcg(corpus, one, wanted), daily_ndcg(corpus, other, wanted), float(np.corrcoef(first, second)[0, 1])))
    return rows


_DRAWN = {
    "written": ("#1b6ca8", "interest written"),
    "unwritten": ("#c8553d", "not in the profile"),
    "others' places": ("#5a8f3c", "other interests, in a digest"),
}


def draw(curves: dict[str, dict[str, list[float]]], path: Path) -> None:
    """The curves as a PNG; needs matplotlib."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(5.2, 4.2), dpi=130)
    styles = {"held out": "-", "chosen on": ":"}
    for group, bases in curves.items():
        for name, (color, said) in _DRAWN.items():
            label = f"{said}, topics {group}"
            axes.plot(range(len(LIKES)), bases[name], styles[group], color=color, marker="o", label=label)
    axes.set_xticks(range(len(LIKES)), [str(n) for n in LIKES])
    axes.set(xlabel="likes", ylabel=f"nDCG@{TOP_K} of a day", ylim=(0, 1))
    axes.grid(alpha=0.3)
    axes.legend(fontsize=7, ncols=2, loc="upper center", bbox_to_anchor=(0.5, -0.2))
    figure.tight_layout()
    figure.savefig(path)


def main(arguments: Sequence[str] = ()) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--save", type=Path, help="keep the curves as JSON, for --plot where matplotlib is")
    parser.add_argument("--plot", nargs=2, type=Path, metavar=("JSON", "PNG"), help="only draw curves that were kept")
    parser.add_argument("--weight", type=float, default=1.0, help="of what was liked beside the written interests")
    options = parser.parse_args(arguments)
    if options.plot:
        draw(json.loads(options.plot[0].read_text(encoding="utf-8")), options.plot[1])
        return
    started = dt.datetime.now(dt.UTC)
    found = corpus()
    curves = learning(found, options.weight)
    title = f"{len(found.papers)} papers, {len(found.held())} of them held out; nDCG@{TOP_K} of a day by likes"
    for group, bases in curves.items():
        values = [[round(value, 3) for value in column] for column in zip(*bases.values(), strict=True)]
        rows = tuple((likes, *row) for likes, row in zip(LIKES, values, strict=True))
        curve = f"likes-{group.replace(' ', '-')}"
        tell(Table(title=f"{title}, topics {group}", columns=("likes", *bases), rows=rows, curve=curve))
    agreements = languages(found)
    print(f"{'topic':20} English  Chinese  rank correlation")
    for name, english, chinese, agreement in [*agreements, ("mean", *np.mean([row[1:] for row in agreements], axis=0))]:
        print(f"{name:20} {english:7.3f}  {chinese:7.3f}  {agreement:.3f}")
    print(f"{(dt.datetime.now(dt.UTC) - started).total_seconds():.0f} s")
    if options.save:
        options.save.write_text(json.dumps(curves), encoding="utf-8")


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
