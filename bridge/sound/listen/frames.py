"""The short overlapping frames of a sound from which tempo, key and melody are read."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from bridge.sound.files import Sound
from bridge.sound.resample import resample

Floats = npt.NDArray[np.floating[Any]]

SILENCE = 1e-4
"""-80 dBFS: a sound that never rises above it holds nothing to hear."""


def mono_at(sound: Sound, rate: int, max_seconds: float) -> Floats:
    """The first `max_seconds` of a sound as one float32 channel at `rate`; empty where there is nothing to hear."""
    head = np.nan_to_num(sound.samples[: int(max_seconds * sound.rate)])
    mono = np.asarray(head.mean(axis=1, dtype=np.float32))
    if mono.size == 0 or np.abs(mono).max() < SILENCE:
        return np.zeros(0, np.float32)
    if sound.rate == rate:
        return mono
    return resample(Sound(mono[:, None], sound.rate), rate).samples[:, 0]


def frames_of(mono: Floats, size: int, hop: int) -> Floats:
    """Frames of `size` samples, one each `hop`, centred on multiples of `hop` (a view, not to be written to)."""
    padded = np.pad(mono, (size // 2, size // 2 + hop))
    return np.lib.stride_tricks.sliding_window_view(padded, size)[::hop]


def magnitudes(mono: Floats, size: int, hop: int) -> Floats:
    """Hann-windowed magnitude spectra, one row a frame, scaled so that a full-scale sine reads 1."""
    window = np.hanning(size + 1)[:-1].astype(np.float32)
    spectra = np.abs(np.fft.rfft(frames_of(mono, size, hop) * window, axis=1))
    return np.asarray(spectra * (2 / window.sum()), np.float32)


def moving_mean(values: Floats, width: int) -> Floats:
    """The mean of `width` neighbours around each value; the ends see fewer."""
    ones = np.ones(min(width, values.size), values.dtype)
    return np.asarray(np.convolve(values, ones, "same") / np.convolve(np.ones_like(values), ones, "same"))
