"""Where something begins in a sound: the rise of log-spaced bands, and its peaks."""

from __future__ import annotations

import numpy as np

from bridge.sound.listen.frames import Floats, frames_of, magnitudes, moving_mean

RATE = 22_050
HOP = 220
FRAMES_PER_SECOND = RATE / HOP
_WINDOW = 1024
_BANDS = 36
_LOWEST_HZ = 30.0
_COMPRESSION = 300.0
_FINE_HOP = 32
_FINE_WINDOW = 128
_RISE_HOPS = 4
_LOOK_BACK = 3 * HOP
_LOOK_AHEAD = 4 * HOP


def onset_strength(mono: Floats) -> Floats:
    """How much louder the bands become from frame to frame (positive log-band flux), 100.2 frames a second."""
    spectra = magnitudes(mono, _WINDOW, HOP)
    edges = np.unique(np.rint(np.geomspace(_LOWEST_HZ, RATE / 2, _BANDS + 1) * _WINDOW / RATE).astype(int))
    bands = np.add.reduceat(spectra[:, : _WINDOW // 2], edges[:-1], axis=1)
    levels = np.log1p(_COMPRESSION * bands / bands.max())
    rises = np.diff(levels, axis=0, prepend=np.zeros((1, levels.shape[1]), levels.dtype))
    return np.asarray(np.maximum(rises, 0).sum(axis=1))


def pick_onsets(mono: Floats, strength: Floats) -> tuple[Floats, Floats]:
    """Times in seconds and weights of the peaks of an onset strength; times are refined to about a millisecond."""
    floor = moving_mean(strength, 31)
    height = strength - floor
    padded = np.pad(strength, 3, constant_values=-1.0)
    neighbours = np.lib.stride_tricks.sliding_window_view(padded, 7).max(axis=1)
    peaks = np.flatnonzero((strength >= neighbours) & (height > 0.1 * height.max()))
    quiet = np.pad(mono, (_LOOK_BACK, 0))
    times = np.array([_refined(quiet, peak * HOP) for peak in peaks.tolist()]) / RATE
    return times, height[peaks]


def _refined(quiet: Floats, near: int) -> float:
    """The sample around `near` at which the level, seen through a short window, rises most.

    `quiet` is the sound behind `_LOOK_BACK` frames of silence.
    """
    part = quiet[near : near + _LOOK_BACK + _LOOK_AHEAD]
    energy = np.square(frames_of(part, _FINE_WINDOW, _FINE_HOP)).mean(axis=1)
    level = np.log(energy + 1e-4 * energy.max() + 1e-12)
    rise = level[_RISE_HOPS:] - level[:-_RISE_HOPS]
    best = int(np.argmax(rise * np.sqrt(energy[_RISE_HOPS:])))
    return max(near - _LOOK_BACK + (best + _RISE_HOPS / 2) * _FINE_HOP, 0.0)
