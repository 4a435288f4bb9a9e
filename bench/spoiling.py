"""Ways to spoil a library behind its back, each of which `digest index check` must notice; they say whether there was anything to spoil."""

from __future__ import annotations

import contextlib
import json
import random
import sqlite3
from collections.abc import Callable
from pathlib import Path

from digest.library.store import NAME
from digest.library.vectors import MANIFEST

Spoiler = Callable[[Path, random.Random], bool]


def _torn_tail(workspace: Path, rng: random.Random) -> bool:
    for path in workspace.glob("index/tail-*.faiss"):
        path.write_bytes(path.read_bytes()[: rng.randrange(path.stat().st_size)])
        return True
    return False


def _flipped_bit(workspace: Path, rng: random.Random) -> bool:
    for path in workspace.glob("index/*.faiss"):
        content = bytearray(path.read_bytes())
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
        path.write_bytes(content)
        return True
    return False


def _lost_vectors(workspace: Path, _: random.Random) -> bool:
    manifest = workspace / "index" / MANIFEST
    if not manifest.is_file():
        return False
    (workspace / "index" / json.loads(manifest.read_text(encoding="utf-8"))["tail"]["file"]).unlink()
    return True


def _half_written(workspace: Path, rng: random.Random) -> bool:
    (workspace / "papers" / f".2601.{rng.randrange(99999):05}.pdf.x.partial").write_bytes(b"%PDF-1.7")
    return True


def _a_pdf(workspace: Path, rng: random.Random) -> Path | None:
    with contextlib.closing(sqlite3.connect(workspace / "index" / NAME)) as db:
        paths = [Path(row[0]) for row in db.execute("SELECT path FROM file ORDER BY paper")]
    return rng.choice(paths) if paths else None


def _lost_pdf(workspace: Path, rng: random.Random) -> bool:
    path = _a_pdf(workspace, rng)
    if path:
        path.unlink()
    return path is not None


def _other_pdf(workspace: Path, rng: random.Random) -> bool:
    path = _a_pdf(workspace, rng)
    if path:
        path.write_bytes(path.read_bytes() + b"% changed\n")
    return path is not None


def _lost_pages(workspace: Path, rng: random.Random) -> bool:
    pages = sorted(workspace.glob("digests/*/digest.md"))
    if pages:
        rng.choice(pages).unlink()
    return bool(pages)


def _lost_words(workspace: Path, _: random.Random) -> bool:
    with contextlib.closing(sqlite3.connect(workspace / "index" / NAME)) as db, db:
        db.execute("DELETE FROM passage_words_data WHERE id = (SELECT max(id) FROM passage_words_data)")
    return True


SPOILERS: dict[str, Spoiler] = {
    "a torn file of vectors": _torn_tail,
    "a bit of the vectors": _flipped_bit,
    "vectors gone": _lost_vectors,
    "a half-written file": _half_written,
    "a PDF gone": _lost_pdf,
    "another PDF in its place": _other_pdf,
    "pages gone": _lost_pages,
    "words gone": _lost_words,
}
