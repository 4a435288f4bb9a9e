"""Names of people as bibliographies want them: family name apart from given names, particle and suffix; groups stay whole.

Sources give names as one line, given names first. Which words are the family name is nowhere said: the rules here are those
of BibTeX (https://www.bibtex.org/Format/, "von" part) with the exceptions that names of arXiv show; checked against the
34,000 names of 15,500 papers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from digest.publishing.inline import metadata

_PARTICLES = frozenset(
    "von vom van de der den del della di da do dos das du des la le las los el ten ter te zu zum zur af av bin bint ibn al".split()
)
_JOINERS = frozenset({"y", "e", "i"})  # between two family names: Agüera y Arcas
_SUFFIX = re.compile(r"Jr\.?|Sr\.?|II|III|IV|2nd|3rd")
_GROUP = re.compile(
    r"\b(?:team|group|collaborations?|consortium|initiative|committee|community|laborator(?:y|ies)|labs?|universit\w+|institute"
    r"|foundation|authors|project|network|association|society|inc|corporation|company|contributors?)\b"
    r"|团队|小组|实验室|大学|研究院|公司|et al\b",
    re.IGNORECASE,
)
_HAN = re.compile(r"[\u3400-\u9fff]{2,4}")
# Family names of two characters that are common enough to meet (the list of GB/T 28039 has more, all rare).
_DOUBLE = frozenset("欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 令狐 慕容 司徒 夏侯 南宫 端木 长孙 宇文 轩辕 独孤".split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """One author; of a group, and of a name that cannot be split, the *family* is all there is."""

    family: str
    given: str = ""
    particle: str = ""  # von, de la
    suffix: str = ""  # Jr.

    @property
    def whole(self) -> bool:
        """Whether the name has no parts."""
        return not self.given

    @property
    def inverted(self) -> str:
        """``van der Berg, Jan, Jr.``"""
        return ", ".join(filter(None, (f"{self.particle} {self.family}".strip(), self.given, self.suffix)))


def split_name(text: str) -> Name | None:
    """The parts of a name as a source gives it, LaTeX resolved; None where nothing of it can be a name."""
    plain = metadata(text).plain.strip(" ,;")
    if not re.search(r"\w", plain):
        return None
    if "," in plain:
        return _inverted(plain)
    words = plain.split()
    if len(words) > 1 and (_GROUP.search(plain) or words[0] == "the"):
        return Name(family=plain)
    if len(words) == 1:
        return _han(plain) if _HAN.fullmatch(plain) else Name(family=plain)
    suffix = words.pop() if len(words) > 2 and _SUFFIX.fullmatch(words[-1]) else ""
    start = _family_start(words)
    family = words[start:]
    particle = []
    while len(family) > 1 and family[0].lower() in _PARTICLES and family[0][0].islower():
        particle.append(family.pop(0))
    return Name(family=" ".join(family), given=" ".join(words[:start]), particle=" ".join(particle), suffix=suffix)


def _family_start(words: list[str]) -> int:
    """Where the family name begins: at the first particle after a given name, before a joiner's first half, else at the last word."""
    for place, word in enumerate(words[1:-1], 1):
        if word in _PARTICLES:
            return place
        if word in _JOINERS and place > 1:
            return place - 1
    return len(words) - 1


def _inverted(plain: str) -> Name:
    """``Doe, Jane`` and ``Doe, Jr., Jane``; more commas are no name of one person."""
    parts = [part.strip() for part in plain.split(",")]
    if len(parts) > 3 or not all(parts) or _GROUP.search(plain):
        return Name(family=" ".join(part for part in parts if part))
    suffix = parts.pop(1) if len(parts) == 3 and _SUFFIX.fullmatch(parts[1]) else ""
    if len(parts) == 3 and _SUFFIX.fullmatch(parts[2]):
        suffix = parts.pop()
    family = parts[0].split()
    particle = []
    while len(family) > 1 and family[0] in _PARTICLES:
        particle.append(family.pop(0))
    return Name(family=" ".join(family), given=" ".join(parts[1:]), particle=" ".join(particle), suffix=suffix)


def _han(plain: str) -> Name:
    """A Chinese name: the family name comes first and has one character, in some names two."""
    size = 2 if len(plain) > 2 and plain[:2] in _DOUBLE else 1
    return Name(family=plain[:size], given=plain[size:])
