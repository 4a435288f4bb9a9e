"""A bundle brings everything or nothing, and the second time nothing."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
import zipfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.library.bundle import MANIFEST, Bundle, BundleRefused, write_bundle
from digest.library.transfer import Taken, export, take
from digest.library.weights import packed as packed_models
from tests.cli.conftest import PAPERS, make_pdf
from tests.keeping.scripted import ScriptedTools, edition, tools_in

if TYPE_CHECKING:
    from pathlib import Path

DAY = dt.date(2026, 11, 18)
RECORDS = {"papers/a.json": b'{"a": 1}' * 40, "pdfs/b.pdf": b"%PDF-1.7 " + bytes(range(256))}


@pytest.fixture(scope="module")
def packed(tmp_path_factory) -> Path:
    """A bundle of two papers that were read and analysed."""
    place: Path = tmp_path_factory.mktemp("packed")
    (place / "mine").mkdir()
    for name in ("sharp", "blur"):
        make_pdf(place / "mine" / f"{name}.pdf", *PAPERS[name])
    tools = tools_in(place / "here")
    edition(tools, DAY, place / "mine")
    export(tools.store, tools.store.all_papers(), place / "papers.zip")
    export(tools.store, tools.store.all_papers(), place / "again.zip")
    assert (place / "papers.zip").read_bytes() == (place / "again.zip").read_bytes()
    tools.store.close()
    return place / "papers.zip"


def received(tools: ScriptedTools, path: Path) -> Taken:
    bundle = Bundle(path)
    try:
        return take(bundle, tools.store, tools.workspace, tools.registry, today=DAY)
    finally:
        bundle.close()


def test_a_bundle_brings_papers_that_need_no_network_and_the_second_time_nothing(packed, tmp_path):
    tools = tools_in(tmp_path / "there")
    assert received(tools, packed) == Taken(papers=2, pdfs=2, documents=2, analyses=2)
    before = tools.store.connection.execute("SELECT id, record FROM paper ORDER BY id").fetchall()
    changes = tools.store.connection.total_changes
    assert received(tools, packed) == Taken()
    assert tools.store.connection.total_changes == changes
    assert tools.store.connection.execute("SELECT id, record FROM paper ORDER BY id").fetchall() == before
    tools.offline = True
    for paper in tools.store.all_papers():
        assert tools.download(paper).is_relative_to(tools.workspace.papers)
    assert tools.store.units.matching(["blur"], 5)
    assert tools.store.faults() == []
    tools.store.close()


@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_changed_bundle_is_refused_or_says_the_same(tmp_path, place, bit):
    path = tmp_path / "x.zip"
    write_bundle(path, RECORDS)
    content = bytearray(path.read_bytes())
    content[int(place * len(content))] ^= 1 << bit
    path.write_bytes(content)
    try:
        bundle = Bundle(path)
    except BundleRefused:
        return
    assert {name: bundle.open(name).read() for name in bundle.members} == RECORDS
    bundle.close()


@given(kept=st.floats(0, 1, exclude_max=True))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_torn_bundle_is_refused(tmp_path, kept):
    path = tmp_path / "x.zip"
    write_bundle(path, RECORDS)
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content))])
    with pytest.raises(BundleRefused, match="nothing was taken"):
        Bundle(path)


def forged(path: Path, members: dict[str, bytes], *, listed: dict[str, bytes] | None = None, compressed: bool = True) -> Path:
    """A zip with a manifest that agrees with it, whatever the members are called."""
    rows = [
        {"name": name, "size_bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in (members if listed is None else listed).items()
    ]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED) as archive:
        archive.writestr(MANIFEST, json.dumps({"format": 1, "files": rows}))
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    "name", ["../evil", "/etc/evil", "papers/../../evil", "papers/.evil", "pdfs/a/b.pdf", "papers\\evil", "weights/", "other/x", "C:evil"]
)
def test_a_name_that_leads_elsewhere_is_refused(tmp_path, name):
    with pytest.raises(BundleRefused):
        Bundle(forged(tmp_path / "x.zip", {name: b"x"}))


@pytest.mark.parametrize(
    "members",
    [
        {"papers/bomb.json": b"0" * (80 << 20)},
        {"papers/bomb.json": b"0" * (2 << 20)},
        {"pdfs/bomb.pdf": b"0" * (1 << 20)},  # compressed, where only stored may be
    ],
)
def test_what_grows_beyond_reason_is_refused(tmp_path, members):
    with pytest.raises(BundleRefused):
        Bundle(forged(tmp_path / "x.zip", members))


def test_members_that_the_manifest_does_not_name_are_refused(tmp_path):
    with pytest.raises(BundleRefused, match="not those of the manifest"):
        Bundle(forged(tmp_path / "x.zip", RECORDS, listed={"papers/a.json": RECORDS["papers/a.json"]}))


@pytest.mark.parametrize("content", [b"", b"PK", b"no zip at all", b"%PDF-1.7"])
def test_what_is_no_bundle_is_refused(tmp_path, content):
    (tmp_path / "x.zip").write_bytes(content)
    with pytest.raises(BundleRefused):
        Bundle(tmp_path / "x.zip")
    with pytest.raises(BundleRefused):
        Bundle(tmp_path / "nothing.zip")


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace(b'"pdf":""', b'"pdf":"/etc/passwd"'),
        lambda text: text.replace(b'"title"', b'"tilte"'),
        lambda text: b"[]",
    ],
)
def test_records_that_lie_are_refused_before_anything_is_taken(packed, tmp_path, change):
    with zipfile.ZipFile(packed) as archive:
        members = {name: archive.read(name) for name in archive.namelist() if name != MANIFEST}
    changed = {name: change(content) if name.startswith("papers/") else content for name, content in members.items()}
    write_bundle(tmp_path / "x.zip", changed)
    tools = tools_in(tmp_path / "there")
    with pytest.raises(BundleRefused, match="nothing was taken"):
        received(tools, tmp_path / "x.zip")
    assert tools.store.count("paper") == tools.store.count("analysis") == 0
    assert not list((tmp_path / "there").rglob("*.pdf"))
    tools.store.close()


def test_weights_travel_with_their_card(tmp_path):
    here, there = tools_in(tmp_path / "here"), tools_in(tmp_path / "there")
    here.workspace.models.mkdir()
    weights = here.workspace.models / "tiny.gguf"
    weights.write_bytes(b"GGUF tiny")
    card = dataclasses.replace(here.registry.card("qwen3-4b"), id="tiny", file="tiny.gguf", sha256=hashlib.sha256(b"GGUF tiny").hexdigest())
    here.registry.add(card)
    del here.__dict__["registry"]
    export(here.store, [], tmp_path / "x.zip", models=(here.registry, [here.registry.card("tiny")]))
    assert received(there, tmp_path / "x.zip") == Taken(models=1)
    del there.__dict__["registry"]
    assert there.registry.verify(there.registry.card("tiny")) == card.sha256
    assert received(there, tmp_path / "x.zip") == Taken()
    here.store.close()
    there.store.close()


def embedder_in(folder: Path) -> None:
    """What lies in the folder of an embedding model, and what must not leave the machine with it."""
    for name in ("config.json", "1_Pooling/config.json", "model.safetensors", "tokenizer.json", "modeling.py", "diary.json", "README.md"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"{name} of it", encoding="utf-8")


def test_an_embedder_travels_with_what_describes_it_and_nothing_else(tmp_path):
    here, there = tools_in(tmp_path / "here"), tools_in(tmp_path / "there")
    embedder_in(here.workspace.models / "small")
    card = dataclasses.replace(
        here.registry.card("qwen3-embedding-0.6b"),
        id="small",
        folder="small",
        sha256=hashlib.sha256(b"model.safetensors of it").hexdigest(),
    )
    export(here.store, [], tmp_path / "x.zip", models=(here.registry, [card]))
    assert received(there, tmp_path / "x.zip") == Taken(models=1)
    del there.__dict__["registry"]
    taken = there.registry.card("small")
    assert there.registry.verify(taken) == card.sha256
    folder = there.registry.path(taken).parent
    names = {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.is_file()}
    assert names == {n: f"{n} of it" for n in ("config.json", "1_Pooling/config.json", "model.safetensors", "tokenizer.json")}
    assert received(there, tmp_path / "x.zip") == Taken()
    here.store.close()
    there.store.close()


@pytest.mark.parametrize(
    "change",
    [
        {"also": ("../../profile.toml",)},
        {"also": ("/etc/passwd",)},
        {"also": ("lib.py",)},
        {"folder": ".."},
        {"file": "../x.gguf"},
        {"package": "os"},
    ],
)
def test_a_card_that_leads_elsewhere_is_refused(tmp_path, change):
    here, there = tools_in(tmp_path / "here"), tools_in(tmp_path / "there")
    embedder_in(here.workspace.models / "small")
    card = dataclasses.replace(here.registry.card("qwen3-embedding-0.6b"), id="small", folder="small", sha256="")
    contents = dict(packed_models(here.registry, [card]))
    (name,) = (name for name in contents if name.startswith("cards/"))
    content = contents[name]
    assert isinstance(content, bytes)
    write_bundle(tmp_path / "x.zip", contents | {name: json.dumps(json.loads(content) | change).encode()})
    with pytest.raises(BundleRefused, match="do not belong together"):
        received(there, tmp_path / "x.zip")
    assert not there.workspace.models.exists()
    here.store.close()
    there.store.close()
