"""What a reader types into the search, taken apart: words, phrases, exclusions, papers, and what a hit must be.

    diffusion "score network" -GAN author:"Kaiming He" cat:cs.CV since:2026-01-20 is:liked in:method 2601.20742v2

Pure, and forgiving: what cannot be understood as anything else is words. Quotes and colons may be Chinese ones, and the filters
have Chinese names (作者：何恺明 章节：方法).
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from digest.records import SectionKind

if TYPE_CHECKING:
    from collections.abc import Callable

ANALYSIS = "analysis"  # beside the kinds of sections: what our own analyses say of a paper
FIGURE, TABLE, FACT = "figure", "table", "fact"
KINDS = (*(kind.value for kind in SectionKind), FIGURE, TABLE, FACT, ANALYSIS)
STATES = ("liked", "disliked", "read", "analysed")

_STRAIGHT = str.maketrans({**dict.fromkeys("“”„「」『』＂", '"'), "：": ":", "－": "-", "−": "-"})
_PIECE = re.compile(r'(?P<minus>(?<!\S)-(?=[^\W\d]|"))?(?:(?P<name>[^\W\d_]+):(?=\S))?(?:"(?P<phrase>[^"]*)"|(?P<word>[^\s"]+))')
# New ids, and old ones with their archive; sources know which archives there are, here a paper of that name must be in the library.
_ARXIV = re.compile(
    r"(?:arxiv:|https?://(?:www\.|export\.)?arxiv\.org/(?:abs|pdf)/)?"
    r"(\d{2}(?:0[1-9]|1[0-2])\.\d{4,5}|([a-z-]+)(?:\.[a-z]{2})?/(\d{7}))(?:v[1-9]\d*)?(?:\.pdf)?",
    re.ASCII | re.IGNORECASE,
)
_DOI = re.compile(r"(?:doi:|https?://(?:dx\.)?doi\.org/)?(10\.\d{4,9}/\S+)", re.IGNORECASE)
_DAY = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_TOLD = ("text", "misread", "unheld")  # fields of a query that ask nothing of a hit
_SCORE = re.compile(r"(>=|<=|>|<|)(\d{1,3})|(\d{1,3})(?:-|\.\.)(\d{1,3})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A search as it was meant. Values of one tuple are alternatives, but authors, states and phrases, which must all hold."""

    text: str = ""  # the words to look for, with those of the phrases, as they were typed; may be empty
    phrases: tuple[str, ...] = ()  # stand in every hit
    excluded: tuple[str, ...] = ()  # words and phrases that stand in no hit
    ids: tuple[str, ...] = ()  # names of papers: arXiv ids without version, "doi:<DOI>", or what followed "id:"
    authors: tuple[str, ...] = ()  # names or parts of them
    categories: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()  # of ``KINDS``
    states: tuple[str, ...] = ()  # of ``STATES``
    since: dt.date | None = None  # first day of publication
    until: dt.date | None = None  # last day
    least_score: int | None = None  # relevance to the reader, as last ranked
    most_score: int | None = None
    misread: tuple[str, ...] = ()  # filters with a value that they do not take, which are words therefore
    unheld: tuple[str, ...] = ()  # phrases that stand nowhere, which are words therefore (``Searcher.settled``)

    def narrowed(self, **more: Any) -> Query:
        """This query with *more* asked of its hits: values of tuples are added, others that are not None replace what is there."""
        changed = {name: (*getattr(self, name), *value) if isinstance(value, tuple) else value for name, value in more.items()}
        given: dict[str, Any] = {name: value for name, value in changed.items() if value is not None}
        return replace(self, **given)

    @property
    def is_filtered(self) -> bool:
        """Whether not every passage may be a hit."""
        return any(getattr(self, field.name) not in ((), None) for field in fields(self) if field.name not in _TOLD)


def parse(text: str) -> Query:
    """*text* as a query."""
    query, words = Query(), list[str]()
    text = text.encode("utf-8", "replace").decode("utf-8")  # a shell hands on bytes that are no text as halves of characters
    for match in _PIECE.finditer(text.translate(_STRAIGHT)):
        value = match["word"] if match["phrase"] is None else " ".join(match["phrase"].split())
        found = _found(match, value)
        if found is not None:
            query = query.narrowed(**found)
        elif match["name"] and match["name"].lower() in _FILTERS:
            query = query.narrowed(misread=(match.group(),))
        if found is None or "phrases" in found:
            words.append(value if match["phrase"] is not None else match.group())
    return replace(query, text=" ".join(filter(None, words)))


