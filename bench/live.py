"""How long a producer waits from the click on Generate to `accepted`: the shipped device's script in Node, real UDP."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from bench.clips import notes_trigger, save_trigger
from bench.ears import Ears
from bench.measure import Figure, milliseconds
from bench.processes import daemon
from bench.service import StampedMusicGen
from tests.max_for_live.node import node, unfrozen_device

_SCRIPT = Path(__file__).with_name("live.mjs")
_CLICKS = 20
_NOTES = 500
_GOAL_MS = 150.0
_MOST_PACKET_BYTES = 4000.0


def figures(scratch: Path) -> Iterator[Figure]:
    """Clicks of the device on a clip of 500 notes, by a file and in parts; the floor says the same without a device."""
    device = unfrozen_device(scratch / "device")
    with StampedMusicGen() as service, daemon(scratch / "home", service.url) as running:
        media = running.home / "media"
        trigger = notes_trigger(bars=8, notes_a_bar=_NOTES // 8)

        def say(number: int) -> float:
            datagram = save_trigger(trigger, media / f"floor{number}.json", f"bench.floor{number}")
            return -ears.send(datagram) + ears.wait("/bridge/accepted", f"bench.floor{number}")

        with Ears(running.port) as ears:
            ears.hello()
            floor = milliseconds([say(number) for number in range(_CLICKS)])
        for way, words in (("file", "by a file"), ("parts", "in parts")):
            told = _click(device, running.port, scratch, way)
            yield Figure(f"click to accepted, {_NOTES} notes, {words}", "ms", told["milliseconds"], floor, _GOAL_MS)
            yield Figure(f"largest packet, {words}", "bytes", [max(told["bytes"])], goal=_MOST_PACKET_BYTES)


def _click(device: Path, port: int, scratch: Path, way: str) -> dict[str, list[float]]:
    """What bench/live.mjs measures: the milliseconds of each click, and the bytes of each packet."""
    environment = {
        "DAW_BRIDGE_DEVICE": str(device),
        "DAW_BRIDGE_PORT": str(port),
        "DAW_BRIDGE_SONGS": str(scratch),
        "DAW_BRIDGE_WAY": way,
        "DAW_BRIDGE_CLICKS": str(_CLICKS),
        "DAW_BRIDGE_NOTES": str(_NOTES),
    }
    run = subprocess.run(
        [node(), str(_SCRIPT)],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        timeout=120,
    )
    if run.returncode != 0:
        raise RuntimeError(run.stderr)
    told: dict[str, list[float]] = json.loads(run.stdout)
    return told
