"""Measure how much of a paper comes out of its PDF in order, and what its line-end hyphens mean.

Usage: python samples/measure/reading_order.py PDFS REFERENCE
PDFS and REFERENCE are folders; REFERENCE holds a Markdown text of each paper under the same relative name.
Prints recall per way of reading, then the hyphen counts. Knows nothing of the program it describes.
"""

import itertools
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

import pymupdf

CAPTION = re.compile(r"(Figure|Fig\.|Table|Algorithm)\s*\d+\s*[.:]")
MATH_FONT = re.compile(r"CM(MI|SY|EX|BSY|MIB)|MSAM|MSBM|rsfs|Math|EUFM|EUSM|EURM|EUFB|CMR\d|bbm|stmary|wasy|txsy|rtxmi", re.IGNORECASE)
LINE_END_HYPHEN = re.compile(r"([A-Za-z]+)[-\u00ad\u2010]\n([a-z]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a page; its box is in points from the top left corner of the page."""

    page: int
    block: int
    box: tuple[float, float, float, float]
    text: str
    marked: str  # the text with spans in math fonts between dollar signs


def gram_words(text: str, *, reference: bool = False) -> list[str]:
    """Return the words that the measure counts: two or more Latin letters, lower case, hyphens and math taken out."""
    text = re.sub(r"\$\$.*?\$\$", " ", text, flags=re.DOTALL)
    text = re.sub(r"\$[^$\n]*\$", " ", text)
    if reference:
        text = re.sub(r"<table.*?</table>", " ", text, flags=re.DOTALL)
        text = re.sub(r"!\[.*?\]\(.*?\)|<[^>]+>", " ", text)
    for mark, letters in {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl"}.items():
        text = text.replace(mark, letters)
    text = re.sub(r"(?<=[A-Za-z])[-\u00ad\u2010\u2011]\s*\n?\s*(?=[A-Za-z])", "", text)
    return re.findall(r"[a-z]{2,}", text.lower())


def recall(extracted: str, reference: str, n: int = 8) -> float:
    """Return the share of the reference's n-grams that stand somewhere in the extraction, in [0, 1]."""
    return recall_within(extracted, [reference], n)


def recall_within(extracted: str, paragraphs: list[str], n: int = 8) -> float:
    """As recall, counting only n-grams that lie inside one paragraph of the reference."""
    have = gram_words(extracted)
    found = {tuple(have[i : i + n]) for i in range(len(have) - n + 1)}
    grams = []
    for paragraph in paragraphs:
        want = gram_words(paragraph, reference=True)
        grams += [tuple(want[i : i + n]) for i in range(len(want) - n + 1)]
    return sum(g in found for g in grams) / max(1, len(grams))


def paragraphs_of(reference: str) -> list[str]:
    """Return the paragraphs of a Markdown text without its display formulas."""
    return re.split(r"\n\s*\n", re.sub(r"\$\$.*?\$\$", " ", reference, flags=re.DOTALL))


def lines_of(doc: pymupdf.Document) -> Iterator[Line]:
    """Yield the lines of *doc* in the order of the content streams."""
    for number, page in enumerate(doc):
        content: dict[str, Any] = page.get_text("dict", flags=pymupdf.TEXTFLAGS_TEXT)
        for index, block in enumerate(content["blocks"]):
            for line in block["lines"]:
                text = "".join(s["text"] for s in line["spans"])
                marked = "".join(mark_math([(s["font"], s["text"]) for s in line["spans"]]))
                if text.strip() and line["dir"] == (1.0, 0.0):
                    yield Line(page=number, block=index, box=tuple(line["bbox"]), text=text, marked=marked)


def mark_math(spans: list[tuple[str, str]]) -> Iterator[str]:
    """Yield the spans of one line, each run of spans in math fonts as one formula between dollar signs."""
    for in_math, run in itertools.groupby(spans, key=lambda span: bool(MATH_FONT.search(span[0]))):
        text = "".join(text for _, text in run).replace("$", "")
        yield f" ${text}$ " if in_math and text.strip() else text


def running(lines: list[Line], pages: int) -> set[tuple[int, str]]:
    """Return (height, text) of lines repeated at one height on three pages or more: running heads and feet, page numbers."""
    seen = Counter({key for line in lines for key in [(line.page, *head_key(line))]})
    counts = Counter((height, text) for _, height, text in seen)
    return {key for key, count in counts.items() if count >= min(3, pages)}


def head_key(line: Line) -> tuple[int, str]:
    """Return where and what a line is, with its digits masked, so that page numbers agree."""
    return round(line.box[1] / 4), re.sub(r"\d+", "#", line.text.strip())


def body_lines(doc: pymupdf.Document) -> list[Line]:
    """Return the lines of *doc* without its running heads and feet."""
    lines = list(lines_of(doc))
    heads = running(lines, len(doc))
    return [line for line in lines if head_key(line) not in heads]


def blocks_of(lines: list[Line]) -> list[list[Line]]:
    """Group lines by the block PyMuPDF put them in."""
    blocks: dict[tuple[int, int], list[Line]] = {}
    for line in lines:
        blocks.setdefault((line.page, line.block), []).append(line)
    return list(blocks.values())


def by_columns(blocks: list[list[Line]], middle: float) -> list[list[Line]]:
    """Order the blocks of one page: bands between full-width blocks, in each band the left column, then the right."""
    ordered: list[list[Line]] = []
    band: list[list[Line]] = []
    for block in [*sorted(blocks, key=top), []]:
        if not block or (left(block) < middle - 12 and right(block) > middle + 12):
            ordered += sorted(band, key=lambda b: (left(b) > middle - 12, top(b)))
            ordered += [block] if block else []
            band = []
        else:
            band.append(block)
    return ordered


def top(block: list[Line]) -> float:
    """Return the height at which a block begins."""
    return min(line.box[1] for line in block)


def left(block: list[Line]) -> float:
    """Return where a block begins on the left."""
    return min(line.box[0] for line in block)


def right(block: list[Line]) -> float:
    """Return where a block ends on the right."""
    return max(line.box[2] for line in block)


def plain(doc: pymupdf.Document) -> str:
    """PyMuPDF's own text, in the order of the content streams."""
    return "\n".join(page.get_text() for page in doc)


def top_to_bottom(doc: pymupdf.Document) -> str:
    """PyMuPDF's text sorted by height, then from left to right."""
    return "\n".join(page.get_text(sort=True) for page in doc)


def heads_off(doc: pymupdf.Document) -> str:
    """As plain, from lines, without running heads and feet."""
    return "\n".join(line.text for line in body_lines(doc))


def math_marked(doc: pymupdf.Document) -> str:
    """As heads_off, with formulas between dollar signs."""
    return "\n".join(line.marked for line in body_lines(doc))


def captions_apart(doc: pymupdf.Document) -> str:
    """As math_marked, with the blocks that open with a caption after the body."""
    blocks = sorted(blocks_of(body_lines(doc)), key=lambda b: CAPTION.match(b[0].text.strip()) is not None)
    return "\n".join(line.marked for block in blocks for line in block)


def by_geometry(doc: pymupdf.Document) -> str:
    """As math_marked, with the blocks of each page shuffled and put in order by their boxes alone."""
    blocks = blocks_of(body_lines(doc))
    random.Random(7).shuffle(blocks)
    pages = [by_columns([b for b in blocks if b[0].page == n], page.rect.width / 2) for n, page in enumerate(doc)]
    return "\n".join(line.marked for page in pages for block in page for line in block)


def shuffled(doc: pymupdf.Document) -> str:
    """As by_geometry, left in the shuffled order: what the measure gives when order is lost but blocks are whole."""
    blocks = blocks_of(body_lines(doc))
    random.Random(7).shuffle(blocks)
    return "\n".join(line.marked for block in blocks for line in block)


def hyphens(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield (left, right, verdict) per line-end hyphen: joined, kept, or unknown, on the evidence of *text* alone."""
    joined = LINE_END_HYPHEN.sub(" ", text)
    words = Counter(re.findall(r"[a-z]+(?:-[a-z]+)*", joined.lower()))
    for match in LINE_END_HYPHEN.finditer(text):
        left, right = match[1].lower(), match[2].lower()
        together, apart_ = words[left + right], words[f"{left}-{right}"]
        yield left, right, "unknown" if together == apart_ else "joined" if together > apart_ else "kept"


def truth(left: str, right: str, reference: Counter[str]) -> str:
    """Return what the reference text writes: joined, kept, both or neither."""
    together, apart = reference[left + right] > 0, reference[f"{left}-{right}"] > 0
    return "both" if together and apart else "joined" if together else "kept" if apart else "neither"


def main(pdfs: Path, references: Path) -> None:
    """Print recall by way of reading, then the hyphen counts."""
    ways: list[Callable[[pymupdf.Document], str]] = [
        plain, top_to_bottom, heads_off, math_marked, captions_apart, shuffled, by_geometry
    ]  # fmt: skip
    pairs = [(pdfs / r.relative_to(references).with_suffix(".pdf"), r) for r in sorted(references.rglob("*.md"))]
    wanted = [reference.read_text(encoding="utf-8") for _, reference in pairs]
    pages = sum(len(pymupdf.open(p)) for p, _ in pairs)
    print(f"{len(pairs)} papers, {pages} pages")
    for way in ways:
        start = time.perf_counter()
        texts = [way(pymupdf.open(p)) for p, _ in pairs]
        rate = pages / (time.perf_counter() - start)
        whole = [recall(text, want) for text, want in zip(texts, wanted, strict=True)]
        within = [recall_within(text, paragraphs_of(want)) for text, want in zip(texts, wanted, strict=True)]
        print(
            f"{way.__name__:15s} recall {mean(whole):.3f} (worst {min(whole):.3f})  "
            f"within paragraphs {mean(within):.3f} (worst {min(within):.3f})  {rate:.0f} pages/s"
        )
    verdicts: Counter[tuple[str, str]] = Counter()
    for (pdf, _), want in zip(pairs, wanted, strict=True):
        known = Counter(re.findall(r"[a-z]+(?:-[a-z]+)*", want.lower()))
        for before, after, verdict in hyphens(heads_off(pymupdf.open(pdf))):
            verdicts[verdict, truth(before, after, known)] += 1
    for (verdict, true), count in sorted(verdicts.items()):
        print(f"the paper's evidence says {verdict:8s} the reference writes {true:8s} {count}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
