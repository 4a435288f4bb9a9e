"""What an English sentence says, held against one sentence of the paper: the same words in the same order, and the same way round.

Words in common prove little: a small model writes sentences from the paper's words that say nothing, or the opposite. So most of what a
claim says must stand in one sentence in the claim's order (or the order of its passive), near each other; whatever points up or down,
denies, or speaks of all or only must be there the same way; and words that are there in another order are roles exchanged.
Paraphrases in other words are not borne out by this: precision goes first.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from digest.analysing.wording import STOP, ending_off, plain_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence, Set

_TOKEN = re.compile(r"[A-Za-z0-9]+(?:['’.][A-Za-z0-9]+)*|[,;:()—]")
_MORE = (
    "improve improvement increase enhance enhancement boost strengthen gain raise higher larger greater grow growth expand widen enlarge"
    " maximize more"
)
_LESS = (
    "reduce reduction decrease lower less fewer cut drop mitigate alleviate minimize shorten shrink narrow smaller degrade degradation"
    " diminish harm hurt lose loss deteriorate decline weaken suppress sacrifice suffer limit"
)
_WAYS = (  # what points one way, and the other
    (_MORE, _LESS),
    ("outperform surpass exceed superior better", "inferior underperform worse"),
    ("accelerate acceleration faster speed speedup", "slower slow"),
)
_TURNING = frozenset("but however although whereas though yet".split())
_DENIES = frozenset(
    "no not without cannot never nor neither none hardly rarely seldom barely unable fail fails failed failing avoid avoids avoided"
    " avoiding prevent prevents preventing eliminate eliminates eliminating lack lacks lacking instead unlike impossible difficult hard"
    " challenging challenge hinder hinders struggle struggles unless except ignore ignores ignoring discard discards discarded".split()
)
_SWEEPING = frozenset("all always only every any entire whole most must never best".split())
_OTHERS = frozenset("existing previous previously prior earlier other others traditional conventional current standard recent".split())
_EMPTY = frozenset(
    "clearly clear significantly significant effectively greatly notably substantially considerably highly very well successfully according"
    " paper report reports study shows show makes make demonstrates demonstrate respectively specifically additionally".split()
)  # models add or leave them out
_TURNS = frozenset("by because since when while if after with so thus".split())  # what stands after them may stand first as well
_ENDS = frozenset("but while whereas although and which that".split())  # what a "not" does not reach over
_SCOPE = 6  # words of meaning that a "not" reaches, unless the clause ends before
_NEAR = 5  # words of meaning between two that follow each other in the claim
# Chosen on the papers of bench/claims.toml that are not held out, for no false statement to pass there: 20 of 50 true ones do.
_TOLD, _EXCHANGED, _JOINED, _CHANGED = 0.7, 0.15, 0.7, 0.05
_USED = 4  # sentences: a word that so many have is the paper's own
_FEWEST = 3  # words of meaning: a shorter claim says nothing that could be held against anything
_KEY = 6  # letters of a stem that are compared
_SHORTEST_KEY = 4


@dataclass(frozen=True, slots=True)
class Word:
    """A word that carries meaning, as it stands in its sentence."""

    key: str
    way: int = 0  # 1 more, -1 less, 2 better, -2 worse, 3 faster, -3 slower
    denied: bool = False
    sweeping: bool = False  # "all", "only"
    others: bool = False  # what "existing methods" do
    turns: bool = False  # the sentence could begin here as well
    part: int = 0  # of the sentence: a "but" begins another

    @property
    def decisive(self) -> bool:
        """Whether a sentence that lacks it says something else."""
        return bool(self.way) or self.denied or self.sweeping or self.others

    def says(self, other: Word) -> bool:
        """Whether *other* says the same."""
        if self.way and other.way:
            return self.way == (other.way if self.denied == other.denied else -other.way)
        return ((self.others and other.others) or _same(self.key, other.key)) and self.denied == other.denied


def read(text: str) -> list[Word]:
    """The words of *text*, folded, that carry meaning, in order."""
    found: list[Word] = []
    scope, turns, part = 0, False, 0
    for token in _TOKEN.findall(text):
        word = token.casefold()
        turns = turns or word in _TURNS or word == ","
        part += word in _TURNING or word == ";"
        if not word[0].isalnum() or word in _ENDS:
            scope = 0
        elif word in _DENIES or word.endswith("n't"):
            scope = _SCOPE
        elif _way(word) or word in _SWEEPING | _OTHERS or (word not in STOP | _EMPTY and len(word) > 1):
            kind = word in _SWEEPING, word in _OTHERS
            found.append(Word(ending_off(word)[:_KEY], _way(word), scope > 0, *kind, turns, part))
            scope, turns = scope - 1, False
    return found


@cache
def _way(word: str) -> int:
    return _ways().get(ending_off(word), 0)


@cache
def _ways() -> dict[str, int]:
    sides = ((sign * number, side) for number, pair in enumerate(_WAYS, 1) for sign, side in zip((1, -1), pair, strict=True))
    return {ending_off(word): way for way, side in sides for word in side.split()}


def _same(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    if short == long or (len(short) >= _SHORTEST_KEY and long.startswith(short)):
        return True
    return bool(_groups().get(one, frozenset()) & _groups().get(other, frozenset()))


@cache
def _groups() -> dict[str, frozenset[int]]:
    """Words that say nearly the same, by the numbers of their groups."""
    found: dict[str, set[int]] = {}
    for number, group in enumerate(plain_words()["word"].values()):
        for word in group.split():
            found.setdefault(ending_off(word)[:_KEY], set()).add(number)
    return {word: frozenset(numbers) for word, numbers in found.items()}


class Sayings:
    """The sentences of a paper, as claims are held against them."""

    def __init__(self, sentences: Sequence[str], own: Iterable[str] = ()) -> None:
        """*sentences*, folded; *own*: names of what the paper proposes, which it also calls "we"."""
        self._read = [read(sentence) for sentence in sentences]
        self._frequency = Counter(key for words in self._read for key in {word.key for word in words})
        self._own = {key for name in own for key in (word.key for word in read(name))}

    def bearing(self, claim: str, among: Iterable[int], names: Iterable[str] = ()) -> int | None:
        """Which sentence of *among* bears the folded *claim* out best; None when none does. Of *names* it may say "it"."""
        words = [word for word in read(claim) if word.key not in self._own]
        called = {word.key for name in names for word in read(name)}
        held = ((self._bears(words, self._read[place], called), place) for place in among)
        share, place = max(held, key=lambda one: (one[0], -one[1]), default=(0.0, 0))
        return place if share else None

    def _bears(self, claim: Sequence[Word], sentence: Sequence[Word], called: Set[str]) -> float:
        there = {word.key for word in sentence}
        claim = [word for word in claim if word.key not in called or word.key in there]
        found = bearing(claim, sentence, self._weight, lambda key: self._frequency[key] >= _USED)
        if len(claim) < _FEWEST or not found.decided or found.changed > _CHANGED or found.joined < _JOINED:
            return 0.0
        return found.told if found.headed and found.told >= _TOLD and found.exchanged <= _EXCHANGED else 0.0

    def _weight(self, key: str) -> float:
        return math.log(1 + len(self._read) / (1 + self._frequency[key]))


@dataclass(frozen=True, slots=True)
class Bearing:
    """How far a sentence bears a claim out; shares are of the claim's information."""

    told: float  # in the claim's order
    exchanged: float  # there, but not in that order
    joined: float  # share of the steps from word to word that are near in the sentence, too
    decided: bool  # whatever decides is told
    changed: float = 0.0  # another word stands in its place
    headed: bool = True  # it is said of the same thing


