"""What ``digest doctor`` looks at."""

from __future__ import annotations

import importlib.util
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.errors import DigestError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from digest.wiring import Tools

_PACKAGES = {"pymupdf": "pymupdf", "sentence_transformers": "sentence-transformers", "faiss": "faiss-cpu", "llama_cpp": "llama-cpp-python"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    use: str  # everything, reading, digest, chinese, search, gpu
    check: str
    ok: bool
    detail: str
    mend: str  # the command that helps
    needed: bool = True  # without it no digest at all; otherwise it would only be better


def examine(tools: Tools) -> list[Finding]:
    """Everything there is to know, most basic first."""
    return [*_packages(), *_files(tools), *_models(tools), *_library(tools), _disk(tools), _gpu()]


def _packages() -> Iterator[Finding]:
    for module, package in _PACKAGES.items():
        there = importlib.util.find_spec(module) is not None
        yield Finding(use="everything", check=package, ok=there, detail="installed" if there else "not installed", mend="make setup")


def _files(tools: Tools) -> Iterator[Finding]:
    own = tools.workspace.settings.is_file()
    yield Finding(
        use="everything",
        check="workspace",
        ok=own,
        detail=str(tools.workspace.root) if own else f"{tools.workspace.root} has no digest.toml: defaults are used",
        mend="digest init",
        needed=False,
    )
    yield _tried("digest", "profile", lambda: f"{len(tools.profile.interest)} interests", "digest init")


def _models(tools: Tools) -> Iterator[Finding]:
    def embedder() -> str:
        card = tools.registry.choose("embedding", tools.settings.ranking.embedder, memory_gb=1e9)
        return f"{card.title}, sha256 {tools.registry.verify(card)[:8]}"

    def chat() -> str:
        card = tools.engines.card()
        return f"{card.title}, sha256 {tools.registry.verify(card)[:8]}"

    yield _tried("digest", "embedding model", embedder, "make setup")
    yield _tried("digest", "chat model", chat, "make setup")
    chinese = [card for card in tools.registry.installed("chat") if tools.settings.language in card.languages]
    yield Finding(
        use="chinese" if tools.settings.language == "zh" else "digest",
        check=f"chat model that writes {tools.settings.language}",
        ok=bool(chinese),
        detail=chinese[0].title if chinese else "none: the model's paragraphs will be English",
        mend="digest models pull qwen3-4b   # 2.5 GB, for 8 GB of memory",
        needed=False,
    )


def _library(tools: Tools) -> Iterator[Finding]:
    def counts() -> str:
        return f"{tools.store.count('paper')} papers, {tools.store.count('passage')} passages"

    yield _tried("search", "library", counts, "digest index check")


def _disk(tools: Tools) -> Finding:
    free_gb = shutil.disk_usage(tools.workspace.root).free / 1e9
    return Finding(
        use="everything", check="disk", ok=free_gb > 2, detail=f"{free_gb:.0f} GB free", mend=f"df -h {tools.workspace.root}", needed=False
    )


def _gpu() -> Finding:
    if importlib.util.find_spec("llama_cpp") is None:
        return Finding(
            use="gpu", check="GPU build of llama.cpp", ok=False, detail="llama-cpp-python is missing", mend="make setup", needed=False
        )
    from digest.analysing.llama import runs_on_gpu

    offload = runs_on_gpu()
    return Finding(
        use="gpu",
        check="GPU build of llama.cpp",
        ok=offload,
        detail="layers can go to the GPU" if offload else "this build computes on the CPU",
        mend="make setup LLAMA=cuda   # or metal, vulkan; prebuilt: make setup WHEELS=cu124",
        needed=False,
    )


def _tried(use: str, check: str, look: Callable[[], str], mend: str) -> Finding:
    """What *look* says, or the error it ends in."""
    try:
        return Finding(use=use, check=check, ok=True, detail=look(), mend="")
    except DigestError as error:
        return Finding(use=use, check=check, ok=False, detail=str(error), mend=error.hint or mend)
