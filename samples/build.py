"""Build the sample reports to PDF: python samples/build.py [SLUG ...] [--force].

Compiles samples/<slug>.typ to samples/papers/<slug>.pdf when a source is newer. The PDFs depend on nothing outside this
folder: only the fonts that the typst package carries are used, and dates come from papers.jsonl.
"""

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path

import typst

HERE = Path(__file__).resolve().parent
OUT = HERE / "papers"
FEED = OUT / "papers.jsonl"
SHARED = (HERE / "report.typ", HERE / "references.bib", FEED)


def papers() -> dict[str, datetime]:
    """Return the slug and publication date of every sample, in the order of the feed."""
    rows = [json.loads(line) for line in FEED.read_text(encoding="utf-8").splitlines()]
    return {Path(row["file"]).stem: datetime.fromisoformat(row["published"]).replace(tzinfo=UTC) for row in rows}


def is_stale(slug: str) -> bool:
    """Return whether the PDF is missing or older than what it is made of."""
    target = OUT / f"{slug}.pdf"
    sources = [HERE / f"{slug}.typ", *SHARED]
    return not target.exists() or target.stat().st_mtime < max(source.stat().st_mtime for source in sources)


def build(slug: str, published: datetime) -> Path:
    """Compile one report and return the path of its PDF; an interrupted build leaves the old one."""
    target = OUT / f"{slug}.pdf"
    unfinished = target.with_suffix(".pdf.tmp")
    pdf = typst.compile(
        str(HERE / f"{slug}.typ"), root=str(HERE), format="pdf", ignore_system_fonts=True, timestamp=int(published.timestamp())
    )
    unfinished.write_bytes(pdf)
    unfinished.replace(target)
    return target


def main() -> None:
    """Build what is asked for and out of date, and print each path."""
    known = papers()
    parser = argparse.ArgumentParser(description="Build the sample reports to PDF.")
    parser.add_argument("slug", nargs="*", help=f"which to build; all by default: {', '.join(known)}")
    parser.add_argument("--force", action="store_true", help="build also what is up to date")
    asked = parser.parse_args()
    if unknown := set(asked.slug) - set(known):
        parser.error(f"no such sample: {', '.join(sorted(unknown))}")
    for slug in asked.slug or known:
        if asked.force or is_stale(slug):
            print(build(slug, known[slug]))


if __name__ == "__main__":
    main()
