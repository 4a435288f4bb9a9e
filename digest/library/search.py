"""Finding again: vectors and words together, over everything read.

Any number of threads may search at once. Each has its own connection to the database (``Store.connection``), the embedder is
asked side by side, and an index is never changed while it is searched: ``sync`` works on a copy that shares the files of the one in
use and takes its place when it is saved. So no query waits for embedding; what is not embedded yet is found by its words.
"""

from __future__ import annotations

import math
import threading
import time
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from digest.glossary import Glossary, has_chinese
from digest.library.answering import in_order
from digest.library.filters import EVERY, author_expression, expressions, filter_of
from digest.library.identity import resolve
from digest.library.marking import Marker
from digest.library.places import page_at
from digest.library.query import parse
from digest.library.shelf import pdfs
from digest.library.sync import Sync
from digest.library.tokens import is_name, terms
from digest.library.units import EVERYTHING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from digest.embedding import Vectors
    from digest.library.embeddings import CachedEmbedder
    from digest.library.filters import Filter
    from digest.library.marking import Span
    from digest.library.places import Turns
    from digest.library.query import Query
    from digest.library.store import Store
    from digest.library.units import Unit
    from digest.library.vectors import VectorIndex
    from digest.records import Paper

_RRF = (
    5  # reciprocal rank fusion (Cormack, Clarke & Buettcher 2009); with their 60 what both lists hold halfway down beats the first of one
)
_POOL = 200  # units taken from each list before fusing, at first
_COMPARED = 9  # passages of a paper that tell which words are common in it, and on which pages else it speaks of what is asked
_READ = 5  # of them the first, among which the one that answers best is looked for
_OTHERS = 2  # places told beside the best passage of a paper
_FEW = 5000  # units that a filter leaves: these alone are compared
_NEAR, _SHARED, _UNREAD = 0.35, 0.3, 0.75  # what makes evidence, by half the questions of `python -m bench asking`
_OF_AUTHOR = 50  # papers of an author named without "author:"


class Why(StrEnum):
    """What a hit was found by."""

    WORDS = "words"
    MEANING = "meaning"
    BOTH = "both"  # words and meaning
    AUTHOR = "author"
    ID = "id"
    FILTER = "filter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One passage that answers a query."""

    paper: Paper
    page: int | None  # of the marked sentence; None: the abstract as its source gave it
    section: str
    kind: str  # one of ``query.KINDS``
    passage: str
    score: float  # fused, at most 1
    mark: Span | None  # from and to of the sentence of ``passage`` that answers best; None where no word is shared
    why: Why
    pdf: str = ""  # path of the PDF that was read; "" when there is none
    turns: Turns = ()  # where each of its pages begins; none where it stands on one
    others: tuple[Hit, ...] = ()  # the places of the same paper that were found next, each on a page of its own

    def marking(self, quote: str) -> Hit:
        """This hit with *quote*, words of its passage, marked and its page named."""
        start = self.passage.find(quote)
        span = (start, start + len(quote)) if start >= 0 else self.mark
        return replace(self, mark=span, page=page_at(start, self.page, self.turns) if start >= 0 else self.page)

    @property
    def link(self) -> str:
        """The page in the PDF, else the paper's own page; may be empty."""
        if self.pdf and self.page:
            return f"{Path(self.pdf).absolute().as_uri()}#page={self.page}"
        return self.paper.link


class Asked(NamedTuple):
    """A query made ready: what is embedded, what is looked up, which units may be hits."""

    text: str  # in a language that the embedder reads; "" when there is nothing to embed
    words: list[str]  # that are looked up, may be empty
    wanted: Filter | None
    author: str = ""  # FTS5 expression, where the words may be a name
    marked: str = ""  # what sentences are held against
    unread: float = 0.0  # share of it in a language that the embedder does not read, and the glossary neither


