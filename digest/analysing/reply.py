"""What a model wrote, taken apart into statements, and what is wrong with it.

Nothing of a reply reaches a digest but the statements that come out of here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.analysing.chatter import is_chatter, is_lead_in, is_not_stated, is_refusal
from digest.analysing.quantities import quantities
from digest.analysing.screen import REFUSED, speaks
from digest.text import fold, sentences, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.analysing.screen import Screen

_THINKING = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)|\A.*?</think(?:ing)?>", re.DOTALL | re.IGNORECASE)
_CONTROL = re.compile(r"<\|[^|<>\n]{1,40}\|>")
_MARK = r"[\[(（【]\s*p\d+(?:\s*[,，、;–-]\s*p?\d+)*\s*[\])）】]"
_EVIDENCE = re.compile(_MARK, re.IGNORECASE)
_EVIDENCE_AFTER_STOP = re.compile(rf"([.!?。！？])[ \t]*((?:{_MARK}[ \t]*)+)(?:[.。](?!\d))?", re.IGNORECASE)
# A mark with the words that only lead to it: "according to passage [p3]", "见 [p3]". Taken out together, no half phrase stays.
_REFERRED = re.compile(
    r"(?:[,，]?\s*\b(?:as (?:\w+ )?in|according to|based on|see(?: also)?|from|in)\s+)?(?:\b(?:the )?passages?\s+)?"
    rf"(?:(?:根据|(?<![为的])依据|参见|见|如|来自)\s*(?:段落|文段)?\s*)?{_MARK}(?:\s*(?:所[述示]|and\b(?=\s*{_MARK})))?",
    re.IGNORECASE,
)
_CITATION = re.compile(r"(?<=[\w)])\s*\[[1-9]\d{0,2}(?:\s*[,–-]\s*[1-9]\d{0,2})*\](?!\w)")  # of the paper's own references
_BULLET = re.compile(r"^\s*(?:[-*•·–]|\(?\d{1,2}[.)、]|\([ivx]+\))(?:\s+|$)")
_HEADING = re.compile(r"^\s*(?:#{1,6}\s|\*\*[^*]{1,60}\*\*[:：]?\s*$|[-=_*]{3,}\s*$|```)")
_ENDED = re.compile(r"[.!?。！？][\"'”’)）\]】*]*\s*$")
_HALF_MARK = re.compile(r"[\[(（【]\s*p?\d*\s*$", re.IGNORECASE)
_DANGLING = re.compile(r"\b(?:is|are|was|in|on|of|by|to|see|and|or|the|an?|from|with|for|that|as|refs?|eqs?)\s*[.。]*$", re.IGNORECASE)
_BROKEN_WORD = re.compile(r"(?<=[a-z])- *\n *(?=[a-z])")
_OTHER_TURN = re.compile(
    r"(?:^|\n)\s*(?:(?:user|human|question|用户|问题|提问)\s*[:：]|<\|im_start\|>\s*(?:user|system)).*\Z",
    re.DOTALL | re.IGNORECASE,
)
_FENCE = re.compile(r"^\s*(?:```|~~~).*?(?:^\s*(?:```|~~~)\s*$|\Z)", re.DOTALL | re.MULTILINE)
_TABLE_ROW, _SETEXT = re.compile(r"^\s*\|.*\|\s*$"), re.compile(r"^\s*(?:={3,}|-{3,})\s*$")
_PICTURE, _LINK = re.compile(r"!\[[^\]]*\]\([^)]*\)"), re.compile(r"\[([^\]]+)\]\((?:https?:|javascript:|data:|#|/|mailto:)[^)]*\)")
_TAG = re.compile(r"</?(?:b|i|em|strong|br|span|u|sub|sup|font|details|summary|a)\b[^>]{0,200}>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_HEADING_WORDS = 8  # a line without a full stop that is no bullet and no longer than this is a heading
_BULLET_SENTENCES = 2  # asked for; a longer bullet is a paragraph, and each sentence is checked by itself
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


@dataclass(frozen=True, slots=True)
class _Block:
    """A bullet or a paragraph."""

    text: str
    bullet: bool


def read_reply(text: str, *, kind: str, ended: bool, screen: Screen) -> Reply:
    """Take *text* apart.

    Args:
        kind: ``bullets`` or ``prose``; prose becomes a statement a sentence.
        ended: False when the token limit cut the reply: its unfinished last sentence is dropped.
        screen: tells what is wrong with a statement.
    """
    text = _CONTROL.sub(" ", _OTHER_TURN.sub("", _THINKING.sub("", text))).strip()
    if not text:
        return Reply(fault="empty reply")
    pieces = [piece for block in _blocks(_without_markup(text), ended=ended) for piece in _pieces(block, kind)]
    told = [statement for piece in pieces if (statement := _statement(piece))]
    if told and all(is_not_stated(statement.text) for statement in told):
        return Reply(not_stated=True)
    if not told:
        return Reply(fault=REFUSED if any(map(is_refusal, sentences(text))) else "nothing but preamble")
    faults = {statement: screen.fault(statement.text) for statement in told}
    kept = [statement for statement in told if not faults[statement] and not is_not_stated(statement.text)]
    if not kept or not speaks(screen.language, " ".join(statement.text for statement in kept)):
        return Reply(fault=next(filter(None, faults.values()), "no whole statement"))
    return Reply(statements=tuple(_distinct(kept))[:_MOST])


def _without_markup(text: str) -> str:
    """*text* without fenced code, tables, pictures and tags; of a link its words stay."""
    text = _FENCE.sub("\n", text)
    text = "\n".join(line for line in text.splitlines() if not _TABLE_ROW.match(line) and not _SETEXT.match(line))
    return _TAG.sub(" ", _LINK.sub(r"\1", _PICTURE.sub("", text)))


def _blocks(text: str, *, ended: bool) -> list[_Block]:
    """Bullets and paragraphs; headings, rules and, of a reply that was cut, the unfinished last sentence are dropped."""
    found: list[_Block] = []
    open_block = False
    for line in _EVIDENCE_AFTER_STOP.sub(r" \2\1 ", _BROKEN_WORD.sub("", text)).splitlines():
        if not line.strip() or _HEADING.match(line):
            open_block = False
        elif open_block and not _BULLET.match(line):
            found[-1] = _Block(f"{found[-1].text} {line.strip()}", found[-1].bullet)
        else:
            found.append(_Block(_BULLET.sub("", line).strip(), bool(_BULLET.match(line))))
            open_block = True
    if found and not ended:
        found[-1] = _Block(_finished(found[-1].text), found[-1].bullet)
    return [block for block in found if block.text and not _is_heading(block)]


def _finished(text: str) -> str:
    """*text* without an unfinished last sentence."""
    text = _HALF_MARK.sub("", text).strip()
    told = sentences(text)
    return text if not told or _ENDED.search(told[-1]) else " ".join(told[:-1])


def _is_heading(block: _Block) -> bool:
    return not block.bullet and not _ENDED.search(_EVIDENCE.sub("", block.text)) and len(words(block.text)) <= _HEADING_WORDS


def _pieces(block: _Block, kind: str) -> list[str]:
    """What of *block* is to be one statement each, without greetings and lead-ins."""
    told = [sentence for sentence in sentences(block.text) if not is_chatter(sentence) and not is_lead_in(sentence)]
    if kind == "bullets" and block.bullet and len(told) <= _BULLET_SENTENCES:
        return [" ".join(told)] if told else []
    return told


def _statement(piece: str) -> Statement | None:
    """*piece* with its evidence marks read and taken out; None when no whole statement is left."""
    evidence = [name.lower() for mark in _EVIDENCE.findall(piece) for name in _passages_of(mark)]
    text = _CITATION.sub("", _REFERRED.sub("", piece)).replace("**", "")
    text = re.sub(r"[(（\[]\s*[)）\]]", "", text)
    text = " ".join(re.sub(r"\s+([.,;:。，；：])", r"\1", text).split()).lstrip(".。,，;；:： ")
    text = re.sub(r"([.。,，;；])(?:\s*[.。,，;；])+$", r"\1", text)
    if len(words(text)) <= 2 or _DANGLING.search(text):
        return None
    return Statement(text[0].upper() + text[1:] if text.split()[0].isalpha() else text, tuple(dict.fromkeys(evidence)))


def _passages_of(mark: str) -> list[str]:
    """["p12", "p14"] of "[p12, 14]"; a range names its ends."""
    return [f"p{number}" for number in re.findall(r"\d+", mark)]


def _distinct(statements: Sequence[Statement]) -> list[Statement]:
    """Without statements that say again what an earlier one said: most word pairs the same, and no number of their own."""
    kept: list[Statement] = []
    for statement in statements:
        if not any(_same(statement.text, earlier.text) for earlier in kept):
            kept.append(statement)
    return kept


def _same(one: str, other: str) -> bool:
    a, b = _grams(one, 2), _grams(other, 2)
    numbers, others = ({quantity.written for quantity in quantities(fold(text))} for text in (one, other))
    return len(a & b) >= 0.7 * max(1, min(len(a), len(b))) and (numbers <= others or others <= numbers)


def _grams(text: str, size: int) -> set[tuple[str, ...]]:
    found = words(text)
    return {tuple(found[i : i + size]) for i in range(len(found) - size + 1)}
