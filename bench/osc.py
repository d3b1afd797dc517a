"""How long an OSC client waits for `accepted`: while the daemon is idle, and while it renders."""

from __future__ import annotations

import socket
import sqlite3
import time
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection
from pathlib import Path

from bench.clips import midi_trigger, notes_trigger, save_trigger, write_band
from bench.ears import Ears
from bench.measure import Figure, milliseconds
from bench.processes import aside, daemon, port_of
from bench.service import StampedMusicGen

_WARMING = 5
_IDLE_SAMPLES = 100
_BUSY_SAMPLES = 200
_BUSY_JOBS = 30
# After a job has ended its outbox file and its rows are still being written.
_SETTLING_SECONDS = 0.05
_GOAL_IDLE_MS = 4.0
_GOAL_BUSY_MS = 10.0


def figures(scratch: Path) -> Iterator[Figure]:
    """Idle, each job ended before the next trigger; then with long jobs in the queue. Ours and the floor in turns."""
    with (
        StampedMusicGen() as service,
        daemon(scratch / "home", service.url) as running,
        Ears(running.port) as ears,
        aside(_receive_commit_answer, str(scratch / "bare.sqlite")) as connection,
        Ears(port_of(connection)) as bare_ears,
    ):
        media = running.home / "media"
        small = notes_trigger(bars=1)
        ears.hello()

        def ours(request_id: str) -> float:
            datagram = save_trigger(small, media / f"{request_id}.json", request_id)
            sent = ears.send(datagram)
            return ears.wait("/bridge/accepted", request_id) - sent

        def bare() -> float:
            sent = bare_ears.send(b"x" * 100)
            return bare_ears.receive() - sent

        idle = []
        for number in range(_WARMING + _IDLE_SAMPLES):
            floor = bare()
            idle.append((ours(f"bench.idle{number}"), floor))
            ears.wait("/bridge/ended", f"bench.idle{number}")
            time.sleep(_SETTLING_SECONDS)
        yield _figure("accepted, idle", idle[_WARMING:], _GOAL_IDLE_MS)

        long = midi_trigger(write_band(media / "band.mid"), bars=16)
        for number in range(_BUSY_JOBS):
            ears.send(save_trigger(long, media / f"long{number}.json", f"bench.long{number}"))
        ears.wait("/bridge/progress", "bench.long0")
        before = len(service.received)
        busy = [(ours(f"bench.busy{number}"), bare()) for number in range(_BUSY_SAMPLES)]
        rendered = len(service.received) - before
        note = f"meanwhile {rendered} requests of {_BUSY_JOBS} long jobs were rendered and sent"
        yield _figure("accepted, while something renders", busy, _GOAL_BUSY_MS, note)


def _figure(name: str, pairs: Sequence[tuple[float, float]], goal: float, note: str = "") -> Figure:
    ours, bare = zip(*pairs, strict=True)
    return Figure(name, "ms", milliseconds(ours), milliseconds(bare), goal, note=note)


def _receive_commit_answer(connection: Connection, path: str) -> None:
    """The floor, in a process of its own."""
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("CREATE TABLE jobs (number INTEGER PRIMARY KEY, trigger BLOB)")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind(("127.0.0.1", 0))
        connection.send(opened.getsockname()[1])
        while True:
            data, sender = opened.recvfrom(65_536)
            database.execute("INSERT INTO jobs (trigger) VALUES (?)", (data,))
            opened.sendto(b"accepted", sender)
