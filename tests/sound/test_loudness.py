"""Loudness and true peak against tones whose values are known, and against another meter."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

from bridge.sound.files import Sound, write_wav
from bridge.sound.loudness import loudness_lufs, true_peak_dbtp


def tone(hertz: float, *, rate: int = 48_000, channels: int = 1, seconds: float = 4.0, dbfs: float = 0.0) -> Sound:
    times = np.arange(round(seconds * rate)) / rate
    wave = 10 ** (dbfs / 20) * np.sin(2 * np.pi * hertz * times)
    return Sound(np.repeat(wave[:, None], channels, axis=1).astype(np.float32), rate)


def joined(*sounds: Sound) -> Sound:
    return Sound(np.concatenate([sound.samples for sound in sounds]), sounds[0].rate)


def music(seconds: float = 8.0, rate: int = 48_000) -> Sound:
    """Noise with a bass, two unlike channels, and a swell: what a meter finds hard."""
    random = np.random.default_rng(7)
    times = np.arange(round(seconds * rate)) / rate
    noise = random.standard_normal((len(times), 2)) * [0.08, 0.05]
    bass = 0.2 * np.sin(2 * np.pi * 41.2 * times)[:, None]
    swell = (0.05 + 0.95 * np.abs(np.sin(np.pi * times / seconds)))[:, None]
    return Sound(((noise + bass) * swell).astype(np.float32), rate)


@pytest.mark.parametrize("rate", [32_000, 44_100, 48_000, 96_000])
def test_a_full_scale_tone_of_997_hz_is_minus_3_lufs_in_one_channel_and_0_in_two(rate: int) -> None:
    assert loudness_lufs(tone(997, rate=rate)) == pytest.approx(-3.01, abs=0.02)
    assert loudness_lufs(tone(997, rate=rate, channels=2)) == pytest.approx(0.0, abs=0.02)


def test_loudness_follows_level_decibel_for_decibel() -> None:
    assert loudness_lufs(tone(997, channels=2, dbfs=-23)) == pytest.approx(-23.0, abs=0.05)


def test_bass_weighs_less_and_treble_more() -> None:
    assert loudness_lufs(tone(40)) == pytest.approx(-3.01 - 6, abs=1.5)
    assert loudness_lufs(tone(8000)) == pytest.approx(-3.01 + 3.3, abs=0.2)


def test_quiet_passages_do_not_count() -> None:
    # EBU Tech 3341, case 3: 10 s at -36, 60 s at -23, 10 s at -36 dBFS read -23 LUFS; here shorter.
    quiet, loud = tone(1000, channels=2, dbfs=-36), tone(1000, channels=2, dbfs=-23, seconds=24)
    assert loudness_lufs(joined(quiet, loud, quiet)) == pytest.approx(-23.0, abs=0.1)
    silence = Sound(np.zeros((48_000 * 10, 2), np.float32), 48_000)
    assert loudness_lufs(joined(loud, silence)) == pytest.approx(-23.0, abs=0.1)


def test_a_hit_shorter_than_a_block_is_measured_whole() -> None:
    assert loudness_lufs(tone(997, seconds=0.2)) == pytest.approx(-3.0, abs=0.3)


@pytest.mark.parametrize("frames", [0, 1, 100, 48_000])
def test_silence_has_no_loudness(frames: int) -> None:
    silence = Sound(np.zeros((frames, 2), np.float32), 48_000)
    assert loudness_lufs(silence) is None
    assert true_peak_dbtp(silence) <= -200


def test_loudness_does_not_depend_on_where_the_pieces_of_the_measurement_fall() -> None:
    sound = music(seconds=5)
    later = joined(Sound(np.zeros((30_000, 2), np.float32), sound.rate), sound)
    first, second = loudness_lufs(sound), loudness_lufs(later)
    assert first is not None
    assert second == pytest.approx(first, abs=0.1)


def test_the_true_peak_lies_between_the_samples() -> None:
    # A quarter of the rate, 45 degrees off: the samples reach 0.707, the wave reaches 1.
    times = np.arange(48_000)
    wave = np.sin(2 * np.pi * times / 4 + np.pi / 4) * np.hanning(48_000)
    assert np.abs(wave).max() < 0.71
    assert true_peak_dbtp(Sound(wave[:, None].astype(np.float32), 48_000)) == pytest.approx(0.0, abs=0.1)


def test_the_true_peak_is_found_in_either_channel_and_across_long_sounds() -> None:
    samples = np.zeros((700_000, 2), np.float32)
    samples[690_000, 1] = -0.5
    assert true_peak_dbtp(Sound(samples, 48_000)) == pytest.approx(-6.02, abs=0.3)


@pytest.mark.debian
def test_ffmpegs_meter_reads_the_same(tmp_path: Path) -> None:
    for name, sound in (("music", music()), ("tone", tone(100, dbfs=-6, channels=2)), ("32k", music(rate=32_000))):
        path = tmp_path / f"{name}.wav"
        write_wav(path, sound)
        said = subprocess.run(
            [
                "ffmpeg",
                "-hide_banner",
                "-nostats",
                "-i",
                path,
                "-filter_complex",
                "ebur128=peak=true",
                "-f",
                "null",
                "-",
            ],
            capture_output=True,
            text=True,
            check=True,
        ).stderr.rpartition("Summary:")[2]
        loudness, peak = (float(found) for found in re.findall(r"(?:I|Peak): +(-?[\d.]+)", said))
        assert loudness_lufs(sound) == pytest.approx(loudness, abs=0.1)
        assert true_peak_dbtp(sound) == pytest.approx(peak, abs=0.2)
