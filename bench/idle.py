"""What the daemon costs while nobody asks it for anything: its start, its memory, its time on the processor."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil

from bench.measure import Figure, timed
from bench.processes import daemon

_STARTS = 5
_SETTLING_SECONDS = 5.0
_WATCHED_SECONDS = 20.0
_GOAL_READY_SECONDS, _GOAL_MB, _GOAL_CPU_PERCENT = 1.0, 120.0, 1.0


def figures(scratch: Path) -> Iterator[Figure]:
    """Of the daemon as it comes: with the embedded engine as a process of its own."""
    starts = []
    for _ in range(_STARTS):
        started = daemon(scratch / "home")
        starts += timed(started.__enter__, 1)
        started.__exit__(None, None, None)
    yield Figure("start to ready", "s", starts, goal=_GOAL_READY_SECONDS)
    with daemon(scratch / "home") as running:
        time.sleep(_SETTLING_SECONDS)
        tree = _tree(running.process.pid)
        told = ", ".join(f"{one.name()} {one.memory_info().rss / 1e6:.0f} MB RSS" for one in tree)
        full = [one.memory_full_info() for one in tree]
        yield Figure("memory of the tree, PSS", "MB", [_sum(full, "pss")], goal=_GOAL_MB, note=told)
        yield Figure("memory of the tree, USS", "MB", [_sum(full, "uss")])
        yield Figure("memory of the tree, RSS (shared pages twice)", "MB", [_sum(full, "rss")])
        before = _processor_seconds(tree)
        time.sleep(_WATCHED_SECONDS)
        spent = _processor_seconds(_tree(running.process.pid)) - before
        yield Figure("processor of the tree, idle", "%", [100 * spent / _WATCHED_SECONDS], goal=_GOAL_CPU_PERCENT)


def _tree(pid: int) -> list[psutil.Process]:
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def _sum(infos: Sequence[object], name: str) -> float:
    """The sum in MB; PSS is known on Linux only, elsewhere USS stands for it."""
    return sum(float(getattr(info, name, getattr(info, "uss", 0))) for info in infos) / 1e6


def _processor_seconds(tree: Sequence[psutil.Process]) -> float:
    return sum(times.user + times.system for times in (one.cpu_times() for one in tree))
