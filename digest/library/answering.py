"""Which of a paper's units answers a query: by its best sentence, what it is, and what else speaks of it on the same page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from digest.library.query import FACT, FIGURE, TABLE
from digest.records import SectionKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.library.marking import Answer
    from digest.library.units import Unit

# By half the questions of `python -m bench search`:
_ASIDE = 0.7  # weight of what repeats others, or stands beside the text
_ASKED = 1.2  # of a table, caption or fact where such is asked for
_SUPPORT = 0.2  # of the other units on the same page
_REPEATING: frozenset[str] = frozenset({SectionKind.ABSTRACT, SectionKind.RELATED, SectionKind.CONCLUSION})
_SHOWN: frozenset[str] = frozenset({FIGURE, TABLE, FACT})
_ASKS_SHOWN = re.compile(
    r"\b(?:PSNR|SSIM|FID|BLEU|mAP|mIoU|F1|accuracy|FLOPs?|GPUs?|TPUs?|parameters|memory|throughput|milliseconds?|seconds|hours|code"
    r"|data ?sets?|tables?|compar\w+|versus|against|figures?|overview|diagram|draw\w*|illustrat\w*|plot|curve)\b"
    r"|准确率|精度|显存|参数|代码|表|多少|几个|图(?!像)|示意|曲线",
    re.IGNORECASE,
)


def in_order(query: str, units: Sequence[Unit], answers: Sequence[Answer]) -> list[int]:
    """Places of *units*, all of one paper, the one that answers *query* first; an abstract, which speaks of everything, last.

    Args:
        answers: of each unit its best sentence (``Marker.answers``).
    """
    worth = dict.fromkeys(_REPEATING, _ASIDE) | dict.fromkeys(_SHOWN, _ASKED if _ASKS_SHOWN.search(query) else _ASIDE)
    weights = [answer.weight * worth.get(unit.kind, 1) for unit, answer in zip(units, answers, strict=True)]
    pages = [unit.page_at(answer.span[0] if answer.span else 0) for unit, answer in zip(units, answers, strict=True)]
    on_page = {page: sum(weight for weight, at in zip(weights, pages, strict=True) if at == page) for page in pages}
    supported = [weight + _SUPPORT * (on_page[page] - weight) for weight, page in zip(weights, pages, strict=True)]
    return sorted(range(len(units)), key=lambda i: (pages[i] is None, -supported[i], i))
