"""The front of a paper: its title and who wrote it, told from the first page's print."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.reading.headings import run_in, tidy
from digest.reading.letters import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.reading.rows import Print, Row

_BODY_BEGINS = re.compile(r"^(\d{1,2}\.?\s+|I\.\s+)?(abstract|introduction|summary|摘\s*要|引\s*言)\b\s*[.:—–-]?\s*$", re.IGNORECASE)
_NOT_TITLE = re.compile(
    r"arxiv:|^published|^preprint|^accepted|^under review|proceedings|^vol(ume)?\b|^doi|https?:|^journal|conference paper", re.IGNORECASE
)
_NOT_NAME = re.compile(
    r"[@\d/:(){}]|univers|institut|college|school|depart|laborator|\blabs?\b|research|academy|center|centre|inc\b|corp|google|microsoft|meta\b|nvidia"
    r"|deepmind|openai|adobe|amazon|huawei|tencent|alibaba|bytedance|baidu|email|e-mail|correspond|equal|contribut|project|code|abstract|faculty|hospital"
    r"|china|usa|germany|france|japan|korea|singapore|technology|science|group|team\b|street|road|avenue|abteilung|www\.|\bat\b|\bof\b|\bfor\b|\bthe\b|\bwith\b|\bvia\b|\bfrom\b",
    re.IGNORECASE,
)
_NAME_PART = re.compile(r"^(?:[^\W\d_][\w.'’`´-]*|de|van|von|der|den|la|le|di|da|al|el|bin)$")
_AND = re.compile(r"^and\s+", re.IGNORECASE)
_SEPARATOR = re.compile(r"\s*[,;·•|&∗*†‡§¶⋆♯✉]+\s*|\s+and\s+|\s{3,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """What stands before the abstract."""

    title: str
    authors: tuple[str, ...]
    rows: tuple[Row, ...]  # of title, names and addresses, in reading order


def find(rows: Sequence[Row], made: Print) -> Front:
    """The front of the paper whose first page's body *rows* are given in reading order.

    The title is the largest print of the upper part of the page; names follow it. Without a heading that ends the front ("Abstract",
    "1 Introduction") only the title is taken, and no names.
    """
    start = next((row for row in rows if _begins_body(row)), None)
    upper = _upper(rows, start) if start else [row for row in rows if row.y0 < 400][:12]
    title = _title_rows(upper)
    if not title:
        return Front(title="", authors=(), rows=())
    text = tidy(" ".join(clean(row.text).strip() for row in title))
    below = upper[max(upper.index(row) for row in title) + 1 :] if start else []
    end = next((i for i in range(len(below)) if _is_paragraph(below[i : i + 3], made)), len(below))
    return Front(title=text, authors=_authors(below[:end]), rows=(*title, *below[:end]))


def _upper(rows: Sequence[Row], start: Row) -> list[Row]:
    """What is read before the row *start*, and what a second column has above its height."""
    before = rows[: rows.index(start)]
    beside = [row for row in rows[len(before) + 1 :] if row.y1 < start.y0 and row.words < 12 and row.page == start.page]
    return sorted([*before, *beside], key=lambda row: (row.y0, row.x0))


def _begins_body(row: Row) -> bool:
    text = tidy(row.text)
    return bool(_BODY_BEGINS.match(text) or run_in(text))


def _title_rows(rows: Sequence[Row]) -> list[Row]:
    able = [row for row in rows if row.words and not _NOT_TITLE.search(row.text) and len(row.text.strip()) > 3]
    if not able:
        return []
    largest = max(row.size for row in able)
    first = next(i for i, row in enumerate(able) if row.size > 0.93 * largest)
    title = [able[first]]
    for row in able[first + 1 : first + 6]:
        if row.size < 0.93 * title[0].size or row.y0 - title[-1].y0 > 2.2 * title[-1].size or row.bold != title[0].bold:
            break
        title.append(row)
    return title


def _is_paragraph(rows: Sequence[Row], made: Print) -> bool:
    """Whether three rows read like running text: the start of an abstract without a heading."""
    full = [row for row in rows if row.words >= 6 and row.x1 - row.x0 > 0.8 * made.column and "," not in row.text[:12]]
    return len(rows) == 3 and len(full) == 3 and rows[0].block == rows[2].block and "@" not in "".join(row.text for row in rows)


def _authors(rows: Sequence[Row]) -> tuple[str, ...]:
    names: list[str] = []
    for row in rows:
        plain = "".join(_name_text(row, i) for i in range(len(row.spans)))
        parts = [_AND.sub("", part.strip(" .")) for part in _SEPARATOR.split(clean(plain)) if part.strip(" .")]
        good = [part for part in parts if _is_name(part)]
        if len(good) >= max(1, 0.6 * len(parts)):
            names.extend(name for name in good if name not in names)
    return tuple(names)


def _name_text(row: Row, index: int) -> str:
    """A span of a row of names: raised marks become separators."""
    span = row.spans[index]
    return "," if span.size < 0.8 * row.size and span.text.strip() else span.text


def _is_name(text: str) -> bool:
    parts = text.split()
    capitals = sum(part[0].isupper() for part in parts)
    if not 2 <= len(parts) <= 5 or capitals < 2 or _NOT_NAME.search(text):
        return len(text) in {2, 3} and all("\u4e00" <= character <= "\u9fff" for character in text)
    return all(_NAME_PART.match(part) for part in parts)