def bearing(claim: Sequence[Word], sentence: Sequence[Word], weight: Callable[[str], float], common: Callable[[str], bool]) -> Bearing:
    """Hold *claim* against *sentence*.

    Args:
        weight: how telling a word is in the paper.
        common: whether the paper uses a word: one that it uses and the sentence does not is another thing, not another word for it.
    """
    turns = [claim, *((*claim[i:], *claim[:i]) for i, word in enumerate(claim) if word.turns and i)]
    return max((_bearing(turned, sentence, weight, common) for turned in turns), key=lambda found: (found.decided, found.told))


def _bearing(claim: Sequence[Word], sentence: Sequence[Word], weight: Callable[[str], float], common: Callable[[str], bool]) -> Bearing:
    weights = [weight(word.key) for word in claim]
    total = sum(weights) or math.inf
    chain = _chain(claim, sentence, weights)
    kept = dict(chain)
    left = [i for i in range(len(claim)) if i not in kept]
    used = set(kept.values())
    beside = {i: [j for j, word in enumerate(sentence) if j not in used and claim[i].says(word)] for i in left}
    moved = sum(weights[i] for i in left if beside[i] and not _is_beside(i, beside[i], chain))
    turned = sum(weights[i] for i in left if beside[i] and _is_beside(i, beside[i], chain))
    steps = [abs(k - j) <= _NEAR for (_, j), (_, k) in pairwise(chain)]
    return Bearing(
        told=(sum(weights[i] for i in kept) + turned) / total,
        exchanged=moved / total,
        joined=sum(steps) / len(steps) if steps else 0.0,
        decided=_decided(claim, kept) and not _of_others(claim, sentence, chain) and not _over_a_but(claim, sentence, chain),
        changed=sum(weights[i] for i in _replaced(chain) if not beside[i] and common(claim[i].key)) / total,
        headed=not chain or chain[0][0] <= 1,
    )


