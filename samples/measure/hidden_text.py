"""Measure which hidden texts are found in PDFs, and which ordinary papers are accused.

Usage: python samples/measure/hidden_text.py HOSTILE ORDINARY
HOSTILE is a folder with bad/*.pdf named <paper>-<kind>.pdf and clean controls in good/*.pdf; each bad file carries one
sentence a reader does not see. ORDINARY is a folder of real papers. Four rules are compared, each stricter
than the last: the style is suspect; and the page does not show it; and it is longer than a mark; and it gives orders.
"""

import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pymupdf
from numpy.typing import NDArray

PLANTED = re.compile(r"IGNORE ALL PREVIOUS|POSITIVE\s+REVIEW")
INK = 16  # grey levels of 255 between the lightest and the darkest pixel below which nothing can be read
LETTERS = 16  # letters on one page below which a finding is a mark, not a sentence
ZOOM = 2.0  # pixels per point
RULES = ("style", "unseen", "length", "wording")
ADDRESS = re.compile(
    r"\b(ignore|disregard|forget|do not (mention|highlight))\b|language model|\bLLMs?\b|\b(previous|following) instructions"
    r"|\b(give|write|recommend|accept|rate)\b.{0,40}\b(review|paper|acceptance|score)",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """A run of text on one page with a reason to think that no reader sees it."""

    page: int
    reason: str
    text: str
    seen: bool  # whether the rendered page shows anything in its box


def reason_of(span: dict[str, Any], page: pymupdf.Page, drawn: list[tuple[str, Any]]) -> str | None:
    """Return why a text span may be hidden, or None. *drawn* is the page's box log, in painting order."""
    box = pymupdf.Rect(span["bbox"])
    checks = {
        "invisible mode": span["type"] == 3,
        "tiny": span["size"] < 2,
        "transparent": span["opacity"] < 0.05,
        "white": min(span["color"] or (0,)) > 0.9,
        "off the page": (box.tl + box.br) / 2 not in page.rect,
        "upside down": span["dir"][0] < -0.9,
    }
    by_style = next((reason for reason, holds in checks.items() if holds), None)
    return by_style or ("covered" if is_boxed_in(box, drawn[span["seqno"] + 1 :]) else None)


def is_boxed_in(box: pymupdf.Rect, later: list[tuple[str, Any]]) -> bool:
    """Return whether *box* lies in the box of something filled after it."""
    return any(kind in ("fill-path", "fill-image", "fill-shade") and box in pymupdf.Rect(cover) for kind, cover in later)


def is_seen(span: dict[str, Any], reason: str, page: pymupdf.Page, grey: NDArray[np.uint8]) -> bool:
    """Return whether the rendered page shows the span.

    White text is seen where the commonest grey of its box is not its own; elsewhere the box only has to hold some
    contrast. Ink proves nothing for text that is never painted: other text may stand in its place. Invisible text on
    a scan is the layer of a text recogniser: its box is full of ink that a page picture puts there.
    """
    box = pymupdf.Rect(span["bbox"]) & page.rect
    if reason in ("off the page", "transparent") or box.is_empty:
        return False
    rows = slice(int(box.y0 * ZOOM), int(box.y1 * ZOOM) + 1)
    part = grey[rows, int(box.x0 * ZOOM) : int(box.x1 * ZOOM) + 1]
    if part.size == 0:
        return False
    if reason == "white":
        return bool(np.bincount(part.ravel(), minlength=256).argmax() < 255 - INK)
    inked = bool(int(part.max()) - int(part.min()) >= INK)
    if reason == "invisible mode":
        pictures = (pymupdf.Rect(image["bbox"]) for image in page.get_image_info())
        return inked and any(picture.contains(box) for picture in pictures)
    return inked


def suspects(doc: pymupdf.Document) -> Iterator[Suspect]:
    """Yield the suspects of a document; a page is rendered only if it has one."""
    for page in doc:
        drawn = page.get_bboxlog()
        spans = [(span, reason_of(span, page, drawn)) for span in page.get_texttrace()]
        if any(reason for _, reason in spans):
            pixmap = page.get_pixmap(matrix=pymupdf.Matrix(ZOOM, ZOOM), colorspace=pymupdf.csGRAY)
            grey = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.stride)[:, : pixmap.width]
            for span, reason in spans:
                if reason:
                    text = "".join(chr(char[0]) for char in span["chars"])
                    yield Suspect(page=page.number, reason=reason, text=text, seen=is_seen(span, reason, page, grey))


def letters(text: str) -> int:
    """Return how many letters a text has."""
    return sum(char.isalpha() for char in text)


def flagged(found: list[Suspect], rule: str) -> list[Suspect]:
    """Return the suspects that *rule* reports."""
    found = [s for s in found if letters(s.text) and (rule == "style" or not s.seen)]
    if rule in ("length", "wording"):
        per_page: defaultdict[int, str] = defaultdict(str)
        for s in found:
            per_page[s.page] += s.text + " "
        fits = {n for n, text in per_page.items() if letters(text) >= LETTERS and (rule == "length" or ADDRESS.search(text))}
        found = [s for s in found if s.page in fits]
    return found


def planted(folder: Path) -> None:
    """Print for each kind of hiding how many files are found by each rule."""
    table: dict[str, Counter[str]] = defaultdict(Counter)
    for path in sorted((folder / "bad").glob("*.pdf")):
        kind = path.stem.split("-", 1)[1]
        doc = pymupdf.open(path)
        found = list(suspects(doc))
        table[kind]["files"] += 1
        table[kind]["in the text"] += any(PLANTED.search(page.get_text()) is not None for page in doc)
        for rule in RULES:
            table[kind][rule] += any(PLANTED.search(s.text) is not None for s in flagged(found, rule))
    for kind, row in table.items():
        print(f"{kind:20s} files {row['files']}  in the text {row['in the text']}  " + "  ".join(f"{r}: {row[r]}" for r in RULES))


def ordinary(paths: list[Path], title: str) -> None:
    """Print how many papers, pages and spans each rule accuses."""
    accused: dict[str, set[tuple[Path, int]]] = defaultdict(set)
    reasons: dict[str, Counter[str]] = defaultdict(Counter)
    pages, start = 0, time.perf_counter()
    for path in paths:
        doc = pymupdf.open(path)
        found = list(suspects(doc))
        pages += len(doc)
        for rule in RULES:
            for s in flagged(found, rule):
                accused[rule].add((path, s.page))
                reasons[rule][s.reason] += 1
    rate = pages / (time.perf_counter() - start)
    print(f"{title}: {len(paths)} files, {pages} pages, {rate:.0f} pages/s")
    for rule in RULES:
        files = {path for path, _ in accused[rule]}
        print(f"  {rule:8s} accuses {len(files)} files, {len(accused[rule])} pages; spans {dict(reasons[rule])}")
    for path, page in sorted(accused["length"]):
        print(f"    {path.name} p. {page + 1}")


def main(hostile: Path, papers: Path) -> None:
    """Print both tables."""
    planted(hostile)
    ordinary(sorted((hostile / "good").glob("*.pdf")), "clean controls")
    ordinary(sorted(papers.rglob("*.pdf")), "real papers")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
