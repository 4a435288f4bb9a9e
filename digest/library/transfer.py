"""Papers into a bundle and out of it: records, PDFs, documents, analyses, and on request the weights of the models."""

from __future__ import annotations

import dataclasses
import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from digest.errors import LibraryError
from digest.library.bundle import Bundle, BundleRefused, Content, Member, write_bundle
from digest.library.codec import from_json, to_json
from digest.library.weights import cards_of, check_cards, packed, take_model
from digest.records import Analysis, Document, Paper
from digest.workspace import safe_name, sha256_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from digest.library.store import Store
    from digest.registry import ModelCard, Registry
    from digest.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Carried:
    """One paper as it stands in a bundle."""

    paper: Paper
    pdf_sha256: str = ""  # "" without a PDF
    reader: str = ""  # of its document, "" without one


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What an import brought that was not there before."""

    papers: int = 0
    pdfs: int = 0
    documents: int = 0
    analyses: int = 0
    models: int = 0


def export(
    store: Store, papers: Sequence[Paper], target: Path, *, models: tuple[Registry, Sequence[ModelCard]] | None = None
) -> list[Member]:
    """Pack *papers*, with everything kept of them, into the file *target*; with the weights of *models*."""
    contents: dict[str, Content] = {}
    for paper in papers:
        pdf, document = _pdf(store, paper), None
        if pdf:
            contents[f"pdfs/{pdf[0]}.pdf"] = pdf[1]
            document = store.connection.execute("SELECT reader, record FROM document WHERE sha256 = ?", (pdf[0],)).fetchone()
        if pdf and document:
            contents[f"documents/{pdf[0]}.json"] = document[1].encode()
        plain = dataclasses.replace(paper, pdf=paper.pdf if "://" in paper.pdf else "")
        carried = Carried(plain, pdf[0] if pdf else "", document[0] if document else "")
        contents[f"papers/{_key(paper.id)}.json"] = to_json(carried).encode()
        rows = store.connection.execute("SELECT key, record FROM analysis WHERE paper = ? ORDER BY key", (paper.id,)).fetchall()
        contents |= {f"analyses/{key}.json": record.encode() for key, record in rows}
    contents |= packed(*models) if models else {}
    return write_bundle(target, contents)


def _key(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:32]


def _pdf(store: Store, paper: Paper) -> tuple[str, Path] | None:
    """(sha256, path) of the PDF that the paper was read from, if it still lies there as it was."""
    known = store.file_of(paper.id)
    if known is None or not Path(known[1]).is_file() or sha256_of(Path(known[1])) != known[0]:
        return None
    return known[0], Path(known[1])


def take(bundle: Bundle, store: Store, workspace: Workspace, registry: Registry, *, today: dt.date) -> Taken:
    """Take everything of a verified *bundle* that is not here yet; a second time changes nothing.

    Raises:
        BundleRefused: a record is not one of this program's, or does not belong to its name.
        LibraryError: there is no room for it.
    """
    carried, documents, analyses, cards = _records(bundle)
    check_cards(bundle, registry, cards)
    needed = sum(member.size_bytes for member in bundle.members.values())
    workspace.papers.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(workspace.papers).free < needed + (64 << 20):
        raise LibraryError(f"{bundle.path} needs {needed / 1e6:.0f} MB, and there is less free", hint=f"df -h {workspace.root}")
    pdfs = sum(_take_pdf(bundle, item, workspace) for item in carried)
    papers = sum(_take_paper(store, item, documents.get(item.pdf_sha256), workspace, today) for item in carried)
    new_documents = [document for document in documents.values() if store.document(document.sha256, document.reader) is None]
    for document in new_documents:
        store.add_document(document)
    new_analyses = [(key, analysis) for key, analysis in analyses.items() if store.analysis(key) is None and store.named(analysis.paper)]
    for key, analysis in new_analyses:
        store.add_analysis(key, analysis)
    models = sum(take_model(bundle, registry, card) for card in cards)
    return Taken(papers=papers, pdfs=pdfs, documents=len(new_documents), analyses=len(new_analyses), models=models)


def _records(bundle: Bundle) -> tuple[list[Carried], dict[str, Document], dict[str, Analysis], list[ModelCard]]:
    """Every record of the bundle, read before any is kept."""
    try:
        carried = [from_json(Carried, text) for _, text in bundle.records("papers")]
        documents = {key: from_json(Document, text) for key, text in bundle.records("documents")}
        analyses = {key: from_json(Analysis, text) for key, text in bundle.records("analyses")}
        cards = cards_of(bundle)
    except ValueError as error:
        raise BundleRefused(bundle.path, f"a record cannot be read ({str(error).splitlines()[0]})") from error
    files = {name.partition("/")[2] for name in bundle.members if name.startswith("pdfs/")}
    wrong = [key for key, document in documents.items() if document.sha256 != key]
    wrong += [name for name in files if bundle.members[f"pdfs/{name}"].sha256 != name.removesuffix(".pdf")]
    wrong += [item.paper.id for item in carried if item.pdf_sha256 and f"{item.pdf_sha256}.pdf" not in files]
    wrong += [item.paper.id for item in carried if item.paper.pdf and "://" not in item.paper.pdf]
    if wrong:
        raise BundleRefused(bundle.path, f"{wrong[0]} does not belong together")
    return carried, documents, analyses, cards


def _place(item: Carried, workspace: Workspace) -> Path:
    """Where the PDF goes: where a download of the paper would look for it."""
    return workspace.papers / f"{safe_name(item.paper.name)}.pdf"


def _take_pdf(bundle: Bundle, item: Carried, workspace: Workspace) -> bool:
    target = _place(item, workspace)
    if not item.pdf_sha256 or (target.is_file() and sha256_of(target) == item.pdf_sha256):
        return False
    bundle.unpack(f"pdfs/{item.pdf_sha256}.pdf", target)
    return True


def _take_paper(store: Store, item: Carried, document: Document | None, workspace: Workspace, today: dt.date) -> int:
    """Keep the record, and make the body searchable unless there is one; without a document the PDF is read when it is needed."""
    target = _place(item, workspace)
    paper = dataclasses.replace(item.paper, pdf=item.paper.pdf or str(target)) if item.pdf_sha256 else item.paper
    new = len(store.add_papers([paper], today=today))
    kept = store.named(paper.id)
    if kept and document and store.file_of(kept.id) is None:
        store.set_file(kept.id, document, target)
    return new
