"""docs/benchmarks.md: what stands between a benchmark's marks is made anew, all prose around them stays."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import TYPE_CHECKING

from bench.plot import plot
from digest.machine import memory_bytes, processors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.table import Table

DOCS = Path(__file__).resolve().parents[1] / "docs"


def machine() -> str:
    """The machine in words, and the day."""
    flags = re.search(r"^flags\s*:(.*)$", _read(Path("/proc/cpuinfo")), re.MULTILINE)
    vectors = next((said for flag, said in (("avx512f", "AVX-512"), ("avx2", "AVX2")) if flags and flag in flags[1]), "")
    return f"{processors()} cores {vectors}".strip() + f", {memory_bytes() / 2**30:.0f} GB, {dt.datetime.now(dt.UTC).date()}"


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def put(name: str, command: str, said: Sequence[Table] | str, seconds: float) -> None:
    """Write what the benchmark *name* found, tables or the lines it printed, between its marks; at the end where there are none yet."""
    path = DOCS / "benchmarks.md"
    parts = [f"```\n{said.strip()}\n```"] if isinstance(said, str) else [table.markdown() for table in said]
    for table in said if not isinstance(said, str) else ():
        if table.curve:
            (DOCS / f"{table.curve}.svg").write_text(plot(table), encoding="utf-8")
            parts.append(f"![{table.title}]({table.curve}.svg)")
    told = "\n\n".join([f"`python -m bench {command}`, {machine()}, {seconds:.0f} s:", *parts])
    path.write_text(replaced(_read(path), name, told), encoding="utf-8")


def replaced(page: str, name: str, told: str) -> str:
    """*page* with *told* between the marks of *name*."""
    begin, end = f"<!-- bench:{name} -->", "<!-- /bench -->"
    block = f"{begin}\n{told}\n{end}"
    before, found, after = page.partition(begin)
    if not found:
        return f"{page.rstrip()}\n\n{block}\n"
    return before + block + after.partition(end)[2]
