"""REAPER's scripts and the real daemon, through a real home folder: what is selected goes out, and takes come in."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import pytest

from tests.journeys.running import RunningDaemon
from tests.reaper_scripts.lua import VERSIONS, LuaFailure, LuaTests

JOURNEYS = Path(__file__).with_name("reaper.journeys.lua")


class Machine:
    """The computer on which REAPER runs: daemons are started, stopped and killed on it."""

    def __init__(self) -> None:
        self.daemon: RunningDaemon | None = None

    def start(self, home: str) -> None:
        self.daemon = RunningDaemon(Path(home)).__enter__()

    def kill(self) -> None:
        assert self.daemon is not None
        self.daemon.kill()
        self.daemon = None

    def stop(self) -> None:
        if self.daemon is not None:
            self.daemon.__exit__()
            self.daemon = None

    def type_in(self, home: str, *words: str) -> str:
        """What `daw-bridge` prints."""
        command = [sys.executable, "-m", "bridge", "--home", home, *words]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


@pytest.fixture
def machine() -> Iterator[Machine]:
    machine = Machine()
    yield machine
    machine.stop()


def read_journeys(version: str, machine: Machine) -> LuaTests:
    more = {
        "start_daemon": machine.start,
        "stop_daemon": machine.stop,
        "kill_daemon": machine.kill,
        "type_in": machine.type_in,
        "time": time.time,
        "sleep": time.sleep,
        "suffixes_in": lambda folder: " ".join(sorted(path.suffix for path in Path(folder).iterdir())),
    }
    return LuaTests(JOURNEYS, version, more)


# Every part is tested under both Luas; the whole ways, which take seconds, share them out.
@pytest.mark.parametrize(
    ("sentence", "version"), list(zip(read_journeys("Lua 5.4", Machine()).sentences, cycle(VERSIONS), strict=False))
)
def test_journey(sentence: str, version: str, machine: Machine, tmp_path: Path) -> None:
    try:
        read_journeys(version, machine).run(sentence, tmp_path.resolve())
    except LuaFailure as failure:
        pytest.fail(str(failure), pytrace=False)
