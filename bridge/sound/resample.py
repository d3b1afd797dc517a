"""Sounds at another rate."""

from __future__ import annotations

import numpy as np
import soxr

from bridge.sound.files import Samples, Sound


def resample(sound: Sound, rate: int) -> Sound:
    """The sound at `rate` frames a second, `round(frames × rate / old rate)` frames long."""
    if rate == sound.rate:
        return sound
    return Sound(with_frames(rescale(sound.samples, rate / sound.rate), round(sound.frames * rate / sound.rate)), rate)


def rescale(samples: Samples, ratio: float) -> Samples:
    """The samples drawn out to `ratio` times as many frames, within one frame; any ratio over 0."""
    return np.asarray(soxr.resample(samples, 1.0, ratio, quality="HQ"), dtype=np.float32)


def with_frames(samples: Samples, frames: int) -> Samples:
    """The samples cut, or filled with silence, to exactly so many frames."""
    if samples.shape[0] >= frames:
        return samples[:frames]
    return np.concatenate([samples, np.zeros((frames - samples.shape[0], samples.shape[1]), np.float32)])
