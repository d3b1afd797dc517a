"""What all instruments are made of: ringing partials, wave tables, bands of noise, and how loud they are heard."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]

DECAY_60_DB = 6.907755
HEARD_SECONDS = 0.4
GOLDEN = 0.6180339887

_TABLE_BITS = 12
_TABLE = 1 << _TABLE_BITS
_STEP_BITS = 32 - _TABLE_BITS
_NOISE_FRAMES = 1 << 15
_UNTHREADED = 250_000


def hertz(pitch: float) -> float:
    """The frequency of a MIDI pitch (69 is 440 Hz)."""
    return float(440.0 * 2.0 ** ((pitch - 69.0) / 12.0))


def ring(frequencies: Numbers, rates: Numbers, amplitudes: Numbers, phases: Numbers, frames: int, rate: int) -> Samples:
    """The sum of partials that each decay by exp(-rates * t), starting at `phases` turns: mono, in closed form.

    Each power z**(block * i + j) of a partial's rotation is the product of z**(block * i) and z**j, so that
    the whole sum over partials is a product of two small matrices. It is taken in pieces that are too small for
    the linear algebra library to hand to threads: waiting for those takes longer, and bytes stay the same.
    """
    if frames <= 0 or len(frequencies) == 0:
        return np.zeros(max(frames, 0), np.float32)
    block = max(32, min(256, int(frames**0.5)))
    rows = max(1, _UNTHREADED // (2 * len(frequencies) * block))
    pieces = -(-frames // (block * rows))
    coarse = np.arange(pieces * rows, dtype=np.float64) * block
    fine = np.arange(block, dtype=np.float64)
    coarse_cos, coarse_sin = _rotations(frequencies / rate, rates / rate, coarse, phases)
    fine_cos, fine_sin = _rotations(frequencies / rate, rates / rate, fine, 0.0 * phases)
    loud = amplitudes.astype(np.float32)[:, None]
    left = np.concatenate((coarse_cos * loud, coarse_sin * -loud))
    left = left.T.reshape(pieces, rows, 2 * len(frequencies))
    summed: Samples = (left @ np.concatenate((fine_cos, fine_sin))).reshape(-1)[:frames]
    return summed


def _rotations(turns: Numbers, decays: Numbers, at: Numbers, phases: Numbers) -> tuple[Samples, Samples]:
    turned = np.multiply.outer(turns, at) + phases[:, None]
    turned -= np.rint(turned)
    angle = (turned * (2.0 * np.pi)).astype(np.float32)
    size = np.exp(np.multiply.outer(-decays, at).astype(np.float32))
    return size * np.cos(angle), size * np.sin(angle)


def wave_table(amplitudes: Numbers) -> Samples:
    """One period of a wave with these amplitudes of harmonics 1, 2, ...; its last sample is its first again."""
    harmonics = min(len(amplitudes), _TABLE // 2 - 1)
    turns = np.arange(1, harmonics + 1, dtype=np.float64)
    spectrum = np.zeros(_TABLE // 2 + 1, np.complex64)
    spectrum[1 : harmonics + 1] = amplitudes[:harmonics] * np.exp(2j * np.pi * turns * turns * GOLDEN)
    table = np.fft.irfft(spectrum, _TABLE).astype(np.float32) * (_TABLE / 2)
    return np.concatenate((table, table[:1]))


def steady_phase(frequency: float, frames: int, rate: int, start: float = 0.0) -> npt.NDArray[np.uint32]:
    """The phase of an oscillator as whole numbers, a turn being 2**32."""
    turns = np.arange(frames, dtype=np.float64) * (frequency / rate) + start
    return _as_turns(turns)


def moving_phase(frequency: Numbers, rate: int, start: float = 0.0) -> npt.NDArray[np.uint32]:
    """The phase of an oscillator whose frequency is given for each frame."""
    return _as_turns(np.cumsum(frequency / rate) + start)


def _as_turns(turns: Numbers) -> npt.NDArray[np.uint32]:
    turns -= np.floor(turns)
    turns *= 2.0**32
    return turns.astype(np.uint64).astype(np.uint32)


def read_tables(phase: npt.NDArray[np.uint32], tables: Sequence[Samples]) -> list[Samples]:
    """Read wave tables at one phase, with straight lines between their points."""
    at = (phase >> np.uint32(_STEP_BITS)).astype(np.intp)
    between = (phase & np.uint32((1 << _STEP_BITS) - 1)).astype(np.float32)
    between *= np.float32(2.0**-_STEP_BITS)
    read = []
    for table in tables:
        slopes = np.diff(table)
        value = slopes.take(at)
        value *= between
        value += table.take(at)
        read.append(value)
    return read


@lru_cache(maxsize=48)
def noise_loop(low_hz: float, high_hz: float, rate: int) -> Samples:
    """A second or so of noise in a band, of level 1 (rms), that joins its own start; always the same."""
    bins = np.fft.rfftfreq(_NOISE_FRAMES, 1.0 / rate)
    shape = 1.0 / np.sqrt((1.0 + (low_hz / np.maximum(bins, 1.0)) ** 4) * (1.0 + (bins / high_hz) ** 6))
    random = np.random.default_rng(0x5EED)
    spectrum = shape * np.exp(2j * np.pi * random.random(len(bins)))
    spectrum[0] = spectrum[-1] = 0.0
    loop_wide = np.fft.irfft(spectrum, _NOISE_FRAMES)
    loop: Samples = (loop_wide / np.sqrt(np.mean(loop_wide * loop_wide))).astype(np.float32)
    loop.flags.writeable = False
    return loop


def noise(low_hz: float, high_hz: float, frames: int, rate: int, random: np.random.Generator) -> Samples:
    """Noise in a band, of level 1 (rms), from a place in its loop that `random` chooses.

    `high_hz` is taken in steps of a third of an octave, so that strokes share their loops.
    """
    loop = noise_loop(low_hz, min(2.0 ** (round(3.0 * np.log2(high_hz)) / 3.0), 0.49 * rate), rate)
    start = int(random.integers(_NOISE_FRAMES))
    if start + frames <= _NOISE_FRAMES:
        return loop[start : start + frames]
    return np.tile(loop, 1 + (start + frames) // _NOISE_FRAMES)[start : start + frames]


def fall(seconds_to_60_db: float, frames: int, rate: int) -> Samples:
    """An exponential decay from 1."""
    times = np.arange(frames, dtype=np.float32)
    times *= np.float32(-DECAY_60_DB / max(seconds_to_60_db, 1e-4) / rate)
    decay: Samples = np.exp(times)
    return decay


def rise(seconds: float, frames: int, rate: int) -> Samples:
    """A smooth rise from 0 to 1, `seconds` long (10 to 90 % take 0.59 of it), cut to `frames`."""
    length = max(1, round(seconds * rate))
    angle = np.arange(1, min(length, frames) + 1, dtype=np.float32) * np.float32(np.pi / (length + 1))
    ramp: Samples = np.float32(0.5) - np.float32(0.5) * np.cos(angle)
    return ramp


def tremolo(speed_hz: float, depth_db: float, frames: int, rate: int) -> Samples:
    """A swing of the level between 0 and -depth_db, from its top on."""
    turns = np.arange(frames, dtype=np.float32) * np.float32(2.0 * np.pi * speed_hz / rate)
    swing: Samples = np.exp((np.cos(turns) - np.float32(1.0)) * np.float32(depth_db * np.log(10.0) / 40.0))
    return swing


def heard_power(frequencies: Numbers) -> Numbers:
    """How much power at these frequencies counts for the ear: the K weighting of ITU-R BS.1770, as a smooth formula."""
    squared = frequencies * frequencies
    high_pass = (squared / (squared + 38.0**2)) ** 2
    shelf = (squared / 1680.0**2) ** 1.5
    weights: Numbers = high_pass * (1.0 + 1.51 * shelf / (1.0 + shelf))
    return weights


def body_gain(frequencies: Numbers, formants: Sequence[tuple[float, float, float]]) -> Numbers:
    """The amplitude that a body with these (Hz, dB, width in octaves) formants gives each frequency."""
    gain_db = np.zeros_like(frequencies)
    for centre, height_db, octaves in formants:
        gain_db += height_db * np.exp(-0.5 * (np.log2(frequencies / centre) / octaves) ** 2)
    gains: Numbers = 10.0 ** (gain_db / 20.0)
    return gains
