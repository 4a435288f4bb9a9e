"""Which engine writes, built from the settings and from what was tuned on this machine."""

from __future__ import annotations

import functools
import os
from dataclasses import replace
from typing import TYPE_CHECKING

from digest.errors import Offline, ServerFailed, SetupError, UsageError
from digest.machine import memory_bytes, processors, tuned, with_tuned
from digest.workspace import write_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from digest.analysing.engine import Engine, EngineModel
    from digest.analysing.llama import LlamaEngine
    from digest.analysing.tune import Knobs, Speed, Trial
    from digest.config import AnalysisSettings
    from digest.registry import ModelCard, Registry

_TRIAL, _TRIAL_ON_GPU = (2000, 4096), (4000, 8192)  # words of a paper, and tokens: a context that holds them


class Engines:
    """The engines that the settings allow."""

    def __init__(self, settings: AnalysisSettings, registry: Registry, *, offline: bool, tuned_file: Path) -> None:
        self._settings, self._registry, self._offline, self._tuned_file = settings, registry, offline, tuned_file
        self._loaded: list[LlamaEngine] = []

    def close(self) -> None:
        """Free the memory of all models."""
        while self._loaded:
            self._loaded.pop().close()

    def card(self, model_id: str = "") -> ModelCard:
        """The card of the model that writes: the one named, else that of the settings."""
        return self._registry.choose("chat", model_id or self._settings.model, memory_gb=memory_bytes() / 1e9)

    def engine(self, model_id: str = "", name: str = "auto") -> Engine:
        """The engine called *name*; ``auto``: that of the settings, which may leave it to what is there.

        Then it is a server, where one is configured and answers; else llama.cpp, where a chat model is installed; else
        the engine that only quotes.

        Raises:
            UsageError: there is no engine of that name, or none is configured.
        """
        name = self._settings.engine if name == "auto" else name
        if name == "auto":
            return self._best(model_id)
        makers = {"llama": self._llama, "server": self._server, "extractive": self._extractive}
        if name not in makers:
            raise UsageError(f"no engine is called {name!r} (known: auto, {', '.join(makers)})", hint="digest run --engine llama")
        return makers[name](model_id)

    def _best(self, model_id: str) -> Engine:
        if self._settings.server_urls and not model_id:
            try:
                return self._server(model_id)
            except (ServerFailed, Offline):
                pass
        try:
            return self._llama(model_id)
        except SetupError:
            if model_id or self._settings.model != "auto" or self._registry.installed("chat"):
                raise
            return self._extractive(model_id)

    def _extractive(self, model_id: str) -> Engine:  # noqa: ARG002 as the others
        from digest.analysing.extractive import ExtractiveEngine

        return ExtractiveEngine()

    def _server(self, model_id: str) -> Engine:
        from digest.analysing.server import ServerEngine, ServerSettings, is_loopback

        settings = self._settings
        if not settings.server_urls:
            raise UsageError("no server is configured: analysis.server_urls in digest.toml is empty", hint="digest run --engine llama")
        urls = [url for url in settings.server_urls if not self._offline or is_loopback(url)]
        if not urls:
            raise Offline("server")
        return ServerEngine(
            ServerSettings(
                urls=tuple(urls),
                model=model_id or settings.server_model,
                languages=tuple(settings.server_languages),
                context_tokens=settings.context_tokens,
                temperature=settings.temperature,
                parallel=settings.server_parallel,
                key=os.environ.get("DIGEST_SERVER_KEY", ""),
            )
        )

    def _llama(self, model_id: str) -> LlamaEngine:
        """The model run as it was tuned; what the settings say goes before that."""
        from digest.analysing.tune import Knobs

        card, settings = self.card(model_id), self._settings
        kept = self.tuned(card)
        knobs = kept.knobs if kept else Knobs()
        knobs = replace(
            knobs,
            threads=settings.threads or knobs.threads,
            papers=settings.papers or knobs.papers,
            gpu_layers=settings.gpu_layers if settings.gpu_layers >= 0 else knobs.gpu_layers,
        )
        return self._llama_with(card, knobs, settings.context_tokens)

    def _llama_with(self, card: ModelCard, knobs: Knobs, context_tokens: int) -> LlamaEngine:
        # Read when llama.cpp's OpenMP is loaded: threads that spin while they wait halve its speed on a busy machine (docs/log.md).
        os.environ.setdefault("OMP_WAIT_POLICY", "passive")
        from digest.analysing.llama import LlamaEngine, LlamaSettings

        model = _engine_model(card, self._registry.verify(card), context_tokens)
        settings = LlamaSettings(context_tokens=context_tokens, temperature=self._settings.temperature)
        engine = LlamaEngine(self._registry.path(card), model, settings, knobs)
        self._loaded.append(engine)
        return engine

    # --- tuning -------------------------------------------------------------------------------------------------------

    def tuned(self, card: ModelCard) -> Trial | None:
        """What `digest models tune` kept for the model; None where it was not tuned on this machine."""
        from digest.analysing.tune import from_record

        record = tuned(self._tuned_file, "chat", _key(card))
        return from_record(record) if isinstance(record, dict) else None

    def speed(self, model_id: str) -> Speed | None:
        """How fast the model was when it was tuned here."""
        kept = self.tuned(self._registry.card(model_id))
        return kept.speed if kept else None

    def tune(self, card: ModelCard) -> Iterator[Trial]:
        """Measure the model under one set of knobs after the other, and keep the best at the end."""
        from digest.analysing.tune import Knobs, better, measure, to_record, tune

        layers = self._llama_with(card, Knobs(), 0).gpu_layers
        start = Knobs(threads=processors(), flash_attention=layers > 0, papers=1)
        words, context_tokens = _TRIAL_ON_GPU if layers else _TRIAL

        def try_out(knobs: Knobs) -> Speed:
            engine = self._llama_with(card, knobs, context_tokens)
            try:
                return measure(engine, papers=knobs.papers, words=words)
            finally:
                engine.close()

        trials = []
        for trial in tune(start, try_out, processors=processors(), layers=layers):
            trials.append(trial)
            yield trial
        best = functools.reduce(better, trials)
        write_text(self._tuned_file, with_tuned(self._tuned_file, "chat", _key(card), to_record(best)))


def _key(card: ModelCard) -> str:
    return f"{card.id}@{card.sha256[:8]}"


def _engine_model(card: ModelCard, sha256: str, context_tokens: int) -> EngineModel:
    from digest.analysing.engine import EngineModel

    return EngineModel(
        id=card.id,
        title=card.title,
        sha256=sha256,
        languages=card.languages or ("en",),
        context_tokens=min(context_tokens, card.context_tokens or context_tokens),
    )
