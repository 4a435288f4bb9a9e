"""Every word the room says of itself, one file a language: ``words/<language>.toml``."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from digest.publishing.labels import Labels

_WORDS = Path(__file__).parent / "words"


@cache
def words_for(language: str) -> Labels:
    """The words of *language*, zh or en."""
    return Labels(tomllib.loads((_WORDS / f"{language}.toml").read_text(encoding="utf-8")))
