"""The mix: parts at the level of their role, a small room around them, mono in the depths, and a gentle loudness."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cache

import numpy as np
import numpy.typing as npt

from bridge.engine.band.request import RATE, Role
from bridge.engine.band.styles import Style
from bridge.sound.files import Sound
from bridge.sound.loudness import loudness_lufs

Samples = npt.NDArray[np.float32]

LOUDNESS_LUFS = -18.0
_PEAK = 10 ** (-1.2 / 20)
_LEVELS: dict[Role, float] = {
    "lead": 0.0,
    "drums": -2.0,
    "bass": -3.0,
    "counter": -4.0,
    "chords": -5.0,
    "percussion": -6.0,
    "pad": -8.0,
}
_SENDS: dict[Role, float] = {
    "lead": 0.22,
    "drums": 0.09,
    "bass": 0.0,
    "counter": 0.26,
    "chords": 0.2,
    "percussion": 0.16,
    "pad": 0.28,
}
_ROOM_SECONDS = 0.75
_ROOM_SEED = 7
_EARLY_MS = ((7.1, 0.5, -0.3), (11.3, -0.35, 0.45), (17.9, 0.3, 0.32), (23.7, -0.22, 0.26))
_MONO_BELOW_HZ = 120.0
_MONO_TAPS = 1_023
_BLOCK = 4_096
_LIMIT_BLOCK, _LIMIT_REACH = 32, 8
_STEM_CREST_DB, _MIX_CREST_DB = 16.0, 17.0
_GATE_DB = 12.0


def mix(stems: Iterable[tuple[Role, Sound]], frames: int, style: Style) -> Sound:
    """Mix stems of so many frames at 32 kHz to stereo at -18 LUFS, or as near as a peak of -1.2 dBFS allows.

    A stem's level is set from what it measures, by its role, so that no instrument hides or covers another.
    """
    dry = np.zeros((frames, 2), np.float32)
    send = np.zeros(frames, np.float32)
    for role, stem in stems:
        level = _level_db(stem.samples)
        if level is None:
            continue
        gain = np.float32(10 ** ((_LEVELS[role] + style.levels.get(role, 0.0) - 20.0 - level) / 20))
        tamed = gain * limited(stem.samples, 10 ** ((level + _STEM_CREST_DB) / 20))
        dry += tamed
        send += np.float32(_SENDS[role] / 2) * (tamed[:, 0] + tamed[:, 1])
    wet = _mono_depths(dry + convolve(send, _room())[:frames])
    wet -= [np.float32(wet[:, side].mean(dtype=np.float64)) for side in (0, 1)]
    return Sound(_gentle(wet), RATE)


def folded(sound: Sound, loop_frames: float) -> Sound:
    """A loop's music begun again at each multiple of its length, over the tail of what came before."""
    frames = sound.frames
    turns = range(1, int(frames / loop_frames) + 1) if loop_frames >= 1 else range(0)
    played = sound.samples.copy()
    for turn in turns:
        start = round(turn * loop_frames)
        played[start:] += sound.samples[: frames - start]
    return Sound(played, sound.rate)


def convolve(signal: Samples, kernels: Samples) -> Samples:
    """Convolve one signal (frames,) with kernels (taps, n) by FFT, block by block: (frames + taps - 1, n)."""
    taps, count = kernels.shape
    size = 1 << max(int(np.ceil(np.log2(3 * taps))), 14)
    step = size - taps + 1
    spectra = np.fft.rfft(kernels, size, axis=0)
    result = np.zeros((signal.size + taps - 1 + size, count), np.float32)
    for start in range(0, signal.size, step):
        block = np.fft.rfft(signal[start : start + step], size)
        result[start : start + size] += np.fft.irfft(block[:, None] * spectra, size, axis=0).astype(np.float32)
    return result[: signal.size + taps - 1]


