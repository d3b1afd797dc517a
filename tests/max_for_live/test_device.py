"""Runs the device's own tests: the shipped, bundled script and the built patch in a fake Max inside a fake Live."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from max_for_live.builder.build import build_device, write_device
from tests.max_for_live.node import node

_HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def device(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unfrozen device, built for this test process alone."""
    built = build_device()
    dist = tmp_path_factory.mktemp("device")
    write_device(built, dist)
    return dist / "unfrozen" / built.file_name


@pytest.mark.parametrize("file", sorted(path.name for path in _HERE.glob("*.test.mjs")))
def test_the_device_in_a_fake_live(file: str, device: Path) -> None:
    run = subprocess.run(
        [node(), "--test", "--test-reporter=spec", str(_HERE / file)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=100,
        env={**os.environ, "DAW_BRIDGE_DEVICE": str(device)},
    )
    assert run.returncode == 0, f"{run.stdout}\n{run.stderr}"
