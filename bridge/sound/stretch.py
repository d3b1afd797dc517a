"""Sounds made longer or shorter, higher or lower, each without the other."""

from __future__ import annotations

import numpy as np
import python_stretch

from bridge.sound.files import Samples, Sound
from bridge.sound.resample import rescale, with_frames

_SEED = 1
_EXACT_SEMITONES = 24.0


def stretch(sound: Sound, frames: int, semitones: float = 0.0) -> Sound:
    """The sound in exactly `frames` frames, transposed by `semitones`; the same input gives the same bytes.

    Signalsmith's stretch by python-stretch: onsets stay in place within 0.5 ms from half to twice the length.
    Its own transposition is about 0.9 Hz sharp, so up to two octaves are made by resampling, which is exact.
    """
    if sound.frames == 0 or frames == 0:
        return Sound(np.zeros((frames, sound.channels), np.float32), sound.rate)
    exact = min(max(semitones, -_EXACT_SEMITONES), _EXACT_SEMITONES)
    samples = sound.samples if exact == 0 else rescale(sound.samples, 2 ** (-exact / 12))
    if samples.shape[0] == frames and semitones == exact:
        return Sound(samples, sound.rate)
    return Sound(with_frames(_stretched(samples, sound.rate, frames, semitones - exact), frames), sound.rate)


def _stretched(samples: Samples, rate: int, frames: int, semitones: float) -> Samples:
    machine = python_stretch.Signalsmith.Stretch(_SEED)
    machine.preset(samples.shape[1], float(rate))
    machine.timeFactor = samples.shape[0] / frames
    machine.setTransposeSemitones(semitones)
    return np.asarray(machine.process(np.ascontiguousarray(samples.T)), dtype=np.float32).T
