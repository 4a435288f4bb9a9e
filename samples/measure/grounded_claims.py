"""Measure what a check of numbers and names against the page catches, and what it accuses wrongly.

Usage: python samples/measure/grounded_claims.py PDFS REFERENCE [MODEL.gguf]
True claims are sentences of REFERENCE (Markdown of each paper by another parser) that carry a number; false ones are
the same sentences with one number or one name changed. Text to check against comes from the PDF. With MODEL, also
asks a small model for claims about one passage a paper and counts the numbers it made up.
"""

import random
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymupdf

NUMBER = re.compile(r"(?<![\w.,/-])(\d+(?:,\d{3})*(?:\.\d+)?)(?![\w/]|[.,]\d)\s?(%|×|dB|ms|fps|FPS|GB|points?)?", re.IGNORECASE)
NUMBER_IN_PAGE = re.compile(r"(?<![\d.,])(\d+(?:,\d{3})*(?:\.\d+)?)\s?(%|×|dB|ms|fps|GB|points?)?", re.IGNORECASE)
POINTER = re.compile(
    r"\[[\d,\s–-]+\]|\b(?:Figs?|Figures?|Tabs?|Tables?|Eqs?|Equations?|Secs?|Sections?|Algorithm|Theorem|Lemma)\b"
    r"\.?\s*\(?\d+[a-z]?\)?(?:\s*[-–,&]\s*\d+)*"
)
NAME = re.compile(r"\b(?:[A-Z]{2,}[A-Za-z0-9-]*|[A-Z][a-z]+[A-Z][A-Za-z0-9-]*|[A-Z][A-Za-z]*-?\d+[A-Za-z0-9-]*)\b")
ABSENT = ("LPIPS", "FID", "FLOPs", "ablation", "limitation", "GPU", "learning rate", "github", "standard deviation", "memory")
FIRST_CHARACTERS = 12_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A sentence of a paper, the page it stands on (from 0), and what in it can be checked."""

    paper: str
    page: int
    text: str
    numbers: tuple[tuple[str, str], ...]  # (value, unit or "")
    names: tuple[str, ...]


def value(digits: str) -> str:
    """Return a number in one spelling: no thousands separators, no zeros at the end of a fraction."""
    digits = digits.replace(",", "")
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def unit(mark: str | None) -> str:
    """Return a unit in one spelling, or the empty string."""
    return (mark or "").lower().removesuffix("s") if mark and mark.lower() != "ms" else (mark or "").lower()


def numbers(text: str, pattern: re.Pattern[str] = NUMBER_IN_PAGE) -> list[tuple[str, str]]:
    """Return the numbers of a text with their units."""
    return [(value(m[1]), unit(m[2])) for m in pattern.finditer(text)]


def page_texts(path: Path) -> list[str]:
    """Return the text of each page on one line, with words joined over line ends."""
    return [re.sub(r"-\n(?=[a-z])", "", page.get_text()).replace("\n", " ") for page in pymupdf.open(path)]


def sentences(markdown: str) -> Iterator[str]:
    """Yield body sentences of a Markdown text whose math is plain enough to read as text."""
    body = re.split(r"(?im)^#+ *(?:\d+\.? *)?references", markdown)[0]
    body = re.sub(r"<table.*?</table>|!\[.*?\]\(.*?\)|\$\$.*?\$\$", " ", body, flags=re.DOTALL)
    body = re.sub(r"\$([^$\n]*)\$", lambda m: re.sub(r"\s+", "", m[1]).replace("\\%", "%").replace("\\times", "×"), body)
    for paragraph in body.split("\n"):
        if not paragraph.startswith(("#", "Figure", "Table", "Fig.")):
            for sentence in re.split(r"(?<=[a-z%)][.])\s+(?=[A-Z])", paragraph):
                if "\\" not in sentence and 8 <= len(sentence.split()) <= 60:
                    yield sentence


def words(text: str) -> set[str]:
    """Return the long words of a text."""
    return set(re.findall(r"[a-z]{4,}", text.lower()))


def claims(paper: str, pages: list[str], markdown: str) -> Iterator[Claim]:
    """Yield the sentences that carry a number and are found on a page: four fifths of their long words are there."""
    bags = [words(page) for page in pages]
    for sentence in sentences(markdown):
        plain = POINTER.sub(" ", sentence)
        found = tuple(numbers(plain, NUMBER))
        own = words(sentence)
        page = max(range(len(pages)), key=lambda n: len(own & bags[n]))
        if found and len(own & bags[page]) >= 0.8 * len(own):
            yield Claim(paper=paper, page=page, text=plain, numbers=found, names=tuple(NAME.findall(plain)))


def corrupt(number: str, rng: random.Random) -> str:
    """Return the number with one digit changed (never to a leading zero)."""
    while True:
        at = rng.randrange(len(number))
        if number[at].isdigit():
            new = number[:at] + rng.choice("123456789") + number[at + 1 :]
            if value(new) != value(number):
                return value(new)


def window(claim: Claim, page: str, size: int = 1200, step: int = 200) -> str:
    """Return the stretch of the page that shares most long words with the claim: its evidence passage."""
    own = words(claim.text)
    starts = range(0, max(1, len(page) - size + step), step)
    return max((page[n : n + size] for n in starts), key=lambda stretch: len(own & words(stretch)))


def check_numbers(all_claims: list[Claim], texts: dict[str, list[str]], rng: random.Random) -> None:
    """Print how many true claims each scope accuses by their numbers, and how many changed numbers it lets pass."""
    changed = [(c, *rng.choice(c.numbers)) for c in all_claims]
    wrong = [corrupt(number, rng) for _, number, _ in changed]
    whole = {paper: numbers(" ".join(pages)) for paper, pages in texts.items()}
    near = {
        "whole paper": [whole[c.paper] for c in all_claims],
        "cited page": [numbers(texts[c.paper][c.page]) for c in all_claims],
        "passage": [numbers(window(c, texts[c.paper][c.page])) for c in all_claims],
    }
    long = [len(re.sub(r"\D", "", number)) >= 3 for _, number, _ in changed]
    total = sum(len(c.numbers) for c in all_claims)
    print(f"{len(all_claims)} claims with {total} numbers; {sum(long)} of the changed ones have 3 digits or more")
    for scope, places in near.items():
        for with_unit in (False, True):
            held = [[holds(pair, place, with_unit) for pair in c.numbers] for c, place in zip(all_claims, places, strict=True)]
            missed = [holds((false, mark), place, with_unit) for false, (_, _, mark), place in zip(wrong, changed, places, strict=True)]
            accused = sum(not all(row) for row in held)
            in_long = sum(m for m, is_long in zip(missed, long, strict=True) if is_long)
            print(
                f"  {scope:12s} {'number and unit' if with_unit else 'number':16s} "
                f"accused {accused} ({100 * accused / len(held):.1f} %)  missed {sum(missed)} ({100 * sum(missed) / len(missed):.1f} %)  "
                f"of long ones {in_long} ({100 * in_long / sum(long):.1f} %)  of short ones "
                f"{sum(missed) - in_long} ({100 * (sum(missed) - in_long) / (len(long) - sum(long)):.1f} %)"
            )


def holds(wanted: tuple[str, str], place: list[tuple[str, str]], with_unit: bool) -> bool:
    """Return whether a number stands in a place; where the claim gives a unit, with that unit."""
    return wanted in place if with_unit and wanted[1] else any(value == wanted[0] for value, _ in place)


def check_names(all_claims: list[Claim], texts: dict[str, list[str]], rng: random.Random) -> None:
    """Print how many true claims each scope accuses by their names, and how many foreign names it lets pass."""
    named = [c for c in all_claims if c.names]
    everyone = sorted({(c.paper, name) for c in named for name in c.names})
    joined = {paper: re.sub(r"\s+", " ", " ".join(pages)) for paper, pages in texts.items()}
    print(f"{len(named)} of them carry a name")
    for scope in ("whole paper", "cited page"):
        accused = missed = 0
        for claim in named:
            text = joined[claim.paper] if scope == "whole paper" else texts[claim.paper][claim.page]
            foreign = rng.choice([name for paper, name in everyone if paper != claim.paper and name not in claim.names])
            accused += not all(name in text for name in claim.names)
            missed += re.search(rf"\b{re.escape(foreign)}\b", text) is not None
        print(f"  {scope:12s} name             true claims accused {accused} ({100 * accused / len(named):.1f} %)  "
              f"names of other papers missed {missed} ({100 * missed / len(named):.1f} %)")  # fmt: skip


def check_absence(texts: dict[str, list[str]]) -> None:
    """Print in how many papers a term seems absent, and in how many it is."""
    print(f"papers in which a term is absent from the first {FIRST_CHARACTERS} characters, and from the whole text")
    for term in ABSENT:
        whole = [" ".join(pages).lower() for pages in texts.values()]
        early = sum(not re.search(rf"\b{term.lower()}", text[:FIRST_CHARACTERS]) for text in whole)
        late = sum(not re.search(rf"\b{term.lower()}", text) for text in whole)
        print(f"  {term:20s} {early:3d} {late:3d}")


def ask(model: Path, texts: dict[str, list[str]]) -> None:
    """Ask for two sentences on one passage a paper, and sort the numbers of the answers by where they stand."""
    from llama_cpp import Llama

    llama = Llama(str(model), n_ctx=2048, n_threads=2, seed=7, verbose=False)
    where: Counter[str] = Counter()
    for pages in texts.values():
        passage = busiest(pages)
        prompt = f"{passage}\n\nState in two sentences the main results of this passage of a paper, with their numbers."
        answer: Any = llama.create_chat_completion([{"role": "user", "content": prompt}], max_tokens=80, temperature=0.3)
        text = POINTER.sub(" ", answer["choices"][0]["message"]["content"])
        here, anywhere = dict(numbers(passage)), dict(numbers(" ".join(pages)))
        for number, _ in numbers(text, NUMBER):
            place = "in the passage" if number in here else "elsewhere in the paper" if number in anywhere else "nowhere"
            where[place] += 1
    print(f"{model.name}: {len(texts)} passages, {where.total()} numbers written: {dict(where)}")


def busiest(pages: list[str], size: int = 1500) -> str:
    """Return the stretch of running text with most numbers: at least 90 long words, from the fourth page on."""
    stretches = [page[n : n + size] for page in pages[3:] for n in range(0, len(page), size)]
    return max(stretches, key=lambda t: len(numbers(t, NUMBER)) if len(re.findall(r"[a-z]{4,}", t)) >= 90 else 0)


def main(pdfs: Path, references: Path, model: Path | None) -> None:
    """Print all counts."""
    rng = random.Random(7)
    texts: dict[str, list[str]] = {}
    found: list[Claim] = []
    for reference in sorted(references.rglob("*.md")):
        pages = page_texts(pdfs / reference.relative_to(references).with_suffix(".pdf"))
        texts[reference.stem] = pages
        found += claims(reference.stem, pages, reference.read_text(encoding="utf-8"))
    print(f"{len(texts)} papers")
    check_numbers(found, texts, rng)
    check_names(found, texts, rng)
    check_absence(texts)
    if model:
        ask(model, texts)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]) if len(sys.argv) > 3 else None)
