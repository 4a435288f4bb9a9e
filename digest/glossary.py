"""English and Chinese terms of the field: a Chinese interest in words that an English model knows.

Reads ``prompts/glossary.toml`` and, after it, the workspace's own. Pure lookup by longest match; no grammar. Everyday
words of a question are looked up in a dictionary.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from digest.dictionary import is_word, meaning
from digest.errors import UsageError
from digest.text import fold
from digest.workspace import shipped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from digest.workspace import Workspace

_PLACE = ("prompts", "glossary.toml")
_WORDS = ("prompts", "words.toml")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+")
_PIECE = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+|[^\u3400-\u4dbf\u4e00-\u9fff]+")
_PUNCTUATION = str.maketrans(
    {"，": ", ", "。": ". ", "、": ", ", "；": "; ", "：": ": ", "？": "? ", "！": "! ", "（": " (", "）": ") ", "“": '"', "”": '"'}
)
# Words of grammar: nothing is lost when they are not translated.
_GRAMMAR = frozenset(
    "以及 包括 例如 比如 特别是 尤其 尤其是 关于 基于 面向 针对 用于 使用 利用 通过 进行 实现 相关 方面 研究 工作 论文 我们"
    " 一种 不同 各种 等等 如何 方向 问题 技术 其中 可以 能够"
    " 为什么 什么 怎样 怎么 多少 哪个 哪些 哪种 哪里 几个 还是 是否 如果 作者 多久 多大 才能 几分".split()
)
# English terms that tell no paper from another.
_COMMON = frozenset(
    (
        "method,model,algorithm,framework,theory,application,task,learning,training,inference,analysis,design,image,text,understanding,"
        "fast,efficient,robust,game,benchmark,dataset,baseline,evaluation,high-quality,high-fidelity,large-scale,real-world,real-time,"
        "end-to-end,state of the art,open source"
    ).split(",")
)
_LONGEST_TERM = 6  # words
_LONGEST_WORD = 6  # characters
_PARTICLES = "的地得和与或及在对从到里将把被让为是有了等其这那也都更最很不做用向由以并而但个类种"


def has_chinese(text: str) -> bool:
    """Whether Chinese characters stand in *text*."""
    return bool(_HAN.search(text))


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """Terms of a text in English, in their order."""

    text: str  # what was English already stays
    terms: tuple[tuple[str, str], ...] = ()  # (Chinese, English) of every term met
    missed: tuple[str, ...] = ()  # Chinese that no term covers, words of grammar left out


@dataclass(frozen=True)
class Glossary:
    """Terms of the field in both languages."""

    terms: dict[str, tuple[str, ...]]  # English -> Chinese, the preferred first; among the others may be English ones
    everyday: bool = False  # whether what of a Chinese text no term covers is looked up in the dictionary

    @classmethod
    def load(cls, workspace: Workspace | None = None, *, words: bool = False) -> Glossary:
        """The shipped terms, and those of *workspace*, which win.

        Args:
            words: the plain words of research and the dictionary, too, for a question of which every word counts.

        Raises:
            UsageError: a file cannot be read; names it and the term.
        """
        paths = [*([shipped(*_WORDS)] if words else []), shipped(*_PLACE)]
        if workspace and (own := workspace.root.joinpath(*_PLACE)).is_file() and own.resolve() != paths[-1].resolve():
            paths.append(own)
        return cls({english: forms for path in paths for english, forms in _read(path).items()}, everyday=words)

    @cached_property
    def english(self) -> dict[str, str]:
        """Chinese form -> English term."""
        return {form: english for english, forms in self.terms.items() for form in forms if has_chinese(form)}

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self.english), default=0)

    def chinese(self, term: str) -> str:
        """The preferred Chinese form of an English *term*; empty when it is not known."""
        forms = self.terms.get(term) or self.terms.get(term.lower())
        return forms[0] if forms else ""

    @cached_property
    def _index(self) -> dict[tuple[str, ...], str]:
        """The words of each English term that has a Chinese form -> the term."""
        return {_bare(term): term for term, forms in self.terms.items() if has_chinese(forms[0]) and not term.isupper()}

    def key_terms(self, title: str, abstract: str, *, most: int = 4) -> tuple[str, ...]:
        """In Chinese what a paper is about: the compound terms of its *title*, then its other ones, then compound ones of its *abstract*.

        Words that any paper may have in its title, such as "model", are left out, and terms within longer ones. Of the abstract
        the most frequent come first.
        """
        titled = [term for term in self._met(title) if term not in _COMMON]
        counted = Counter(term for term in self._met(abstract) if is_compound(term) and term not in _COMMON)
        ordered = [*filter(is_compound, titled), *titled, *(term for term, _ in counted.most_common())]
        names = list(dict.fromkeys(self.terms[term][0] for term in ordered))
        whole = [name for name in names if not any(name in other and name != other for other in names)]
        return tuple(whole[:most])

    def _met(self, text: str) -> Iterator[str]:
        """English terms of *text* in its order, the longest that fits first."""
        words = _bare(text)
        return (self._index[words[start:end]] for start, end in longest(words, self._index.__contains__, _LONGEST_TERM))

    def translate(self, text: str) -> Translation:
        """The terms of *text* in English, the longest that fits first, the English in it as it is."""
        words: list[str] = []
        terms: list[tuple[str, str]] = []
        missed: list[str] = []
        for piece in _PIECE.findall(text.translate(_PUNCTUATION)):
            if not _HAN.match(piece):
                words.append(piece.strip())
                continue
            for form, english in self._terms(piece):
                if english:
                    words.append(english)
                    terms.append((form, english))
                elif left := form.strip(_PARTICLES):
                    for part, said in _looked_up(left) if self.everyday else [(left, "")]:
                        (words if said else missed).append(said or part)
        return Translation(text=_joined(words), terms=tuple(terms), missed=tuple(missed))

    def _terms(self, run: str) -> Iterator[tuple[str, str]]:
        """*run*, all Chinese characters, in pieces: terms with their English, and what lies between them with none."""
        for piece, known in _parts(run, lambda form: form in self.english or form in _GRAMMAR, self._longest):
            if not known or piece in self.english:
                yield piece, self.english.get(piece, "")


def _bare(text: str) -> tuple[str, ...]:
    """The words of English *text*, those with a hyphen in parts, without an s at their ends."""
    return tuple(word.removesuffix("s") for word in re.findall(r"[a-z0-9]+", fold(text).casefold()))


def _looked_up(run: str) -> Iterator[tuple[str, str]]:
    """What is no term in pieces: everyday words with their English, and what lies between them with none."""
    for piece, known in _parts(run, is_word, _LONGEST_WORD):
        if left := piece if known else piece.strip(_PARTICLES):
            yield left, meaning(left) if known else ""


def _parts(run: str, known: Callable[[str], bool], most: int) -> Iterator[tuple[str, bool]]:
    """All of *run* in pieces, and whether each is *known*; see ``longest``."""
    before = 0
    for start, end in longest(run, known, most):
        if start > before:
            yield run[before:start], False
        yield run[start:end], True
        before = end
    if before < len(run):
        yield run[before:], False


def is_compound(term: str) -> bool:
    """Whether an English term is more than a word, as "model" and "image" are none."""
    return " " in term or "-" in term


def longest(run: Sequence[str], known: Callable[[Any], bool], most: int) -> Iterator[tuple[int, int]]:
    """Yield from and to of the parts of *run*, a text or words, that are *known*, the longest that fits first, of at most *most* items."""
    start = 0
    while start < len(run):
        end = next((end for end in range(min(len(run), start + most), start, -1) if known(run[start:end])), 0)
        if end:
            yield start, end
        start = end or start + 1


def _joined(words: list[str]) -> str:
    """*words* as one line, without a space before punctuation."""
    return re.sub(r"\s+([,.;:)])", r"\1", " ".join(" ".join(words).split())).strip(" ,;:")


def _read(path: Path) -> dict[str, tuple[str, ...]]:
    try:
        groups: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path}: {error}") from None
    terms: dict[str, tuple[str, ...]] = {}
    for group, entries in groups.items():
        for english, forms in entries.items() if isinstance(entries, dict) else [(group, None)]:
            if not isinstance(forms, list) or not forms or not all(isinstance(form, str) and form for form in forms):
                raise UsageError(f'{path}: {english!r} is no list of words (as in [group] "{english}" = ["中文"])')
            terms[english] = tuple(forms)
    return terms