class _Found(NamedTuple):
    """A unit that answers."""

    unit: Unit
    score: float
    why: Why
    span: Span | None = None
    others: tuple[_Found, ...] = ()

    @property
    def page(self) -> int | None:
        """That of the sentence that answers best."""
        return self.unit.page_at(self.span[0]) if self.span else self.unit.page


class Ranking(NamedTuple):
    """Units in the order of each part of the search, and the papers of those that may be hits."""

    dense: list[int]
    lexical: list[int]
    of_author: list[int]
    papers: dict[int, str]


class Searcher:
    """The search over one library."""

    def __init__(
        self, store: Store, index: VectorIndex, embedder: CachedEmbedder, glossary: Callable[[], Glossary] = lambda: Glossary({})
    ) -> None:
        """*glossary* gives the English of Chinese terms; it is called when Chinese is met."""
        self._store, self._index, self._embedder = store, index, embedder
        self._glossary = cache(glossary)
        self._marker = Marker(embedder)
        self._sync = Sync(store, embedder, self._glossary)
        self._changing = threading.Lock()

    def sync(self, on_progress: Callable[[int], None] = lambda _: None, *, seconds: float = math.inf) -> int:
        """Bring the vectors in line with the database; return how many units came or went.

        Args:
            on_progress: told how many units were added since the last call.
            seconds: stop embedding after this time; what is ``pending`` then is found by its words alone until a later call.
        """
        with self._changing:
            until = time.monotonic() + seconds
            self._sync.renew(until)
            held = self._index if self._index.is_current() else self._index.reopened()
            if self._sync.is_done(held):
                self._index = held
                return 0
            index = self._index.reopened()
            changed = self._sync.run(index, on_progress, until=until)
            self._index = index
        return changed

    def outdated(self) -> int:
        """Of how many full texts an earlier release made less searchable than ``sync`` would."""
        return len(self._store.outdated())

    def pending(self) -> int:
        """How many units ``sync`` would add."""
        return len(self._sync.news(self._current())[1])

    def _current(self) -> VectorIndex:
        """The index, opened again when another process has written it."""
        if not self._index.is_current() and self._changing.acquire(blocking=False):
            try:
                self._index = self._index.reopened()
            finally:
                self._changing.release()
        return self._index

    # --- searching ----------------------------------------------------------------------------------------------------

    def search(self, query: Query | str, *, top_k: int, per_paper: int = 1) -> list[Hit]:
        """The *top_k* passages for *query*, best first, at most *per_paper* of one paper.

        Papers come in the order in which their passages were found. Within a paper passages with a page come before its abstract, and
        among them the one whose sentence answers best, which names the places that were found next. A query without words lists the
        papers that it asks for, the newest first.

        Args:
            query: as it was typed, or ``settled``.
        """
        query = self.settled(parse(query)) if isinstance(query, str) else query
        asked = self._understood(query)
        if not asked.text and not asked.words:
            why = Why.ID if query.ids else Why.AUTHOR if query.authors else Why.FILTER
            listed = self._store.units.get(self._store.units.first(asked.wanted or EVERY, top_k))
            return self._hits([_Found(unit, 1.0, why) for unit in listed])
        found: list[_Found] = []
        for ranking in self._rankings(asked):
            found = self._found(ranking, asked, top_k=top_k, per_paper=per_paper)
            if len(found) == top_k:
                break
        return self._hits(found)

    def settled(self, query: Query) -> Query:
        """*query* as it is searched: where it has other words, too, a phrase that stands nowhere is words, and ``unheld``."""
        if not query.phrases or len(" ".join(query.phrases)) >= len(query.text):
            return query
        held = tuple(filter(self._stands, query.phrases))
        unheld = tuple(phrase for phrase in query.phrases if phrase not in held)
        return replace(query, phrases=held, unheld=(*query.unheld, *unheld))

    def _stands(self, phrase: str) -> bool:
        return all(map(self._store.units.any_match, expressions([phrase], self._in_english)))

    def _in_english(self, phrase: str) -> str:
        """What a Chinese *phrase* that is a term says in English; "" for any other."""
        if not has_chinese(phrase):
            return ""
        translation = self._glossary().translate(phrase)
        return translation.text if "".join(chinese for chinese, _ in translation.terms) == phrase else ""

    def _found(self, ranking: Ranking, asked: Asked, *, top_k: int, per_paper: int) -> list[_Found]:
        lists = (ranking.dense, ranking.lexical, *filter(None, (ranking.of_author,)))
        scores = {unit: score for unit, score in fuse(*lists).items() if unit in ranking.papers}
        meant, worded, named = map(set, (ranking.dense, ranking.lexical, ranking.of_author))
        groups = self._groups(scores, ranking.papers, top_k=top_k, most=max(_COMPARED, per_paper))
        found, sought, read = [], self._marker.asked(asked.marked), max(_READ, per_paper)
        for group in groups:
            answers = self._marker.answers(sought, group)
            ranked = [
                _Found(unit, scores[unit.id], _why(unit.id in meant, unit.id in worded, unit.id in named), answer.span)
                for unit, answer in zip(group, answers, strict=True)
            ]
            order = in_order(asked.marked, group[:read], answers[:read])
            best, *more = (ranked[i]._replace(score=ranked[place].score) for place, i in enumerate(order[:per_paper]))
            found += [best._replace(others=_elsewhere([best, *more], ranked)), *more]
        return sorted(found, key=lambda one: (-one.score, one.unit.id))[:top_k]

    def _groups(self, scores: dict[int, float], papers: dict[int, str], *, top_k: int, most: int) -> list[list[Unit]]:
        """The units of the *top_k* best papers, *most* of each, the best first."""
        groups: dict[str, list[int]] = {}
        for unit in sorted(scores, key=lambda unit: (-scores[unit], unit)):
            if papers[unit] in groups or len(groups) < top_k:
                own = groups.setdefault(papers[unit], [])
                own += [unit] if len(own) < most else []
        units = {unit.id: unit for unit in self._store.units.get(unit for own in groups.values() for unit in own)}
        return [[units[unit] for unit in own if unit in units] for own in groups.values()]

    def _understood(self, query: Query) -> Asked:
        known = {name: resolve(self._store.connection, [name]) for name in query.ids}
        unknown = [name for name, found in known.items() if not found]
        text = " ".join([query.text, *unknown]) if query.text or len(unknown) == len(known) else ""
        wanted = filter_of(query, [paper for found in known.values() for paper in found], self._in_english)
        translation = self._glossary().translate(text) if has_chinese(text) else None
        english = translation.text if translation else ""
        unread = translation and not self._embedder.reads_chinese
        return Asked(
            text=english if unread else text,
            words=list(dict.fromkeys([*terms(text), *terms(english)])),
            wanted=wanted,
            author=author_expression(text) if is_name(text) and not query.authors else "",
            marked=f"{text} {english}" if english != text else text,
            unread=sum(map(len, translation.missed)) / len(text) if unread and translation else 0.0,
        )

    def _rankings(self, asked: Asked) -> Iterator[Ranking]:
        """Units by meaning, by words and by author, with the papers of those that may be hits: few first, then more, then all."""
        vector = self._embedder.embed_query(asked.text) if asked.text else None
        few = self._store.units.passing(asked.wanted, _FEW + 1) if asked.wanted and asked.wanted.narrows else None
        if few is not None and len(few) <= _FEW:
            yield self._ranking(asked, vector, len(few), few)
            return
        for pool in (_POOL, 10 * _POOL):
            if pool < len(self._current()):
                yield self._ranking(asked, vector, pool, None)
        yield self._ranking(asked, vector, EVERYTHING, self._store.units.passing(asked.wanted) if asked.wanted else None)

    def _ranking(self, asked: Asked, vector: Vectors | None, pool: int, among: Sequence[int] | None) -> Ranking:
        units, index = self._store.units, self._current()
        dense = [unit for unit, _ in index.search(vector, pool, among)] if vector is not None and pool else []
        lexical = units.matching(asked.words, pool, among) if asked.words else []
        of_author = units.of_author(asked.author, _OF_AUTHOR) if asked.author else []
        return Ranking(dense, lexical, of_author, units.papers({*dense, *lexical, *of_author}, None if among is not None else asked.wanted))

    def _hits(self, found: Sequence[_Found]) -> list[Hit]:
        papers = self._store.papers(list({one.unit.paper for one in found}))
        files = pdfs(self._store, papers)
        return [_hit(papers[one.unit.paper], one, files.get(one.unit.paper, "")) for one in found if one.unit.paper in papers]

    def evidence(self, query: Query | str, hits: Sequence[Hit]) -> list[Hit]:
        """Those of *hits* that speak of what *query* asks: they hold enough of its rare words, and are nearer to it than chance."""
        asked = self._understood(parse(query) if isinstance(query, str) else query)
        if not asked.text or not hits or asked.unread > _UNREAD:
            return []
        passages, chance = [hit.passage for hit in hits], self._embedder.chance
        nearness = (self._embedder.embed(passages) @ self._embedder.embed_query(asked.text) - chance) / (1 - chance)
        shares = self._marker.shares(asked.marked, [f"{hit.paper.title}. {hit.passage}" for hit in hits])
        return [hit for hit, near, share in zip(hits, nearness, shares, strict=True) if near >= _NEAR and share >= _SHARED]

    def similar(self, paper: Paper, *, top_k: int) -> list[tuple[Paper, float]]:
        """The *top_k* papers whose abstracts are nearest to that of *paper*, with their cosine, best first."""
        vector, index = self._embedder.embed([paper.gist])[0], self._current()
        found: list[tuple[str, float]] = []
        for pool in (*(pool for pool in (_POOL, 10 * _POOL) if pool < len(index)), EVERYTHING):
            nearest = dict(index.search(vector, pool))
            units = self._store.units.get(nearest)
            found = [(unit.paper, nearest[unit.id]) for unit in units if unit.page is None and unit.paper != paper.id]
            if len(found) >= top_k:
                break
        papers = self._store.papers([paper_id for paper_id, _ in found[:top_k]])
        return [(papers[paper_id], score) for paper_id, score in found[:top_k] if paper_id in papers]


