"""Killed at any moment: a process that fetches, downloads, reads and stores gets SIGKILL, and the next one finishes its work.

Usage: python -m bench kill [TIMES] [SEED]
After each kill the library must be sound, and after the same command again it must hold exactly what an undisturbed one holds.
The process is a fork of one that has everything imported, so that the moments fall into the work and not into the start of Python.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pymupdf

from digest.cli.common import writing
from digest.library.upkeep import check
from digest.sources.huggingface import papers_of_day
from digest.stages import Wish, describe, fetch, read_paper, settle
from digest.wiring import Tools
from digest.workspace import Workspace

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from digest.records import Paper
    from digest.sources import Source

_PAPERS = 6
_SERVER = (
    "import http.server, functools, sys\n"
    "class H(http.server.SimpleHTTPRequestHandler):\n"
    "    def log_message(self, *a): pass\n"
    "s = http.server.ThreadingHTTPServer(('127.0.0.1', 0), functools.partial(H, directory=sys.argv[1]))\n"
    "print(s.server_port, flush=True)\n"
    "s.serve_forever()\n"
)


class Served:
    """The papers that a server on loopback lists."""

    name = "hf"

    def __init__(self, tools: Tools, url: str) -> None:
        self._tools, self._url = tools, url

    def fetch(self, _day: dt.date, /) -> list[Paper]:
        """See ``Source.fetch``."""
        import dataclasses

        papers = papers_of_day(self._tools.http.get_json(f"{self._url}/papers.json", source=self.name))
        return [dataclasses.replace(paper, pdf=f"{self._url}/{paper.id}.pdf") for paper in papers]


class ServedTools(Tools):
    """Tools whose one source is that server."""

    url = ""

    def source(self, name: str, *, since: dt.date | None = None, queries: Sequence[str] = ()) -> Source:  # noqa: ARG002
        """See ``Tools.source``."""
        return Served(self, self.url)


class Trial:
    """A server with papers, and workspaces that are filled from it."""

    def __init__(self, place: Path) -> None:
        self._place = place
        site = place / "site"
        site.mkdir()
        _make_site(site)
        self._server = subprocess.Popen(
            [sys.executable, "-c", _SERVER, str(site)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self._server.stdout is not None
        self.url = f"http://127.0.0.1:{int(self._server.stdout.readline())}"
        started = time.perf_counter()
        self.fill(place / "undisturbed")
        self.seconds = time.perf_counter() - started
        self.expected = self.state(place / "undisturbed")

    def close(self) -> None:
        """Stop the server."""
        self._server.terminate()
        self._server.communicate()

    def tools(self, folder: Path) -> ServedTools:
        """The tools of the workspace in *folder*."""
        folder.mkdir(exist_ok=True)
        (folder / "digest.toml").write_text("[sources]\ndelay_seconds = 0\n", encoding="utf-8")
        tools = ServedTools(Workspace(folder))
        tools.url = self.url
        return tools

    def fill(self, folder: Path) -> None:
        """What `digest run` does before it ranks, and the reading of every paper."""
        import datetime as dt

        tools = self.tools(folder)
        day = dt.date(2026, 2, 16)
        with writing(tools, quiet=True) as progress:
            found = fetch(tools, Wish(date=day, sources=("hf",)), progress)
            papers = settle(tools, describe(tools, found.papers, day, progress)[0])
            for paper in papers:
                read_paper(tools, paper)
        tools.store.close()

    def killed(self, folder: Path, after_seconds: float) -> bool:
        """Fill *folder* in a process that is killed; whether it was still at work."""
        process = os.fork()
        if process == 0:
            try:
                self.fill(folder)
            finally:
                os._exit(0)
        started = time.perf_counter()
        while time.perf_counter() - started < after_seconds:
            if os.waitpid(process, os.WNOHANG)[0]:
                self.seconds = time.perf_counter() - started  # the machine is quicker now than it was
                return False
            time.sleep(0.002)
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        return True

    def faults(self, folder: Path) -> list[str]:
        """What `index check` finds, but for half-written files, which the next command removes."""
        tools = self.tools(folder)
        with tools.workspace.lock():
            found = [fault.text for fault in check(tools.store, tools.workspace) if "left over" not in fault.text]
        tools.store.close()
        return found

    def state(self, folder: Path) -> dict[str, object]:
        """Everything that counts: rows without times and places, files by content."""
        tools = self.tools(folder)
        queries = {
            "paper": "SELECT id, record, published, first_seen FROM paper ORDER BY id",
            "file": "SELECT paper, sha256 FROM file ORDER BY paper",
            "document": "SELECT sha256, reader, record FROM document ORDER BY sha256",
            "passage": "SELECT id, paper, page, section, text FROM passage ORDER BY id",
            "failure": "SELECT paper, stage FROM failure ORDER BY paper",
        }
        rows: dict[str, object] = {name: tools.store.connection.execute(query).fetchall() for name, query in queries.items()}
        tools.store.close()
        files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted((folder / "papers").iterdir())}
        return {**rows, "files": files}

    def survives(self, number: int, moments: random.Random) -> list[str]:
        """Everything that is wrong after a kill in the middle of the work, and after the same command again."""
        tries = 0
        while not self.killed(folder := self._place / f"killed-{number}-{tries}", moments.uniform(0, self.seconds)):
            tries += 1
        wrong = self.faults(folder)
        self.fill(folder)
        wrong += self.faults(folder)
        state = self.state(folder)
        wrong += [f"{name} differs" for name in self.expected if state[name] != self.expected[name]]
        wrong += [f"left over: {path}" for path in folder.rglob("*.partial")]
        return wrong


def _make_site(site: Path) -> None:
    rows = []
    for number in range(_PAPERS):
        name = f"2602.{number + 1:05}"
        document = pymupdf.open()
        for page in range(3):
            text = f"We propose method {number} for restoring images, and this is page {page} of it. " * 30
            document.new_page().insert_textbox((72, 72, 523, 770), f"{number} Introduction\n\n{text}", fontsize=10)
        document.save(site / f"{name}.pdf")
        document.close()
        rows.append({"paper": {"id": name, "title": f"Method {number}", "summary": f"We propose method {number}.", "upvotes": number}})
    (site / "papers.json").write_text(json.dumps(rows), encoding="utf-8")


def main(arguments: Sequence[str] = ()) -> None:
    """Kill it that many times and print what came of it."""
    times, seed = int(arguments[0]) if arguments else 200, int(arguments[1]) if len(arguments) > 1 else 7
    moments = random.Random(seed)
    with tempfile.TemporaryDirectory() as place:
        trial = Trial(Path(place))
        try:
            started = time.perf_counter()
            bad = [wrong for number in range(times) if (wrong := trial.survives(number, moments))]
        finally:
            trial.close()
    print(f"{times} kills in the middle of work of some {trial.seconds:.2f} s; seed {seed}")
    print(f"not sound or not the same afterwards: {len(bad)}; {(time.perf_counter() - started) / times:.2f} s each")
    for wrong in bad[:10]:
        print("  ", "; ".join(wrong))


if __name__ == "__main__":
    main(sys.argv[1:])
