"""The notes of a single line in a sound."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bridge.sound.files import Sound
from bridge.sound.listen.frames import Floats, frames_of, mono_at
from bridge.sound.listen.onsets import FRAMES_PER_SECOND, HOP, RATE, onset_strength, pick_onsets

_MAX_SECONDS = 60.0
_LOWEST_HZ, _HIGHEST_HZ = 40.0, 2200.0
_INTEGRATION = 1024
_DIP = 0.15
_VOICED = 0.25
_FLOOR_DB = -40.0
_LEAST_VOICED_SHARE = 0.4
_SMOOTHING = 5
_STEP_SEMITONES = 0.7
_REATTACK_DB = 1.5
_SHORTEST_FRAMES = 5
_SNAP_SECONDS = 0.06
_LOUDEST_VELOCITY = 110
_VELOCITY_PER_DB = 2.2


@dataclass(frozen=True)
class HeardNote:
    """One note that was heard: seconds from the sound's start, MIDI pitch, velocity 1 to 127."""

    start_seconds: float
    seconds: float
    pitch: int
    velocity: int


def find_melody(sound: Sound) -> tuple[HeardNote, ...]:
    """Hear the notes of a single line; empty for noise, drums, silence, and chords without a clear line.

    Pitch by YIN (de Cheveigné and Kawahara, 2002), smoothed by a median; a note begins where the pitch steps
    or where something is struck again. The first 60 s are heard.
    """
    mono = mono_at(sound, RATE, _MAX_SECONDS)
    if mono.size < RATE // 20:
        return ()
    pitches, levels = _pitch_track(mono)
    sounding = levels > levels.max() + _FLOOR_DB
    pitches[~sounding] = np.nan
    if np.isfinite(pitches).sum() < _LEAST_VOICED_SHARE * sounding.sum():
        return ()
    smooth = _running_median(pitches, _SMOOTHING)
    times, _ = pick_onsets(mono, onset_strength(mono))
    strikes = [time for time in times.tolist() if _is_reattack(levels, round(time * FRAMES_PER_SECOND))]
    stretches = _stretches(smooth, {round(time * FRAMES_PER_SECOND) for time in strikes})
    return tuple(_notes(stretches, smooth, levels, strikes))


def _pitch_track(mono: Floats) -> tuple[Floats, Floats]:
    """Pitch (fractional MIDI number, NaN where there is none) and level (dBFS) of each frame."""
    longest, shortest = int(RATE / _LOWEST_HZ), int(RATE / _HIGHEST_HZ)
    frames = frames_of(mono, _INTEGRATION + longest, HOP)
    differences, energy = _differences(frames, longest)
    running = np.cumsum(differences[:, 1:], axis=1)
    lags = np.arange(1, longest + 1)
    normal = np.ones_like(differences)
    normal[:, 1:] = differences[:, 1:] * lags / np.maximum(running, 1e-9)
    inner = normal[:, shortest:-1]
    dips = (inner < normal[:, shortest - 1 : -2]) & (inner <= normal[:, shortest + 1 :])
    deep = dips & (inner < _DIP)
    first = np.where(deep.any(axis=1), deep.argmax(axis=1), inner.argmin(axis=1)) + shortest
    rows = np.arange(len(normal))
    left, middle, right = (normal[rows, first + shift] for shift in (-1, 0, 1))
    bend = left - 2 * middle + right
    lag = first + np.clip(0.5 * (left - right) / np.maximum(bend, 1e-9), -1, 1)
    pitches = 69 + 12 * np.log2(RATE / lag / 440)
    pitches[middle > _VOICED] = np.nan
    return pitches, 10 * np.log10(energy / _INTEGRATION + 1e-10)


def _differences(frames: Floats, longest: int) -> tuple[Floats, Floats]:
    """YIN's difference function for lags 0 to `longest`, and the energy of each frame's first part."""
    size = 2 ** int(np.ceil(np.log2(frames.shape[1])))
    whole = np.fft.rfft(frames, size, axis=1)
    head = np.fft.rfft(frames[:, :_INTEGRATION], size, axis=1)
    products = np.fft.irfft(whole * np.conj(head), size, axis=1)[:, : longest + 1]
    sums = np.pad(np.cumsum(np.square(frames, dtype=np.float64), axis=1), ((0, 0), (1, 0)))
    energies = sums[:, _INTEGRATION : _INTEGRATION + longest + 1] - sums[:, : longest + 1]
    return np.maximum(energies[:, :1] + energies - 2 * products, 0), energies[:, 0]


def _running_median(values: Floats, width: int) -> Floats:
    """The median of the voiced frames around each frame; NaN where fewer than half of them are voiced."""
    padded = np.pad(values, width // 2, constant_values=np.nan)
    windows = np.sort(np.lib.stride_tricks.sliding_window_view(padded, width), axis=1)
    voiced = np.isfinite(windows).sum(axis=1)
    middles = windows[np.arange(len(windows)), np.maximum(voiced - 1, 0) // 2]
    return np.where(voiced > width // 2, middles, np.nan)


def _is_reattack(levels: Floats, frame: int) -> bool:
    """Whether the level rises at an onset as it does when a note is struck."""
    before = levels[max(frame - 6, 0) : max(frame - 1, 1)]
    after = levels[frame : frame + 7]
    return bool(after.size and after.max() > before.min() + _REATTACK_DB)


def _stretches(smooth: Floats, struck: set[int]) -> list[tuple[int, int]]:
    """First and past-the-last frame of each stretch of one pitch between two strikes, if long enough for a note."""
    found: list[tuple[int, int]] = []
    start, total = 0, 0.0
    for frame, pitch in enumerate([*smooth.tolist(), np.nan]):
        if frame > start and (frame in struck or not abs(pitch - total / (frame - start)) <= _STEP_SEMITONES):
            found.append((start, frame))
            start, total = frame, 0.0
        if np.isfinite(pitch):
            total += pitch
        else:
            start = frame + 1
    return [(start, end) for start, end in found if end - start >= _SHORTEST_FRAMES]


def _notes(stretches: list[tuple[int, int]], smooth: Floats, levels: Floats, strikes: list[float]) -> list[HeardNote]:
    """Stretches as notes: begun at the strike they belong to, joined where one note only wavered."""
    loudest = float(levels.max())
    notes: list[HeardNote] = []
    end_before = -_SHORTEST_FRAMES
    for start, end in stretches:
        pitch = round(float(np.median(smooth[start:end])))
        near = [time for time in strikes if abs(time - start / FRAMES_PER_SECOND) <= _SNAP_SECONDS]
        begin = min(near, key=lambda time: abs(time - start / FRAMES_PER_SECOND)) if near else start / FRAMES_PER_SECOND
        level = float(levels[start:end].max())
        if notes and not near and pitch == notes[-1].pitch and start - end_before < _SHORTEST_FRAMES:
            begin, velocity = notes[-1].start_seconds, notes.pop().velocity
        else:
            velocity = min(max(round(_LOUDEST_VELOCITY + _VELOCITY_PER_DB * (level - loudest)), 1), 127)
        notes.append(HeardNote(begin, max(end / FRAMES_PER_SECOND - begin, 0.01), pitch, velocity))
        end_before = end
    return notes
