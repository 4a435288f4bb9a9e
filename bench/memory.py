"""What a process holds, as Linux counts it."""

from __future__ import annotations

from pathlib import Path


def held_mb(name: str) -> float:
    """A line of this process's status: ``VmHWM``, the most that was resident since the last reset; ``RssAnon``, without mapped files."""
    line = next(line for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines() if line.startswith(name))
    return int(line.split()[1]) / 1e3
