"""What is done to a result so that it fits: length, onsets, seams, level."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from bridge.deliver.fit import fit
from bridge.model import Section, Song
from bridge.music.sections import plan_sections
from bridge.sound.files import Sound
from bridge.sound.loudness import loudness_lufs, true_peak_dbtp
from tests.deliver.makers import flux, make_song, play

RATE = 48_000


def fitted(
    sound: Sound, song: Song | None = None, *, lufs: float | None = -20.0, loops: bool = True
) -> tuple[npt.NDArray[np.float32], dict[str, Any]]:
    song = song or make_song()
    result, report = fit([sound], song, plan_sections(song, 1000), RATE, lufs, loops=loops, source_channels=1)
    assert result.rate == RATE
    assert result.frames == round(song.seconds * RATE)
    return result.samples, report


def decibels(left: float, right: float) -> float:
    return float(20 * np.log10(left / right))


def rms(samples: npt.NDArray[np.float32]) -> float:
    return float(np.sqrt(np.mean(np.square(samples.astype(np.float64)))))


def gain_of(report: dict[str, Any]) -> float:
    return float(10 ** (report["level"]["gain_db"] / 20))


def tone(seconds: float, hertz: float = 220.0, *, phase: float = 0.0, rate: int = RATE, level: float = 0.3) -> Sound:
    times = np.arange(round(seconds * rate)) / rate
    return Sound((level * np.sin(2 * np.pi * hertz * times + phase))[:, None].astype(np.float32), rate)


def noise(seconds: float, seed: int, level: float = 0.1) -> Sound:
    samples = np.random.default_rng(seed).standard_normal((round(seconds * RATE), 1)) * level
    return Sound(samples.astype(np.float32), RATE)


@pytest.mark.parametrize("loops", [True, False])
@pytest.mark.parametrize("seconds", [10.0, 10.5, 11.0])
def test_the_downbeat_keeps_its_peak(seconds: float, loops: bool) -> None:
    sound = play(make_song(), seconds, RATE)
    samples, report = fitted(sound, loops=loops)
    head = round(0.02 * RATE)
    change = decibels(np.abs(samples[:head]).max(), np.abs(sound.samples[:head]).max() * gain_of(report))
    assert abs(change) <= 0.5


def test_a_loop_is_closed_by_what_was_played_past_its_end() -> None:
    song = make_song(8)
    samples, report = fitted(play(song, song.seconds + 1, RATE), song)
    assert report["seam"]["crossfade_seconds"] > 0
    twice = np.concatenate([samples, samples])[:, 0]
    bar = round(song.seconds / 8 * RATE)
    at_bars = [flux(twice, line * bar, RATE) for line in range(1, 8)]
    assert flux(twice, len(samples), RATE) <= max(at_bars) * 1.05
    tenth = RATE // 10
    step = decibels(rms(samples[:tenth]), rms(samples[bar : bar + tenth]))
    assert abs(step) < 1 or abs(step) <= max(
        abs(decibels(rms(samples[line * bar : line * bar + tenth]), rms(samples[:tenth]))) for line in range(1, 8)
    )


def test_the_sound_runs_on_unbroken_from_the_end_of_a_closed_loop_into_its_beginning() -> None:
    # The loop holds 2180.1 periods: without the crossfade the seam would jump.
    song = make_song(bpm=97)
    samples, report = fitted(tone(song.seconds + 1, 2180.1 / song.seconds), song)
    assert report["seam"]["crossfade_seconds"] > 0
    seam = np.concatenate([samples[-200:], samples[:200]])[:, 0]
    assert np.abs(np.diff(seam)).max() < 1.2 * np.abs(np.diff(samples[: RATE // 2, 0])).max()


def ringing(level: float) -> tuple[Sound, Sound]:
    """Four bars at 96 bpm and a second more, a hit on each beat, and a bell in the last one that rings into bar 1."""
    times = np.arange(round(11 * RATE)) / RATE
    since = times % 0.625
    hits = 0.5 * np.exp(-6 * since) * np.cos(2 * np.pi * 200 * since)
    after = times - 10
    bell = np.where(after > -0.625, level * np.exp(-1.5 * after) * np.cos(2 * np.pi * 600 * after), 0)
    played, bare = ((samples[:, None]).astype(np.float32) for samples in (hits + bell, hits))
    return Sound(played, RATE), Sound(bare, RATE)


@pytest.mark.parametrize(("level", "closes"), [(0.02, True), (0.07, True), (0.15, False), (-0.05, False)])
def test_the_last_bar_may_ring_into_the_downbeat_of_a_loop_by_1_5_db_but_never_weaken_it(
    level: float, closes: bool
) -> None:
    played, bare = ringing(level)
    samples, report = fitted(played)
    assert (report["seam"]["crossfade_seconds"] > 0) is closes
    head = round(0.02 * RATE)
    rise = decibels(np.abs(samples[:head]).max(), 0.5 * gain_of(report))
    assert -0.5 <= rise <= 1.5
    if closes:
        rung = samples[:head] / gain_of(report) - bare.samples[:head]
        tail = samples[-head:] / gain_of(report) - bare.samples[10 * RATE - head : 10 * RATE]
        assert abs(decibels(rms(rung), rms(tail))) < 1


def test_between_sections_the_onset_may_not_rise_either() -> None:
    song = make_song(8)
    played, bare = ringing(0.07)
    sections = plan_sections(song, 12)
    joined, report = fit([played, bare], song, sections, RATE, -20.0, loops=False)
    line = report["joins"][0]["frame"]
    assert report["joins"][0]["crossfade_seconds"] == 0
    peak = np.abs(joined.samples[line : line + round(0.02 * RATE)]).max()
    assert abs(decibels(peak, 0.5 * gain_of(report))) <= 0.5


def test_where_the_music_goes_elsewhere_after_the_loop_its_end_fades_shortly_and_nothing_is_mixed_in() -> None:
    sound = Sound(np.concatenate([noise(10, 1).samples, noise(1, 2, 0.3).samples]), RATE)
    samples, report = fitted(sound)
    assert report["seam"]["crossfade_seconds"] == 0
    middle = slice(RATE // 100, -RATE // 100)
    np.testing.assert_allclose(samples[middle], sound.samples[: 10 * RATE][middle] * gain_of(report), atol=2e-4)
    assert np.abs(samples[-1]).max() < 1e-3


def test_a_one_shot_keeps_its_tail_to_the_end() -> None:
    sound = noise(10.5, 3)
    samples, report = fitted(sound, loops=False)
    assert report["seam"] == {"loop": False, "correlation": None, "crossfade_seconds": 0.0, "fade_in_seconds": 0.001}
    late = slice(-RATE // 10, -RATE // 100)
    np.testing.assert_allclose(samples[late], sound.samples[: 10 * RATE][late] * gain_of(report), atol=2e-4)


def test_a_first_frame_that_would_click_is_faded_within_a_millisecond() -> None:
    sound = tone(10, phase=np.pi / 2)
    samples, report = fitted(sound, loops=False)
    assert report["seam"]["fade_in_seconds"] == 0.001
    assert np.abs(samples[0]).max() < 0.01
    after = RATE // 1000
    np.testing.assert_allclose(samples[after:RATE], sound.samples[after:RATE] * gain_of(report), atol=2e-4)


def test_a_first_frame_that_does_not_click_is_left_alone() -> None:
    samples, report = fitted(tone(10), loops=False)
    assert report["seam"]["fade_in_seconds"] == 0
    np.testing.assert_allclose(samples[:RATE], tone(10).samples[:RATE] * gain_of(report), atol=2e-4)


def test_a_hit_that_is_over_within_a_millisecond_keeps_its_peak() -> None:
    samples = noise(10, 4, 0.001).samples.copy()
    samples[:12] = 0.9
    result, report = fitted(Sound(samples, RATE), loops=False)
    assert decibels(np.abs(result[:960]).max(), 0.9 * gain_of(report)) >= -0.5


def test_what_is_too_short_is_drawn_out_with_whole_bars_of_its_own() -> None:
    song = make_song(8)
    bar = round(2.5 * RATE)
    sound = play(song, 3 * 2.5 + 0.7, RATE)
    samples, report = fitted(sound, song, loops=False)
    assert report["sections"] == [{"repeated_bars": 5, "silence_seconds": 0.0}]
    inner = slice(RATE // 2, -RATE // 50)
    bars = [samples[line * bar : (line + 1) * bar][inner] for line in range(8)]
    for later, source in ((3, 0), (4, 1), (5, 2), (6, 0), (7, 1)):
        np.testing.assert_array_equal(bars[later], bars[source])
    assert any("5 bars" in sentence for sentence in report["did"])


def test_what_is_shorter_than_a_bar_or_has_no_tempo_is_followed_by_silence_and_that_is_said() -> None:
    for sound, song in ((noise(2, 5), make_song()), (noise(6, 6), Song(seconds=10))):
        samples, report = fitted(sound, song)
        assert report["sections"] == [{"repeated_bars": 0, "silence_seconds": round(10 - sound.seconds, 4)}]
        assert not samples[sound.frames :].any()
        assert any("silence" in sentence for sentence in report["did"])


def test_bars_of_another_metre_are_not_repeated_in_place_of_longer_ones() -> None:
    song = make_song(4, metre=(7, 8))
    samples, report = fitted(play(song, song.seconds * 0.6, RATE), song, loops=False)
    assert report["sections"][0]["repeated_bars"] == 2
    assert rms(samples[-RATE:]) > 0.01


def test_sections_of_the_same_music_run_into_each_other() -> None:
    song = make_song(8)
    whole = play(song, song.seconds + 1, RATE)
    sections = plan_sections(song, 12)
    cuts = [round(section.start_seconds * RATE) for section in sections]
    parts = [
        Sound(whole.samples[start : start + round((section.seconds + 1) * RATE)], RATE)
        for start, section in zip(cuts, sections, strict=True)
    ]
    joined, report = fit(parts, song, sections, RATE, -20.0, loops=True, source_channels=1)
    assert [join["crossfade_seconds"] > 0 for join in report["joins"]] == [True]
    inner = slice(RATE, -RATE)
    np.testing.assert_allclose(
        joined.samples[inner], whole.samples[: joined.frames][inner] * gain_of(report), rtol=2e-3, atol=2e-4
    )


def test_sections_of_unlike_music_keep_the_onset_after_the_line_and_do_not_click() -> None:
    song = make_song(8)
    sections = plan_sections(song, 12)
    before, after = tone(11, 110.7), tone(11, 329.1, phase=np.pi / 2)
    joined, report = fit([before, after], song, sections, RATE, -20.0, loops=False)
    line = report["joins"][0]["frame"]
    assert report["joins"][0]["crossfade_seconds"] == 0
    head = round(0.02 * RATE)
    change = decibels(np.abs(joined.samples[line : line + head]).max(), 0.3 * gain_of(report))
    assert abs(change) <= 0.5
    usual = np.abs(np.diff(after.samples[:RATE, 0])).max() * gain_of(report)
    assert np.abs(np.diff(joined.samples[line - 500 : line + 500, 0])).max() < 3 * usual


@pytest.mark.parametrize(("source", "target"), [(-23.0, -23.0), (-14.5, -14.5), (None, -18.0)])
def test_a_take_is_as_loud_as_its_source_and_18_lufs_below_full_scale_without_one(
    source: float | None, target: float
) -> None:
    song = make_song()
    result, report = fit([tone(11, 997)], song, plan_sections(song, 1000), RATE, source, loops=True)
    assert loudness_lufs(result) == pytest.approx(target, abs=1.0)
    assert report["level"]["loudness_lufs"] == pytest.approx(target, abs=0.1)


def test_the_true_peak_never_passes_minus_1_and_that_is_said() -> None:
    song = make_song()
    result, report = fit([play(song, 10.5)], song, plan_sections(song, 1000), RATE, -6.0, loops=True)
    assert true_peak_dbtp(result) <= -1.0
    assert report["level"]["held_back_by_peak"]
    assert any("peak" in sentence for sentence in report["did"])


def test_a_mono_source_stays_mono_where_the_result_is_mono_though_it_came_in_two_equal_channels() -> None:
    song = make_song()
    mono, sections = play(song, 10.5), plan_sections(song, 1000)
    doubled = Sound(np.repeat(mono.samples, 2, axis=1), mono.rate)
    for sound in (mono, doubled):
        assert fit([sound], song, sections, RATE, loops=True, source_channels=1)[0].channels == 1
    stereo = play(song, 10.5, channels=2)
    assert fit([stereo], song, sections, RATE, loops=True, source_channels=1)[0].channels == 2


def test_a_mono_result_for_a_stereo_source_is_as_loud_in_both_channels() -> None:
    song = make_song()
    result, _ = fit([tone(11, 997)], song, plan_sections(song, 1000), RATE, -20.0, loops=True, source_channels=2)
    np.testing.assert_array_equal(result.samples[:, 0], result.samples[:, 1])
    assert loudness_lufs(result) == pytest.approx(-20.0, abs=0.1)


def test_a_stereo_section_makes_the_whole_take_stereo() -> None:
    song = make_song(8)
    sections = plan_sections(song, 12)
    joined, _ = fit([play(song, 11), play(song, 11, channels=2)], song, sections, RATE, loops=True)
    assert joined.channels == 2
    assert rms(joined.samples[:RATE, 0]) == pytest.approx(rms(joined.samples[:RATE, 1]))


@pytest.mark.parametrize("rate", [8_000, 22_050, 32_000, 44_100, 96_000])
def test_results_of_any_rate_land_on_the_beat_at_the_projects_rate(rate: int) -> None:
    clicks = np.zeros((round(10.2 * rate), 1), np.float32)
    for beat in range(16):
        at = round(beat * 0.625 * rate)
        clicks[at : at + rate // 100] = 0.5 * np.hanning(rate // 100)[:, None]
    samples, _ = fitted(Sound(clicks, rate), loops=False)
    loud = np.flatnonzero(np.abs(samples[:, 0]) > 0.5 * np.abs(samples).max())
    centres = [loud[(loud > at) & (loud < at + RATE // 20)].mean() for at in range(0, 480_000, 30_000)]
    assert np.abs(np.diff(centres) - 30_000).max() < RATE / rate + 1


def test_the_report_says_that_nothing_was_measured_and_what_was_done() -> None:
    _, report = fitted(play(make_song(), 10.5))
    assert report["measured"] is None
    assert report["did"][0] == "taken to be in the song's tempo, from its downbeat on"


def test_sections_without_a_tempo_are_joined_where_they_meet() -> None:
    song = Song(seconds=30)
    sections = plan_sections(song, 20)
    joined, report = fit([noise(15, 1), noise(15, 2)], song, sections, RATE, loops=False)
    assert joined.frames == 30 * RATE
    assert report["joins"][0]["frame"] == 15 * RATE


def test_a_section_that_begins_within_a_bar_is_not_drawn_out_with_wrong_bars() -> None:
    song = make_song(2)
    sections = (
        Section(start_beats=0, beats=6, start_seconds=0, seconds=3.75),
        Section(start_beats=6, beats=2, start_seconds=3.75, seconds=1.25),
    )
    _, report = fit([noise(4, 1), noise(0.5, 2)], song, sections, RATE, loops=False)
    assert report["sections"][1] == {"repeated_bars": 0, "silence_seconds": 0.75}
