"""Length without pitch, pitch without length, both exact and the same every time."""

from __future__ import annotations

import numpy as np
import pytest

from bridge.sound.files import Sound
from bridge.sound.stretch import stretch

RATE = 32_000


def tone(hz: float, seconds: float = 2.0) -> Sound:
    times = np.arange(round(RATE * seconds)) / RATE
    return Sound((0.5 * np.sin(2 * np.pi * hz * times)).astype(np.float32)[:, None], RATE)


def clicks(at_seconds: list[float], seconds: float) -> Sound:
    samples = np.zeros((round(RATE * seconds), 1), np.float32)
    shape = np.exp(-np.arange(960) / 120) * np.sin(2 * np.pi * 1500 * np.arange(960) / RATE)
    for second in at_seconds:
        start = round(second * RATE)
        samples[start : start + 960, 0] += shape[: samples.shape[0] - start]
    return Sound(samples, RATE)


def pitch_of(sound: Sound) -> float:
    """The strongest frequency, by a parabola through the spectrum's peak."""
    middle = sound.samples[sound.frames // 4 : 3 * sound.frames // 4, 0]
    spectrum = np.log(np.abs(np.fft.rfft(middle * np.hanning(middle.size), 1 << 18)) + 1e-12)
    peak = int(np.argmax(spectrum))
    left, top, right = spectrum[peak - 1 : peak + 2]
    return float((peak + 0.5 * (left - right) / (left - 2 * top + right)) * RATE / (1 << 18))


def cents(hz: float, wanted: float) -> float:
    return float(abs(1200 * np.log2(hz / wanted)))


@pytest.mark.parametrize("frames", [40_000, 63_999, 64_001, 90_001])
def test_a_stretched_tone_has_the_exact_length_and_its_old_pitch(frames: int) -> None:
    made = stretch(tone(440), frames)
    assert made.frames == frames
    assert cents(pitch_of(made), 440) < 2


@pytest.mark.parametrize("semitones", [-12, -5, 3, 7, 12])
def test_a_transposed_tone_is_in_tune_and_as_long_as_before(semitones: int) -> None:
    sound = tone(440)
    made = stretch(sound, sound.frames, semitones)
    assert made.frames == sound.frames
    assert cents(pitch_of(made), 440 * 2 ** (semitones / 12)) < 2


def test_onsets_move_with_the_length() -> None:
    made = stretch(clicks([0.5, 1.0, 1.5], 2.0), round(2.5 * RATE))
    envelope = np.abs(made.samples[:, 0])
    for wanted in (0.625, 1.25, 1.875):
        around = envelope[round((wanted - 0.1) * RATE) : round((wanted + 0.1) * RATE)]
        peak = (int(np.argmax(around)) / RATE) - 0.1
        assert abs(peak) < 0.004


def test_the_same_input_gives_the_same_bytes() -> None:
    noise = Sound(np.random.default_rng(1).normal(0, 0.1, (RATE, 2)).astype(np.float32), RATE)
    assert stretch(noise, 40_000, 1.5).samples.tobytes() == stretch(noise, 40_000, 1.5).samples.tobytes()


def test_nothing_to_do_leaves_every_sample() -> None:
    sound = tone(440)
    assert np.array_equal(stretch(sound, sound.frames).samples, sound.samples)


@pytest.mark.parametrize(("frames", "wanted"), [(0, 100), (1, 50), (30, 7), (100, 0)])
def test_the_shortest_sounds_do_not_break_it(frames: int, wanted: int) -> None:
    made = stretch(Sound(np.full((frames, 2), 0.1, np.float32), RATE), wanted)
    assert made.samples.shape == (wanted, 2)
    assert np.isfinite(made.samples).all()
