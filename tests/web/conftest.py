"""A library with a digest, a paper that is an attack from title to PDF, and the reading room over it on loopback."""

from __future__ import annotations

import dataclasses
import datetime as dt
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pymupdf
import pytest

from digest.library.embeddings import CachedEmbedder
from digest.library.store import Store
from digest.reading.pool import Pool
from digest.records import (
    Analysis,
    AnalysisSection,
    Claim,
    Counts,
    Coverage,
    Digest,
    Entry,
    Paper,
    Provenance,
    Ranked,
    Reason,
    SectionStatus,
    Timing,
)
from digest.web.app import application
from digest.web.desk import Desk
from digest.web.guard import Door
from digest.web.server import listen, server
from digest.workspace import Workspace
from tests.embedders import WordLengthEmbedder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.records import Document

DAY = dt.date(2026, 2, 16)
QUOTE = "The method keeps every frequency of the image."
SCRIPT = """<script>window.hurt=1</script><img src=x onerror="window.hurt=1">"'</title></style>{{7*7}}"""
EVIL = 'evil:<img src=x onerror=hurt>/../../etc/"passwd?#%2e%2e'
SHARP = Paper(
    id="2602.00001",
    version=2,
    title="Sharp Steps for Image Super-Resolution",
    abstract="We propose Sharp Steps, a diffusion model. It samples in 12 steps.",
    authors=("Ada Example", "Bo Sample"),
    categories=("cs.CV",),
    published=dt.date(2026, 2, 14),
    source="arxiv",
    link="https://arxiv.org/abs/2602.00001",
)
SONG = dataclasses.replace(SHARP, id="2602.00002", title="Writing Songs", abstract="A language model writes songs.", categories=("cs.SD",))
ATTACK = Paper(
    id=EVIL, title=SCRIPT, abstract=SCRIPT, authors=(SCRIPT,), categories=(SCRIPT,), published=DAY, source=SCRIPT, link="javascript:hurt()"
)


def make_pdf(path: Path, sentence: str, title: str = "") -> Path:
    document = pymupdf.open()
    for number in (1, 2):
        page = document.new_page()
        page.insert_text((72, 90), f"Page {number} of a paper", fontsize=17)
        page.insert_text((72, 150), "1 Introduction", fontsize=13, fontname="hebo")
        page.insert_textbox((72, 165, 523, 400), f"Earlier work is slow. {sentence} It is fast on page {number}.", fontsize=10)
        more = " ".join(f"Trial {number}{trial} keeps one more frequency of its image." for trial in range(30))
        page.insert_textbox((72, 420, 523, 780), more, fontsize=10)
    document.set_metadata({"title": title, "author": title})
    document.save(path)
    return path


def analysis(paper: str, text: str, quote: str) -> Analysis:
    made = Provenance(
        engine="e", model="m", model_sha256="0" * 64, prompts_sha256="1" * 64, document_sha256="2", reader="1", seed=7, context_tokens=8192
    )
    claim = Claim(text=text, pages=(2,), quote=quote, verified=True)
    return Analysis(
        paper=paper,
        style="daily",
        language="zh",
        sections=(AnalysisSection(id="key", title="核心创新点", status=SectionStatus.OK, claims=(claim,)),),
        coverage=Coverage(read_tokens=97, total_tokens=100),
        provenance=made,
        timing=Timing(prompt_tokens=1, output_tokens=2, seconds=0.5),
    )


def fill(root: Path) -> None:
    """A workspace with two digests; the newer one holds everything."""
    (root / "digest.toml").write_text('language = "zh"\n[analysis]\nserver_urls = ["http://me:hunter2@10.0.0.1/v1"]\n', encoding="utf-8")
    (root / "profile.toml").write_text("[[interest]]\nname = '超分辨率 <b>'\ntext = 'aaa bbb <script>'\n", encoding="utf-8")
    (root / "papers").mkdir()
    store = Store(root / "index" / "library.sqlite")
    store.add_papers([SHARP, SONG, ATTACK], today=DAY)
    entries: list[Entry] = []
    with Pool(workers=1) as pool:
        for paper, said, title in ((SHARP, "保留全部频率。", ""), (ATTACK, SCRIPT, SCRIPT)):
            path = make_pdf(root / "papers" / f"{len(entries)}.pdf", QUOTE, title)
            document: Document = pool.read(path)
            store.add_document(document)
            store.set_file(paper.id, document, path)
            found = analysis(paper.id, said, QUOTE)
            store.add_analysis(paper.id, found)
            ranked = Ranked(
                paper=paper, score=80 - len(entries), relevance=0.5, reasons=(Reason(interest=SCRIPT, share=1.0, sentence=SCRIPT),)
            )
            entries.append(Entry(ranked=ranked, document=document, analysis=found, pdf="../../papers/0.pdf", figure_caption=SCRIPT))
    song = Entry(ranked=Ranked(paper=SONG, score=20, relevance=0.1), analysis=analysis(SONG.id, "写歌。", ""))
    digest = Digest(
        date=DAY,
        style="daily",
        language="zh",
        title="日报",
        counts=Counts(scanned=3, chosen=3),
        entries=(*entries, song),
        notices=(SCRIPT,),
    )
    store.add_digest(dataclasses.replace(digest, date=DAY - dt.timedelta(days=1), entries=(song,)), sources="arxiv", folder="2026-02-15")
    store.add_digest(digest, sources="arxiv", folder="2026-02-16")
    store.close()


@dataclass(slots=True, kw_only=True)
class Room:
    """A server that runs, and what a browser would know of it."""

    root: Path
    desk: Desk
    door: Door
    client: httpx.Client

    def post(self, body: Any, **headers: str) -> httpx.Response:
        """A write as the room's own page makes it, but for *headers*; an empty one is left out."""
        own = {"Origin": f"http://127.0.0.1:{self.door.port}", "X-Digest-Token": self.door.token, "Content-Type": "application/json"}
        own |= {"Cookie": f"{self.door.cookie}={self.door.seat}"} | {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post("/feedback", json=body, headers={name: value for name, value in own.items() if value})


def open_room(root: Path, host: str = "127.0.0.1") -> Iterator[Room]:
    desk = Desk(Workspace(root))
    toy = WordLengthEmbedder()
    desk.tools.__dict__["embedder"] = CachedEmbedder(toy, desk.store)
    socket = listen(host, 0)
    door = Door(host=host, port=socket.getsockname()[1])
    up = threading.Event()
    running = server(application(desk, door), started=up.set)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [socket]})
    thread.start()
    assert up.wait(30)
    with httpx.Client(base_url=f"http://127.0.0.1:{door.port}", timeout=30, trust_env=False) as client:
        yield Room(root=root, desk=desk, door=door, client=client)
    running.should_exit = True
    thread.join()
    socket.close()


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("room")
    fill(root)
    return root


@pytest.fixture(scope="module")
def room(filled: Path) -> Iterator[Room]:
    yield from open_room(filled)