def _found(match: re.Match[str], value: str) -> dict[str, Any] | None:
    """What a piece of the query says beside being words; None when it says nothing else."""
    whole = match.group()
    if match["minus"]:
        return {"excluded": (f"{match['name']} {value}" if match["name"] else value,)} if value else {}
    if paper := paper_name(whole):
        return {"ids": (paper,)}
    if match["name"]:
        wanted = _FILTERS.get(match["name"].lower())
        return wanted.read(value) if wanted and value else None
    return {"phrases": (value,)} if match["phrase"] is not None and value else None


def taken(misread: str) -> str:
    """The values that the filter of *misread*, as ``Query`` holds it, takes."""
    return _FILTERS[misread.partition(":")[0].lower()].takes


def paper_name(text: str) -> str:
    """The id that *text* is: an arXiv id without its version, or ``doi:<DOI>``, also within an address; "" when it is none."""
    if match := _ARXIV.fullmatch(text.rstrip(".,;")):
        return f"{match[2].lower()}/{match[3]}" if match[2] else match[1]
    match = _DOI.fullmatch(text)
    return f"doi:{match[1].rstrip('.,;').lower()}" if match else ""


def _all(name: str) -> Callable[[str], dict[str, Any]]:
    return lambda value: {name: (value,)}


def _kinds(value: str) -> dict[str, Any] | None:
    """Kinds by their names, the beginnings of these, or in Chinese; several with commas."""
    found = [
        kind for part in re.split(r"[,，、]", value.lower()) if part for kind in KINDS if kind.startswith(part) or kind == _ZH.get(part)
    ]
    return {"kinds": tuple(found)} if found else None


def _states(value: str) -> dict[str, Any] | None:
    state = _ZH.get(value, value.lower())
    return {"states": (state,)} if state in STATES else None


def _score(value: str) -> dict[str, Any] | None:
    match = _SCORE.fullmatch(value)
    if not match:
        return None
    if match[3]:
        return {"least_score": int(match[3]), "most_score": int(match[4])}
    score = int(match[2])
    return {"<": {"most_score": score - 1}, "<=": {"most_score": score}, ">": {"least_score": score + 1}}.get(
        match[1], {"least_score": score}
    )


def _day(name: str, *, last: bool) -> Callable[[str], dict[str, Any] | None]:
    """A day, a month or a year; of the longer ones the first day, or the *last*."""

    def read(value: str) -> dict[str, Any] | None:
        match = _DAY.fullmatch(value)
        try:
            year, month, day = (int(part) if part else 0 for part in match.groups()) if match else (0, 0, 0)
            month = month or (12 if last else 1)
            return {name: dt.date(year, month, day or (calendar.monthrange(year, month)[1] if last else 1))}
        except ValueError:  # a month that cannot be is one, too (calendar.IllegalMonthError)
            return None

    return read


_ZH = dict(
    pair.split("=")
    for pair in (
        "摘要=abstract 引言=introduction 相关工作=related 方法=method 实验=experiments 结果=results 局限=limitations 结论=conclusion"
        " 附录=appendix 图=figure 表=table 表格=table 事实=fact 分析=analysis 喜欢=liked 不喜欢=disliked 已读=read 已分析=analysed"
    ).split()
)


class _Wanted(NamedTuple):
    """A filter by one name."""

    read: Callable[[str], dict[str, Any] | None]
    takes: str  # told to whom gave it another value


_A_DAY, _A_NAME = "a day, a month or a year: 2026-01-20, 2026-01, 2026", "a name"
_READERS = {
    "author au 作者": _Wanted(_all("authors"), _A_NAME),
    "category cat 类别 分类": _Wanted(_all("categories"), _A_NAME),
    "source 来源": _Wanted(_all("sources"), _A_NAME),
    "in section 章节": _Wanted(_kinds, ", ".join(KINDS)),
    "is 状态": _Wanted(_states, ", ".join(STATES)),
    "score 评分 分数": _Wanted(_score, "80, <80 or 40-80"),
    "since after 自": _Wanted(_day("since", last=False), _A_DAY),
    "until before 至": _Wanted(_day("until", last=True), _A_DAY),
    "id paper 论文": _Wanted(lambda value: {"ids": (paper_name(value) or value,)}, _A_NAME),
}
_FILTERS = {name: wanted for names, wanted in _READERS.items() for name in names.split()}
