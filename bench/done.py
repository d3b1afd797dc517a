"""How long it takes from the service's last byte until the DAW is told that the take lies in the project."""

from __future__ import annotations

import http.client
import json
import os
import socket
import urllib.parse
import urllib.request
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

from bench.clips import midi_trigger, save_trigger, write_riff
from bench.ears import Ears
from bench.measure import Figure, milliseconds
from bench.processes import aside, daemon, port_of
from bench.service import StampedMusicGen
from bridge.contract import MusicGenRequest, tokens_for, write_request

_WARMING = 2
_SAMPLES = 20
_BARS = 5
_SECONDS = 10.0
_GOAL_MS = 80.0


def figures(scratch: Path) -> Iterator[Figure]:
    """Five bars at 120 bpm, which the service sends at 32 kHz and the project wants at 48; floor in turns."""
    trigger = midi_trigger(write_riff(scratch / "Riff.mid", bars=_BARS), bars=_BARS)
    ours, bare = [], []
    with (
        StampedMusicGen() as service,
        daemon(scratch / "home", service.url) as running,
        Ears(running.port) as ears,
        aside(_load_resample_write_send, scratch) as connection,
        Ears(port_of(connection)) as bare_ears,
    ):
        link = _link_of(service)
        ears.hello()
        for number in range(_WARMING + _SAMPLES):
            request_id = f"bench.{number}"
            ears.send(save_trigger(trigger, running.home / "media" / f"{number}.json", request_id))
            told = ears.wait("/bridge/done", request_id)
            ours.append(told - service.sent[-1])
            ears.wait("/bridge/ended", request_id)
            bare_ears.send(link.encode())
            told = bare_ears.receive()
            bare.append(told - service.sent[-1])
    yield Figure("answer to done, 10 s", "ms", milliseconds(ours[_WARMING:]), milliseconds(bare[_WARMING:]), _GOAL_MS)


def _link_of(service: StampedMusicGen) -> str:
    """A result of 10 s that can be loaded again and again."""
    request = MusicGenRequest(key="bare", prompt="bare", max_new_token=tokens_for(_SECONDS))
    web = http.client.HTTPConnection(urllib.parse.urlsplit(service.url).netloc)
    web.request("POST", "/api/v1/enterprise/voice/music_gen", write_request(request))
    link: str = json.loads(web.getresponse().read())["output"][0]
    return link


def _load_resample_write_send(connection: Connection, folder: Path) -> None:
    """The floor, in a process of its own."""
    import soundfile
    import soxr

    part = folder / "bare.wav"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind(("127.0.0.1", 0))
        connection.send(opened.getsockname()[1])
        while True:
            link, sender = opened.recvfrom(65_536)
            with urllib.request.urlopen(link.decode()) as answer:
                part.write_bytes(answer.read())
            samples, rate = soundfile.read(part, dtype="float32")
            soundfile.write(part, soxr.resample(samples, rate, 48_000)[: 48_000 * 10], 48_000, subtype="PCM_24")
            with part.open("rb") as file:
                os.fsync(file.fileno())
            opened.sendto(b"done", sender)
