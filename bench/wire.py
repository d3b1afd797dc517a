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
        yield from _told(scratch / "midi", service, riff, f"8 bars of MIDI, 64 notes ({_player()})")
        yield from _told(scratch / "audio", service, sung, "16 s of audio")


def _told(folder: Path, service: StampedMusicGen, trigger: Trigger, name: str) -> Iterator[Figure]:
    warm, bare = _warm(folder, service, trigger)
    yield Figure(name, "ms", milliseconds(warm), milliseconds(bare), _GOAL_MS)
    cold = []
    for run in range(_STARTS):
        home = folder / f"start-{run}"
        with daemon(home, service.url) as running, Ears(running.port) as ears:
            ears.hello()
            cold.append(_ours(service, trigger, home, ears, 0))
    yield Figure("    as a fresh daemon's first job", "ms", milliseconds(cold))


def _warm(folder: Path, service: StampedMusicGen, trigger: Trigger) -> tuple[list[float], list[float]]:
    """Ours and the floor in turns, on the same daemon and the same script."""
    ours, bare = [], []
    with (
        daemon(folder / "home", service.url) as running,
        Ears(running.port) as ears,
        aside(_receive_render_post, folder, service.url) as connection,
        Ears(port_of(connection)) as bare_ears,
    ):
        ears.hello()
        datagram = save_trigger(trigger, folder / "trigger.json", "bare")
        for number in range(_WARMING + _SAMPLES):
            ours.append(_ours(service, trigger, running.home, ears, number))
            sent = bare_ears.send(datagram)
            bare_ears.receive()
            bare.append(service.received[-1] - sent)
    return ours[_WARMING:], bare[_WARMING:]


def _ours(service: StampedMusicGen, trigger: Trigger, home: Path, ears: Ears, number: int) -> float:
    request_id = f"bench.{number}"
    datagram = save_trigger(trigger, home / "media" / f"{number}.json", request_id)
    sent = ears.send(datagram)
    ears.wait("/bridge/ended", request_id)
    return service.received[-1] - sent


def _player() -> str:
    """Who plays MIDI on this machine."""
    from bridge.sound.soundfont import find_soundfont, play

    font = find_soundfont("")
    found = font is not None and play((), 0.1, 32_000, font) is not None
    return "FluidSynth" if found else "own bank"


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
