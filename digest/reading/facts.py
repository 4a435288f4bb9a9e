"""What a paper states in so many words, found without a model: each fact with its page and the sentence it stands in.

Patterns find what is written in the usual ways and miss the rest. What they find is verbatim. Numbers and links of sentences that speak
of the authors' own work come first.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from digest.records import Fact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Stated = tuple[int, str]  # page from 1, sentence

_LIMIT = {"dataset": 24, "metric": 24, "code": 4, "compute": 6, "parameters": 8, "method": 1}

_DATASETS = re.compile(
    r"\b(?=[A-Zn])("  # most words end here, not after a hundred names
    r"ImageNet(?:-(?:1K|21K|22K|A|R|C|V2|Sketch|1k|21k|22k))?|(?:MS[- ]?)?COCO(?:-Stuff)?|LVIS|Objects365|ADE20K|Cityscapes"
    r"|PASCAL VOC(?: ?20\d\d)?|VOC ?20\d\d|KITTI(?:-360)?|nuScenes|NuScenes|Waymo(?: Open)?|NAVSIM"
    r"|CIFAR-?10{1,2}|MNIST|SVHN|CelebA(?:-HQ|Mask-HQ)?|FFHQ|LSUN|CUB-200(?:-2011)?|Omniglot|Tiny-?ImageNet|Mini-ImageNet"
    r"|Market-?1501|DukeMTMC|LAION(?:-\w+)?|CC3M|CC12M|Visual Genome|Flickr30[Kk]"
    r"|DIV2K|Flickr2K|Set5|Set14|BSD100|BSDS?(?:68|500)|Urban100|Manga109|REDS|Vimeo-?90K|Vid4|GoPro|RealBlur|SIDD|DND|Rain100[LH]"
    r"|Kinetics(?:-\d+)?|Something-Something(?: ?V[12])?|UCF-?101|HMDB-?51|ActivityNet|DAVIS|YouTube-VOS|OTB100|LaSOT|MOT1[67]"
    r"|VQAv2|GQA|TextVQA|OK-VQA|ScienceQA|POPE|MMBench|MME|MMMU|MathVista|MM-Vet|SEED-Bench|RefCOCO[+g]?"
    r"|ShapeNet|ModelNet(?:10|40)|ScanNet|S3DIS|Matterport3D|NYU(?: Depth )?[vV]2|DTU|Tanks and Temples|Mip-NeRF ?360|LLFF"
    r"|GLUE|SuperGLUE|SQuAD(?:v2)?|MMLU|GSM8K|HumanEval|MBPP|HellaSwag|WikiText-?\d*|WMT ?(?:20)?1\d|LAMBADA"
    r"|TriviaQA|Natural Questions|CommonsenseQA|The Pile|BookCorpus|LibriSpeech|Penn Treebank"
    r")\b"
)
_NAMED_DATASET = re.compile(r"\b([A-Z][\w+-]+[A-Z0-9][\w+-]*(?: [A-Z][\w+-]*)?) (?:data ?sets?|benchmarks?|corpus)\b")
_METRIC = (
    r"(?:PSNR|SSIM|LPIPS|FID|KID|FVD|CLIP[- ][Ss]core|mAP(?:@\d+)?|AP(?:50|75)?|mIoU|IoU|[Tt]op-[15](?: accuracy)?|accurac(?:y|ies)"
    r"|recall|precision|F1(?:[- ]score)?|AUC|AUROC|R@\d+|[nN]DCG|BLEU|BLEURT|ROUGE(?:-[L12])?|METEOR|CIDEr|perplexity|WER|CER"
    r"|PCK|MPJPE|minADE|minFDE|ADE|FDE|EPE|RMSE|MAE|NDS|PDMS|FPS)"
)
_ERROR = r"\b(?:minADE|minFDE|ADE|FDE|EPE|RMSE|MAE|MPJPE)\b"
_SHARE_OF_ERROR = re.compile(rf"{_ERROR}.*%|%.*{_ERROR}")  # by which it fell, or of what a masked autoencoder hides; no error is a share
_NUMBER = r"\d{1,4}(?:,\d{3})*(?:\.\d+)?\s?(?:%|dB|points?)?"
_METRIC_FIRST = re.compile(
    rf"\b{_METRIC}\b(?: score| value| rate)?(?: \([^)]{{1,20}}\))?(?: of| is| to| by| reaches| =|:)?"
    rf" (?:up to |about |only )?{_NUMBER}(?!\w|\.\d|%)"
)
_NUMBER_FIRST = re.compile(
    r"(?<![\w.\[–-])(?:\d+(?:\.\d+)?[–-])?\d{1,3}(?:\.\d+(?:\s?%|\s?dB)?|\s?%|\s?dB|\s?points?)(?: (?:in|of|for|on|average|mean|absolute))?"
    rf" {_METRIC}\b"
)
_HOST = r"(?:https?://)?(?:www\.)?(?:github\.com|gitlab\.com|huggingface\.co|bitbucket\.org)"
_CODE = re.compile(
    rf"{_HOST}/(?: (?=[\w-]+/[\w.-]))?[\w.-]+(?:/[\w.-]+)*"
    r"|(?:https?://)?[\w-]+\.github\.io(?:/[\w./-]*)?"
)
_HOST_ALONE = re.compile(rf"{_HOST}/?")
_CARD = r"RTX ?A?\d{4}(?: ?Ti)?|GTX ?\d{4}(?: ?Ti)?|[AVH][12]00s?|A6000|A40|L40S?|P100|K80|K40|T4|TITAN \w+|TPU ?v\d\w*(?:-\d+)?"
_COMPUTE = re.compile(
    r"(?:\b(?:\d{1,5}|one|two|four|eight|a single|single)\s?(?:×|x)?\s?)?(?:NVIDIA |Nvidia |Tesla |GeForce )*"
    rf"\b(?:{_CARD})(?: ?\(\d{{2,3}} ?GB\)|[ -]?\d{{2,3}} ?GB)?(?: GPUs?| cards?| cores?| chips?)?"
    r"|\b[\d.,]+\s?(?:GPU|TPU)[- ](?:hours?|days?)|\b\d{1,4} GPUs\b"
)
_SHORT_CARD, _OF_CARDS = re.compile(r"[A-Z]\d0?"), re.compile(r"GPU|nvidia|tesla|\bcards?\b", re.IGNORECASE)  # "T4." numbers a list, too
_TIME = re.compile(r"\b(?:\d+(?:\.\d+)?|one|two|three|four|five|six|seven|ten|twelve) (?:GPU |TPU )?(?:hours?|days?)\b")
_PAGE = re.compile(r"https?://[\w.-]+\.\w{2,}(?:/[\w.~/%#-]*)?")
_OFFERED = re.compile(
    r"\b(project (page|website|site)|(codes?|models?|data ?sets?|demo|weights|checkpoints)\b.{0,60}\b(available|released|found))\b",
    re.IGNORECASE,
)
_OWN = re.compile(r"\b(we|our|ours|us|this (paper|work)|the proposed|project page)\b", re.IGNORECASE)
_OF_OTHERS = re.compile(r"\b(prior|previous|existing|baselines?|official|others?|they|their)\b|et al\.", re.IGNORECASE)
_SORTED = {"metric", "code"}  # kinds of which a paper also tells what others have
_PARAMETERS = re.compile(
    r"\b\d+(?:[.,]\d+)?\s?(?:[MBK]|million|billion)\b(?: (?:trainable|learnable|model|active|total|of))* (?:parameters?|params)\b",
    re.IGNORECASE,
)
_PROPOSED = re.compile(
    r"\b(?:we|paper|work)\b[^.]{0,40}?\b(?:propose|present|introduce|develop|describe|call|name|dub|term)s?\b(?P<what>[^.]{0,200})",
    re.IGNORECASE,
)
_NAMES = [  # the surest first: an abbreviation in brackets, "called X", a word with a capital inside
    re.compile(r"\(([A-Z][\w+-]*[A-Z0-9][\w+-]*)\)"),
    re.compile(r"\b(?:called|named|dubbed|termed) ([A-Z][\w+-]+)"),
    re.compile(r"\b([A-Z][\w+]*(?:[A-Z0-9]|-[A-Z0-9]+\b)[\w+-]*)\b"),
]
_TITLE_NAME = re.compile(r"^\W*([\w][\w+.$^{}-]*(?: [A-Z0-9][\w+-]*){0,2})\s*:\s")


def facts(title: str, stated: Sequence[Stated]) -> tuple[Fact, ...]:
    """Facts in the sentences *stated*, in the order of the paper but own numbers and links first, each value once, at its first statement.

    Args:
        title: of the paper; "Name: what it does" names the method.
        stated: sentences of body, captions and footnotes with their pages.
    """
    found = list(_method(title, stated))
    name = found[0].value if found else ""
    for kind, hint, values in _FINDERS:
        of_kind: dict[str, Fact] = {}
        for page, sentence in stated:
            if not hint.search(sentence):
                continue
            for value in values(sentence):
                key = re.sub(r"[\W_]+", "", value).lower()
                if key and key not in of_kind:
                    of_kind[key] = Fact(kind=kind, value=value, page=page, quote=sentence, own=_is_own(kind, sentence, name))
        facts = sorted(of_kind.values(), key=lambda fact: not fact.own) if kind in _SORTED else list(of_kind.values())
        found += facts[: _LIMIT[kind]]
    return tuple(found)


def _is_own(kind: str, sentence: str, name: str) -> bool:
    """Whether *sentence* speaks of the authors' work, which may have a *name*, and not of that of others alone."""
    named = bool(name) and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", sentence) is not None
    offered = kind == "code" and _OFFERED.search(sentence) is not None
    return named or offered or (_OWN.search(sentence) is not None and not _OF_OTHERS.search(sentence))