def limited(samples: Samples, ceiling: float) -> Samples:
    """Lower what rises over a ceiling: smoothly, some milliseconds before and after, both channels alike."""
    frames = samples.shape[0]
    blocks = -(-frames // _LIMIT_BLOCK)
    peaks = np.zeros(blocks * _LIMIT_BLOCK, np.float32)
    peaks[:frames] = np.maximum(np.abs(samples[:, 0]), np.abs(samples[:, 1]))
    loudest = peaks.reshape(blocks, _LIMIT_BLOCK).max(axis=1, initial=0.0)
    if not (loudest > ceiling).any():
        return samples
    wanted = np.minimum(1.0, ceiling / np.maximum(loudest, 1e-9))
    reach = _LIMIT_REACH
    least = np.lib.stride_tricks.sliding_window_view(np.pad(wanted, reach, mode="edge"), 2 * reach + 1).min(axis=1)
    window = np.hanning(2 * reach + 1)
    smooth = np.convolve(np.pad(least, reach - 1, mode="edge"), window[1:-1] / window.sum(), "valid")
    centres = (np.arange(blocks) + 0.5) * _LIMIT_BLOCK
    return samples * np.interp(np.arange(frames), centres, smooth).astype(np.float32)[:, None]


def _level_db(samples: Samples) -> float | None:
    """How loud a stem is while it plays: K-weighted power of its blocks, the silent ones left out; None if all are."""
    blocks = samples.shape[0] // _BLOCK
    body = samples[: blocks * _BLOCK].reshape(blocks, _BLOCK, 2) if blocks else samples[None]
    mono = (body[..., 0] + body[..., 1]) / 2
    side = np.square(body[..., 0] - mono).mean(axis=1)
    length = mono.shape[1]
    power = np.square(np.abs(np.fft.rfft(mono, axis=1))) * _ear(length)
    loud = power.sum(axis=1) * 2 / length**2 + side
    peak = float(loud.max(initial=0.0))
    if peak <= 1e-12:
        return None
    sounding = loud[loud > max(peak * 10 ** (-2.5 * _GATE_DB / 10), 1e-14)]
    kept = sounding[sounding > sounding.mean() * 10 ** (-_GATE_DB / 10)]
    return float(10 * np.log10(kept.mean()))


@cache
def _ear(length: int) -> npt.NDArray[np.float64]:
    """The ear's weight on power by frequency: less in the depths, four decibels more in the heights."""
    squares = np.square(np.fft.rfftfreq(length, 1 / RATE))
    return np.asarray(np.square(squares / (squares + 38.0**2)) * (1 + (10**0.4 - 1) * squares / (squares + 1600.0**2)))


@cache
def _room() -> Samples:
    """A small room: a few early reflections, then noise that decays, sooner in the heights; mono in, stereo out."""
    noise = np.random.default_rng(_ROOM_SEED).standard_normal((int(_ROOM_SECONDS * RATE), 2))
    seconds = np.arange(noise.shape[0])[:, None] / RATE
    spectrum = np.fft.rfft(noise, axis=0)
    frequencies = np.fft.rfftfreq(noise.shape[0], 1 / RATE)[:, None]
    dark = np.fft.irfft(spectrum / (1 + (frequencies / 2500) ** 2) * (frequencies > 150), noise.shape[0], axis=0)
    bright = np.fft.irfft(spectrum * (frequencies > 1500) / (1 + (frequencies / 7000) ** 2), noise.shape[0], axis=0)
    tail = dark * np.exp(-6.9 * seconds / 0.7) + 0.5 * bright * np.exp(-6.9 * seconds / 0.35)
    tail *= np.clip((seconds - 0.012) / 0.02, 0, 1)
    tail /= np.sqrt(np.square(tail).sum(axis=0))
    for milliseconds, left, right in _EARLY_MS:
        tail[round(milliseconds * RATE / 1000)] += (left, right)
    return np.asarray(tail * 0.9, np.float32)


def _mono_depths(samples: Samples) -> Samples:
    """Left and right alike below 120 Hz: the side channel loses its depths (linear phase, no delay)."""
    frames = samples.shape[0]
    side = np.asarray((samples[:, 0] - samples[:, 1]) / 2, np.float32)
    half = _MONO_TAPS // 2
    low = convolve(side, _low_pass())[half : half + frames]
    return samples - low * np.array([1, -1], np.float32)


@cache
def _low_pass() -> Samples:
    places = np.arange(_MONO_TAPS) - _MONO_TAPS // 2
    taps = np.sinc(2 * 1.5 * _MONO_BELOW_HZ / RATE * places) * np.hanning(_MONO_TAPS + 2)[1:-1]
    return np.asarray(taps / taps.sum(), np.float32)[:, None]


def _gentle(samples: Samples) -> Samples:
    """To the wanted loudness by gain; the few peaks that stand out too far are lowered."""
    loudness = loudness_lufs(Sound(samples, RATE))
    if loudness is None:
        return samples
    level = 10 ** ((LOUDNESS_LUFS - loudness) / 20)
    mean: float = level * math.sqrt(np.square(samples).mean(dtype=np.float64))
    tamed = limited(samples * np.float32(level), min(_PEAK, mean * 10 ** (_MIX_CREST_DB / 20)))
    return tamed * np.float32(min(1.0, _PEAK / max(float(np.abs(tamed).max(initial=0.0)), 1e-9)))
