"""The names of a text - of methods, datasets, metrics - and whether a paper contains them in any spelling."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from digest.text import words

if TYPE_CHECKING:
    from collections.abc import Iterable

_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-+.'][A-Za-z0-9]+)*\+*")
_CJK = re.compile(r"[\u4e00-\u9fff]")
_MATH = re.compile(r"\$[^$]*\$|\\[A-Za-z]+")  # variables and commands are no names
_LONGEST = 4  # words that one written-together name may be in the paper: "Auto Mix Pro 2"
# Words that Chinese prose on research leaves in Latin script. They say nothing of one paper in particular, so their
# absence from it proves nothing; a word that would ("zero-shot", "open-source") must not stand here.
_PLAIN = frozenset(
    "a an and the of in on to for with by or from vs e.g eg i.e ie etc et al pipeline baseline baselines benchmark backbone demo sota token"
    " tokens prompt trick tricks".split()
)


def names(text: str) -> list[str]:
    """Names in folded *text*: every Latin word of a Chinese text; of an English one those written unlike plain words."""
    found = [name.removesuffix("'s") for name in _LATIN.findall(_MATH.sub(" ", text))]
    if _CJK.search(text):
        return [name for name in found if len(name) > 1 and name.casefold() not in _PLAIN]
    return [name for name in found if len(name) > 1 and (name[1:] != name[1:].lower() or any(c.isdigit() for c in name))]


class Vocabulary:
    """The words of a paper, to be asked for a name."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.words: set[str] = set()
        self._joined: set[str] = set()
        for text in texts:
            found = [word for word in words(text) if not _CJK.match(word)]
            self.words.update(found)
            parts = [part for word in found for part in _parts(word)]
            self.words.update(parts)
            for size in range(1, _LONGEST + 1):
                self._joined.update("".join(parts[i : i + size]) for i in range(len(parts) - size + 1))

    def __contains__(self, name: str) -> bool:
        """Whether the paper writes *name*, whatever its hyphens, spaces, case and plural s."""
        parts = _parts(name)
        joined = "".join(parts)
        variants = {joined, joined.removesuffix("s"), f"{joined}s"} - {""}
        return not variants.isdisjoint(self._joined) or (len(parts) > 1 and all(part in self for part in parts))


def _parts(word: str) -> list[str]:
    return re.findall(r"[^\W_]+", word.casefold())
