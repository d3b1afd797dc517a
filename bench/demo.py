"""How long the demo takes once all is installed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.measure import Figure, timed

_RUNS = 3
_GOAL_SECONDS = 6.0


def figures(scratch: Path) -> Iterator[Figure]:
    """From the command to its end, each time into a fresh folder."""
    folders = iter(range(_RUNS))

    def demo() -> None:
        out = scratch / f"out-{next(folders)}"
        subprocess.run([sys.executable, "-m", "bridge", "demo", "--out", str(out)], check=True, capture_output=True)

    yield Figure("demo", "s", timed(demo, _RUNS), goal=_GOAL_SECONDS)
