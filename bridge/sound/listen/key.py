"""The key of a sound, from the pitch classes of its spectral peaks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bridge.model import Key
from bridge.music.keys import PROFILES, key_of_root
from bridge.sound.files import Sound
from bridge.sound.listen.frames import Floats, magnitudes, mono_at

_RATE = 11_025
_WINDOW = 4096
_HOP = 2048
_MAX_SECONDS = 120.0
_LOWEST_HZ, _HIGHEST_HZ = 35.0, 2000.0
_BASS_HZ = 300.0
_FRAME_FLOOR = 0.01
_SOUND_FLOOR = 0.003
_HARMONICS = 12
_HARMONIC_SHARE = 0.4
_LEAST_IN_TUNE = 0.35
_LEAST_PITCH_CLASSES = 4
_AUDIBLE_SHARE = 0.03
_LEAST_CORRELATION = 0.6
_LEAST_GAP = 0.03
_SURE_GAP = 0.25
_STATIC_LIKENESS = 0.97
_RELATIVE_GAP = 0.3
_END_SECONDS = 0.6
_FIRST_BASS_VOTE = 0.6
_LAST_BASS_VOTE = 0.3
_BASS_SHARE_BONUS = 0.1


@dataclass(frozen=True)
class _Peak:
    """One spectral peak: which frame, its pitch as a fractional MIDI number, its weight, whether it stands alone."""

    frame: int
    pitch: float
    weight: float
    fundamental: bool


def find_key(sound: Sound) -> tuple[Key, float] | None:
    """Hear the key and how sure that is (0 to 1); None for drums, noise, a single note or chord, and ties.

    Chroma of parabolically interpolated peaks (35 to 2000 Hz, square root of the magnitude, overtones discounted)
    correlated with Temperley's Kostka-Payne profiles; what the bass does decides between relatives.
    """
    mono = mono_at(sound, _RATE, _MAX_SECONDS)
    if mono.size < _WINDOW:
        return None
    peaks = _peaks_of(magnitudes(mono, _WINDOW, _HOP))
    if not peaks:
        return None
    pitches = np.array([peak.pitch for peak in peaks])
    weights = np.array([peak.weight for peak in peaks])
    turn = np.sum(weights * np.exp(2j * np.pi * pitches)) / weights.sum()
    if abs(turn) < _LEAST_IN_TUNE:
        return None
    tuned = pitches - np.angle(turn) / (2 * np.pi)
    classes = np.rint(tuned).astype(int) % 12
    closeness = np.cos(np.pi * (tuned - np.rint(tuned))) ** 2
    alone = np.array([peak.fundamental for peak in peaks])
    fundamentals = np.bincount(classes[alone], (weights * closeness)[alone], 12)
    if np.count_nonzero(fundamentals > _AUDIBLE_SHARE * fundamentals.sum()) < _LEAST_PITCH_CLASSES:
        return None
    by_frame = np.zeros((peaks[-1].frame + 1, 12))
    np.add.at(by_frame, (np.array([peak.frame for peak in peaks]), classes), weights * closeness)
    if _is_static(by_frame):
        return None
    return _ranked(by_frame.sum(axis=0), _bass_classes(peaks, classes))


def _peaks_of(spectra: Floats) -> list[_Peak]:
    """The peaks of all frames, in order of time, then of pitch."""
    low, high = (int(hz * _WINDOW / _RATE) for hz in (_LOWEST_HZ, _HIGHEST_HZ))
    middle = spectra[:, low:high]
    is_peak = (middle > spectra[:, low - 1 : high - 1]) & (middle >= spectra[:, low + 1 : high + 1])
    loudest = spectra[:, low:high].max(axis=1, keepdims=True)
    is_peak &= (middle > _FRAME_FLOOR * loudest) & (middle > _SOUND_FLOOR * loudest.max())
    peaks: list[_Peak] = []
    for frame in np.flatnonzero(is_peak.any(axis=1)):
        bins = np.flatnonzero(is_peak[frame]) + low
        logs = np.log(np.stack([spectra[frame, bins + shift] for shift in (-1, 0, 1)]) + 1e-12)
        bend = logs[0] - 2 * logs[1] + logs[2]
        shift = 0.5 * (logs[0] - logs[2]) / np.where(bend < -1e-9, bend, -1.0)
        pitches = 69 + 12 * np.log2((bins + shift) * _RATE / _WINDOW / 440)
        heights = np.sqrt(spectra[frame, bins])
        overtones = _overtones(pitches, heights)
        for pitch, height, overtone in zip(pitches, heights, overtones, strict=True):
            weight = float(height) * (_HARMONIC_SHARE if overtone else 1.0)
            peaks.append(_Peak(int(frame), float(pitch), weight, not overtone))
    return peaks


def _overtones(pitches: Floats, heights: Floats) -> Floats:
    """Which peaks lie on a harmonic (2nd to 12th) of a lower peak that is not much softer."""
    above = pitches[:, None] - pitches[None, :]
    intervals = 12 * np.log2(np.arange(2, _HARMONICS + 1))
    on_harmonic = (np.abs(above[:, :, None] - intervals) < 0.25).any(axis=2)
    loud_enough = heights[None, :] > 0.5 * heights[:, None]
    return np.asarray((on_harmonic & loud_enough).any(axis=1))


def _is_static(chroma_by_frame: Floats) -> bool:
    """Whether one sound is held all the time, as one note or chord is: no key can be told from it."""
    whole = chroma_by_frame.sum(axis=0)
    lengths = np.linalg.norm(chroma_by_frame, axis=1)
    likeness = chroma_by_frame @ whole / (np.maximum(lengths, 1e-12) * np.linalg.norm(whole))
    return float(np.average(likeness, weights=lengths)) > _STATIC_LIKENESS


def _bass_classes(peaks: list[_Peak], classes: Floats) -> Floats:
    """The pitch class of the lowest voice in each frame that has one, in order of time."""
    highest = 69 + 12 * np.log2(_BASS_HZ / 440)
    lowest: dict[int, int] = {}
    for peak, pitch_class in zip(peaks, classes, strict=True):
        if peak.fundamental and peak.pitch < highest:
            lowest.setdefault(peak.frame, int(pitch_class))
    return np.array(list(lowest.values()), int)


def _ranked(chroma: Floats, bass: Floats) -> tuple[Key, float] | None:
    """The key whose profile fits best; between it and its relative the bass decides."""
    share = np.bincount(bass, minlength=12) / max(bass.size, 1)
    scores = {
        (root, scale): float(np.corrcoef(chroma, np.roll(profile, root))[0, 1] + _BASS_SHARE_BONUS * share[root])
        for scale, profile in _profiles().items()
        for root in range(12)
    }
    best = max(scores, key=scores.__getitem__)
    relative = _relative(*best)
    others = max(score for key, score in scores.items() if key not in (best, relative))
    gap = scores[best] - others
    if scores[best] - scores[relative] < _RELATIVE_GAP:
        lead = scores[best] - scores[relative] + _bass_vote(best[0], bass, share) - _bass_vote(relative[0], bass, share)
        best, gap = (best if lead > 0 else relative), min(abs(lead), gap)
    if scores[best] < _LEAST_CORRELATION or gap < _LEAST_GAP:
        return None
    return key_of_root(*best), min(gap / _SURE_GAP, 1.0)


def _profiles() -> dict[str, tuple[float, ...]]:
    """The profiles with the sevenths of minor exchanged: in loops of today the natural one is the usual one."""
    minor = PROFILES["minor"]
    return {**PROFILES, "minor": (*minor[:10], minor[11], minor[10])}


def _relative(root: int, scale: str) -> tuple[int, str]:
    return ((root + 9) % 12, "minor") if scale == "major" else ((root + 3) % 12, "major")


def _bass_vote(root: int, bass: Floats, share: Floats) -> float:
    """How much the lowest voice speaks for a tonic: where it begins, where it ends, how long it stays."""
    width = max(int(_END_SECONDS * _RATE / _HOP), 1)
    first, last = (float(np.mean(part == root)) if part.size else 0.0 for part in (bass[:width], bass[-width:]))
    return _FIRST_BASS_VOTE * first + _LAST_BASS_VOTE * last + float(share[root])
