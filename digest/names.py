"""The names of a text - of methods, datasets, metrics, people - and whether a paper contains them in any spelling."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from digest.text import fold, words

if TYPE_CHECKING:
    from collections.abc import Iterable

# A digit may lead a name (3DGS, 2D); letters that follow a number do not make one ("1e-4", "20k", "13min").
_LATIN = re.compile(r"(?<![A-Za-z0-9.])(?:\d(?=[A-Z]{2}|D\b))?[A-Za-z][A-Za-z0-9]*(?:[-+.'][A-Za-z0-9]+)*\+*")
_CJK = re.compile(r"[\u4e00-\u9fff]")
_MATH = re.compile(r"\$[^$]*\$|\\[A-Za-z]+")  # variables and commands are no names
_GLOSS = re.compile(r"(?<=[\u4e00-\u9fff])\s?[(（][A-Za-z][A-Za-z ,-]*[)）]")  # 扩散模型（Diffusion Model）
_LONGEST = 4  # words that one written-together name may be in the paper: "Auto Mix Pro 2"
# Words that Chinese prose on research leaves in Latin script. They say nothing of one paper in particular, so their
# absence from it proves nothing; a word that would ("zero-shot", "open-source") must not stand here.
_PLAIN = frozenset(
    "a an and the of in on to for with by or from vs e.g eg i.e ie etc et al pipeline baseline baselines benchmark backbone demo sota token"
    " tokens prompt trick tricks db ms fps gb mb kb tb gib mib hz khz mm cm km".split()
)
# Capitalised where they stand in the middle of an English sentence, and yet no names of anything.
_LABELS = frozenset(
    "i figure fig table tab section sec equation eq algorithm appendix we our the a an in on this that these those they their it its to for"
    " with from by as at of and or if when while all each both such thus hence then there here however moreover note".split()
)
_PROPOSED = re.compile(r"\b(?:propose|present|introduce|develop|call(?:ed)?|named?|dubbed|termed)\b(?P<what>[^.]{0,120})", re.IGNORECASE)
_SENTENCE_START = re.compile(r"(?:^|[.!?:;]\s+|[\"'“(]\s*|\n\s*-?\s*)$")


def names(text: str) -> list[str]:
    """Names in folded *text*: every Latin word of a Chinese text; of an English one those written unlike plain words."""
    if _CJK.search(text):
        found = [name.removesuffix("'s") for name in _LATIN.findall(_MATH.sub(" ", text))]
        return [name for name in found if len(name) > 1 and name.casefold() not in _PLAIN]
    return proper(text)


def proper(text: str) -> list[str]:
    """Names in folded *text* that are written as such: DIV2K, PSNR, StyleGAN; within a sentence also Adam and Cityscapes.

    An English term that only glosses a Chinese one is none.
    """
    chinese = bool(_CJK.search(text))
    text = _GLOSS.sub(" ", _MATH.sub(" ", text))
    found = []
    for match in _LATIN.finditer(text):
        name = match.group().removesuffix("'s")
        if (
            len(name) > 1
            and name.casefold() not in _PLAIN | _LABELS
            and _is_proper(name, text[: match.start()], text[match.end() :], chinese=chinese)
        ):
            found.append(name)
    return found


def _is_proper(name: str, before: str, after: str, *, chinese: bool) -> bool:
    inner = name[1:] != name[1:].lower() or any(c.isdigit() for c in name)
    return inner or (
        name[0].isupper() and (chinese or not _SENTENCE_START.search(before) or (before.endswith("(") and after.startswith(")")))
    )


def own_names(text: str) -> tuple[str, ...]:
    """Names of what a paper proposes, told from its title and abstract: before the title's colon, or after "we propose"."""
    title, _, rest = text.partition(". ")
    found = proper(fold(f"x {title.split(':')[0]}")) if ":" in title else []
    for match in _PROPOSED.finditer(fold(rest)):
        found += [name for name in proper(f"x {match['what']}") if name != name.capitalize()][:1]
    return tuple(dict.fromkeys(found))


class Vocabulary:
    """The words of a text, to be asked for a name."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.words: set[str] = set()
        self._joined: set[str] = set()
        self._initials: set[str] = set()  # of three to five words in a row: "mean average precision" is MAP
        for text in texts:
            found = [word for word in words(text) if not _CJK.match(word)]
            self.words.update(found)
            parts = [part for word in found for part in _parts(word)]
            self.words.update(parts)
            for size in range(1, _LONGEST + 1):
                self._joined.update("".join(parts[i : i + size]) for i in range(len(parts) - size + 1))
            initials = "".join(part[0] for part in parts)
            self._initials.update(initials[i : i + size] for size in (3, 4, 5) for i in range(len(initials) - size + 1))

    def __contains__(self, name: str) -> bool:
        """Whether the text writes *name*, whatever its hyphens, spaces, case and plural s.

        The parts of a name with a hyphen may stand apart, but for numbers: ResNet-101 is not in "ResNet-50 and 101 more".
        """
        parts = _parts(name)
        joined = "".join(parts)
        variants = {joined, joined.removesuffix("s"), f"{joined}s"} - {""}
        apart = len(parts) > 1 and not any(part.isdigit() or len(part) < 2 for part in parts) and all(part in self for part in parts)
        return not variants.isdisjoint(self._joined) or apart or (name.isupper() and name.lower() in self._initials)


def _parts(word: str) -> list[str]:
    return re.findall(r"[^\W_]+", word.casefold())
