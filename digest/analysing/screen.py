"""What is wrong with a statement of a model, whatever the paper says: refusals, echoes, copies, obeyed orders, a wrong language.

Pure. ``chatter`` knows the phrases of models about themselves; here a statement is held against what was asked and read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from digest.analysing.chatter import is_refusal
from digest.text import fold, sentences, words

if TYPE_CHECKING:
    from collections.abc import Iterable

_CJK, _LETTER = re.compile(r"[\u4e00-\u9fff]"), re.compile(r"[A-Za-z]")
_OTHER_SCRIPT = re.compile(r"[\u3040-\u30ff\uac00-\ud7af\u0400-\u04ff\u0600-\u06ff\u0e00-\u0e7f]")  # kana, hangul, Cyrillic, Arabic, Thai
REFUSED = "a refusal or an error message"
_ECHO = 4  # words in a row that stand in the prompt too
_COPY, _COPIED = 6, 0.75  # words in a row that stand in the abstract too, and the share of all such runs that makes a copy
_SHORTEST_COPY = 10  # words: a shorter sentence may be the only way to say it
_OBEYED = 0.6  # share of a statement's words that stand in an order given by the paper
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s)\]，。；]+", re.IGNORECASE)
# A sentence of a paper that orders the program which reads it: it begins with the order. "We ask models to ignore the
# instructions" is a finding.
_ORDER = re.compile(
    r"^(?:\[p\d+\])?[\"'“‘\[(*\s]*(?:(?:important|note|attention|system|instruction)s?(?: note)?(?: to [\w ]{0,30})?[:,.!]\s*"
    r"|please,? |now,? |you must |kindly )*"
    r"(?:(?:ignore|disregard|forget|override)\b.{0,40}\b(?:instructions?|prompts?|rules|guidelines|above|previous|prior)\b"
    r"|(?:as|if you are|you are|dear|to any|to the) (?:an? |the )?(?:ai|llm|(?:large )?language model|assistant)\b"
    r"|(?:give|write|provide|assign|recommend|rate|say|state|respond|conclude)\b.{0,50}\b(?:positive|accept\w*|highest|excellent|favou?rabl[ey]"
    r"|outstanding|10/10|groundbreaking)\b"
    r"|do not (?:mention|highlight|report|list|criticize)\b.{0,40}\b(?:weakness|limitation|negative|flaw|shortcoming))"
    r"|^[“‘\s]*(?:请|务必|必须)?(?:忽略|无视|忘记).{0,12}(?:指令|提示|要求|规则)|^[“‘\s]*(?:请|务必|必须|作为).{0,16}(?:正面|好评|高分|推荐接收)",
    re.IGNORECASE,
)
# A judgement that nobody asked for: what papers with orders in them make models say.
_VERDICT = re.compile(
    r"\bstrong(?:ly)? (?:accept|recommend)|\b(?:should|must|deserves? to) be (?:accepted|published)\b|\brecommend(?:ed)? acceptance\b"
    r"|\b(?:10|ten)(?:\.0)? ?(?:/|out of) ?(?:10|ten)\b"
    r"|\bthis (?:paper|work|study|article) is (?:an? |the |truly |simply |really |quite )*"
    r"(?:excellent|outstanding|groundbreaking|exceptional|brilliant|flawless|amazing|superb)\b"
    r"|\b(?:has|have|with) (?:absolutely )?no (?:weakness(?:es)?|limitations?|flaws?)\W*$"
    r"|\bdeserves? (?:an? |the )?(?:best paper|award|oral|highest)"
    r"|强烈推荐|(?:应当?|应该|建议|值得)(?:被)?(?:接收|录用|接受发表)|(?:给予?|给出|打)满分|(?:10|十) ?(?:/|分制) ?(?:10|十分?)"
    r"|(?:这|该|本)(?:篇)?(?:论文|工作|文章|研究)(?:是|堪称|非常|极其|十分|一[篇项])*(?:完美|卓越|杰出|优秀|无可挑剔|无懈可击|里程碑)"
    r"|(?:没有|不存在)(?:任何|明显)?的?(?:缺陷|缺点|局限性?|不足(?:之处)?)\W*$|最佳论文奖?的?(?:水平|水准|候选|有力)",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(
    r"\b(?:lorem ipsum|your (?:answer|text|response) here|insert .{0,20} here|todo|tbd|placeholder text|(?:key )?point \d:? \.\.\.)"
    r"|此处(?:填写|插入|省略)|待补充|待填写|(?:要点|观点|第[一二三]点)[一二三\d]?[:：]?\s*(?:\.{3}|…)|^[xX]{3,}|\.{6,}|…{3,}"
    r"|<(?:answer|text|insert[^>]*|your [^>]*)>|\{\{\s*\w+\s*\}\}|\[(?:your|insert|answer|填写|你的)[^\]]*\]",
    re.IGNORECASE,
)
_DATA = re.compile(
    r"^\s*[\[{]\s*[\"'{]|[\"']\s*:\s*[\"'\[{]|</?(?:html|head|body|title|div|h\d|p|ul|li|script|img|table|center|iframe)\b",
    re.IGNORECASE,
)
_OWN_TASK = re.compile(
    r"您|你(?:的|要求|提到|提供|好)|(?:按照|根据)(?:要求|题目|指示)|^(?:本|该|此)(?:次)?(?:回答|答案|回复|分析)"
    r"|\b(?:your (?:question|request|(?:research )?interests?)|(?:that )?you (?:asked|requested|provided|want(?:ed)?)|as requested)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Screen:
    """What a statement is held against."""

    prompt: str  # what was asked
    language: str  # that was asked for
    abstract: str = ""  # whose sentences are no findings; empty where the abstract itself is asked for
    paper: str = ""  # everything the model was shown

    def fault(self, text: str) -> str:
        """What is wrong with the statement *text*; "" when nothing is."""
        tests = (
            (REFUSED, is_refusal),
            ("a placeholder or data, no prose", lambda text: bool(_PLACEHOLDER.search(text) or _DATA.search(text))),
            ("repeats the question", self.is_echo),
            ("speaks of its task or to its reader", lambda text: bool(_OWN_TASK.search(text))),
            (
                "a verdict or an order that stands in the paper",
                lambda text: bool(_VERDICT.search(fold(text)) or _ORDER.search(text)) or self.obeys(text),
            ),
            ("gives an address that the paper does not", self.gives_address),
            ("copied from the abstract", self.is_copy),
            (f"not in {'Chinese' if self.language == 'zh' else 'English'}", lambda text: not speaks(self.language, text)),
        )
        return next((reason for reason, fails in tests if fails(text)), "")

    def gives_address(self, text: str) -> bool:
        """Whether *text* names an address that the paper does not."""
        return any(address.rstrip(".,") not in self.paper for address in _ADDRESS.findall(text))

    def is_echo(self, text: str) -> bool:
        """Whether most of *text* stands in the prompt, in runs of words."""
        told = words(text)
        size = min(_ECHO, len(told))
        asked = self._asked if size == _ECHO else _grams(words(self.prompt), size)
        covered = {i + k for i in range(len(told) - size + 1) if tuple(told[i : i + size]) in asked for k in range(size)}
        return len(covered) > 0.6 * len(told)

    def is_copy(self, text: str) -> bool:
        """Whether *text* is a sentence of the abstract, word for word."""
        told = words(text)
        if len(told) < _SHORTEST_COPY or not self.abstract:
            return False
        runs = [tuple(told[i : i + _COPY]) for i in range(len(told) - _COPY + 1)]
        return sum(run in self._abstract for run in runs) >= _COPIED * len(runs)

    def obeys(self, text: str) -> bool:
        """Whether most of *text* are words of an order that the paper gives to its reader's program."""
        told = set(words(text)) - _COMMON
        return len(told) > 1 and any(len(told & order) >= _OBEYED * len(told) for order in self._orders)

    @cached_property
    def _asked(self) -> set[tuple[str, ...]]:
        return _grams(words(self.prompt), _ECHO)

    @cached_property
    def _abstract(self) -> set[tuple[str, ...]]:
        return _grams(words(self.abstract), _COPY)

    @cached_property
    def _orders(self) -> list[set[str]]:
        return [set(words(order)) for order in orders(self.paper.splitlines())]


_COMMON = frozenset("a an and are as in is it of on or that the this to with paper 的 是 了 在 和".split())


def orders(texts: Iterable[str]) -> list[str]:
    """Sentences of *texts* that give orders to a program."""
    return [sentence for text in texts for sentence in sentences(text) if _ORDER.search(sentence)]


def speaks(language: str, text: str) -> bool:
    """Whether *text* is in *language*; terms in Latin script may stand in a Chinese one."""
    chinese, latin = len(_CJK.findall(text)), len(_LETTER.findall(text))
    if len(_OTHER_SCRIPT.findall(text)) * 10 > chinese + latin:
        return False
    # A Chinese character says about as much as three or four letters, and terms stay in Latin script. A list of names alone
    # ("WFNO + AttnNO") is in any language.
    if language == "zh":
        return chinese * 4 >= latin or len(words(text)) <= 6
    return chinese * 3 <= latin


def _grams(told: list[str], size: int) -> set[tuple[str, ...]]:
    return {tuple(told[i : i + size]) for i in range(len(told) - size + 1)}
