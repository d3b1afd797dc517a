"""How long it takes from an OSC datagram until the service has the whole request, conditioning and all."""

from __future__ import annotations

import http.client
import socket
import urllib.parse
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

from bench.clips import audio_trigger, midi_trigger, save_trigger, write_riff, write_wav
from bench.ears import Ears
from bench.measure import Figure, milliseconds
from bench.processes import aside, daemon, port_of
from bench.service import StampedMusicGen
from bridge.model import Trigger
from tests.fakes.fake_daw import osc

_WARMING = 2
_SAMPLES = 20
_STARTS = 3
_GOAL_MS = 100.0
_CLIP_SECONDS = 16.0
_SONG_SECONDS = 60.0


def figures(scratch: Path) -> Iterator[Figure]:
    """A clip of 64 notes, then 16 s of a stereo recording: warm, and as a fresh daemon's first job."""
    riff = midi_trigger(write_riff(scratch / "Riff.mid", bars=8), bars=8)
    song = write_wav(scratch / "Guitar.wav", _SONG_SECONDS, channels=2)
    sung = audio_trigger(song, _SONG_SECONDS - _CLIP_SECONDS, _SONG_SECONDS)
    with StampedMusicGen() as service:
        for name, trigger, goal in (("8 bars of MIDI, 64 notes", riff, _GOAL_MS), ("16 s of audio", sung, None)):
            stem = name.split()[-1]
            warm = _through_daemon(scratch / stem, service, trigger, _WARMING + _SAMPLES)[_WARMING:]
            bare = _bare(scratch / f"{stem}-bare", service, trigger)
            yield Figure(f"on the wire: {name}", "ms", milliseconds(warm), milliseconds(bare), goal)
            cold = [_through_daemon(scratch / f"{stem}-{run}", service, trigger, 1)[0] for run in range(_STARTS)]
            yield Figure("    as a fresh daemon's first job", "ms", milliseconds(cold))


def _through_daemon(home: Path, service: StampedMusicGen, trigger: Trigger, times: int) -> list[float]:
    taken = []
    with daemon(home, service.url) as running, Ears(running.port) as ears:
        ears.hello()
        for number in range(times):
            request_id = f"bench.{number}"
            datagram = save_trigger(trigger, home / "media" / f"{number}.json", request_id)
            sent = ears.send(datagram)
            ears.wait("/bridge/ended", request_id)
            taken.append(service.received[-1] - sent)
    return taken


def _bare(folder: Path, service: StampedMusicGen, trigger: Trigger) -> list[float]:
    folder.mkdir()
    save_trigger(trigger, folder / "trigger.json", "")
    taken = []
    with aside(_receive_render_post, folder, service.url) as connection, Ears(port_of(connection)) as ears:
        for _ in range(_WARMING + _SAMPLES):
            sent = ears.send(osc("/bridge/trigger", "bare", str(folder / "trigger.json")))
            ears.receive()
            taken.append(service.received[-1] - sent)
    return taken[_WARMING:]


def _receive_render_post(connection: Connection, folder: Path, url: str) -> None:
    """The floor, in a process of its own: the rooms' own functions one after another, and no store."""
    import base64

    from bridge.contract import MAX_TOKENS, MusicGenRequest, seconds_for, tokens_for, write_request
    from bridge.doors.parse import parse_trigger
    from bridge.music.sections import plan_sections
    from bridge.prompt import write_prompt
    from bridge.render.conditioning import render
    from bridge.render.survey import survey

    host = urllib.parse.urlsplit(url).netloc
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind(("127.0.0.1", 0))
        connection.send(opened.getsockname()[1])
        while True:
            _, sender = opened.recvfrom(65_536)
            trigger = parse_trigger((folder / "trigger.json").read_bytes(), request_id="bare")
            song = survey(trigger)
            sections = plan_sections(song, seconds_for(MAX_TOKENS))
            made = render(trigger, song, sections, folder, extensions=False, soundfont="")
            (file,) = made.files
            assert file is not None
            body = write_request(
                MusicGenRequest(
                    key="bare",
                    prompt=write_prompt(trigger, song),
                    init_audio=base64.b64encode(Path(file.path).read_bytes()).decode(),
                    base64=True,
                    max_new_token=tokens_for(song.seconds),
                )
            )
            web = http.client.HTTPConnection(host)
            web.request("POST", "/api/v1/enterprise/voice/music_gen", body, {"Content-Type": "application/json"})
            web.getresponse().read()
            web.close()
            opened.sendto(b"posted", sender)
