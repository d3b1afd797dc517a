"""What the band hears in a conditioning sound: its melody, or the groove of its drums, placed in beats."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bridge.engine.band.request import PartNote
from bridge.sound.files import Sound
from bridge.sound.listen import find_melody
from bridge.sound.listen.frames import mono_at
from bridge.sound.listen.onsets import RATE as LISTENING_RATE
from bridge.sound.listen.onsets import onset_strength, pick_onsets

_GRID_BEATS = 0.25
_NEAR_BEATS = 0.09
_HIT_SECONDS = 0.06
_KICK, _SNARE, _HAT = 36, 38, 42
_LOW_HZ, _HIGH_HZ = 160.0, 3500.0

BeatOf = Callable[[float], float]


def hear_melody(sound: Sound, beat_of: BeatOf) -> list[PartNote]:
    """The notes of the melody; `beat_of` turns seconds of the sound into beats. Near a sixteenth they lie on it."""
    notes = []
    for heard in find_melody(sound):
        start = _settled(beat_of(heard.start_seconds))
        beats = max(beat_of(heard.start_seconds + heard.seconds) - start, 0.1)
        notes.append(PartNote(start, beats, heard.pitch, float(heard.velocity)))
    return notes


def hear_groove(sound: Sound, beat_of: BeatOf) -> list[PartNote]:
    """The hits of a drum loop as kick, snare and hat, told apart by where their energy lies."""
    mono = mono_at(sound, LISTENING_RATE, sound.seconds)
    if mono.size < LISTENING_RATE // 2 or not float(np.abs(mono).max()) > 0:
        return []
    times, weights = pick_onsets(mono, onset_strength(mono))
    length = round(_HIT_SECONDS * LISTENING_RATE)
    frequencies = np.fft.rfftfreq(length, 1 / LISTENING_RATE)
    loudest = float(weights.max()) if weights.size else 1.0
    hits = []
    for seconds, weight in zip(times.tolist(), weights.tolist(), strict=True):
        piece = mono[round(seconds * LISTENING_RATE) :][:length]
        power = np.square(np.abs(np.fft.rfft(piece * np.hanning(piece.size), length)))
        total = float(power.sum()) or 1.0
        low = float(power[frequencies < _LOW_HZ].sum()) / total
        high = float(power[frequencies > _HIGH_HZ].sum()) / total
        pitch = _KICK if low > 0.5 else _HAT if high > 0.6 else _SNARE
        hits.append(PartNote(_settled(beat_of(seconds)), 0.25, pitch, 50 + 65 * weight / loudest))
    return hits


def _settled(beat: float) -> float:
    nearest = round(beat / _GRID_BEATS) * _GRID_BEATS
    return nearest if abs(beat - nearest) <= _NEAR_BEATS else beat
