from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from digest.sources.http import PoliteClient
from tests.loopback import LoopbackServer

if TYPE_CHECKING:
    from collections.abc import Iterator

DATA = Path(__file__).parents[3] / "shared" / "data"


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as server:
        yield server


@pytest.fixture
def http() -> Iterator[PoliteClient]:
    with PoliteClient(delay_seconds=0.0, timeout_seconds=5.0) as client:
        yield client


@pytest.fixture
def feeds() -> Path:
    """Real answers of arXiv and HuggingFace."""
    folder = DATA / "feeds"
    if not folder.is_dir():
        pytest.skip(f"no real feeds at {folder}")
    return folder
