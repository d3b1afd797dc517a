"""Open doors for the tests: real sockets and folders, jobs in memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec
import pytest

from bridge.config import OscConfig, is_loopback
from bridge.doors.osc import OscDoor
from tests.fakes.fake_clients import FakeClients
from tests.fakes.fake_daw import FakeDaw
from tests.fakes.fake_jobs import FakeJobs


class ShiftedClock:
    """The real time, and what a test adds to it."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@pytest.fixture
def clock() -> ShiftedClock:
    return ShiftedClock()


@pytest.fixture
def jobs() -> FakeJobs:
    return FakeJobs()


@pytest.fixture
def clients() -> FakeClients:
    return FakeClients()


@pytest.fixture
def default_daw() -> Iterator[FakeDaw]:
    """Who listens on the default reply port."""
    with FakeDaw(9) as daw:
        yield daw


OpenDoor = Callable[..., OscDoor]


@pytest.fixture
def open_door(
    jobs: FakeJobs, clients: FakeClients, clock: ShiftedClock, default_daw: FakeDaw, tmp_path: Path
) -> Iterator[OpenDoor]:
    """Opens OSC doors with these settings, and closes them in the end."""
    opened: list[OscDoor] = []

    def open_one(
        *, roots: Sequence[str] = (), is_local: Callable[[str], bool] = is_loopback, **settings: object
    ) -> OscDoor:
        config = msgspec.convert({"port": 0, "reply_port": default_daw.port, **settings}, OscConfig)
        door = OscDoor(
            config,
            jobs,
            clients,
            version="0.1.0",
            media_folder=tmp_path / "media",
            provider="local",
            clock=clock,
            roots=roots,
            is_local=is_local,
        )
        jobs.subscribe(door.tell)
        door.start()
        opened.append(door)
        return door

    yield open_one
    for door in opened:
        door.stop()


@pytest.fixture
def door(open_door: OpenDoor) -> OscDoor:
    return open_door()


@pytest.fixture
def daw(door: OscDoor) -> Iterator[FakeDaw]:
    with FakeDaw(door.port) as daw:
        yield daw
