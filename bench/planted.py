"""True statements made from the sentences of real papers, and the same with one thing changed: what a checker is tried on.

Nothing here comes from a model. A statement takes the numbers and names of one sentence of a paper into an English rewording
or a Chinese frame; a planted error changes a number, a data set or a name.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.analysing.quantities import quantities
from digest.names import proper
from digest.text import fold, sentences

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from digest.records import Document

DATASETS = (
    "ImageNet CIFAR-10 CIFAR-100 COCO ADE20K Cityscapes DIV2K Urban100 Set5 Set14 BSD100 KITTI nuScenes CelebA FFHQ LSUN Kinetics-400"
    " UCF101 HMDB51 VQAv2 GQA TextVQA MMMU ScanNet Flickr30k Places365 REDS Vimeo-90K DAVIS YouTube-VOS MNIST Tiny-ImageNet iNaturalist"
    " WikiText-103 GLUE SQuAD Market-1501 LVIS SA-1B LAION-5B"
).split()
NAMES = "SwinIR DDPM Restormer StyleGAN2 ConvNeXt BLIP-2 LLaVA NAFNet DINOv2 MoCo BYOL DETR YOLOv8 ControlNet T5 BERT".split()
_REWORDED = (
    (r"\bWe\b", "The authors"),
    (r"\bwe\b", "the authors"),
    (r"\bOur\b", "Their"),
    (r"\bour\b", "their"),
    (r"\bachieves?\b", "reaches"),
    (r"\boutperforms?\b", "surpasses"),
    (r"\bshows?\b", "demonstrates"),
    (r"\bsignificantly\b", "clearly"),
    (r"\bHowever, ", ""),
    (r"\bIn addition, |\bMoreover, |\bFurthermore, |\bSpecifically, ", ""),
    (r"\bobtains?\b", "gets"),
    (r"\butiliz(e|es|ed|ing)\b", r"us\1"),
    (r"\bdemonstrates?\b", "makes clear"),
    (r"\bemploys?\b", "uses"),
    (r"\bin order to\b", "to"),
)
_ENGLISH = ("{s}", "According to the paper, {s}", "{s}", "The paper reports: {s}")
_CHINESE = (
    "论文中 {names} 对应的数值为 {numbers}。",
    "围绕 {names}，作者给出的结果是 {numbers}。",
    "文中报告：{names}，数值 {numbers}。",
    "在涉及 {names} 的设置下，得到 {numbers}。",
    "作者使用 {names}，相关设置为 {numbers}。",
)
_MEASURE = re.compile(r"(?<![\w.,#/-])(?<!- )\d+(?:,\d{3})*(?:\.\d+)?(?:\s?%)?(?![\w/.,-]*\d|[A-Za-z-])")
_POINTER = re.compile(r"(?:Fig|Table|Tab|Sec|Section|Eq|Equation|Appendix|Algorithm|Alg|Figure|Step|Stage|Phase)s?\.?\s*\(?$")
_UNIT_ZH = {"x": " 倍", "ms": " 毫秒", "s": " 秒", "h": " 小时", "min": " 分钟", "dB": " dB", "d": " 天", "fps": " FPS"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A statement, and what was changed in it: "" for a true one."""

    text: str
    passage: str  # id of the passage it was made from
    planted: str = ""  # number, number in paper, unit, dataset, dataset in paper, name, name in paper
    what: str = ""


def true_cases(document: Document, count: int, seed: int) -> list[Case]:
    """*count* statements of *document*, half English, half Chinese; fewer when it has fewer fit sentences."""
    rng = random.Random(seed)
    fit = [(passage.id, s) for passage in document.passages for s in sentences(passage.text) if _fits(s)]
    rng.shuffle(fit)
    made = []
    for number, (passage, sentence) in enumerate(fit[:count]):
        text = _chinese(sentence, rng) if number % 2 else _english(sentence, rng)
        made.append(Case(text=text, passage=passage))
    return made


def _fits(sentence: str) -> bool:
    """A sentence with a number and a name, without formulas and citations, of ordinary length."""
    told = _bare(sentence)
    return 50 <= len(told) <= 320 and "$" not in told and "=" not in told and told[0].isupper() and bool(_numbers(told) and _names(told))


