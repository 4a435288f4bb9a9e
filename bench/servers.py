"""Many papers over three servers of one model: one quick that fails one time in five, one slow, one that dies after six answers.

Usage: python -m bench servers [PAPERS]   (default: 24)
Papers of a page, made here; `digest batch --engine server` from the command line, 8 requests in flight.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from bench.table import Table, tell
from digest.library.store import NAME
from tests.analysing.modelserver import CHAT, Troubled
from tests.cli.conftest import PAPERS, make_pdf

if TYPE_CHECKING:
    from collections.abc import Sequence

_QUICK_SECONDS, _TIMES = 0.1, 10  # that the slow one takes as long
_SAID = "本文提出了一种方法。"


def main(arguments: Sequence[str] = ()) -> None:
    """Print how the questions were shared out."""
    count = int(arguments[0]) if arguments else 24
    servers = Troubled(_SAID, quick_seconds=_QUICK_SECONDS, slow_seconds=_TIMES * _QUICK_SECONDS)
    with tempfile.TemporaryDirectory() as folder, servers.serving() as three:
        place = Path(folder)
        (place / "pdfs").mkdir()
        for number in range(count):
            title, body = list(PAPERS.values())[number % len(PAPERS)]
            make_pdf(place / "pdfs" / f"{number}.pdf", f"{title}, Part {number}", body)
        (place / "digest.toml").write_text(f'style = "brief"\n[analysis]\nserver_urls = {json.dumps(three.urls)}\n', encoding="utf-8")
        command = [sys.executable, "-m", "digest.cli", "--workspace", folder, "batch", str(place / "pdfs"), "--engine", "server"]
        started = time.perf_counter()
        code = subprocess.run([*command, "--no-pages", "--quiet"], stdout=subprocess.DEVNULL, env=os.environ, check=False).returncode
        seconds = time.perf_counter() - started
        with closing(sqlite3.connect(place / "index" / NAME)) as library:
            analysed = library.execute("SELECT count(*), count(DISTINCT paper) FROM analysis").fetchone()
    rows = tuple((name, len(server.asked(CHAT)), three.load[name]) for name, server in three.servers.items())
    often = " or ".join(map(str, sorted(three.times)))
    note = (
        f"{analysed[1]} papers analysed, {analysed[0] - analysed[1]} twice, exit {code}, {seconds:.0f} s;"
        f" questions were answered {often} times; an answer of the slow one takes {_TIMES} times as long"
    )
    tell(Table(title=f"{count} papers over three servers", columns=("server", "requests", "answers"), rows=rows, note=note))


if __name__ == "__main__":
    main(sys.argv[1:])
