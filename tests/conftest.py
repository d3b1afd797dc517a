"""What tests of several folders share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.max_for_live.node import unfrozen_device


@pytest.fixture(scope="session")
def device(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Live device, built anew and unfrozen."""
    return unfrozen_device(tmp_path_factory.mktemp("device"))
