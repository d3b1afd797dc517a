"""Seams: two pieces of music joined at a line so that no onset is softened and nothing clicks."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from bridge.sound.files import Samples

# Crossfades, longest first, and how alike the music must be: the longer, the more onsets could sound twice.
_CROSSFADES = ((0.5, 0.9), (0.1, 0.7), (0.03, 0.5))
_ALIKE_LEVEL_DB = 6.0
_FADE_OUT_SECONDS = 0.005
_FADES_IN_SECONDS = (0.001, 0.0005, 0.00025)
_ONSET_SECONDS = 0.020
_ONSET_TOLERANCE_DB = 0.5
# What is added where a loop closes is the ringing of its last bar, which every repetition hears.
_CLOSING_RISE_DB = 1.5
_CLICK_OF_ONSET = 0.02
_CLICK_LEVEL = 0.001


def blend(samples: Samples, line: int, played_on: Samples, rate: int) -> dict[str, Any]:
    """Join at frame `line`, in place: what the music before it played past the line, and what begins there.

    `played_on` (frames, channels) fades out under the beginning where the two are alike; at line 0 that closes
    a loop, whose downbeat may then grow by 1.5 dB. Where they are not alike nothing of it is used. Tells what was
    measured and done.
    """
    report: dict[str, Any] = {"correlation": None, "crossfade_seconds": 0.0}
    rise_db = _CLOSING_RISE_DB if line == 0 else _ONSET_TOLERANCE_DB
    for seconds, least_correlation in _CROSSFADES:
        length = round(seconds * rate)
        head = samples[line : line + length]
        if len(played_on) < length or len(head) < length:
            continue
        correlation, level_db = _likeness(played_on[:length], head)
        report["correlation"] = round(correlation, 3)
        if correlation < least_correlation or abs(level_db) > _ALIKE_LEVEL_DB:
            continue
        joined = _crossfaded(played_on[:length], head, correlation)
        if _keeps_onset(head, joined, rate, rise_db):
            samples[line : line + length] = joined
            return {**report, "crossfade_seconds": seconds}
    return report


def end_softly(samples: Samples, end: int, rate: int) -> None:
    """Fade out over the last 5 ms before frame `end`, in place."""
    length = min(round(_FADE_OUT_SECONDS * rate), end)
    samples[end - length : end] *= _rise(length)[::-1]


def begin_cleanly(samples: Samples, start: int, rate: int) -> float:
    """Fade in at frame `start`, in place, only where its first frame would click; tells the fade's seconds.

    At most 1 ms, and only as long as the onset's peak stays within 0.5 dB.
    """
    onset = samples[start : start + round(_ONSET_SECONDS * rate)]
    first = float(np.abs(onset[:1]).max(initial=0.0))
    if first < max(_CLICK_LEVEL, _CLICK_OF_ONSET * float(np.abs(onset).max(initial=0.0))):
        return 0.0
    for seconds in _FADES_IN_SECONDS:
        length = round(seconds * rate)
        softened = onset.copy()
        softened[:length] *= _rise(length)[: len(softened)]
        if _keeps_onset(onset, softened, rate):
            samples[start : start + len(softened)] = softened
            return seconds
    return 0.0


def _likeness(left: Samples, right: Samples) -> tuple[float, float]:
    """Correlation (-1 to 1) and difference in level (dB) of two stretches of equal length."""
    left_energy, right_energy = float(np.vdot(left, left)), float(np.vdot(right, right))
    if left_energy < 1e-12 or right_energy < 1e-12:
        return 0.0, 0.0
    correlation = float(np.vdot(left, right)) / float(np.sqrt(left_energy * right_energy))
    return correlation, float(10 * np.log10(left_energy / right_energy))


def _crossfaded(before: Samples, after: Samples, correlation: float) -> Samples:
    """Fade from one to the other at constant power, whatever part of them is equal."""
    rising = _rise(len(after))
    falling = 1 - rising
    power = rising**2 + falling**2 + 2 * correlation * rising * falling
    return np.asarray((before * falling + after * rising) / np.sqrt(power), dtype=np.float32)


def _keeps_onset(before: Samples, after: Samples, rate: int, rise_db: float = _ONSET_TOLERANCE_DB) -> bool:
    length = round(_ONSET_SECONDS * rate)
    peaks = [float(np.abs(samples[:length]).max(initial=1e-9)) for samples in (before, after)]
    return -_ONSET_TOLERANCE_DB <= 20 * math.log10(peaks[1] / peaks[0]) <= rise_db


def _rise(length: int) -> Samples:
    """A raised cosine from 0 to 1, as a column."""
    places = (np.arange(length, dtype=np.float32)[:, None] + 0.5) / max(length, 1)
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * places), dtype=np.float32)
