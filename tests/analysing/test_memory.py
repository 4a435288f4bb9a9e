"""The sum against what llama.cpp says it took, and what becomes of a model that is too large."""

from __future__ import annotations

import ctypes
import re
from typing import TYPE_CHECKING, Any

import llama_cpp
import pytest

from bench.shapes import SHAPES, VOCABULARY, write
from digest.analysing import llama
from digest.analysing.engine import EngineModel
from digest.analysing.llama import LlamaEngine, LlamaSettings
from digest.analysing.memory import Build
from digest.analysing.tune import Knobs
from digest.errors import MemoryTooSmall, ModelCorrupt
from tests.engines import smollm2

if TYPE_CHECKING:
    from pathlib import Path

QWEN3_8B = {
    "general.architecture": "qwen3",
    "qwen3.block_count": "36",
    "qwen3.embedding_length": "4096",
    "qwen3.feed_forward_length": "12288",
    "qwen3.attention.head_count": "32",
    "qwen3.attention.head_count_kv": "8",
    "qwen3.attention.key_length": "128",
    "qwen3.attention.value_length": "128",
}


def test_the_cache_of_a_known_model():
    """Qwen3-8B: 36 layers, 8 key heads of 128, key and value, two bytes each: 144 KiB a token."""
    assert Build.of(QWEN3_8B, weights_bytes=0, vocabulary=151_936).cell_bytes == 147_456


def test_the_largest_context_that_fits_fits_and_one_step_more_does_not():
    build = Build.of(QWEN3_8B, weights_bytes=5_000_000_000, vocabulary=151_936)
    for free in (6_000_000_000, 7_654_321_000, 16_000_000_000):
        cells = build.most_cells(free, sequences=18, batch=512)
        assert build.needed(cells=cells, sequences=18, batch=512) <= free < build.needed(cells=cells + 256, sequences=18, batch=512)
    assert build.most_cells(4_000_000_000, sequences=18, batch=512) == 0


def test_a_file_that_says_nothing_or_nonsense_counts_as_its_weights():
    odd = {"general.architecture": "x", "x.block_count": "-7", "x.attention.head_count": "many", "x.embedding_length": "[1,"}
    for metadata in ({}, odd):
        assert Build.of(metadata, weights_bytes=1000, vocabulary=0).needed(cells=100, sequences=2, batch=8) == 1050


def model(tmp_path: Path, name: str) -> Path:
    if name == "smollm2":
        return smollm2(0.0)._path
    if not VOCABULARY.is_file():
        pytest.skip("no vocabulary: make vocabulary")
    write(SHAPES[name], tmp_path / "model.gguf")
    return tmp_path / "model.gguf"


def engine(path: Path, context_tokens: int, **knobs: Any) -> LlamaEngine:
    shown = EngineModel(id="m", title="M", sha256="", languages=("en",), context_tokens=context_tokens)
    settings = LlamaSettings(context_tokens=context_tokens, temperature=0.0)
    return LlamaEngine(path, shown, settings, Knobs(threads=1, gpu_layers=0, **knobs))


@pytest.mark.parametrize(
    ("name", "knobs"),
    [
        ("smollm2", {}),
        ("smollm2", {"batch": 1024}),
        ("smollm2", {"batch": 256, "answers": 64}),
        ("tiny-attention", {}),
        ("tiny-sliding", {}),
        ("tiny-hybrid", {}),
        ("tiny-hybrid", {"answers": 4}),
    ],
)
def test_the_sum_is_close_to_what_llama_cpp_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, knobs: dict[str, int]):
    """Within a tenth and 30 MB of the buffers that it logs, and not far below them."""
    path, lines = model(tmp_path, name), []
    listening = llama_cpp.llama_log_callback(lambda level, text, user_data: lines.append(text.decode(errors="replace")))
    made = engine(path, 4096, **knobs)
    monkeypatch.setattr(llama, "_silent", listening)
    made.count("loads it")
    build, _ = made._build()
    cells, sequences, batch = made.cells, made.sequences, made.batch
    made.close()
    llama_cpp.llama_log_set(llama._silent, ctypes.c_void_p(0))
    sizes = [float(size) for line in lines for size in re.findall(r"(?:KV|RS|compute|output) buffer size = +([\d.]+) MiB", line)]
    taken = sum(sizes) * 2**20 + path.stat().st_size
    said = build.needed(cells=cells, sequences=sequences, batch=batch)
    assert 0.95 * taken - 5e6 < said < 1.1 * taken + 30e6


def test_a_context_that_memory_cannot_hold_is_refused_with_one_that_fits(monkeypatch: pytest.MonkeyPatch):
    path = smollm2(0.0)._path
    monkeypatch.setattr(llama, "free_memory_bytes", lambda: 250_000_000)
    with pytest.raises(MemoryTooSmall) as refused:
        engine(path, 8192).count("word")
    assert 1024 <= refused.value.fits < 8192
    assert f"analysis.context_tokens = {refused.value.fits}" in str(refused.value.hint)
    made = engine(path, refused.value.fits)
    assert made.count("a word") == 2
    made.close()


def test_a_model_that_memory_cannot_hold_at_all_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(llama, "free_memory_bytes", lambda: 50_000_000)
    with pytest.raises(MemoryTooSmall) as refused:
        engine(smollm2(0.0)._path, 8192).count("word")
    assert "models list" in str(refused.value.hint)


def test_a_broken_file_is_told_before_memory_is(tmp_path: Path):
    (tmp_path / "m.gguf").write_bytes(b"GGUF" + b"\xff" * 400)
    with pytest.raises(ModelCorrupt):
        engine(tmp_path / "m.gguf", 1024).count("word")
