"""Which library runs an embedding model: what can, which one is fastest on this machine, and which one was chosen."""

from __future__ import annotations

import importlib.util
import json
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from digest.machine import tuned, with_tuned
from digest.workspace import write_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from digest.embedding import Embedder, Vectors

Backend = Literal["torch", "onnx", "onnx-int8"]
EXACT: Backend = "torch"  # what the model's authors run: other vectors are held against its own
_LEAST_COSINE = 0.985  # mean, to the exact vectors: below it a backend is not chosen however fast it is
_ROUNDS = 2  # the better of so many counts: other work on the machine only ever slows a round


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """An embedding model on disk."""

    folder: Path
    model_id: str
    sha256: str
    dim: int
    window_tokens: int
    pooling: str = ""  # mean, cls or lasttoken; "": as its folder says

    @property
    def key(self) -> str:
        """What a choice is kept under."""
        return f"{self.model_id}@{self.sha256[:8]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One backend on this machine."""

    backend: Backend
    texts_per_second: float
    cosine: float  # mean, to the exact vectors

    @property
    def faithful(self) -> bool:
        """Whether its vectors may stand for the exact ones."""
        return self.cosine >= _LEAST_COSINE


def usable(model: Model) -> list[Backend]:
    """The backends that can run *model* here."""
    if importlib.util.find_spec("onnxruntime") and model.pooling in ("", "mean") and _is_plain_bert(model.folder):
        return list(get_args(Backend))
    return [EXACT]


def build(model: Model, backend: Backend | None = None) -> Embedder:
    """*model* as *backend* runs it; without one, by ONNX Runtime in float32 where it can: the exact vectors, without loading torch."""
    shape: dict[str, Any] = {**asdict(model)}
    if backend is None:
        backend = "onnx" if "onnx" in usable(model) else EXACT
    if backend == "torch":
        from digest.embedding.transformer import TransformerEmbedder

        return TransformerEmbedder(**shape)
    from digest.embedding.runtime import OnnxEmbedder

    shape.pop("pooling")
    return OnnxEmbedder(**shape, int8=backend == "onnx-int8")


def try_out(model: Model, texts: Sequence[str]) -> list[Trial]:
    """Each usable backend measured on *texts*, in turns, so that other work on the machine slows all alike."""
    embedders = {backend: build(model, backend) for backend in usable(model)}
    vectors = {backend: embedder.embed(texts) for backend, embedder in embedders.items()}  # loads them too
    seconds = dict.fromkeys(embedders, float("inf"))
    for _ in range(_ROUNDS):
        for backend, embedder in embedders.items():
            start = time.perf_counter()
            embedder.embed(texts)
            seconds[backend] = min(seconds[backend], time.perf_counter() - start)
    speed = {backend: round(len(texts) / took, 1) for backend, took in seconds.items()}
    exact = vectors[EXACT]
    return [Trial(backend=b, texts_per_second=speed[b], cosine=mean_cosine(vectors[b], exact)) for b in embedders]


def fastest(trials: Sequence[Trial]) -> Trial:
    """The fastest whose vectors are faithful; the exact one always is."""
    return max((trial for trial in trials if trial.faithful), key=lambda trial: trial.texts_per_second)


def mean_cosine(one: Vectors, other: Vectors) -> float:
    """Of rows of unit length, pair by pair."""
    return round(float(np.einsum("ij,ij->i", one, other).mean()), 5)


def chosen(file: Path, model: Model) -> Backend | None:
    """The backend that was kept for *model*; None when there is none, or none that can be used any more."""
    backend = tuned(file, "embedding", model.key)
    return backend if backend in usable(model) else None


def choose(file: Path, model: Model, backend: Backend) -> None:
    """Keep *backend* for *model*."""
    write_text(file, with_tuned(file, "embedding", model.key, backend))


def _is_plain_bert(folder: Path) -> bool:
    """Whether ``embedding.graph`` can write the model down: BERT, float32, the mean over tokens."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        pooling = json.loads((folder / "1_Pooling" / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return (
        config.get("model_type") == "bert"
        and config.get("hidden_act") == "gelu"
        and config.get("position_embedding_type", "absolute") == "absolute"
        and bool(pooling.get("pooling_mode_mean_tokens"))
        and (folder / "model.safetensors").is_file()
    )
