from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from digest.library.marks import Marks
from digest.library.store import Store
from digest.sources.http import PoliteClient
from digest.sources.pace import Pace
from tests.clock import JumpingClock
from tests.loopback import LoopbackServer

if TYPE_CHECKING:
    from collections.abc import Iterator

DATA = Path(__file__).parents[3] / "shared" / "data"


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as server:
        yield server


@pytest.fixture
def clock() -> JumpingClock:
    return JumpingClock()


@pytest.fixture
def http(clock: JumpingClock) -> Iterator[PoliteClient]:
    """A client whose pauses take no time."""
    with PoliteClient(delay_seconds=3.0, timeout_seconds=5.0, pace=Pace(delay_seconds=3.0, clock=clock)) as client:
        yield client


@pytest.fixture
def memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Marks]:
    """What sources know of earlier runs: an empty library."""
    store = Store(tmp_path_factory.mktemp("library") / "library.sqlite")
    yield Marks(store)
    store.close()


@pytest.fixture
def feeds() -> Path:
    """Real answers of arXiv and HuggingFace."""
    folder = DATA / "feeds"
    if not folder.is_dir():
        pytest.skip(f"no real feeds at {folder}")
    return folder
