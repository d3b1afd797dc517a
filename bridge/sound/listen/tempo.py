"""The tempo of a sound and where its first beat lies."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from bridge.sound.files import Sound
from bridge.sound.listen.frames import Floats, mono_at
from bridge.sound.listen.onsets import FRAMES_PER_SECOND, RATE, onset_strength, pick_onsets

_MAX_SECONDS = 60.0
_SLOWEST_BPM, _FASTEST_BPM = 40.0, 240.0
_USUAL_BPM = 110.0
_STEP_BPM = 0.02
_SEARCH = 0.03
_MULTIPLES = (1, 2, 4)
_FEWEST_ONSETS = 4
_SUREST_DOUBT = 0.3
_CANDIDATES = 8


@dataclass(frozen=True)
class TempoFinding:
    """A tempo in quarter notes a minute, the first beat in seconds, and how sure both are, 0 to 1."""

    bpm: float
    first_beat_seconds: float
    confidence: float


def find_tempo(sound: Sound, near_bpm: float | None = None) -> TempoFinding | None:
    """Hear the tempo, or None where nothing beats evenly; `near_bpm` decides between half and double time.

    Onset strength, its autocorrelation under a log-normal prior, then a fine search of the resultant of the
    onsets' phases over one, two and four events a beat. The first 60 s are heard.
    """
    mono = mono_at(sound, RATE, _MAX_SECONDS)
    if mono.size < 2 * RATE:
        return None
    strength = onset_strength(mono)
    times, weights = pick_onsets(mono, strength)
    if times.size < _FEWEST_ONSETS:
        return None
    best: tuple[float, float, float] | None = None
    for coarse, likeness in _candidates(strength, near_bpm):
        bpm, resultants = _fine_bpm(times, weights, coarse)
        sureness = math.sqrt(likeness * resultants.mean())
        score = sureness * (1 + resultants[0]) * _prior(bpm, near_bpm)
        if best is None or score > best[0]:
            best = score, bpm, sureness
    if best is None or best[2] < _SUREST_DOUBT:
        return None
    _, bpm, sureness = best
    return TempoFinding(round(bpm, 3), _first_beat(times, weights, bpm), min(sureness, 1.0))


def _candidates(strength: Floats, near_bpm: float | None) -> list[tuple[float, float]]:
    """The likeliest tempi with the likeness (autocorrelation, 0 to 1) of the sound to itself one beat on."""
    centred = strength - strength.mean()
    size = 2 ** math.ceil(math.log2(2 * centred.size))
    correlation = np.fft.irfft(np.abs(np.fft.rfft(centred, size)) ** 2)[: centred.size // 2 + 1]
    correlation = correlation / max(correlation[0], 1e-12)
    correlation *= centred.size / (centred.size - np.arange(correlation.size))
    lags = np.arange(2, correlation.size - 1)
    before, here, after = correlation[lags - 1], correlation[lags], correlation[lags + 1]
    bpms = 60 * FRAMES_PER_SECOND / lags
    peaks = (here >= before) & (here > after) & (before + here + after > 0)
    peaks &= (bpms >= _SLOWEST_BPM * 0.98) & (bpms <= _FASTEST_BPM * 1.02)
    found = []
    for lag in lags[peaks]:
        left, middle, right = correlation[lag - 1 : lag + 2]
        shift = 0.5 * (left - right) / (left - 2 * middle + right)
        found.append((60 * FRAMES_PER_SECOND / (lag + shift), float(left + middle + right)))
    found.sort(key=lambda candidate: -candidate[1] * _prior(candidate[0], near_bpm))
    top = max((likeness for _, likeness in found), default=1.0)
    return [(bpm, min(likeness / max(top, 1.0), 1.0)) for bpm, likeness in found[:_CANDIDATES]]


def _prior(bpm: float, near_bpm: float | None) -> float:
    """How likely a tempo is beforehand: around the usual one, or closely around the one that is expected."""
    centre, octaves = (_USUAL_BPM, 0.5) if near_bpm is None else (near_bpm, 0.4)
    return math.exp(-0.5 * (math.log2(bpm / centre) / octaves) ** 2)


def _fine_bpm(times: Floats, weights: Floats, coarse: float) -> tuple[float, Floats]:
    """The tempo near `coarse` at which the onsets' phases agree best, and their resultants (0 to 1) by multiple."""
    bpms = np.arange(coarse * (1 - _SEARCH), coarse * (1 + _SEARCH), _STEP_BPM)
    turns = np.outer(bpms, times - times.mean()) / 60
    resultants = np.stack([np.abs(np.exp(-2j * np.pi * m * turns) @ weights) for m in _MULTIPLES]) / weights.sum()
    total = resultants.sum(axis=0)
    at = int(np.argmax(total))
    return float(bpms[at]), resultants[:, at]


def _first_beat(times: Floats, weights: Floats, bpm: float) -> float:
    """The first beat in seconds: the phase most onsets share, mended by those that lie close to the grid."""
    period = 60 / bpm
    phasor = np.exp(-2j * np.pi * times / period) @ weights
    phase = -np.angle(phasor) / (2 * np.pi) * period
    for _ in range(2):
        late = (times - phase + period / 2) % period - period / 2
        close = np.abs(late) < 0.12 * period
        if not close.any():
            break
        phase += float(np.average(late[close], weights=weights[close]))
    first = phase % period
    return max(first - period, 0.0) if period - first < 0.03 else float(first)
