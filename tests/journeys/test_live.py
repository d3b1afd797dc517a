"""The shipped Live device against the real daemon over real UDP: a clip of the fake Set goes in, clips come out."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import pytest

from bridge.store.database import open_to_read
from bridge.store.store import Store
from tests.fakes.waiting import wait_for
from tests.journeys.clips import write_wav
from tests.journeys.running import RunningDaemon
from tests.max_for_live.node import node

JOURNEYS = Path(__file__).parent.parent / "max_for_live" / "journey.mjs"


class Journey:
    """One journey of journey.mjs in a Node of its own."""

    def __init__(self, name: str, device: Path, daemon: RunningDaemon, folder: Path) -> None:
        self.sign = folder / "sign"
        environment = {
            "DAW_BRIDGE_DEVICE": str(device),
            "DAW_BRIDGE_JOURNEY": name,
            "DAW_BRIDGE_PORT": str(daemon.port),
            "DAW_BRIDGE_SONGS": str(folder),
            "DAW_BRIDGE_SIGN": str(self.sign),
        }
        self.process = subprocess.Popen(
            [node(), str(JOURNEYS)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            env={**os.environ, **environment},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def wait(self) -> None:
        """Wait for its end, which must be a good one."""
        told, _ = self.process.communicate(timeout=60)
        assert self.process.returncode == 0, told
        assert "pass 1" in told, told


def travel(name: str, device: Path, daemon: RunningDaemon, folder: Path) -> None:
    """Go on a journey to its end."""
    with Journey(name, device, daemon, folder) as journey:
        journey.wait()


@contextmanager
def stored(home: Path) -> Iterator[Store]:
    """The daemon's jobs, beside the daemon or after it."""
    database = open_to_read(home / "jobs.sqlite")
    try:
        yield Store(database, time.time)
    finally:
        database.close()


@pytest.mark.parametrize(
    "name", ["session", "arrangement", "three devices", "5000 notes by file", "5000 notes in parts"]
)
def test_a_clip_goes_in_and_clips_come_out(name: str, device: Path, tmp_path: Path) -> None:
    with RunningDaemon(tmp_path / "home") as daemon:
        travel(name, device, daemon, tmp_path)
        with stored(daemon.home) as store:
            jobs = store.newest(10)
            assert len(jobs) == (3 if name == "three devices" else 1)
            assert [store.state(job) for job in jobs] == ["delivered"] * len(jobs)
            wait_for(
                lambda: all(take.imported for job in jobs for take in store.takes(job)), "the last word of the device"
            )
            if name.startswith("5000"):
                notes = store.trigger(jobs[0]).clip.notes or ()
                assert [note.pitch for note in notes] == [36 + place % 48 for place in range(5000)]
                assert [note.start for note in notes] == pytest.approx([place // 4 * 0.05 for place in range(5000)])
    assert daemon.errors == ""


def test_an_audio_clip_is_sent_with_its_warp_markers(device: Path, tmp_path: Path) -> None:
    write_wav(tmp_path / "Pulse.wav", seconds=8.0)
    with RunningDaemon(tmp_path / "home") as daemon:
        travel("audio", device, daemon, tmp_path)
        with stored(daemon.home) as store:
            (job,) = store.newest(10)
            clip = store.trigger(job).clip
    assert clip.audio is not None
    assert clip.audio.path == str(tmp_path / "Pulse.wav")
    assert clip.audio.warp_markers[0].seconds == 0.0
    assert all(marker.seconds == pytest.approx(marker.beat / 2) for marker in clip.audio.warp_markers)
    assert daemon.errors == ""


def test_a_take_arrives_although_the_daemon_was_killed_in_the_middle(device: Path, tmp_path: Path) -> None:
    with RunningDaemon(tmp_path / "home") as daemon, Journey("killed", device, daemon, tmp_path) as journey:
        wait_for(journey.sign.exists, "the word that the job was accepted")
        daemon.kill()
        with stored(daemon.home) as store:
            (job,) = store.newest(10)
            assert store.state(job) != "delivered"
        with RunningDaemon(tmp_path / "home", "--osc-port", str(daemon.port)) as again:
            journey.sign.with_name("sign.done").write_text("")
            journey.wait()
            with stored(again.home) as store:
                assert store.newest(10) == [job]
                assert (store.state(job), len(store.takes(job))) == ("delivered", 3)
    assert again.errors == ""


def test_a_copy_that_the_command_line_asks_for_lands_in_live_too(device: Path, tmp_path: Path) -> None:
    with RunningDaemon(tmp_path / "home") as daemon, Journey("again elsewhere", device, daemon, tmp_path) as journey:
        wait_for(journey.sign.exists, "the word that the first take was imported")
        with stored(daemon.home) as store:
            (job,) = store.newest(10)
        asked = subprocess.run(
            [sys.executable, "-m", "bridge", "again", job, "--home", str(daemon.home)],
            capture_output=True,
            text=True,
            env={key: value for key, value in os.environ.items() if not key.startswith("DAW_BRIDGE")},
            timeout=40,
        )
        assert asked.returncode == 0, asked.stderr
        journey.wait()
        with stored(daemon.home) as store:
            copy, original = store.newest(10)
            assert original == job
            wait_for(lambda: all(take.imported for take in store.takes(copy)), "the last word of the device")
            (take,) = store.takes(copy)
            assert take.imported == "Marimba · bridge, slot 3"
    assert daemon.errors == ""


def test_every_job_ends_right_and_once_over_a_bad_network(device: Path, tmp_path: Path) -> None:
    with RunningDaemon(tmp_path / "home") as daemon:
        travel("bad network", device, daemon, tmp_path)
        with stored(daemon.home) as store:
            jobs = store.newest(100)
            assert [store.state(job) for job in jobs] == ["delivered"] * 6
    assert daemon.errors == ""
