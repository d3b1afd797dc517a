"""Level: as loud as the source clip, by gain alone, and never over -1 dBTP."""

from __future__ import annotations

from typing import Any

import numpy as np

from bridge.sound.files import Sound
from bridge.sound.loudness import loudness_lufs, true_peak_dbtp

_UNKNOWN_SOURCE_LUFS = -18.0
# -1 dBTP, and a little for meters that oversample otherwise.
_MAX_PEAK_DBTP = -1.05


def to_level(sound: Sound, source_lufs: float | None) -> tuple[Sound, dict[str, Any]]:
    """Bring a sound to the source's loudness, -18 LUFS where that is unknown (MIDI), and tell what was done."""
    target = _UNKNOWN_SOURCE_LUFS if source_lufs is None else source_lufs
    measured = loudness_lufs(sound)
    peak = true_peak_dbtp(sound)
    wanted_db = 0.0 if measured is None else target - measured
    gain_db = min(wanted_db, _MAX_PEAK_DBTP - peak)
    louder = Sound(np.multiply(sound.samples, np.float32(10 ** (gain_db / 20))), sound.rate)
    return louder, {
        "target_lufs": round(target, 2),
        "came_at_lufs": None if measured is None else round(measured, 2),
        "gain_db": round(gain_db, 2),
        "held_back_by_peak": gain_db < wanted_db - 0.01,
        "loudness_lufs": None if measured is None else round(measured + gain_db, 2),
        "true_peak_dbtp": round(peak + gain_db, 2),
    }
