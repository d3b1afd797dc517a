"""Whether every trigger of a flood of two seconds is answered."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

import msgspec

from bench.clips import notes_trigger, save_trigger
from bench.ears import Ears, open_socket
from bench.measure import Figure
from bench.processes import aside, daemon, heard, port_of
from bench.service import StampedMusicGen
from bridge.doors.osc_wire import read_packet
from tests.fakes.fake_daw import osc

_A_SECOND = 5000
_SECONDS = 2
_SMALL_LIMIT = 2000
_ALL = _A_SECOND * _SECONDS
_LISTENING_SECONDS = 25.0


class _Answers(NamedTuple):
    """What was answered to how many triggers, and when the last answer came, after the last trigger."""

    words: Counter[str]
    last_seconds: float
    sending_seconds: float


def figures(scratch: Path) -> Iterator[Figure]:
    """Whole triggers in the datagrams; then triggers on the disk, with room for fewer than come."""
    yield from _told("in datagrams", _flood(scratch / "datagrams", 20_000, on_disk=False))
    yield from _told(f"on the disk, room for {_SMALL_LIMIT}", _flood(scratch / "disk", _SMALL_LIMIT, on_disk=True))


def _told(name: str, answers: _Answers) -> Iterator[Figure]:
    words = answers.words
    lost = _ALL - words.total()
    counted = ", ".join(f"{count} {word}" for word, count in words.most_common()) or "nothing"
    note = f"{counted}; sent in {answers.sending_seconds:.2f} s"
    yield Figure(f"lost of {_ALL:,}, {name}", "", [lost], goal=0, note=note)
    others = words.total() - words["accepted"] - words["queue_full"]
    yield Figure("    neither accepted nor queue_full", "", [others], goal=0)
    yield Figure("    last answer after the last trigger", "s", [answers.last_seconds])


def _flood(home: Path, room: int, *, on_disk: bool) -> _Answers:
    with (
        StampedMusicGen() as service,
        daemon(home, service.url, max_waiting=room) as running,
        aside(_listen) as connection,
    ):
        port = port_of(connection)
        datagrams = _datagrams(home / "media", on_disk=on_disk)
        with Ears(running.port) as ears:
            ears.send(osc("/bridge/hello", "bench", "0.1.0", port))
            heard(connection)
            sending = _send(ears, datagrams)
        last_sent = time.time()
        words, last_heard = heard(connection, 2 * _LISTENING_SECONDS)
        return _Answers(words, last_heard - last_sent, sending)


def _datagrams(media: Path, *, on_disk: bool) -> list[bytes]:
    trigger = notes_trigger(bars=1)
    if on_disk:
        ids = [f"bench.{number}" for number in range(_ALL)]
        return [save_trigger(trigger, media / f"{one}.json", one) for one in ids]
    text = msgspec.json.encode(trigger).decode()
    return [osc("/bridge/trigger/part", f"bench.{number}", 0, 1, text) for number in range(_ALL)]


def _send(ears: Ears, datagrams: Sequence[bytes]) -> float:
    """Send at an even pace; how many seconds it took in the end."""
    start = time.perf_counter()
    for number, datagram in enumerate(datagrams):
        ahead = start + number / _A_SECOND - time.perf_counter()
        if ahead > 0.0005:
            time.sleep(ahead)
        ears.send(datagram)
    return time.perf_counter() - start


def _listen(connection: Connection) -> None:
    """In a process of its own: hear all that comes, and in the end count the first answers by request."""
    came: list[tuple[float, bytes]] = []
    opened = open_socket()
    connection.send(opened.getsockname()[1])
    opened.recv(65_536)
    connection.send("welcome")
    opened.settimeout(_LISTENING_SECONDS)
    answered, until = 0, time.monotonic() + _LISTENING_SECONDS
    while answered < _ALL and time.monotonic() < until:
        try:
            data = opened.recv(65_536)
        except TimeoutError:
            break
        if data.startswith((b"/bridge/accepted\0", b"/bridge/rejected\0")):
            answered += 1
            came.append((time.time(), data))
    connection.send((_counted([data for _, data in came]), came[-1][0] if came else time.time()))


def _counted(datagrams: Sequence[bytes]) -> Counter[str]:
    first: dict[object, str] = {}
    for data in datagrams:
        for message in read_packet(data):
            rejected = message.address == "/bridge/rejected"
            first.setdefault(message.arguments[0], str(message.arguments[1]) if rejected else "accepted")
    return Counter(first.values())
