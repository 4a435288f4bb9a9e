"""The whole pipeline with real sources, reading, library and pages, and without a model: its answers and vectors are made up."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from digest.library.embeddings import CachedEmbedder
from digest.pipeline import Edition, Order, run
from digest.stages import Silent
from digest.wiring import Tools
from digest.workspace import Workspace
from tests.embedders import WordLengthEmbedder
from tests.engines import ScriptedEngine

if TYPE_CHECKING:
    from pathlib import Path

    from digest.analysing.engine import Engine

SETTINGS = """
style = "daily"
[ranking]
top_k = 5
[sources]
delay_seconds = 0
"""


class ScriptedTools(Tools):
    """Tools whose engine says one sentence and whose embedder counts letters."""

    @cached_property
    def embedder(self) -> CachedEmbedder:
        return CachedEmbedder(WordLengthEmbedder(), self.store)

    def engine(self, model_id: str = "", name: str = "auto") -> Engine:
        return ScriptedEngine({"*": ["We propose a method."]})


@dataclass
class Quiet(Silent):
    """Progress that remembers what was said."""

    said: list[str] = field(default_factory=list)

    def say(self, line: str) -> None:
        """See ``stages.Progress``."""
        self.said.append(line)


def tools_in(folder: Path, settings: str = "") -> ScriptedTools:
    """The tools of a workspace in *folder*, made where there is none."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "digest.toml").write_text(SETTINGS + settings, encoding="utf-8")
    return ScriptedTools(Workspace(folder))


def edition(tools: Tools, day: dt.date, *sources: object, progress: Quiet | None = None, **more) -> Edition:
    """The digest of *day* from *sources*."""
    order = Order(**{"date": day, "sources": tuple(map(str, sources)), "style": "daily", "top_k": 5, **more})
    return run(tools, order, progress or Quiet())


def names(made: Edition) -> list[str]:
    """The papers in the digest, with their versions."""
    return sorted(entry.ranked.paper.name for entry in made.digest.entries)
