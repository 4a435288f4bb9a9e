"""Text broken into lines of a terminal, where a Chinese character takes two cells and lines may end between any two of them."""

from __future__ import annotations

import unicodedata
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_NOT_FIRST = frozenset("，。；：？！、）》」』”’·…,.;:?!)]}%")
_NOT_LAST = frozenset("（《「『“‘([{")
_Cell = tuple[str, str]  # part, character
_Runs = list[tuple[str, str]]


def cells(character: str) -> int:
    """How many cells of a terminal *character* takes."""
    if unicodedata.combining(character) or unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def broken(runs: Sequence[tuple[str, str]], width: int) -> list[_Runs]:
    """*runs* of (part, text) as lines of at most *width* cells; a word that is longer is cut.

    Nothing is lost but the spaces where a line ends.
    """
    lines: list[list[_Cell]] = [[]]
    for word in _words([(part, character) for part, text in runs for character in text]):
        if lines[-1] and _width(lines[-1]) + _width(_stripped(word)) > width:
            lines.append([])
        for cell in word:
            if _width(lines[-1]) + cells(cell[1]) > width:
                if cell[1] == " ":
                    continue  # at a line's end
                lines.append([])
            if lines[-1] or cell[1] != " " or len(lines) == 1:
                lines[-1].append(cell)
    return [_joined(_stripped(line)) for line in lines]


def _words(text: Sequence[_Cell]) -> list[list[_Cell]]:
    """*text* cut at every place where a line may end."""
    words: list[list[_Cell]] = []
    for cell in text:
        if words and not _may_break(words[-1][-1][1], cell[1]):
            words[-1].append(cell)
        else:
            words.append([cell])
    return words


def _may_break(left: str, right: str) -> bool:
    if right == " " or right in _NOT_FIRST or left in _NOT_LAST:
        return False
    return left == " " or cells(left) == 2 or cells(right) == 2


def _width(line: Sequence[_Cell]) -> int:
    return sum(cells(character) for _, character in line)


def _stripped(line: list[_Cell]) -> list[_Cell]:
    end = len(line)
    while end and line[end - 1][1] == " ":
        end -= 1
    return line[:end]


def _joined(line: Sequence[_Cell]) -> _Runs:
    return [(part, "".join(character for _, character in group)) for part, group in groupby(line, key=lambda cell: cell[0])]