def _method(title: str, stated: Sequence[Stated]) -> Iterator[Fact]:
    """The method's name: what stands before the colon of the title, or what the authors say that they propose."""
    named = _TITLE_NAME.match(title)
    name = named.group(1) if named and len(named.group(1)) <= 40 else ""
    whole = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    for page, sentence in stated:
        if name and whole.search(sentence):
            yield Fact(kind="method", value=name, page=page, quote=sentence)
            return
    for page, sentence in stated:
        proposed = _PROPOSED.search(sentence)
        found = next((match for pattern in _NAMES if proposed and (match := pattern.search(proposed["what"]))), None)
        if found:
            yield Fact(kind="method", value=found.group(1), page=page, quote=sentence)
            return


def _datasets(sentence: str) -> Iterator[str]:
    for match in _DATASETS.finditer(sentence):
        yield match.group(1)
    for match in _NAMED_DATASET.finditer(sentence):
        yield match.group(1)


def _metrics(sentence: str) -> Iterator[str]:
    for pattern in (_METRIC_FIRST, _NUMBER_FIRST):
        for match in pattern.finditer(sentence):
            if not _SHARE_OF_ERROR.search(match.group()):
                yield match.group().strip()


def _codes(sentence: str) -> Iterator[str]:
    pattern = _PAGE if _OFFERED.search(sentence) and not _CODE.search(sentence) else _CODE
    for match in pattern.finditer(sentence):
        whole = "/" in match.group().removeprefix("https://").removeprefix("http://") or ".io" in match.group()  # else it was cut off
        if whole and not _HOST_ALONE.fullmatch(match.group()):
            yield match.group().rstrip(".-/")


def _compute(sentence: str) -> Iterator[str]:
    named = (match.group().strip() for match in _COMPUTE.finditer(sentence))
    devices = [device for device in named if not _SHORT_CARD.fullmatch(device) or _OF_CARDS.search(sentence)]
    yield from devices
    if devices:
        yield from (match.group() for match in _TIME.finditer(sentence) if not any(match.group() in device for device in devices))


def _matches(pattern: re.Pattern[str]) -> Callable[[str], Iterator[str]]:
    return lambda sentence: (match.group().strip() for match in pattern.finditer(sentence))


# The second is cheap and true of every sentence in which the third can find anything.
_FINDERS: list[tuple[str, re.Pattern[str], Callable[[str], Iterator[str]]]] = [
    ("dataset", re.compile("[A-Z0-9]"), _datasets),
    ("metric", re.compile(r"\d"), _metrics),
    ("code", re.compile(r"github|gitlab|huggingface|bitbucket|http"), _codes),
    ("compute", re.compile(r"GPU|TPU|NVIDIA|RTX|GTX|TITAN|[AVHLPKT]\d"), _compute),
    ("parameters", re.compile("param", re.IGNORECASE), _matches(_PARAMETERS)),
]
