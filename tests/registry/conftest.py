from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from digest.workspace import Workspace
from tests.loopback import LoopbackServer
from tests.registry.modelhub import ModelHub

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    return Workspace(tmp_path)


@pytest.fixture
def hub(monkeypatch) -> Iterator[ModelHub]:
    with LoopbackServer() as server:
        yield ModelHub(server, monkeypatch)
