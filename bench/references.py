"""References of real papers through real readers: ``python -m bench references [DIR of JSON lines]``.

Every paper of the metadata becomes BibTeX and RIS; bibtexparser and rispy read both again, and what came back is counted.
"""

from __future__ import annotations

import logging
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import rispy
from bibtexparser.entrypoint import parse_string

from digest.publishing.bibtex import render_bibtex
from digest.publishing.references import reference
from digest.publishing.ris import render_ris
from digest.sources.metadata import papers_from_jsonl

if TYPE_CHECKING:
    from collections.abc import Sequence

_DATA = Path("../shared/data/metadata")


def main(arguments: Sequence[str] = ()) -> None:
    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)
    folder = Path(arguments[0]) if arguments else _DATA
    lines = (line for path in sorted(folder.glob("*.jsonl")) for line in path.read_text(encoding="utf-8").splitlines())
    papers = papers_from_jsonl(lines, origin=folder)
    references = [reference(paper) for paper in papers]
    started = time.process_time()
    bib = render_bibtex(references)
    bib_seconds = time.process_time() - started
    library = parse_string(bib)
    found = rispy.loads(render_ris(references))
    keys = {item.key for item in references}
    print(f"{len(papers)} papers, {len(keys)} keys, BibTeX in {bib_seconds:.1f} s of processor time")
    print(f"authors written {sum(len(item.authors) for item in references)}")
    names = sum(len(entry.fields_dict["author"].value.split(" and ")) for entry in library.entries if "author" in entry.fields_dict)
    print(f"bibtexparser: {len(library.entries)} entries, {len(library.failed_blocks)} failed, {names} authors")
    titles = sum(entry.get("title") == item.title for entry, item in zip(found, references, strict=True))
    print(f"rispy: {len(found)} entries, {sum(len(entry.get('authors', [])) for entry in found)} authors, {titles} titles the same")


if __name__ == "__main__":
    main(sys.argv[1:])
