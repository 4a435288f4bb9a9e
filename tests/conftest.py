"""What every test may use: golden files, properties without a clock, and a browser.

``golden(name, text)`` compares *text* with ``tests/golden/<name>``. ``pytest --record`` writes the files instead and removes
those that no test asks for any more; without it, such a file fails a full run. A test that may be skipped must not own one.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.loopback import closed_port

settings.register_profile("digest", deadline=None)  # a busy machine is no failure
settings.load_profile("digest")

GOLDEN = Path(__file__).parent / "golden"
_ASKED = pytest.StashKey[set[Path]]()
_PARTIAL = pytest.StashKey[bool]()
_UNUSED = pytest.StashKey[list[Path]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record", action="store_true", help="write the golden files instead of comparing with them")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_ASKED] = set()
    config.stash[_PARTIAL] = config.args_source is not pytest.Config.ArgsSource.TESTPATHS or config.option.collectonly
    config.stash[_UNUSED] = []


def pytest_deselected(items: list[pytest.Item]) -> None:
    """``-k``, ``-m``, ``--lf``: not every test runs, so a golden file that is not asked for proves nothing."""
    if items:
        items[0].config.stash[_PARTIAL] = True


@pytest.fixture
def golden(pytestconfig: pytest.Config) -> Callable[[str, str], None]:
    """Compare a text with the golden file of that name."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        pytestconfig.stash[_ASKED].add(path)
        if pytestconfig.getoption("--record"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.exists(), f"no golden file {name}: run pytest --record and look at it"
        assert text == path.read_text(encoding="utf-8"), f"{name} changed: if it is meant, run pytest --record and review the difference"

    return compare


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Look for golden files that no test asked for, when every test ran and passed."""
    config = session.config
    if exitstatus != pytest.ExitCode.OK or config.stash[_PARTIAL] or not GOLDEN.is_dir():
        return
    unused = sorted(path for path in GOLDEN.rglob("*") if path.is_file() and path not in config.stash[_ASKED])
    if config.getoption("--record"):
        for path in unused:
            path.unlink()
    elif unused:
        config.stash[_UNUSED] = unused
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for path in config.stash[_UNUSED]:
        terminalreporter.write_line(f"UNUSED golden file {path.relative_to(GOLDEN)}: run pytest --record to remove it", red=True)


@pytest.fixture(autouse=True)
def state_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test leaves anything in the state folder of the user, or finds something there."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.getbasetemp() / "state"))


@pytest.fixture
def unused_port() -> int:
    """A port of 127.0.0.1 that nothing listens on."""
    return closed_port()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's chromium; a module's tests share it, no longer: as long as it runs, asyncio's loop of this thread is its own."""
    playwright, chromium = pytest.importorskip("playwright.sync_api"), shutil.which("chromium")
    if not chromium:
        pytest.skip("chromium is not installed")
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--disable-quic"])
        yield running
        running.close()
