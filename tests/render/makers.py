"""Clips made for a test: clicks on beats, tones, MIDI files, and triggers that point to them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mido
import msgspec
import numpy as np
import numpy.typing as npt
import soundfile

from bridge.model import Trigger

Samples = npt.NDArray[np.float64]

CLICK_FRAMES = 200


def trigger_of(clip: dict[str, Any], **more: Any) -> Trigger:
    """A trigger from the JSON that a DAW would send."""
    return msgspec.convert({"schema": 1, "clip": clip, **more}, Trigger)


def notes_of(*notes: tuple[int, float, float]) -> list[dict[str, Any]]:
    return [{"pitch": pitch, "start": start, "duration": duration} for pitch, start, duration in notes]


def clicks(at_seconds: list[float], seconds: float, rate: int = 48_000, channels: int = 1) -> Samples:
    """Short clicks, each with its onset on the frame; the first is the loudest of them all."""
    samples = np.zeros((round(seconds * rate), channels))
    shape = 0.8 * np.exp(-np.arange(CLICK_FRAMES) / 20) * np.cos(np.arange(CLICK_FRAMES) * 0.6)
    for second in at_seconds:
        start = round(second * rate)
        room = samples[start : start + CLICK_FRAMES]
        room += shape[: room.shape[0], None]
    return samples


def onsets(
    samples: npt.NDArray[Any], rate: int = 32_000, gap_seconds: float = 0.08, level: float = 0.15
) -> list[float]:
    """The seconds where something begins after a gap."""
    loud = np.flatnonzero(np.abs(samples[:, 0]) > level)
    return [float(frame / rate) for i, frame in enumerate(loud) if i == 0 or frame - loud[i - 1] > gap_seconds * rate]


def tone(hz: float, seconds: float, rate: int = 48_000, level: float = 0.3) -> Samples:
    return level * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)[:, None]


def pitch_of(samples: npt.NDArray[Any], rate: int = 32_000) -> float:
    """The strongest frequency, by a parabola through the spectrum's peak."""
    spectrum = np.log(np.abs(np.fft.rfft(samples[:, 0] * np.hanning(samples.shape[0]), 1 << 18)) + 1e-12)
    peak = int(np.argmax(spectrum))
    left, top, right = spectrum[peak - 1 : peak + 2]
    return float((peak + 0.5 * (left - right) / (left - 2 * top + right)) * rate / (1 << 18))


def wav(path: Path, samples: Samples, rate: int = 48_000, subtype: str = "PCM_24") -> str:
    soundfile.write(path, samples, rate, subtype=subtype)
    return str(path)


def midi(
    path: Path,
    notes: list[tuple[int, float, float]],
    *metas: mido.MetaMessage,
    channel: int = 0,
    program: int | None = None,
) -> str:
    """A MIDI file of 480 ticks a beat: (pitch, start, duration) in beats; metas stand at its beginning."""
    file = mido.MidiFile(ticks_per_beat=480)
    track = mido.MidiTrack(metas)
    if program is not None:
        track.append(mido.Message("program_change", channel=channel, program=program))
    events = sorted(
        event
        for pitch, start, duration in notes
        for event in ((round(start * 480), 1, pitch), (round((start + duration) * 480), 0, pitch))
    )
    now = 0
    for tick, on, pitch in events:
        kind = "note_on" if on else "note_off"
        track.append(mido.Message(kind, channel=channel, note=pitch, velocity=100, time=tick - now))
        now = tick
    file.tracks.append(track)
    file.save(path)
    return str(path)
