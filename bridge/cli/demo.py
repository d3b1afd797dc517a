"""`demo`: the main job on a clip of its own, through real OSC, HTTP and files."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import msgspec

from bridge import __version__
from bridge.cli.progress import progress_bar
from bridge.errors import ProviderFailed, SetupError, TimedOut
from bridge.files import write_whole
from bridge.model import Ask, Clip, MidiClip, Project, Track, Trigger
from bridge.protocol import MAX_DATAGRAM_BYTES

PROMPT = "marimba, percussion, bass, tropical house, melodic riff"
BPM = 96
BARS = 4
# A riff in G# minor: (eighth of the bar, MIDI pitch), bar by bar.
RIFF = (
    ((0, 68), (2, 71), (3, 75), (5, 73), (6, 71)),
    ((0, 64), (2, 68), (3, 71), (5, 75), (6, 71)),
    ((0, 71), (2, 75), (3, 78), (5, 76), (6, 75)),
    ((0, 66), (2, 70), (3, 73), (5, 71), (6, 70)),
)
_PATIENCE_SECONDS = 60.0


@click.command()
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("demo-out"), show_default=True, help="Where the take goes."
)
def demo(out: Path) -> None:
    """Make a marimba riff, send it as a DAW would, and say where the music lies.

    Example: daw-bridge demo --out ~/Desktop
    """
    out = out.expanduser().absolute()
    out.mkdir(parents=True, exist_ok=True)
    clip = out / "Marimba riff.mid"
    write_riff(clip)
    with (
        tempfile.TemporaryDirectory(prefix="daw-bridge-demo-", ignore_cleanup_errors=True) as home,
        _daemon(Path(home)) as port,
    ):
        done = _perform(port, Path(home), clip, out)
    wav, bpm, beats, key = done[4], done[5], done[6], done[7]
    click.echo(f"clip   {clip}")
    click.echo(f"take   {wav}")
    click.echo(f"tempo  {bpm:g} bpm")
    click.echo(f"key    {key}")
    click.echo(f"bars   {beats / 4:g}")


def write_riff(path: Path) -> None:
    """Write the demo's clip, a MIDI file that says its tempo, key and instrument."""
    import mido  # only the demo writes MIDI

    eighth = 240
    track = mido.MidiTrack(
        [
            mido.MetaMessage("track_name", name="Marimba"),
            mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(BPM)),
            mido.MetaMessage("key_signature", key="G#m"),
            mido.Message("program_change", program=12),
        ]
    )
    now = 0
    for bar, notes in enumerate(RIFF):
        for eighths, pitch in notes:
            start = (bar * 8 + eighths) * eighth
            track.append(mido.Message("note_on", note=pitch, velocity=96, time=start - now))
            track.append(mido.Message("note_off", note=pitch, time=eighth))
            now = start + eighth
    track.append(mido.MetaMessage("end_of_track", time=BARS * 8 * eighth - now))
    mido.MidiFile(type=0, ticks_per_beat=2 * eighth, tracks=[track]).save(str(path))


@contextmanager
def _daemon(home: Path) -> Iterator[int]:
    """Start a real daemon as a process of its own, and yield its OSC port."""
    command = [sys.executable, "-m", "bridge", "--home", str(home), "run", "--osc-port", "0", "--provider", "local"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        ready = process.stdout.readline()
        if not ready.startswith("ready osc="):
            raise SetupError("The demo's daemon did not start; its words stand above.")
        yield int(ready.split()[1].rsplit(":", 1)[1])
    finally:
        process.terminate()
        process.wait()


def _perform(port: int, home: Path, clip: Path, out: Path) -> list[Any]:
    """Play the DAW: say hello, send the trigger, listen until the job has ended; the arguments of done."""
    trigger = Trigger(
        schema=1,
        clip=Clip(name=clip.stem, midi=MidiClip(path=str(clip))),
        track=Track(name="Marimba"),
        project=Project(out=str(out)),
        ask=Ask(prompt=PROMPT, bars=BARS),
    )
    path = home / "media" / "demo.json"
    write_whole(path, msgspec.json.encode(trigger))
    done: list[Any] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, progress_bar("daw-bridge") as show:
        udp.bind(("127.0.0.1", 0))
        _say(udp, port, "/bridge/hello", "demo", __version__, udp.getsockname()[1])
        _say(udp, port, "/bridge/trigger", "demo.1", str(path))
        for address, words in _heard(udp):
            if address == "/bridge/progress":
                show(words[2], words[3])
            elif address == "/bridge/done":
                done = words
            elif address in {"/bridge/rejected", "/bridge/failed"}:
                raise ProviderFailed(f"The demo did not work out: {words[-1]} ({words[-2]}).")
            elif address == "/bridge/ended":
                return done
    raise TimedOut("The demo's daemon fell silent; run `daw-bridge run` by itself to see why.")


def _say(udp: socket.socket, port: int, address: str, *words: str | int) -> None:
    from pythonosc.osc_message_builder import OscMessageBuilder

    builder = OscMessageBuilder(address)
    for word in words:
        builder.add_arg(word)
    udp.sendto(builder.build().dgram, ("127.0.0.1", port))


def _heard(udp: socket.socket) -> Iterator[tuple[str, list[Any]]]:
    """Yield what the daemon says until it has been silent for too long."""
    from pythonosc.osc_message import OscMessage

    deadline = time.monotonic() + _PATIENCE_SECONDS
    while (left := deadline - time.monotonic()) > 0:
        udp.settimeout(left)
        try:
            datagram = udp.recv(MAX_DATAGRAM_BYTES)
        except TimeoutError:
            return
        message = OscMessage(datagram)
        yield message.address, list(message.params)
