"""How fast a model writes on this machine with so many answers side by side, and with how many processes of one thread.

Usage: python -m bench width [MODEL]   (smollm2, or a shape of `bench/shapes.py`: qwen3-0.6b, …; default: smollm2)
Answers are forks of one text of 512 tokens, 32 tokens each; reading is taken off.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bench.analysis import _engine, _job, _model
from bench.table import Table, tell

if TYPE_CHECKING:
    from collections.abc import Sequence

_WIDTHS, _READ, _WRITTEN = (1, 2, 4, 8, 16), 512, 32
_WORDS = "diffusion network image noise step feature loss layer training sample method data model result map block scale ".split()


def main(arguments: Sequence[str] = ()) -> None:
    """Print the rates."""
    name = arguments[0] if arguments else "smollm2"
    text = " ".join((_WORDS * (_READ // len(_WORDS) + 1))[:_READ])
    with tempfile.TemporaryDirectory() as folder:
        engine = _engine(_model(name, Path(folder)), 2048)
        _seconds(engine, f"0 {text}", [_WRITTEN])  # what is mapped from disk is read
        rates = []
        for width in _WIDTHS:
            reading = _seconds(engine, f"{width} {text}", [1])
            writing = _seconds(engine, f"{width}. {text}", [_WRITTEN] * width) - reading
            rates.append((width, round(width * _WRITTEN / writing, 1)))
    columns = ("answers side by side", "tokens a second")
    tell(Table(title=f"Writing with {name}", columns=columns, rows=tuple(rates), curve="writing"))


def _seconds(engine: object, text: str, limits: Sequence[int]) -> float:
    started = time.perf_counter()
    for _ in engine.answer_all(iter([_job(text, limits)])):  # type: ignore[attr-defined]
        pass
    return time.perf_counter() - started


if __name__ == "__main__":
    main(sys.argv[1:])
