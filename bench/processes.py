"""The processes that are measured: a daemon with its configuration, and a floor's few lines by themselves."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from tests.journeys.running import RunningDaemon


@contextmanager
def daemon(home: Path, url: str = "", *, max_waiting: int = 20_000) -> Iterator[RunningDaemon]:
    """A real daemon whose provider is a service at `url` that bills nothing; without one, the embedded engine."""
    home.mkdir(parents=True, exist_ok=True)
    service = f'[providers.bench]\nurl = "{url}"\nbillable = false\nprivate_network = true\n' if url else ""
    (home / "config.toml").write_text(
        f'provider = "{"bench" if url else "local"}"\n{service}[queue]\nmax_waiting = {max_waiting}\n', encoding="utf-8"
    )
    with RunningDaemon(home) as running:
        yield running


@contextmanager
def aside(work: Callable[..., None], *values: object) -> Iterator[Connection]:
    """Run `work(connection, *values)` in a fresh process; the block talks to it over the other end."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=work, args=(theirs, *values), daemon=True)
    process.start()
    try:
        yield ours
    finally:
        process.kill()
        process.join()


def heard(connection: Connection, patience_seconds: float = 20.0) -> Any:
    """What the process aside says next."""
    if not connection.poll(patience_seconds):
        raise TimeoutError("the process beside this one said nothing")
    return connection.recv()


def port_of(connection: Connection) -> int:
    """The UDP port that the process aside says it listens on."""
    return int(heard(connection))
