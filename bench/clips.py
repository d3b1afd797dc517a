"""The clips that are sent, and the triggers that send them."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Sequence
from pathlib import Path

import mido
import msgspec
import numpy as np

from bridge.files import write_whole
from bridge.model import Ask, AudioClip, Clip, MidiClip, Music, Note, Track, Trigger
from tests.fakes.fake_daw import osc

BPM = 120.0
_TICKS = 480
_CHORDS = ((57, 60, 64), (53, 57, 60), (48, 52, 55), (55, 59, 62))


def notes_trigger(bars: int, notes_a_bar: int = 8) -> Trigger:
    """A clip of notes, `notes_a_bar` to the bar of 4/4."""
    step = 4 / notes_a_bar
    notes = tuple(
        Note(pitch=60 + (0, 3, 7, 10, 12, 7, 3, 5)[place % 8], start=place * step, duration=step * 0.9)
        for place in range(bars * notes_a_bar)
    )
    return Trigger(
        schema=1, clip=Clip(name="Riff", notes=notes), music=Music(bpm=BPM, key="A minor"), ask=Ask(bars=bars)
    )


def midi_trigger(path: Path, bars: int) -> Trigger:
    """A MIDI file as a clip."""
    return Trigger(
        schema=1,
        clip=Clip(name=path.stem, midi=MidiClip(path=str(path))),
        music=Music(bpm=BPM, key="A minor"),
        track=Track(name="Marimba"),
        ask=Ask(bars=bars, prompt="tropical house, melodic riff"),
    )


def audio_trigger(path: Path, start_seconds: float, end_seconds: float) -> Trigger:
    """A part of an audio file as a clip, its tempo and key known."""
    return Trigger(
        schema=1,
        clip=Clip(
            name=path.stem,
            audio=AudioClip(path=str(path), start_seconds=start_seconds, end_seconds=end_seconds),
        ),
        music=Music(bpm=BPM, key="A minor"),
        track=Track(name="Guitar"),
        ask=Ask(prompt="tropical house, melodic riff"),
    )


def save_trigger(trigger: Trigger, path: Path, request_id: str) -> bytes:
    """Write a trigger as clients do, and give the datagram that hands it in."""
    write_whole(path, msgspec.json.encode(trigger), sync=False)
    return osc("/bridge/trigger", request_id, str(path))


def write_riff(path: Path, bars: int, notes_a_bar: int = 8) -> Path:
    """A MIDI file of a riff on a marimba."""
    step = 4 * _TICKS // notes_a_bar
    pitches = itertools.islice(itertools.cycle((69, 72, 76, 79, 81, 76, 72, 74)), bars * notes_a_bar)
    return _write_midi(path, [_track(12, 0, [(place * step, step, pitch, 96) for place, pitch in enumerate(pitches)])])


def write_band(path: Path, bars: int = 16) -> Path:
    """A MIDI file of six tracks and 54 notes a bar, as such songs are: the same few notes again and again."""
    eighth, bar = _TICKS // 2, 4 * _TICKS
    tracks: list[list[tuple[int, int, int, int]]] = [[] for _ in range(6)]
    drums, bass, keys, strings, lead, pluck = tracks
    for number in range(bars):
        start, chord = number * bar, _CHORDS[number % 4]
        for place in range(8):
            at = start + place * eighth
            drums.append((at, eighth, 42, 70 + 20 * (place % 2 == 0)))
            bass.append((at, eighth, chord[0] - 24, 100))
            lead.append((at, eighth, chord[place % 3] + 12, 90))
            pluck.append((at, eighth // 2, chord[(place + 1) % 3] + 24, 80))
            if place % 2 == 0:
                drums.append((at, eighth, 38 if place % 4 else 36, 110))
                keys.extend((at, 2 * eighth, pitch, 84) for pitch in chord)
        strings.extend((start, bar, pitch, 64) for pitch in (*chord, chord[0] + 12, chord[1] + 12, chord[2] + 12))
    programs = (0, 33, 4, 48, 81, 25)
    channels = (9, 0, 1, 2, 3, 4)
    return _write_midi(path, [_track(*one) for one in zip(programs, channels, tracks, strict=True)])


def write_wav(path: Path, seconds: float, rate: int = 44_100, channels: int = 1) -> Path:
    """A WAV of 16 bits, `seconds` long, that sounds only in its last 20 seconds: a plucked tone each half second."""
    sounding = min(seconds, 20.0)
    times = np.arange(round(sounding * rate)) / rate
    tone = 0.5 * np.sin(2 * np.pi * 220 * times) * np.exp(-6 * (times % 0.5))
    samples = np.repeat((tone * 32767).astype("<i2")[:, None], channels, axis=1).tobytes()
    size = round(seconds * rate) * channels * 2
    block = channels * 2
    head = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        *(b"RIFF", 36 + size, b"WAVE"),
        *(b"fmt ", 16, 1, channels, rate, rate * block, block, 16),
        *(b"data", size),
    )
    with path.open("wb") as file:
        file.write(head)
        # Silence takes no room: the file has a hole where nothing was written.
        file.seek(size - len(samples), 1)
        file.write(samples)
    return path


Struck = tuple[int, int, int, int]
"""A note of a MIDI file: its start and length in ticks, its pitch and velocity."""


def _track(program: int, channel: int, notes: Sequence[Struck]) -> mido.MidiTrack:
    events = [(start, mido.Message("note_on", channel=channel, note=pitch, velocity=v)) for start, _, pitch, v in notes]
    events += [
        (start + length, mido.Message("note_off", channel=channel, note=pitch)) for start, length, pitch, _ in notes
    ]
    track = mido.MidiTrack([mido.Message("program_change", channel=channel, program=program)])
    now = 0
    for tick, event in sorted(events, key=lambda one: (one[0], one[1].type == "note_on")):
        track.append(event.copy(time=tick - now))
        now = tick
    return track


def _write_midi(path: Path, tracks: Sequence[mido.MidiTrack]) -> Path:
    tempo = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(BPM))])
    mido.MidiFile(type=1, ticks_per_beat=_TICKS, tracks=[tempo, *tracks]).save(str(path))
    return path
