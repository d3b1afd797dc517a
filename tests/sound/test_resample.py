"""A sound at another rate keeps its pitch, level and length."""

from __future__ import annotations

import numpy as np
import pytest

from bridge.sound.files import Sound
from bridge.sound.resample import resample, with_frames


def tone(hz: float, rate: int, seconds: float = 1.0) -> Sound:
    times = np.arange(round(rate * seconds)) / rate
    return Sound((0.5 * np.sin(2 * np.pi * hz * times)).astype(np.float32)[:, None], rate)


@pytest.mark.parametrize(("old", "new"), [(44_100, 32_000), (32_000, 48_000), (96_000, 32_000), (8_000, 32_000)])
def test_a_tone_stays_what_it_is(old: int, new: int) -> None:
    made = resample(tone(997, old), new)
    assert (made.rate, made.frames) == (new, new)
    error = made.samples - tone(997, new).samples
    assert np.abs(error[new // 10 : -new // 10]).max() < 1e-4


def test_what_the_new_rate_cannot_hold_is_taken_away() -> None:
    made = resample(tone(20_000, 48_000), 32_000)
    assert np.abs(made.samples[3200:-3200]).max() < 1e-4


@pytest.mark.parametrize("frames", [1, 7, 1000, 44_099])
def test_the_length_is_exact_for_odd_lengths(frames: int) -> None:
    sound = Sound(np.zeros((frames, 2), np.float32), 44_100)
    assert resample(sound, 32_000).samples.shape == (round(frames * 32_000 / 44_100), 2)


def test_the_same_rate_changes_nothing() -> None:
    sound = tone(440, 32_000)
    assert resample(sound, 32_000) is sound


def test_frames_are_cut_or_filled_with_silence() -> None:
    samples = np.ones((3, 2), np.float32)
    assert with_frames(samples, 2).shape == (2, 2)
    assert with_frames(samples, 5)[:, 0].tolist() == [1, 1, 1, 0, 0]
