"""What a query asks of its hits, as conditions of SQL: answered by indexes of the database, never paper by paper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.library.tokens import phrase

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from digest.library.query import Query

_STATES = {
    "liked": "paper.id IN (SELECT paper FROM feedback WHERE verdict = 1)",
    "disliked": "paper.id IN (SELECT paper FROM feedback WHERE verdict = -1)",
    "read": "paper.id IN (SELECT paper FROM file)",
    "analysed": "paper.id IN (SELECT paper FROM analysis)",
}
OF_AUTHOR = "SELECT author.paper FROM author_words JOIN author ON author.id = author_words.rowid WHERE author_words MATCH ?"
_MATCHES = "passage_words MATCH ?"
_WITH_WORDS = f"passage.id {{}} (SELECT rowid FROM passage_words WHERE {_MATCHES})"  # noqa: S608 a question mark


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition on a unit (table ``passage``) and its paper (table ``paper``), with the values of its question marks."""

    condition: str
    values: tuple[str | int, ...]
    narrows: bool = True  # it asks for something, rather than only against

    @property
    def by_row(self) -> str:
        """The condition for rows that are given: each is looked up in the word index, instead of all that the words are in."""
        return self.condition.replace(_MATCHES, f"{_MATCHES} AND rowid = passage.id")


EVERY = Filter("1", ())


def filter_of(query: Query, papers: Sequence[str], english: Callable[[str], str] = lambda _: "") -> Filter | None:
    """What *query* asks of its hits; None when every unit may be one.

    Args:
        papers: ids of the papers that ``query.ids`` name; hits are of one of them, where there are any.
        english: what a phrase says in English, which stands for it, too; "" where that is not known.
    """
    parts: list[tuple[str, tuple[str | int, ...]]] = [
        _one_of("paper.id", papers),
        _one_of("paper.source", query.sources),
        _one_of("passage.kind", query.kinds),
        *((_STATES[state], ()) for state in query.states),
    ]
    if query.categories:
        condition, values = _one_of("name", query.categories)
        parts.append((f"paper.id IN (SELECT paper FROM category WHERE {condition})", values))  # noqa: S608 question marks
    parts += [(f"paper.id IN ({OF_AUTHOR})", (name,)) for name in map(author_expression, query.authors)]
    parts += [(_WITH_WORDS.format("IN"), (told,)) for told in expressions(query.phrases, english)]
    parts += [("paper.published >= ?", (query.since.isoformat(),))] if query.since else []
    parts += [("paper.published <= ?", (query.until.isoformat(),))] if query.until else []
    if query.least_score is not None or query.most_score is not None:
        least, most = query.least_score or 0, 100 if query.most_score is None else query.most_score
        parts.append(("paper.id IN (SELECT paper FROM score WHERE value BETWEEN ? AND ?)", (least, most)))
    narrowing = [part for part in parts if part[0]]
    excluded = ((_WITH_WORDS.format("NOT IN"), (told,)) for told in expressions(query.excluded, english))
    every = [*narrowing, *excluded]
    if not every:
        return None
    asked = tuple(value for _, values in every for value in values)
    return Filter(" AND ".join(condition for condition, _ in every), asked, bool(narrowing))


def author_expression(name: str) -> str:
    """The FTS5 expression for one author's name: its words in any order, an initial for any name that begins with it."""
    words = "".join(letter if letter.isalnum() else " " for letter in name).split()
    return " AND ".join(f'"{word}"{"*" if len(word) == 1 else ""}' for word in words) or '""'


def expressions(phrases: Sequence[str], english: Callable[[str], str]) -> list[str]:
    """The FTS5 expression for each of *phrases*, as it is or in English; none for one without words."""
    either = (" OR ".join(filter(None, map(phrase, (told, english(told))))) for told in phrases)
    return list(filter(None, either))


def _one_of(column: str, values: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    return (f"{column} IN ({','.join('?' * len(values))})", tuple(values)) if values else ("", ())