def _bare(sentence: str) -> str:
    return re.sub(r"\s*\[[\d,\s–-]+\]|\(\d\) ?", "", fold(sentence))


def _numbers(text: str) -> list[str]:
    return [match.group() for match in _MEASURE.finditer(text) if not _POINTER.search(text[: match.start()])]


def _names(text: str) -> list[str]:
    return [n for n in dict.fromkeys(proper(text)) if n.lower() not in {"however", "moreover", "specifically"} and len(n) > 2]


def _english(sentence: str, rng: random.Random) -> str:
    told = _bare(sentence)
    for pattern, new in _REWORDED:
        told = re.sub(pattern, new, told)
    return rng.choice(_ENGLISH).format(s=told)


def _chinese(sentence: str, rng: random.Random) -> str:
    told = _bare(sentence)
    wanted = _numbers(told)
    numbers = []
    for q in quantities(told):
        number = re.match(r"[\d.,]*\d", q.written)
        if number and number.group() in {n.rstrip(" %") for n in wanted}:
            numbers.append(
                q.written
                if re.search("illion", q.written)
                else number.group() + (_UNIT_ZH.get(q.unit, "") or ("%" if "%" in q.written else ""))
            )
    names = _names(told)[:3]
    frame = rng.choice(_CHINESE)
    return frame.format(names="、".join(names), numbers="、".join(dict.fromkeys(numbers or wanted)))


def planted(case: Case, document: Document, rng: random.Random) -> Case | None:
    """*case* with one thing changed; None when it holds nothing of the kind drawn."""
    kind = rng.choice(("number", "number", "number in paper", "unit", "dataset", "dataset in paper", "name", "name in paper"))
    body = " ".join(_bare(p.text) for p in document.passages)
    source = next(p.text for p in document.passages if p.id == case.passage)
    new = next(_changes(kind, case.text, body, fold(source), rng), None)
    return None if new is None else Case(text=new[0], passage=case.passage, planted=kind, what=new[1])


def _changes(kind: str, text: str, body: str, source: str, rng: random.Random) -> Iterator[tuple[str, str]]:
    if kind.startswith(("number", "unit")):
        olds = _numbers(text)
        if not olds:
            return
        old = rng.choice(olds)
        if kind == "unit":
            news = [old.rstrip(" %") if "%" in old else f"{old}%"]
            news += [f"{old.rstrip(' %')}0"] if "." in old and "%" not in old else []
        elif kind == "number":
            news = [_other_digit(old, rng) for _ in range(8)]
        else:
            news = rng.sample(found, len(found)) if (found := sorted(set(_numbers(body)) - set(_numbers(source)))) else []
    else:
        names = [n for n in _names(text) if n not in {"PSNR", "SSIM"}]
        sets = [n for n in names if n.casefold() in {d.casefold() for d in DATASETS}]
        olds = sets if kind.startswith("dataset") else [n for n in names if n not in sets]
        if not olds:
            return
        old = rng.choice(olds)
        pool: Sequence[str] = DATASETS if kind.startswith("dataset") else NAMES
        inside = [n for n in (pool if kind.startswith("dataset") else sorted(set(_names(body)))) if re.search(rf"\b{re.escape(n)}\b", body)]
        chosen = inside if kind.endswith("in paper") else [n for n in pool if n.casefold() not in body.casefold()]
        news = rng.sample(list(chosen), len(chosen))
    for new in news:
        if new != old and not re.search(rf"(?<![\w.]){re.escape(new)}(?![\w.]*\d)", f"{source} {text}", re.IGNORECASE):
            changed = re.sub(rf"(?<![\w.-]){re.escape(old)}(?![\w])", lambda _: new, text, count=1)  # noqa: B023
            if changed != text:
                yield changed, f"{old} -> {new}"


def _other_digit(number: str, rng: random.Random) -> str:
    place = rng.choice([i for i, c in enumerate(number) if c.isdigit()])
    digit = rng.choice([d for d in "123456789" if d != number[place]])
    return number[:place] + digit + number[place + 1 :]
