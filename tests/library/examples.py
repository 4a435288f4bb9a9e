"""Papers and documents for the library's tests."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from digest.records import (
    Analysis,
    AnalysisSection,
    Counts,
    Coverage,
    Digest,
    Document,
    Entry,
    Paper,
    Passage,
    Provenance,
    Ranked,
    ReadStatus,
    SectionKind,
    SectionStatus,
    Timing,
)

if TYPE_CHECKING:
    from digest.library.store import Store

TODAY = dt.date(2026, 2, 16)


def paper(paper_id: str = "2602.00001", abstract: str = "aa bbb", **more) -> Paper:
    return Paper(**{"id": paper_id, "title": f"Title of {paper_id}", "abstract": abstract, "published": TODAY, **more})


def document(*texts: str, reader: str = "1.0") -> Document:
    """A document of one page for each text, each text one passage."""
    passages = tuple(
        Passage(id=f"p{page}", page=page, section="1 Method", kind=SectionKind.METHOD, text=text) for page, text in enumerate(texts, 1)
    )
    sha256 = hashlib.sha256("\n".join(texts).encode()).hexdigest()
    return Document(sha256=sha256, reader=reader, status=ReadStatus.OK, pages=len(texts), passages=passages)


def add(store: Store, paper_id: str, abstract: str, *passages: str, **more) -> Paper:
    """A paper of the library with its body."""
    added = paper(paper_id, abstract, **more)
    store.add_papers([added], today=TODAY)
    if passages:
        store.set_file(paper_id, document(*passages), Path(f"/papers/{paper_id}.pdf"))
    return added


def analysis(paper_id: str, text: str = "方法有效。") -> Analysis:
    section = AnalysisSection(id="core", title="核心创新点", status=SectionStatus.NOT_STATED, reason=text)
    provenance = Provenance(
        engine="e", model="m", model_sha256="0", prompts_sha256="1", document_sha256="2", reader="1.0", seed=7, context_tokens=8192
    )
    return Analysis(
        paper=paper_id,
        style="daily",
        language="zh",
        sections=(section,),
        coverage=Coverage(read_tokens=97, total_tokens=100),
        provenance=provenance,
        timing=Timing(prompt_tokens=1, output_tokens=2, seconds=0.5),
    )


def digest(date: dt.date, *papers: Paper, style: str = "daily") -> Digest:
    entries = tuple(Entry(ranked=Ranked(paper=chosen, score=50, relevance=0.45), analysis=analysis(chosen.id)) for chosen in papers)
    return Digest(
        date=date, style=style, language="zh", title="日报", counts=Counts(scanned=len(papers), chosen=len(papers)), entries=entries
    )
