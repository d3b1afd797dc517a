"""Clips made for the journeys."""

from __future__ import annotations

import wave
from pathlib import Path

import mido
import numpy as np


def write_midi(path: Path, *, bpm: float = 96, bars: int = 4, key: str | None = "G#m") -> Path:
    """A melody of quarter notes in G# minor."""
    track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(bpm))])
    if key:
        track.append(mido.MetaMessage("key_signature", key=key))
    for pitch in [68, 71, 75, 71, 66, 70, 73, 70][:8] * (bars // 2):
        track.append(mido.Message("note_on", note=pitch, velocity=100))
        track.append(mido.Message("note_off", note=pitch, time=480))
    mido.MidiFile(type=0, ticks_per_beat=480, tracks=[track]).save(str(path))
    return path


def write_wav(
    path: Path, *, seconds: float = 8.0, rate: int = 44_100, hertz: float = 207.65, channels: int = 1
) -> Path:
    """A pulsing tone: a short decaying note each half second."""
    times = np.arange(round(seconds * rate)) / rate
    tone = 0.5 * np.sin(2 * np.pi * hertz * times) * np.exp(-6 * (times % 0.5))
    samples = np.repeat((tone * 32767).astype("<i2")[:, None], channels, axis=1)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return path