def fuse(*rankings: list[int]) -> dict[int, float]:
    """Reciprocal rank fusion, scaled so that first in every list is 1."""
    scores: dict[int, float] = {}
    for ranking in rankings:
        for rank, unit_id in enumerate(ranking, 1):
            scores[unit_id] = scores.get(unit_id, 0.0) + (_RRF + 1) / (_RRF + rank) / len(rankings)
    return scores


def _why(meant: bool, worded: bool, named: bool) -> Why:
    if named:
        return Why.AUTHOR
    return Why.BOTH if meant and worded else Why.WORDS if worded else Why.MEANING


def _elsewhere(shown: Sequence[_Found], ranked: Sequence[_Found]) -> tuple[_Found, ...]:
    """The first of *ranked* that stand on pages of their own, where none of those *shown* does."""
    pages: dict[int | None, _Found] = {}
    for one in ranked:
        pages.setdefault(one.page, one)
    known = {None, *(one.page for one in shown)}
    return tuple(one for page, one in pages.items() if page not in known)[:_OTHERS]


def _hit(paper: Paper, found: _Found, pdf: str) -> Hit:
    unit = found.unit
    return Hit(
        paper=paper,
        page=found.page,
        section=unit.section,
        kind=unit.kind,
        passage=unit.text,
        score=round(found.score, 4),
        mark=found.span,
        why=found.why,
        pdf=pdf,
        turns=((0, unit.page), *unit.turns) if unit.turns and unit.page else (),
        others=tuple(_hit(paper, other, pdf) for other in found.others),
    )
