"""Audio clips sound in the conditioning as they sound in the DAW, at the song's tempo."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bridge.errors import TooLarge
from bridge.model import Trigger
from bridge.render.audio import render_span
from bridge.render.survey import survey
from bridge.sound.files import Sound
from tests.render.makers import clicks, onsets, pitch_of, tone, trigger_of, wav

RATE = 32_000
AT_120 = {"bpm": 120.0}


def rendered(trigger: Trigger) -> Sound:
    song = survey(trigger)
    return render_span(trigger, song, 0.0, song.seconds)


def audio(path: str, **more: Any) -> dict[str, Any]:
    return {"audio": {"path": path, **more}}


def test_a_clip_in_tempo_is_its_file_resampled_and_nothing_else(tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav", tone(440, 8.0))
    sound = rendered(trigger_of(audio(path), music=AT_120))
    wanted = tone(440, 8.0, RATE)
    assert sound.samples.shape == (8 * RATE, 1)
    assert np.abs(sound.samples[RATE // 10 : -RATE // 10] - wanted[RATE // 10 : -RATE // 10]).max() < 1e-4


def test_the_cut_by_seconds_begins_on_its_frame(tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav", clicks([3.0, 4.0], 10.0))
    sound = rendered(trigger_of(audio(path, start_seconds=3.0, end_seconds=5.0), music=AT_120))
    assert onsets(sound.samples) == pytest.approx([0.0, 1.0], abs=0.0005)


def test_beats_cut_within_what_the_seconds_left(tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav", clicks([1.0 + i * 0.5 for i in range(16)], 10.0))
    clip = {**audio(path, start_seconds=1.0), "start_beats": 3.0, "end_beats": 5.0}
    sound = rendered(trigger_of(clip, music=AT_120, ask={"bars": 1, "mode": "continue"}))
    assert onsets(sound.samples) == pytest.approx([0.0, 0.5], abs=0.0005)


def test_a_clip_shorter_than_what_is_wanted_repeats_in_whole_bars_but_not_to_be_continued(tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav", clicks([0.0], 1.5))
    music, clip = AT_120, audio(path)
    assert onsets(rendered(trigger_of(clip, music=music, ask={"bars": 3})).samples) == pytest.approx(
        [0.0, 2.0, 4.0], abs=0.0005
    )
    once = trigger_of(clip, music=music, ask={"bars": 3, "mode": "continue"})
    assert onsets(rendered(once).samples) == pytest.approx([0.0], abs=0.0005)


def test_a_loop_repeats_after_its_opening_inside_the_cut(tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav", clicks([0.0, 1.0, 3.0], 8.0))
    clip = {**audio(path), "loop": {"start_beats": 2, "end_beats": 5}}
    sound = rendered(trigger_of(clip, music=AT_120, ask={"bars": 3}))
    assert onsets(sound.samples) == pytest.approx([0.0, 1.0, 2.5, 4.0, 5.5], abs=0.0005)


def test_an_upbeat_moves_to_the_end_so_that_bar_lines_coincide(tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav", clicks([0.0, 0.5], 2.0))
    clip = {**audio(path), "pickup_beats": 1.0}
    sound = rendered(trigger_of(clip, music=AT_120, ask={"bars": 2}))
    assert onsets(sound.samples) == pytest.approx([0.0, 1.5, 2.0, 3.5], abs=0.0005)


@pytest.mark.parametrize("bpm", [100.0, 120.0, 150.0])
def test_warp_markers_put_every_beat_on_its_place_in_the_song(tmp_path: Path, bpm: float) -> None:
    seconds = [0.2, 0.75, 1.2, 1.75, 2.25, 2.8, 3.2, 3.75]
    path = wav(tmp_path / "a.wav", clicks(seconds, 4.5))
    markers = [{"beat": float(i), "seconds": second} for i, second in enumerate(seconds)]
    clip = {**audio(path, warp_markers=markers), "start_beats": 0, "end_beats": 8}
    sound = rendered(trigger_of(clip, music={"bpm": bpm}))
    assert sound.frames == round(8 * 60 / bpm * RATE)
    assert onsets(sound.samples, level=0.1) == pytest.approx([i * 60 / bpm for i in range(8)], abs=0.004)


def test_warped_tones_keep_their_pitch_and_do_not_click_at_the_joins(tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav", tone(440, 12.0))
    markers = [
        {"beat": 0, "seconds": 0},
        {"beat": 5, "seconds": 2.4},
        {"beat": 9, "seconds": 4.7},
        {"beat": 16, "seconds": 8},
    ]
    clip = {**audio(path, warp_markers=markers), "end_beats": 16}
    sound = rendered(trigger_of(clip, music=AT_120))
    inner = sound.samples[RATE // 4 : -RATE // 4]
    assert abs(1200 * np.log2(pitch_of(inner) / 440)) < 3
    spectrum = np.abs(np.fft.rfft(inner[: inner.shape[0] // 640 * 640, 0].reshape(-1, 640) * np.hanning(640), axis=1))
    high = 20 * np.log10(spectrum[:, 100:].max() / spectrum.max())
    assert high < -50


def test_beyond_the_markers_the_nearest_slope_goes_on(tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav", clicks([i * 0.4 for i in range(20)], 8.0))
    markers = [{"beat": 4, "seconds": 1.6}, {"beat": 8, "seconds": 3.2}]
    clip = {**audio(path, warp_markers=markers), "start_beats": 0, "end_beats": 16}
    sound = rendered(trigger_of(clip, music=AT_120))
    assert onsets(sound.samples[: -RATE // 10], level=0.1) == pytest.approx([i * 0.5 for i in range(16)], abs=0.004)


def test_markers_at_the_songs_own_tempo_stretch_nothing(tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav", clicks([0.25 + i * 0.5 for i in range(8)], 5.0))
    markers = [{"beat": float(i), "seconds": 0.25 + i * 0.5} for i in range(9)]
    clip = {**audio(path, warp_markers=markers), "end_beats": 8}
    sound = rendered(trigger_of(clip, music=AT_120))
    plain = rendered(trigger_of(audio(path, start_seconds=0.25, end_seconds=4.25), music=AT_120))
    assert np.abs(sound.samples - plain.samples)[:-100].max() < 0.01


def test_a_tempo_change_in_the_song_needs_no_stretch_but_its_repetition_does(tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav", clicks([i * 0.5 for i in range(4)] + [2 + i for i in range(4)], 6.0))
    music = {"tempo_map": [{"beat": 0, "bpm": 120}, {"beat": 4, "bpm": 60}]}
    sound = rendered(trigger_of(audio(path), music=music, ask={"bars": 4}))
    beats = [0, 0.5, 1, 1.5, *range(2, 14)]
    assert onsets(sound.samples, level=0.1) == pytest.approx(beats, abs=0.006)


@pytest.mark.parametrize("semitones", [-5.0, 0.5, 12.0])
def test_transposition_keeps_the_length(tmp_path: Path, semitones: float) -> None:
    path = wav(tmp_path / "a.wav", tone(440, 4.0))
    sound = rendered(trigger_of(audio(path, pitch_semitones=semitones), music=AT_120))
    assert sound.frames == 4 * RATE
    assert abs(1200 * np.log2(pitch_of(sound.samples) / 440) - 100 * semitones) < 3


def test_play_rate_changes_the_time_and_keeps_the_pitch(tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav", tone(440, 8.0) + clicks([i * 1.0 for i in range(8)], 8.0))
    sound = rendered(trigger_of(audio(path, play_rate=2.0), music=AT_120))
    assert sound.frames == 4 * RATE
    assert onsets(sound.samples, level=0.45, gap_seconds=0.3) == pytest.approx([i * 0.5 for i in range(8)], abs=0.01)
    assert abs(1200 * np.log2(pitch_of(sound.samples) / 440)) < 3


def test_a_reversed_clip_begins_with_its_end(tmp_path: Path) -> None:
    ramp = np.linspace(0, 0.8, 4 * 48_000)[:, None]
    path = wav(tmp_path / "a.wav", ramp)
    sound = rendered(trigger_of(audio(path, reversed=True, start_seconds=1.0, end_seconds=3.0), music=AT_120))
    wanted = np.linspace(0.6, 0.2, 2 * RATE)
    assert np.abs(sound.samples[100:-100, 0] - wanted[100:-100]).max() < 0.001


def test_a_reversed_clip_with_markers_is_its_cut_played_backwards(tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav", np.linspace(0, 0.8, 4 * 48_000)[:, None])
    markers = [{"beat": 0, "seconds": 0}, {"beat": 8, "seconds": 4}]
    clip = {**audio(path, warp_markers=markers, reversed=True), "start_beats": 2, "end_beats": 6}
    sound = rendered(trigger_of(clip, music=AT_120))
    assert np.abs(sound.samples[100:-100, 0] - np.linspace(0.6, 0.2, 2 * RATE)[100:-100]).max() < 0.001


def test_gain_is_as_heard(tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav", tone(440, 2.0, level=0.5))
    sound = rendered(trigger_of(audio(path, gain_db=-6.0206), music=AT_120))
    assert np.abs(sound.samples).max() == pytest.approx(0.25, abs=0.001)


@pytest.mark.parametrize(("channels", "left"), [(1, 1), (2, 2), (6, 2)])
def test_channels_become_mono_or_stereo(tmp_path: Path, channels: int, left: int) -> None:
    samples = np.concatenate([tone(220 * (i + 1), 2.0, level=0.1) for i in range(channels)], axis=1)
    sound = rendered(trigger_of(audio(wav(tmp_path / "a.wav", samples)), music=AT_120))
    assert sound.channels == left
    if channels == 6:
        spectrum = np.abs(np.fft.rfft(sound.samples[: 2 * RATE], axis=0)) / RATE
        assert spectrum[[440, 880, 2640]] == pytest.approx(np.array([[0.1, 0], [0, 0.1], [0.0707, 0.0707]]), abs=0.005)


def test_sections_are_the_take_in_pieces(tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav", tone(331, 16.0))
    trigger = trigger_of(audio(path), music=AT_120)
    song = survey(trigger)
    whole = render_span(trigger, song, 0.0, 16.0).samples
    second = render_span(trigger, song, 8.0, 8.0).samples
    assert np.abs(whole[8 * RATE :] - second)[:-10].max() < 1e-4


def test_without_a_tempo_the_clip_is_laid_out_in_seconds(tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav", tone(220, 7.3))
    sound = rendered(trigger_of({**audio(path, start_seconds=1.0), "loop": {"start_beats": 0, "end_beats": 1}}))
    assert sound.seconds == pytest.approx(6.3, abs=1e-4)
    assert np.abs(sound.samples[-RATE // 10 :]).max() > 0.25


def test_absurd_rates_and_markers_end_in_an_answer(tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav", np.tile(tone(220, 10.0), (70, 1)))
    with pytest.raises(TooLarge, match=r"a\.wav"):
        rendered(trigger_of(audio(path, play_rate=100.0), music=AT_120, ask={"bars": 4}))
    markers = [{"beat": 0, "seconds": 0}, {"beat": 1e-4, "seconds": 5}, {"beat": 16, "seconds": 5.0001}]
    sound = rendered(trigger_of({**audio(path, warp_markers=markers), "end_beats": 16}, music=AT_120))
    assert np.isfinite(sound.samples).all()
    assert sound.frames == 8 * RATE