def _is_beside(place: int, found: Sequence[int], chain: Sequence[tuple[int, int]]) -> bool:
    """Whether a word out of order stands close to what is next to it in the claim: "trained with losses", "train with losses"."""
    return any(abs(i - place) <= 1 and abs(j - k) <= 2 for i, j in chain for k in found)


def _decided(claim: Sequence[Word], kept: dict[int, int]) -> bool:
    """Whether what points up or down, or speaks of all, is told, and something of each run of words that is denied."""
    if any((word.way or word.sweeping or word.others) and i not in kept for i, word in enumerate(claim)):
        return False
    denied = [i for i, word in enumerate(claim) if word.denied]
    return not denied or any(i in kept for i in denied)


def _of_others(claim: Sequence[Word], sentence: Sequence[Word], chain: Sequence[tuple[int, int]]) -> bool:
    """Whether the sentence speaks of other methods, and the claim does not."""
    if not chain or any(word.others for word in claim):
        return False
    return any(word.others for word in sentence[max(0, chain[0][1] - _NEAR) : chain[-1][1]])


def _over_a_but(claim: Sequence[Word], sentence: Sequence[Word], chain: Sequence[tuple[int, int]]) -> bool:
    """Whether what is told stands on both sides of a "but" that the claim does not have."""
    return len({claim[i].part for i, _ in chain}) < len({sentence[j].part for _, j in chain})


def _replaced(chain: Sequence[tuple[int, int]]) -> list[int]:
    """Words of the claim between two that are told, where the sentence has others."""
    return [place for (i, j), (k, m) in pairwise(chain) if m > j + 1 for place in range(i + 1, k)]


def _chain(claim: Sequence[Word], sentence: Sequence[Word], weights: Sequence[float]) -> list[tuple[int, int]]:
    """Pairs of places, rising in both, that weigh most together: the longest common subsequence, decisive words first."""
    rows, columns = len(claim), len(sentence)
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for i in range(rows - 1, -1, -1):
        worth = weights[i] + 100.0 * claim[i].decisive
        for j in range(columns - 1, -1, -1):
            best[i][j] = max(best[i + 1][j], best[i][j + 1])
            if claim[i].says(sentence[j]):
                best[i][j] = max(best[i][j], worth + best[i + 1][j + 1])
    chain, i, j = [], 0, 0
    while i < rows and j < columns:
        if best[i][j] == best[i + 1][j]:
            i += 1
        elif best[i][j] == best[i][j + 1]:
            j += 1
        else:
            chain.append((i, j))
            i, j = i + 1, j + 1
    return chain
