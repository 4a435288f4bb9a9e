"""Papers into a bundle and out of it: records, PDFs, documents, analyses, and on request the weights of the models."""

from __future__ import annotations

import dataclasses
import hashlib
import shutil
from collections import deque
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from digest.errors import LibraryError
from digest.library.bundle import Bundle, BundleRefused, Content, Member, write_bundle
from digest.library.codec import from_json, to_json
from digest.library.weights import cards_of, check_cards, packed, take_model
from digest.records import Analysis, Document, Paper
from digest.workspace import safe_name, sha256_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Sequence

    from digest.library.store import Store
    from digest.registry import ModelCard, Registry
    from digest.workspace import Workspace

T = TypeVar("T")


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
    store: Store, papers: Iterable[Paper], target: Path, *, models: tuple[Registry, Sequence[ModelCard]] | None = None
) -> list[Member]:
    """Pack *papers*, with everything kept of them, into the file *target*; with the weights of *models*."""
    contents: dict[str, Content] = {}
    with store.snapshot():
        for paper in papers:
            contents |= _contents(store, paper)
        contents |= packed(*models) if models else {}
        return write_bundle(target, contents)


def _contents(store: Store, paper: Paper) -> Iterator[tuple[str, Content]]:
    """The members of a bundle that carry *paper*."""
    db, pdf, document = store.connection, _pdf(store, paper), None
    if pdf:
        yield f"pdfs/{pdf[0]}.pdf", pdf[1]
        document = db.execute("SELECT reader FROM document WHERE sha256 = ?", (pdf[0],)).fetchone()
    if pdf and document:
        yield f"documents/{pdf[0]}.json", partial(_record, store, "document WHERE sha256 = ?", pdf[0])
    yield f"papers/{_key(paper.id)}.json", partial(_carried, store, paper.id, pdf[0] if pdf else "", document[0] if document else "")
    for (key,) in db.execute("SELECT key FROM analysis WHERE paper = ? ORDER BY key", (paper.id,)).fetchall():
        yield f"analyses/{key}.json", partial(_record, store, "analysis WHERE key = ?", key)


def _record(store: Store, place: str, key: str) -> bytes:
    row = store.connection.execute(f"SELECT record FROM {place}", (key,)).fetchone()  # noqa: S608 ours
    return str(row[0]).encode()


def _carried(store: Store, paper_id: str, pdf_sha256: str, reader: str) -> bytes:
    paper = store.paper(paper_id)
    assert paper, paper_id  # of the same moment
    plain = dataclasses.replace(paper, pdf=paper.pdf if "://" in paper.pdf else "")
    return to_json(Carried(plain, pdf_sha256, reader)).encode()


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
    cards = _checked(bundle)
    check_cards(bundle, registry, cards)
    needed = sum(member.size_bytes for member in bundle.members.values())
    workspace.papers.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(workspace.papers).free < needed + (64 << 20):
        raise LibraryError(f"{bundle.path} needs {needed / 1e6:.0f} MB, and there is less free", hint=f"df -h {workspace.root}")
    pdfs = papers = 0
    for _, item in _parsed(bundle, "papers", Carried):
        pdfs += _take_pdf(bundle, item, workspace)
        papers += _take_paper(bundle, store, item, workspace, today)
    return Taken(
        pdfs=pdfs,
        papers=papers,
        documents=sum(_take_document(store, document) for _, document in _parsed(bundle, "documents", Document)),
        analyses=sum(_take_analysis(store, key, analysis) for key, analysis in _parsed(bundle, "analyses", Analysis)),
        models=sum(take_model(bundle, registry, card) for card in cards),
    )


def _parsed(bundle: Bundle, folder: str, kind: type[T]) -> Iterator[tuple[str, T]]:
    """The records of one folder, one at a time: together they may be more than the memory holds."""
    return ((key, from_json(kind, text)) for key, text in bundle.records(folder))


def _checked(bundle: Bundle) -> list[ModelCard]:
    """The cards; every record of the bundle was looked at before any is kept."""
    files = {name.partition("/")[2] for name in bundle.members if name.startswith("pdfs/")}
    wrong = [name for name in files if bundle.members[f"pdfs/{name}"].sha256 != name.removesuffix(".pdf")]
    try:
        for _, item in _parsed(bundle, "papers", Carried):
            alone = item.pdf_sha256 and f"{item.pdf_sha256}.pdf" not in files
            wrong += [item.paper.id] if alone or (item.paper.pdf and "://" not in item.paper.pdf) else []
        wrong += [key for key, document in _parsed(bundle, "documents", Document) if document.sha256 != key]
        deque(_parsed(bundle, "analyses", Analysis), maxlen=0)
        cards = cards_of(bundle)
    except ValueError as error:
        raise BundleRefused(bundle.path, f"a record cannot be read ({str(error).splitlines()[0]})") from error
    if wrong:
        raise BundleRefused(bundle.path, f"{wrong[0]} does not belong together")
    return cards


def _place(item: Carried, workspace: Workspace) -> Path:
    """Where the PDF goes: where a download of the paper would look for it."""
    return workspace.papers / f"{safe_name(item.paper.name)}.pdf"


def _take_pdf(bundle: Bundle, item: Carried, workspace: Workspace) -> bool:
    target = _place(item, workspace)
    if not item.pdf_sha256 or (target.is_file() and sha256_of(target) == item.pdf_sha256):
        return False
    bundle.unpack(f"pdfs/{item.pdf_sha256}.pdf", target)
    return True


def _take_paper(bundle: Bundle, store: Store, item: Carried, workspace: Workspace, today: dt.date) -> int:
    """Keep the record, and make the body searchable unless there is one; without a document the PDF is read when it is needed."""
    target, carried = _place(item, workspace), f"documents/{item.pdf_sha256}.json"
    paper = dataclasses.replace(item.paper, pdf=item.paper.pdf or str(target)) if item.pdf_sha256 else item.paper
    new = len(store.add_papers([paper], today=today))
    kept = store.named(paper.id)
    if kept and carried in bundle.members and store.file_of(kept.id) is None:
        store.set_file(kept.id, from_json(Document, bundle.read(carried).decode()), target)
    return new


def _take_document(store: Store, document: Document) -> bool:
    if store.document(document.sha256, document.reader) is not None:
        return False
    store.add_document(document)
    return True


def _take_analysis(store: Store, key: str, analysis: Analysis) -> bool:
    if store.analysis(key) is not None or store.named(analysis.paper) is None:
        return False
    store.add_analysis(key, analysis)
    return True
