"""Level: as loud as the source clip, by gain alone, and never over -1 dBTP."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from bridge.sound.files import Sound
from bridge.sound.loudness import loudness_lufs, true_peak_dbtp

_UNKNOWN_SOURCE_LUFS = -18.0
# -1 dBTP, and a little for meters that oversample otherwise.
_MAX_PEAK_DBTP = -1.05


def to_level(sound: Sound, source_lufs: float | None, channels: int) -> tuple[Sound, dict[str, Any]]:
    """Bring a sound to the source's loudness, -18 LUFS where that is unknown (MIDI), and tell what was done.

    A mono sound comes out in so many equal channels; two are 3 dB louder than one.
    """
    target = _UNKNOWN_SOURCE_LUFS if source_lufs is None else source_lufs
    copies = channels // sound.channels
    measured = loudness_lufs(sound)
    if measured is not None:
        measured += 10 * math.log10(copies)
    peak = true_peak_dbtp(sound)
    wanted_db = 0.0 if measured is None else target - measured
    gain_db = min(wanted_db, _MAX_PEAK_DBTP - peak)
    louder = np.multiply(sound.samples, np.float32(10 ** (gain_db / 20)))
    return Sound(np.repeat(louder, copies, axis=1), sound.rate), {
        "target_lufs": round(target, 2),
        "came_at_lufs": None if measured is None else round(measured, 2),
        "gain_db": round(gain_db, 2),
        "held_back_by_peak": gain_db < wanted_db - 0.01,
        "loudness_lufs": None if measured is None else round(measured + gain_db, 2),
        "true_peak_dbtp": round(peak + gain_db, 2),
    }
