"""How far the text of a document can be trusted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from digest.records import Grade, Section, SectionKind

if TYPE_CHECKING:
    from collections.abc import Sequence

_CJK = re.compile(r"[\u4e00-\u9fff]")
_BROKEN = re.compile("[\ufffd\ue000-\uf8ff]|\\(cid:\\d+\\)")
_TOO_LITTLE, _TOO_THIN = 300, 60  # letters in the file, and to the page: captions and stamps
_ENGLISH = frozenset("the of and to in is we for that with are this on as by be our from an which".split())


def grade(text: str, *, pages: int, unread: int, scanned: bool, sections: Sequence[Section]) -> Grade:
    """Grade a document by its body *text*.

    A: nothing to hold against it; B: one thing; C: more; F: so little or so broken that it must not be analysed.

    Args:
        pages: of the file.
        unread: pages that could not be read at all.
        scanned: the text is the recognised layer of pictures.
    """
    language = language_of(text)
    reasons = []
    characters = (len(text) - text.count(" ")) * (3 if language == "zh" else 1)  # a Chinese character says as much as three letters
    broken = len(_BROKEN.findall(text)) / max(1, characters)
    if broken > 0.01:
        reasons.append(f"{broken:.0%} of the characters have no known meaning")
    if unread:
        reasons.append(f"{unread} of {pages} pages could not be read")
    if scanned:
        reasons.append("text recognised from a scan")
    if not any(section.kind is SectionKind.ABSTRACT for section in sections):
        reasons.append("no abstract found")
    if sum(bool(section.title) for section in sections) < 3:
        reasons.append("hardly any section headings found")
    if language == "other":
        reasons.append("language not recognised")
    if characters < 400 * pages:
        reasons.append("little text for its pages")
    hopeless = characters < max(_TOO_LITTLE, _TOO_THIN * pages) or broken > 0.2 or unread > pages / 2
    letter = "F" if hopeless else "A" if not reasons else "B" if len(reasons) == 1 else "C"
    return Grade(letter=letter, language=language, scanned=scanned, reasons=tuple(reasons))


def language_of(text: str) -> str:
    """ "zh" where a fifth of the letters are Chinese, "en" where a tenth of the words are its commonest, else "other"."""
    sample = text[:10_000]
    letters = sum(map(str.isalpha, sample)) or 1
    if len(_CJK.findall(sample)) > 0.2 * letters:
        return "zh"
    words = sample.lower().split()
    return "en" if sum(word in _ENGLISH for word in words) > 0.1 * len(words) else "other"
