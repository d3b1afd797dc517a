"""What a measurement brings, and the helpers by which the sections take theirs."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """Samples of ours and of the bare floor in one unit, and the figure to reach; less is better unless said."""

    name: str
    unit: str
    ours: Sequence[float]
    floor: Sequence[float] = ()
    goal: float | None = None
    more_is_better: bool = False
    note: str = ""

    @property
    def middle(self) -> float:
        """The median of ours."""
        return statistics.median(self.ours)

    @property
    def bare(self) -> float | None:
        """The median of the floor."""
        return statistics.median(self.floor) if self.floor else None

    @property
    def reached(self) -> bool | None:
        """Whether the goal is reached; None where there is none."""
        if self.goal is None:
            return None
        return self.middle >= self.goal if self.more_is_better else self.middle <= self.goal


def milliseconds(seconds: Sequence[float]) -> list[float]:
    """Seconds as milliseconds."""
    return [1000 * one for one in seconds]


def timed(work: Callable[[], object], times: int) -> list[float]:
    """How many seconds a piece of work takes, each time."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return taken


def machine() -> str:
    """One line on what all this was measured on."""
    load = f", load {os.getloadavg()[0]:.1f} at the start" if hasattr(os, "getloadavg") else ""
    python = f"Python {platform.python_version()}"
    return f"{platform.system()}, {_processor()}, {os.cpu_count()} cores{load}, {python}"


def _processor() -> str:
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8") as file:
            names = (line.partition(":")[2].strip() for line in file if line.startswith("model name"))
            return next(names, platform.machine())
    except OSError:
        return platform.processor() or platform.machine()
