"""How loud a sound is to an ear (LUFS) and to a converter (dBTP)."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import soxr

from bridge.sound.files import Samples, Sound

Spectrum = npt.NDArray[np.complex128]

_HOP_SECONDS = 0.1
_HOPS_IN_BLOCK = 4
_ABSOLUTE_GATE_LUFS = -70.0
_RELATIVE_GATE_LU = -10.0
_OFFSET_LUFS = -0.691
_SILENCE_DBTP = -200.0

# ITU-R BS.1770-4's two filters as the analogue ones they stand for, so that any rate can be had:
# corner in Hz and quality; for the shelf also its gain in dB and the exponent of its middle term.
_SHELF_HZ, _SHELF_Q = 1681.974450955533, 0.7071752369554196
_SHELF_DB, _SHELF_MIDDLE = 3.999843853973347, 0.4996667741545416
_HIGHPASS_HZ, _HIGHPASS_Q = 38.13547087602444, 0.5003270373238773

_PIECE_FRAMES = 32_768
_RING_SECONDS = 0.2
_OVERSAMPLING = 4
_PEAK_PIECE_FRAMES = 262_144


def loudness_lufs(sound: Sound) -> float | None:
    """Integrated loudness by ITU-R BS.1770-4, gated, in LUFS; each channel weighs 1.

    A sound under 0.4 s is measured whole. None when nothing passes the gate of -70 LUFS.
    """
    hop = round(_HOP_SECONDS * sound.rate)
    energies = _hop_energies(sound, hop)
    if len(energies) < _HOPS_IN_BLOCK:
        blocks = np.array([_whole_energy(sound) / max(sound.frames, 1)])
    else:
        blocks = np.convolve(energies, np.ones(_HOPS_IN_BLOCK), "valid") / (_HOPS_IN_BLOCK * hop)
    loud = blocks[_lufs(blocks) > _ABSOLUTE_GATE_LUFS]
    if len(loud) == 0:
        return None
    loud = loud[_lufs(loud) > _lufs(loud.mean()) + _RELATIVE_GATE_LU]
    return float(_lufs(loud.mean()))


def true_peak_dbtp(sound: Sound) -> float:
    """The highest point of the waveform between the samples too, 4 times oversampled, in dBTP; -200 for silence."""
    stream = soxr.ResampleStream(1, _OVERSAMPLING, sound.channels, dtype="float32", quality="HQ")
    peak = 0.0
    for start in range(0, sound.frames, _PEAK_PIECE_FRAMES):
        piece = sound.samples[start : start + _PEAK_PIECE_FRAMES]
        finer = stream.resample_chunk(piece, last=start + _PEAK_PIECE_FRAMES >= sound.frames)
        peak = max(peak, _peak(piece), _peak(finer))
    return float(20 * np.log10(peak)) if peak > 0 else _SILENCE_DBTP


def _lufs(energy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return _OFFSET_LUFS + 10 * np.log10(np.maximum(energy, 1e-30))


def _hop_energies(sound: Sound, hop: int) -> npt.NDArray[np.float64]:
    """The K-weighted energy of each whole hop, summed over the channels."""
    energies = np.zeros(sound.frames // hop)
    for channel in range(sound.channels):
        weighted = _k_weighted(sound.samples[:, channel], sound.rate)
        hops = weighted[: len(energies) * hop].reshape(-1, hop)
        energies += np.einsum("ij,ij->i", hops, hops)
    return energies


def _whole_energy(sound: Sound) -> float:
    weighted = (_k_weighted(sound.samples[:, channel], sound.rate) for channel in range(sound.channels))
    return float(sum(np.sum(np.square(channel)) for channel in weighted))


def _k_weighted(samples: Samples, rate: int) -> Samples:
    """Filter by multiplying spectra, piece by piece; each piece carries what rings on from the one before."""
    ring = round(_RING_SECONDS * rate)
    size = max(_PIECE_FRAMES, 1 << (4 * ring).bit_length())
    step = size - ring
    pieces = max(-(-len(samples) // step), 1)
    padded = np.zeros(ring + pieces * step, np.float32)
    padded[ring : ring + len(samples)] = samples
    windows = np.lib.stride_tricks.sliding_window_view(padded, size)[::step]
    response = _k_response(size, rate)
    filtered = np.empty((pieces, step), np.float32)
    for piece, window in enumerate(windows):
        filtered[piece] = np.fft.irfft(np.fft.rfft(window) * response, size)[ring:]
    return filtered.reshape(-1)[: len(samples)]


@lru_cache(maxsize=4)
def _k_response(size: int, rate: int) -> npt.NDArray[np.complex64]:
    """The complex gain of the K weighting at the frequencies of a real spectrum of `size` frames."""
    z = np.exp(-2j * np.pi * np.fft.rfftfreq(size))
    corner = np.tan(np.pi * _SHELF_HZ / rate)
    high = 10 ** (_SHELF_DB / 20)
    shelf = _quadratic(z, high, high**_SHELF_MIDDLE * corner / _SHELF_Q, corner**2)
    shelf /= _quadratic(z, 1.0, corner / _SHELF_Q, corner**2)
    corner = np.tan(np.pi * _HIGHPASS_HZ / rate)
    scale = 1 + corner / _HIGHPASS_Q + corner**2  # the standard leaves this one's numerator at 1, -2, 1
    highpass = scale * (1 - z) ** 2 / _quadratic(z, 1.0, corner / _HIGHPASS_Q, corner**2)
    return np.asarray(shelf * highpass, dtype=np.complex64)


def _quadratic(
    z: npt.NDArray[np.complex128], square: float, linear: float, constant: float
) -> npt.NDArray[np.complex128]:
    """A quadratic in s, the bilinear transform put in for it; `z` is one sample's delay."""
    return square * (1 - z) ** 2 + linear * (1 - z) * (1 + z) + constant * (1 + z) ** 2


def _peak(samples: Samples) -> float:
    return max(float(samples.max(initial=0.0)), -float(samples.min(initial=0.0)))
