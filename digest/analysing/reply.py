"""What a model wrote, taken apart into statements, and what is wrong with it.

Nothing of a reply reaches a digest but the statements that come out of here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.text import sentences, words

if TYPE_CHECKING:
    from collections.abc import Sequence

_THINKING = re.compile(r"<think>.*?(?:</think>|\Z)|\A.*?</think>", re.DOTALL)
_EVIDENCE = re.compile(r"[\[(（【]\s*((?:p\d+)(?:\s*[,，、;]\s*p\d+)*)\s*[\])）】]", re.IGNORECASE)
_BULLET = re.compile(r"^\s*(?:[-*•·]|\(?\d{1,2}[.)、]|\([ivx]+\))\s+")
_HEADING = re.compile(r"^\s*(?:#{1,6}\s|\*\*[^*]{1,60}\*\*[:：]?\s*$|[-=_*]{3,}\s*$|```)")
_PREAMBLE = re.compile(
    r"^\s*(?:好的|当然|以下是|下面是|根据(?:您|你)|作为|我将|sure\b|certainly\b|of course\b|okay\b|here (?:is|are)\b|below (?:is|are)\b"
    r"|as an? \w+)",
    re.IGNORECASE,
)
_REFUSAL = re.compile(
    r"请提供|无法(?:提供|访问|查看|回答)|作为(?:一个|一名)?(?:AI|人工智能|语言模型)|as an ai\b|language model\b.{0,20}\bI\b"
    r"|i (?:cannot|can't|am unable|'m unable|do not have access)|please provide|i'm sorry|i apologi[sz]e"
    r"|\b(?:quota|rate limit|traceback|exception)\b|\b(?:429|50[0-4])\b.{0,30}\berror\b|^\s*none\.?\s*$",
    re.IGNORECASE,
)
_NOT_STATED = re.compile(
    r"文中未说明|文中没有(?:说明|提及|给出)|not (?:stated|specified|mentioned|discussed) in the (?:paper|text)", re.IGNORECASE
)
_ENDED = re.compile(r"[.!?。！？；;:：)）\]】”\"'$]\s*$")
_BROKEN_WORD = re.compile(r"(?<=[a-z])- *\n *(?=[a-z])")
_CJK, _LETTER = re.compile(r"[\u4e00-\u9fff]"), re.compile(r"[A-Za-z]")
_ECHO = 8  # words in a row that stand in the prompt too
_MOST = 6  # statements kept of one answer; two to four are asked for


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence or bullet and the passages that the model says it rests on."""

    text: str
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A reply taken apart: statements, or that the paper does not say, or what is wrong."""

    statements: tuple[Statement, ...] = ()
    not_stated: bool = False
    fault: str = ""


def read_reply(text: str, *, kind: str, language: str, ended: bool, prompt: str) -> Reply:
    """Take *text* apart.

    Args:
        kind: ``bullets`` or ``prose``; prose becomes a statement a sentence.
        language: the language that was asked for.
        ended: False when the token limit cut the reply: its unfinished last sentence is dropped.
        prompt: the question as it was put; an answer that repeats it is an echo.
    """
    text = _THINKING.sub("", text).strip()
    if not text:
        return Reply(fault="empty reply")
    pieces = _pieces(text, kind)
    if not ended and pieces and not _ENDED.search(pieces[-1]):
        pieces = pieces[:-1]
    asked = _grams(prompt)
    told = [_statement(piece) for piece in pieces if not _PREAMBLE.match(piece)]
    told = [statement for statement in told if len(words(statement.text)) > 2]
    if told and all(_NOT_STATED.search(statement.text) for statement in told):
        return Reply(not_stated=True)
    kept = [s for s in told if not _REFUSAL.search(s.text) and not _NOT_STATED.search(s.text) and not (_grams(s.text) & asked)]
    if not kept:
        return Reply(fault="refused or off the point" if told else "nothing but preamble")
    if language == "zh" and not _is_chinese(" ".join(s.text for s in kept)):
        return Reply(fault="not in Chinese")
    return Reply(statements=tuple(_distinct(kept))[:_MOST])


def _pieces(text: str, kind: str) -> list[str]:
    """Bullets as they stand, or sentences; headings and rules are dropped."""
    lines: list[str] = []
    for line in _BROKEN_WORD.sub("", text).splitlines():
        if not line.strip() or _HEADING.match(line):
            lines.append("")
        elif _BULLET.match(line):
            lines += ["", _BULLET.sub("", line).strip()]
        elif lines and lines[-1]:
            lines[-1] += f" {line.strip()}"
        else:
            lines.append(line.strip())
    blocks = [line for line in lines if line]
    if kind == "bullets" and len(blocks) > 1:
        return blocks
    return [piece for block in blocks for piece in _sentences(block)]


def _sentences(block: str) -> list[str]:
    """Sentences of *block*; evidence marks that follow a full stop stay with the sentence before them."""
    found: list[str] = []
    for sentence in sentences(block):
        mark = _EVIDENCE.match(sentence)
        if mark and found:
            found[-1] += f" {mark.group()}"
            sentence = sentence[mark.end() :].strip()  # noqa: PLW2901 what is left of it
        if sentence:
            found.append(sentence)
    return found


def _statement(piece: str) -> Statement:
    evidence = [mark.lower() for found in _EVIDENCE.findall(piece) for mark in re.findall(r"p\d+", found, re.IGNORECASE)]
    text = " ".join(_EVIDENCE.sub("", piece).split())
    text = re.sub(r"\s+([.,;:。，；：])", r"\1", text).lstrip(".。,， ")
    return Statement(text, tuple(dict.fromkeys(evidence)))


def _distinct(statements: Sequence[Statement]) -> list[Statement]:
    """Without statements that share most of their words with an earlier one."""
    kept: list[Statement] = []
    for statement in statements:
        bag = set(words(statement.text))
        if all(len(bag & (other := set(words(s.text)))) < 0.8 * min(len(bag), len(other)) for s in kept):
            kept.append(statement)
    return kept


def _grams(text: str) -> set[tuple[str, ...]]:
    found = words(text)
    return {tuple(found[i : i + _ECHO]) for i in range(len(found) - _ECHO + 1)}


def _is_chinese(text: str) -> bool:
    chinese, latin = len(_CJK.findall(text)), len(_LETTER.findall(text))
    # A Chinese character says about as much as three letters, and terms stay in Latin script.
    return chinese * 3 >= latin
