"""Every word a digest says of itself, in each language a reader can choose.

The words are data, ``words/<language>.toml``; a label with braces is filled by ``str.format``. This module does not know
records or templates.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_WORDS = Path(__file__).parent / "words"


class Labels:
    """The labels of one language, each an attribute; asking for one that its file does not hold is an error, not an empty spot.

    Those declared here are tables of words for the values of a record's field.
    """

    sources: dict[str, str]
    reason_kinds: dict[str, str]  # what a reason of each kind but an interest is called
    fact_kinds: dict[str, str]  # in the order of a fact card
    grade_reasons: dict[str, str]  # keys have "#" for every number
    hidden_reasons: dict[str, str]
    stages: dict[str, str]
    notices: dict[str, str]
    languages: dict[str, str]

    def __init__(self, groups: Mapping[str, Mapping[str, Any]]) -> None:
        for group in groups.values():
            self.__dict__.update(group)

    def __getattr__(self, name: str) -> str:
        raise AttributeError(f"no label is called {name!r} in {_WORDS}")


@cache
def load(language: str) -> Labels:
    """The labels of *language*, ``zh`` or ``en``."""
    return Labels(tomllib.loads((_WORDS / f"{language}.toml").read_text(encoding="utf-8")))


def labels_for(language: str) -> Labels:
    """The labels of *language*; Chinese, the default of the program, for one that has none."""
    return load("en" if language.lower().startswith("en") else "zh")
