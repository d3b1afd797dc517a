"""Runs the device's own tests: the shipped, bundled script and the built patch in a fake Max inside a fake Live."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.max_for_live.node import node

_HERE = Path(__file__).parent


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
