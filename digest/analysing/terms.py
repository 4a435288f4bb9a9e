"""Terms of the field that stand in a text, with their Chinese, so that a model and a frame call them what the glossary does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from digest.glossary import has_chinese
from digest.text import fold

if TYPE_CHECKING:
    from digest.glossary import Glossary

_MOST = 20


def terms_in(text: str, glossary: Glossary | None, *, least: int = 1) -> list[tuple[str, str]]:
    """(English, Chinese) of the terms that *text* holds at least that many times, the most frequent first, twenty at most.

    Abbreviations are left out: they stay as they are.
    """
    if not glossary:
        return []
    folded = f" {' '.join(re.findall(r'[a-z0-9-]+', fold(text).casefold()))} "
    counts = {
        english: folded.count(f" {english.casefold()} ") + folded.count(f" {english.casefold()}s ")
        for english, forms in glossary.terms.items()
        if has_chinese(forms[0]) and not english.isupper()
    }
    found = sorted((english for english, count in counts.items() if count >= least), key=lambda english: (-counts[english], english))
    return [(english, glossary.terms[english][0]) for english in found[:_MOST]]
