"""A paper's title in Chinese, as a model gave it: one short line that keeps the names and numbers of the original, or nothing."""

from __future__ import annotations

import re

from digest.analysing.quantities import quantities
from digest.analysing.screen import speaks
from digest.names import Vocabulary
from digest.text import fold

_LONGEST = 60  # characters
_AROUND = " \t\"'“”‘’「」『』《》*#`-。.!！"
_LABEL = re.compile(r"^(?:中文|论文|译)*(?:标题|题目|译名)\s*[:：]\s*|\[p\d+\]|（p\d+）")
_NAME = re.compile(r"[A-Za-z0-9]+(?:[-+.][A-Za-z0-9]+)*\+*")
_THINKING = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)
_NO_TITLE = re.compile(r"[?？\n]|抱歉|无法|请提供|您|这篇|本文|该论文|文中未说明|[:：]$|[。！]\s*\S")


def kept_title(reply: str, original: str) -> str:
    """The title that *reply* gives; "" where it is none, or leaves out or adds a name or a number of the *original*."""
    lines = [line for line in _THINKING.sub("", reply).strip().splitlines() if line.strip()]
    title = _LABEL.sub("", lines[0].strip(_AROUND)).strip(_AROUND) if lines else ""
    plain = fold(title)
    if not title or len(title) > _LONGEST or len(lines) > 1 or _NO_TITLE.search(title) or not speaks("zh", title):
        return ""
    wanted, told = _names(fold(original)), _NAME.findall(plain)
    numbers = [{value for one in quantities(text) for value in one.values} for text in (fold(original), plain)]
    known = Vocabulary([original])
    fits = wanted <= {name.casefold() for name in told} and numbers[0] == numbers[1] and all(name in known for name in told)
    return title if fits and any("\u4e00" <= letter <= "\u9fff" for letter in title) else ""


def _names(title: str) -> set[str]:
    """What must not be translated: words with a capital or a digit inside, as DiffFNO, 3DGS or GPT-4."""
    return {
        name.casefold()
        for name in _NAME.findall(title)
        if any(c.isdigit() for c in name) or sum(c.isupper() for c in name) > 1 + name.count("-")
    }
