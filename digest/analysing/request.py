"""What is to be analysed, and for whom: everything that decides the words of an analysis but the model."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.errors import PaperError
from digest.records import Document, Paper, Passage, ReadStatus, SectionKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.analysing.plan import Nearness
    from digest.analysing.style import Style
    from digest.glossary import Glossary

_CODE = 8  # raised when planning, reply reading or verification change what an analysis says


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is to be analysed, and for whom."""

    paper: Paper
    document: Document | None  # None, or not ``ok``: the abstract is all there is
    style: Style
    language: str  # of the reader
    interests: tuple[str, ...]
    seed: int
    context_tokens: int
    temperature: float
    glossary: Glossary | None = None  # names of terms in Chinese
    nearness: Nearness | None = None  # how near queries and passages are in meaning; without it words alone choose what is read
    embedder: str = ""  # the model that says so
    most_tokens: int = 0  # of the paper that are read, where time is short; 0: as many as the context holds

    @property
    def whole(self) -> Document | None:
        """The document, where it has a body."""
        return self.document if readable(self.document) else None

    @property
    def passages(self) -> tuple[Passage, ...]:
        """The body, or the abstract standing in for it.

        Raises:
            PaperError: there is neither.
        """
        if self.whole:
            return self.whole.passages
        if not self.paper.abstract.strip():
            raise PaperError(self.paper.name, "analyse", "neither full text nor abstract", retry=False)
        return (Passage(id="p1", page=1, section="Abstract", kind=SectionKind.ABSTRACT, text=self.paper.abstract),)

    @property
    def material(self) -> tuple[Passage, ...]:
        """What the model may be shown: the body and its tables, whose numbers stand nowhere else."""
        return (*self.passages, *_tables(self.whole)) if self.whole else self.passages


def analysis_key(request: Request, engine: str, model_sha256: str) -> str:
    """Hash of everything that decides the words of the analysis."""
    facts = [
        request.paper.id,
        request.paper.title,
        request.paper.abstract if not request.whole else "",
        request.document.sha256 if request.document else "",
        request.document.reader if request.document else "",
        request.style.id,
        request.style.sha256,
        request.language,
        request.interests,
        request.seed,
        request.context_tokens,
        request.temperature,
        request.most_tokens,
        request.embedder,
        sorted(request.glossary.terms.items()) if request.glossary else (),
        engine,
        model_sha256,
        _CODE,
    ]
    return hashlib.sha256(json.dumps(facts, ensure_ascii=False).encode()).hexdigest()


def _tables(document: Document) -> Iterator[Passage]:
    """The tables of *document* as passages after its own: label, caption, and a line a row."""
    for number, table in enumerate((table for table in document.tables if table.rows), len(document.passages) + 1):
        rows = "\n".join(" | ".join(cell.strip() for cell in row) for row in table.rows)
        text = f"{table.label}: {table.caption}\n{rows}"
        yield Passage(id=f"p{number}", page=table.page, section="Tables", kind=SectionKind.RESULTS, text=text)


def readable(document: Document | None) -> bool:
    """Whether there is a body to analyse."""
    return document is not None and document.status is ReadStatus.OK and bool(document.passages)
