"""What this computer has to give: processors and memory, as far as this process may use them; and what was tuned on it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import psutil

_GROUP = Path("/sys/fs/cgroup")  # version 2; what a container is allowed


def processors() -> int:
    """Logical processors this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def memory_bytes() -> int:
    """All memory, or what the container is allowed of it."""
    total = int(psutil.virtual_memory().total)
    limit = _number("memory.max")
    return total if limit is None else min(total, limit)


def free_memory_bytes() -> int:
    """Memory that can be had without swapping; files kept in memory only for speed count as free."""
    free = int(psutil.virtual_memory().available)
    limit, used = _number("memory.max"), _number("memory.current")
    if limit is None or used is None:
        return free
    return max(0, min(free, limit - used + (_number("memory.stat", "inactive_file") or 0)))


def resident_bytes() -> int:
    """Memory that this process holds now."""
    return int(psutil.Process().memory_info().rss)


def is_running(pid: int) -> bool:
    """Whether there is a process of that number."""
    return bool(psutil.pid_exists(pid))


def running_since(pid: int) -> float | None:
    """When the process of that number began; None where there is none. Numbers are given out again, moments are not."""
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else process.create_time()
    except psutil.Error:
        return None


def gpus() -> list[str]:
    """The NVIDIA GPUs this process may use, as CUDA_VISIBLE_DEVICES names them."""
    allowed = os.environ.get("CUDA_VISIBLE_DEVICES")
    if allowed is not None:
        return [name for name in allowed.split(",") if name]
    try:
        listed = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, timeout=20, check=True).stdout  # noqa: S607
    except (OSError, subprocess.SubprocessError):
        return []
    return [str(number) for number, line in enumerate(line for line in listed.splitlines() if line.startswith("GPU "))]


def _number(name: str, row: str = "") -> int | None:
    """A figure of this process's control group; None where there is none or it says ``max``."""
    try:
        words = (_GROUP / name).read_text(encoding="ascii").split()
        return int(words[words.index(row) + 1] if row else words[0])
    except (OSError, ValueError):
        return None


def tuned(file: Path, role: str, key: str) -> Any:
    """What was kept in *file* for the model *key* of that role; None when there is nothing, or it cannot be read."""
    return _tuned(file).get(role, {}).get(key)


def with_tuned(file: Path, role: str, key: str, value: Any) -> str:
    """The content of *file* with *value* kept for the model *key* of that role."""
    kept = _tuned(file)
    kept.setdefault(role, {})[key] = value
    return json.dumps(kept, indent=1)


def _tuned(file: Path) -> dict[str, Any]:
    """All that was tuned, by role; what cannot be read is tuned again."""
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) and all(isinstance(part, dict) for part in kept.values()) else {}
