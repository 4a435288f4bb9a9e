"""Words, sentences and terms of English and Chinese research prose.

Pure functions on strings. This module does not know PDFs, papers or models.
"""

from __future__ import annotations

import re
import unicodedata

# Full stops that do not end a sentence. "Fig. 3", "et al. [4]", "i.e., the", "Eq. (2)", initials as in "J. Smith".
_ABBREVIATIONS = frozenset(
    "fig figs eq eqs eqn eqns sec secs tab tabs ref refs alg algs thm lem def prop cor app ch no nos vol pp p al cf vs approx resp"
    " dept univ prof dr mr mrs ms st jr sr inc ltd co corp e.g i.e etc a.k.a w.r.t i.i.d s.t".split()
)
_SENTENCE_END = re.compile(r"""([.!?]["'”’)\]]*)\s+(?=["'“‘(\[]*[A-Z0-9$\\\u4e00-\u9fff])|([。！？][”’」』）]*)\s*""")
_LAST_WORD = re.compile(r"([A-Za-z][A-Za-z.]*)\.[\"'”’)\]]*$")
_QUOTES = str.maketrans({"‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "′": "'", "‐": "-", "‑": "-", "−": "-"})
_SOFT_HYPHEN = "\u00ad"
_DASHES = re.compile(r"[–—]")
_WORD = re.compile(r"[^\W_\u4e00-\u9fff]+(?:[-+.'][^\W_\u4e00-\u9fff]+)*|[\u4e00-\u9fff]")
_LONGEST_ABBREVIATION = 40  # characters looked at before a full stop: a "word" of a hostile PDF may be its whole page


def sentences(text: str) -> list[str]:
    """*text* cut into sentences, white space folded; nothing is lost but white space.

    A full stop after an abbreviation or an initial does not end a sentence.
    """
    text = " ".join(text.split())
    found, start = [], 0
    for match in _SENTENCE_END.finditer(text):
        if match.group(1) and _is_abbreviation(text[max(start, match.end(1) - _LONGEST_ABBREVIATION) : match.end(1)]):
            continue
        found.append(text[start : match.end()].strip())
        start = match.end()
    found.append(text[start:].strip())
    return [sentence for sentence in found if sentence]


def _is_abbreviation(head: str) -> bool:
    last = _LAST_WORD.search(head)
    if not last:
        return False
    word = last.group(1)
    return word.lower() in _ABBREVIATIONS or (len(word) == 1 and word.isupper() and not head[: last.start()].rstrip().endswith(("=", ",")))


def fold(text: str) -> str:
    """*text* with ligatures opened, quotes and hyphens straightened, dashes made "-" and white space folded.

    Two texts that a reader takes for the same words become the same string; for comparing, not for showing.
    """
    text = unicodedata.normalize("NFKC", text.replace(_SOFT_HYPHEN, "")).translate(_QUOTES)
    return " ".join(_DASHES.sub("-", text).split())


def words(text: str) -> list[str]:
    """Lower-case words, numbers and single Chinese characters of *text*, in order."""
    return [match.group().lower() for match in _WORD.finditer(fold(text))]


def shorten(text: str, limit: int) -> str:
    """*text* on one line, at most *limit* characters, cut at a word with an ellipsis."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut[limit // 2 :] else cut).rstrip(",;: ") + "…"
