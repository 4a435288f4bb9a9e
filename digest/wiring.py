"""The one place where engines, stores and sources are built from the configuration.

Everything is built at its first use, so that a command pays only for what it needs.
"""

from __future__ import annotations

import contextlib
import dataclasses
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from digest.config import Profile, Settings, load_profile, load_settings
from digest.errors import DimensionMismatch, Offline, UsageError
from digest.glossary import Glossary
from digest.machine import memory_bytes
from digest.workspace import Workspace, shipped

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Sequence

    from digest.analysing.engine import Engine
    from digest.analysing.style import Style
    from digest.embedding.backends import Model as EmbeddingModel
    from digest.engines import Engines
    from digest.library.embeddings import CachedEmbedder
    from digest.library.hashes import FileHashes
    from digest.library.marks import Marks
    from digest.library.search import Searcher
    from digest.library.store import Store
    from digest.reading.pool import Pool
    from digest.records import Document, Figure, Paper
    from digest.registry import ModelCard, Registry
    from digest.sources import Source
    from digest.sources.arxiv import ArxivApi
    from digest.sources.download import Downloads
    from digest.sources.http import PoliteClient


class Tools:
    """What the stages of one workspace work with."""

    def __init__(self, workspace: Workspace, *, offline: bool = False, profile: Path | None = None) -> None:
        """Read the settings.

        Raises:
            UsageError: they are wrong.
        """
        self.workspace, self.offline = workspace, offline
        self.settings: Settings = load_settings(workspace.settings)
        self._profile_path = profile

    def close(self) -> None:
        """Let go of what was opened or loaded: models that write, processes that read PDFs, the database."""
        for name in ("engines", "readers", "store"):
            if name in self.__dict__:  # asked for, so made
                getattr(self, name).close()

    @cached_property
    def profile(self) -> Profile:
        """The reader's interests: the file given, the workspace's own, or the shipped starter."""
        path = self._profile_path or (self.workspace.profile if self.workspace.profile.is_file() else shipped("profile.toml"))
        return load_profile(path)

    # --- models -------------------------------------------------------------------------------------------------------

    @cached_property
    def registry(self) -> Registry:
        """All model cards."""
        from digest.registry import Registry

        return Registry.load(self.workspace)

    @cached_property
    def embedder(self) -> CachedEmbedder:
        """The embedding model as it runs fastest here, behind the library's cache."""
        from digest.embedding.backends import build, chosen
        from digest.library.embeddings import CachedEmbedder

        model = self.embedding_model()
        return CachedEmbedder(
            build(model, chosen(self.workspace.tuned, model)),
            self.store,
            query_prompt=self.embedding_card.query_prompt,
            document_prompt=self.embedding_card.document_prompt,
            languages=self.embedding_card.languages,
        )

    def embedding_model(self, model_id: str = "") -> EmbeddingModel:
        """The embedding model named, else that of the settings, its file checked."""
        from digest.embedding.backends import Model

        card = self.registry.choose("embedding", model_id or self.settings.ranking.embedder, memory_gb=memory_bytes() / 1e9)
        return Model(
            folder=self.registry.path(card).parent,
            model_id=card.id,
            sha256=self.registry.verify(card),
            dim=card.dim,
            window_tokens=card.context_tokens,
            pooling=card.pooling,
        )

    @cached_property
    def embedding_card(self) -> ModelCard:
        """The card of the model that embeds: that of the settings."""
        return self.registry.choose("embedding", self.settings.ranking.embedder, memory_gb=memory_bytes() / 1e9)

    @cached_property
    def glossary(self) -> Glossary:
        """English and Chinese terms of the field, the workspace's own among them."""
        return Glossary.load(self.workspace)

    @cached_property
    def engines(self) -> Engines:
        """What may write."""
        from digest.engines import Engines

        return Engines(self.settings.analysis, self.registry, offline=self.offline, tuned_file=self.workspace.tuned)

    def engine(self, model_id: str = "", name: str = "auto") -> Engine:
        """See ``Engines.engine``."""
        return self.engines.engine(model_id, name)

    def style(self, name: str = "") -> Style:
        """A report style: the one named, else that of the settings."""
        from digest.analysing import load_style

        return load_style(self.workspace, name or self.settings.style)

    # --- memory -------------------------------------------------------------------------------------------------------

    @cached_property
    def store(self) -> Store:
        """The database."""
        from digest.library.store import NAME, Store

        return Store(self.workspace.index / NAME)

    @cached_property
    def hashes(self) -> FileHashes:
        """The hashes of the files on this disk."""
        from digest.library.hashes import FileHashes

        return FileHashes(self.store)

    @cached_property
    def searcher(self) -> Searcher:
        """The search; vectors of another embedder are replaced, from the cache where it has them."""
        from digest.library.search import Searcher
        from digest.library.vectors import VectorIndex, remove_index

        folder = self.workspace.index
        try:
            index = VectorIndex(folder, embedder=self.embedder.id, dim=self.embedder.dim)
        except DimensionMismatch:
            remove_index(folder)
            index = VectorIndex(folder, embedder=self.embedder.id, dim=self.embedder.dim)
        return Searcher(self.store, index, self.embedder, lambda: Glossary.load(self.workspace, words=True))

    # --- papers -------------------------------------------------------------------------------------------------------

    @cached_property
    def http(self) -> PoliteClient:
        """The one client that all sources share; it remembers turns and pauses for all processes of this user."""
        from digest.sources.http import PoliteClient
        from digest.sources.pace import Pace, state_folder

        delay = self.settings.sources.delay_seconds
        return PoliteClient(delay_seconds=delay, pace=Pace(state_folder(), delay_seconds=delay))

    @cached_property
    def marks(self) -> Marks:
        """How far the sources were seen."""
        from digest.library.marks import Marks

        return Marks(self.store)

    def source(self, name: str, *, since: dt.date | None = None, queries: Sequence[str] = ()) -> Source:
        """The source called *name*: arxiv, arxiv:ID,ID, hf, samples, or the path of a folder.

        Args:
            since: the first day to ask for; without it, what the settings and earlier runs say.
            queries: searches of arXiv, instead of the categories and queries of the settings.

        Raises:
            Offline: it needs the network and may not have it.
            UsageError: no source has that name and no file that path.
        """
        from digest.sources.folder import FolderSource

        if name == "samples":
            return FolderSource(shipped("samples", "papers"), "samples")
        if name in ("arxiv", "hf") or name.startswith("arxiv:"):
            if self.offline:
                raise Offline(name.partition(":")[0])
            return self._hf(since) if name == "hf" else self._arxiv(since, queries) if name == "arxiv" else self._arxiv_ids(name[6:])
        if not Path(name).expanduser().is_dir():
            known = "arxiv, arxiv:ID,ID, hf, samples, a folder"
            raise UsageError(f"no source is called {name!r}, and there is no such folder (known: {known})", hint="digest run --help")
        return FolderSource(
            Path(name).expanduser(),
            hash_of=self.hashes.of,
            title_of=lambda path: self.read(path, self.hashes.of(path)).title,
            links=self.workspace.papers,
        )

    @cached_property
    def _api(self) -> ArxivApi:
        from digest.sources.arxiv import ArxivApi

        return ArxivApi(self.http, self.settings.sources.arxiv_url)

    def _arxiv_ids(self, ids: str) -> Source:
        from digest.sources.arxiv import ArxivIds

        return ArxivIds([text for text in ids.split(",") if text.strip()], api=self._api)

    def _hf(self, since: dt.date | None) -> Source:
        from digest.sources.huggingface import HuggingFaceSource

        settings = self.settings.sources
        return HuggingFaceSource(
            top_n=settings.hf_top, http=self.http, memory=self.marks, api=self._api, since=since, base_url=settings.hf_url
        )

    def _arxiv(self, since: dt.date | None, queries: Sequence[str]) -> Source:
        from digest.sources.listing import Addresses, ArxivSource, Wanted

        settings = self.settings.sources
        wanted = Wanted(
            categories=() if queries else tuple(settings.categories),
            queries=tuple(queries or settings.queries),
            days=settings.days,
            since=since,
            max_new=settings.max_papers,
        )
        at = Addresses(rss=settings.arxiv_rss_url.rstrip("/"), oai=settings.arxiv_oai_url)
        return ArxivSource(wanted, api=self._api, http=self.http, memory=self.marks, at=at)

    def arxiv_paper(self, arxiv_id: str) -> Paper:
        """The paper with that id, asked of arXiv."""
        from datetime import UTC, datetime

        if self.offline:
            raise Offline("arxiv")
        return next(iter(self._arxiv_ids(arxiv_id).fetch(datetime.now(UTC).date())))

    def download(self, paper: Paper) -> Path:
        """The paper's PDF on disk.

        Raises:
            PaperError: it cannot be had.
        """
        from digest.errors import PaperError
        from digest.sources.download import downloaded

        paper = _reachable(paper)
        if not self.offline or "://" not in paper.pdf:
            return self._downloads.path(paper)
        folder = self.workspace.papers
        path = downloaded(paper, folder)
        if path is None:
            raise PaperError(paper.name, "download", f"not in {folder}, and --offline forbids fetching it")
        return path

    @cached_property
    def _downloads(self) -> Downloads:
        from digest.sources.download import Downloads, forget_old_parts

        forget_old_parts(self.workspace.papers)
        return Downloads(self.workspace.papers, self.http)

    @contextlib.contextmanager
    def downloading(self, papers: Iterable[Paper]) -> Iterator[None]:
        """Fetch the PDFs of *papers* in the background, while others of them are worked on."""
        if self.offline:
            yield
            return
        self._downloads.start(map(_reachable, papers))
        try:
            yield
        finally:
            self._downloads.stop()

    @cached_property
    def readers(self) -> Pool:
        """The processes that read PDFs."""
        return reading_pool(self.settings)

    def read(self, path: Path, sha256: str) -> Document:
        """The document of a PDF: from the library, or read now and kept."""
        known = self.store.document(sha256, self.readers.reader)
        return known or self._kept(self.readers.read(path))

    def hash_of(self, path: Path) -> str:
        """The hash of *path*, "" where it cannot be read: its reading says why."""
        try:
            return self.hashes.of(path)
        except OSError:
            return ""

    def read_all(self, paths: Sequence[Path]) -> Iterator[Document]:
        """Yield the document of each PDF, in order: from the library, or read now, several at once, and kept."""
        hashes = [self.hash_of(path) for path in paths]
        known = [self.store.document(sha256, self.readers.reader) is not None for sha256 in hashes]  # not held: there may be thousands
        new = self.readers.read_all(path for path, found in zip(paths, known, strict=True) if not found)
        for path, sha256, found in zip(paths, hashes, known, strict=True):
            yield self.read(path, sha256) if found else self._kept(next(new))

    def _kept(self, document: Document) -> Document:
        if not document.problem:
            self.store.add_document(document)
        return document

    def crop(self, path: Path, figure: Figure, out: Path) -> None:
        """Draw *figure* of the PDF into the PNG *out*."""
        self.readers.save_crop(path, figure, out)


def _reachable(paper: Paper) -> Paper:
    """*paper*, with arXiv's address where the file it was known by is gone."""
    from digest.sources.metadata import arxiv_pages, split_arxiv_id

    gone = paper.pdf and "://" not in paper.pdf and not Path(paper.pdf).is_file()
    return dataclasses.replace(paper, pdf=arxiv_pages(paper.name)[1]) if gone and split_arxiv_id(paper.id) else paper


def reading_pool(settings: Settings, *, ocr: bool = False) -> Pool:
    """Processes that read PDFs as *settings* say; with *ocr* scanned pages, too."""
    from digest.reading.pool import Pool
    from digest.reading.scan import find_recogniser
    from digest.reading.worker import Limits

    own = settings.reading
    limits = Limits(seconds=own.seconds, memory_mb=own.memory_mb)
    return Pool(workers=own.workers, limits=limits, recogniser=find_recogniser() if ocr or own.ocr else None)
