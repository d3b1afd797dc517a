"""Notes played and mixed to stereo."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from bridge.sound.player import PlayedNote, play

RATE = 32_000
PIANO = PlayedNote(start_seconds=0.0, seconds=0.5, pitch=60.0, velocity=100.0, program=0, drums=False)
ORGAN = replace(PIANO, program=16)
OPEN_HAT, CLOSED_HAT = (replace(PIANO, pitch=float(pitch), drums=True) for pitch in (46, 42))


def level_db(samples: npt.NDArray[np.float32]) -> float:
    return float(10 * np.log10(np.mean(samples.astype(np.float64) ** 2) + 1e-20))


def strongest_hertz(samples: npt.NDArray[np.float32]) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 1 << 18))
    return float(np.argmax(spectrum)) * RATE / (1 << 18)


@pytest.mark.parametrize(("seconds", "rate"), [(1.0, 32_000), (0.33333, 44_100), (0.0, 48_000), (2.00001, 8_000)])
def test_the_sound_has_exactly_the_asked_frames_in_stereo(seconds: float, rate: int) -> None:
    sound = play([PIANO], seconds, rate)
    assert sound.samples.shape == (round(seconds * rate), 2)
    assert sound.samples.dtype == np.float32
    assert sound.rate == rate


def test_no_notes_are_silence() -> None:
    assert not play([], 0.5).samples.any()


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 48_000, 96_000])
def test_a_note_has_its_pitch_at_any_rate(rate: int) -> None:
    left = play([replace(ORGAN, seconds=1.0)], 1.0, rate).samples[:, 0]
    spectrum = np.abs(np.fft.rfft(left * np.hanning(len(left)), 1 << 18))
    assert np.argmax(spectrum) * rate / (1 << 18) == pytest.approx(261.626, abs=0.3)


def test_the_same_notes_and_seed_give_the_same_bytes() -> None:
    notes = [replace(PIANO, start_seconds=0.1 * number, program=11 * number) for number in range(12)]
    assert play(notes, 2.0, seed=7).samples.tobytes() == play(notes, 2.0, seed=7).samples.tobytes()
    assert play(notes, 2.0, seed=7).samples.tobytes() != play(notes, 2.0, seed=8).samples.tobytes()


@pytest.mark.parametrize("start", [0.25, 0.5001])
def test_a_note_begins_at_its_frame(start: float) -> None:
    left = play([replace(PIANO, start_seconds=start)], 1.0).samples[:, 0]
    first = int(np.nonzero(left)[0][0])
    assert first == round(start * RATE)


def test_a_note_that_began_before_the_sound_is_heard_from_its_middle() -> None:
    whole = play([ORGAN], 0.5).samples
    late = play([replace(ORGAN, start_seconds=-0.2)], 0.3).samples
    np.testing.assert_allclose(late, whole[6400:], atol=1e-4)


def test_how_long_a_note_is_held_does_not_change_how_it_begins() -> None:
    short, long = (play([replace(PIANO, seconds=seconds)], 0.2).samples for seconds in (0.2, 1.5))
    np.testing.assert_allclose(short, long, atol=1e-4)


@pytest.mark.parametrize("program", [0, 4, 11, 16, 24, 33, 40, 48, 56, 65, 73, 80, 89, 104])
def test_a_note_let_go_fades_within_60_to_400_ms(program: int) -> None:
    left = play([replace(PIANO, program=program, seconds=0.8)], 2.0).samples[:, 0]
    held = level_db(left[25_600 - 1600 : 25_600])
    assert level_db(left[25_600 + 1280 : 25_600 + 1920]) > held - 40
    assert level_db(left[25_600 + 12_800 : 25_600 + 14_000]) < held - 60
    assert np.abs(np.diff(left[25_600 + 4800 : 25_600 + 13_200])).max() < 0.02


@pytest.mark.parametrize("program", [16, 32, 39, 58, 60, 89])
def test_letting_go_does_not_click(program: int) -> None:
    left = play([replace(PIANO, program=program, pitch=48.0, seconds=0.8)], 1.5).samples[:, 0].astype(np.float64)
    spectrum = np.fft.rfft(left)
    spectrum[np.fft.rfftfreq(len(left), 1 / RATE) < 8000] = 0
    high = np.fft.irfft(spectrum, len(left))
    at_release = np.abs(high[25_600 - 160 : 25_600 + 160]).max()
    assert 20 * np.log10(at_release / np.abs(left).max() + 1e-12) < -50


def test_a_tail_is_kept_after_the_note_and_cut_by_the_end_only() -> None:
    long = play([PIANO], 1.0).samples
    assert np.abs(long[16_000:16_640]).max() > 0.001
    np.testing.assert_allclose(play([PIANO], 0.6).samples, long[:19_200], atol=1e-5)


def test_pan_keeps_the_power() -> None:
    powers = []
    for pan in (-1.0, -0.5, 0.0, 0.5, 1.0):
        left, right = play([replace(ORGAN, pan=pan)], 0.5).samples.astype(np.float64).T
        powers.append(np.sum(left**2) + np.sum(right**2))
    assert powers == pytest.approx([powers[0]] * 5, rel=1e-4)
    assert not play([replace(ORGAN, pan=-1.0)], 0.5).samples[:, 1].round(6).any()


def test_gain_is_in_decibels() -> None:
    plain, quiet = (play([replace(PIANO, gain_db=gain)], 0.5).samples for gain in (0.0, -20.0))
    np.testing.assert_allclose(quiet, 0.1 * plain, atol=1e-6)


def test_a_silent_note_is_left_out() -> None:
    assert not play([replace(PIANO, velocity=0.0)], 0.5).samples.any()


def test_a_bend_of_an_octave_doubles_the_frequency() -> None:
    bent = play([replace(ORGAN, seconds=2.0, bends=((0.0, 0.0), (1.0, 12.0)))], 2.0).samples[:, 0]
    assert strongest_hertz(bent[6_400:28_800]) == pytest.approx(261.63, abs=0.5)
    assert strongest_hertz(bent[38_400:60_800]) == pytest.approx(523.25, abs=1.0)


def test_a_bend_holds_until_the_next_and_changes_within_20_ms() -> None:
    bent = play([replace(ORGAN, seconds=2.0, bends=((0.5, -5.0), (1.5, 2.0)))], 2.0).samples[:, 0]
    for begin, end, semitones in ((0.1, 0.48, 0), (0.53, 1.47, -5), (1.53, 1.95, 2)):
        part = bent[round(begin * RATE) : round(end * RATE)]
        assert strongest_hertz(part) == pytest.approx(261.626 * 2 ** (semitones / 12), rel=0.004)


def test_a_bent_note_is_let_go_in_time() -> None:
    left = play([replace(ORGAN, seconds=0.5, bends=((0.0, 7.0),))], 1.5).samples[:, 0]
    assert level_db(left[12_800:15_800]) > -45
    assert level_db(left[16_000 + 9_600 :]) < -90


def test_bends_do_not_click_or_fold() -> None:
    left = play([replace(ORGAN, program=79, seconds=0.7, bends=((0.0, 0.0), (0.4, 2.0)))], 1.2).samples[:, 0]
    spectrum = np.fft.rfft(left.astype(np.float64))
    spectrum[np.fft.rfftfreq(len(left), 1 / RATE) < 12_000] = 0
    assert np.abs(np.fft.irfft(spectrum)).max() < 0.003 * np.abs(left).max()


def test_a_pitch_between_the_keys_is_played_there() -> None:
    left = play([replace(ORGAN, pitch=69.5, seconds=1.0)], 1.0).samples[:, 0]
    assert strongest_hertz(left) == pytest.approx(452.89, abs=0.3)


def test_a_closed_hat_stops_the_open_one_within_20_ms() -> None:
    both = play([OPEN_HAT, replace(CLOSED_HAT, start_seconds=0.2)], 1.0).samples.astype(np.float64)
    closed_alone = play([replace(CLOSED_HAT, start_seconds=0.2)], 1.0).samples
    open_alone = play([OPEN_HAT], 1.0).samples
    left_over = (both - closed_alone)[6400 + 640 :]
    assert np.abs(left_over).max() < 1e-4
    assert np.abs(open_alone[6400 + 640 :]).max() > 0.01


def test_drums_ring_out_whatever_the_length_of_their_notes() -> None:
    crash = replace(PIANO, pitch=49.0, drums=True)
    short, long = (play([replace(crash, seconds=seconds)], 3.0).samples for seconds in (0.01, 3.0))
    np.testing.assert_array_equal(short, long)


def test_a_notes_level_depends_on_nothing_that_comes_after_it() -> None:
    alone = play([PIANO], 3.0).samples
    among = play([PIANO, *(replace(PIANO, start_seconds=2.0, velocity=127.0, pitch=40.0 + n) for n in range(40))], 3.0)
    np.testing.assert_array_equal(among.samples[: 2 * RATE], alone[: 2 * RATE])


def test_however_many_play_full_scale_is_not_reached() -> None:
    crowd = [replace(PIANO, pitch=float(pitch), velocity=127.0, program=30) for pitch in range(30, 100)]
    drums = [replace(PIANO, pitch=float(pitch), velocity=127.0, drums=True) for pitch in range(35, 82)]
    peak = np.abs(play([*crowd, *drums], 1.0).samples).max()
    assert 0.9 < peak < 1.0


def test_an_ordinary_arrangement_keeps_its_headroom() -> None:
    chord = [
        replace(PIANO, pitch=float(pitch), velocity=90.0, program=program)
        for program in (0, 48)
        for pitch in (60, 64, 67)
    ]
    rhythm = [replace(PIANO, pitch=float(pitch), velocity=100.0, drums=True) for pitch in (36, 42)]
    bass = replace(PIANO, pitch=36.0, program=33, velocity=100.0)
    samples = play([*chord, *rhythm, bass], 1.0).samples
    assert np.abs(samples).max() < 0.7
    assert level_db(samples[:16_000]) > -30


def test_of_a_crowd_at_one_moment_the_loudest_are_heard() -> None:
    rng = np.random.default_rng(3)
    loud = [replace(ORGAN, start_seconds=float(at), program=int(at * 1000) % 128) for at in rng.uniform(0.2, 0.299, 64)]
    soft = [replace(ORGAN, start_seconds=float(at), velocity=20.0) for at in rng.uniform(0.2, 0.299, 200)]
    later = [replace(ORGAN, start_seconds=0.35, velocity=20.0)]
    assert np.array_equal(play([*soft, *loud, *later], 1.0).samples, play([*loud, *later], 1.0).samples)
    assert not np.array_equal(play([*soft[:20], *later], 1.0).samples, play(later, 1.0).samples)
