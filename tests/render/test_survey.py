"""What is known of a clip's song, from where, and how long the answer is to be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mido
import numpy as np
import pytest

from bridge.errors import BadTrigger, EmptyClip, MissingFile, TooLarge, UnreadableAudio
from bridge.model import Song, TempoPoint
from bridge.music.keys import key_text
from bridge.render.survey import forecast, survey
from tests.render.makers import clicks, midi, notes_of, tone, trigger_of, wav

SCALE = [(57 + step, i / 2, 0.5) for i, step in enumerate([0, 2, 3, 5, 7, 8, 11, 12, 11, 8, 7, 5, 3, 2, 0, 0])]
FOUR = notes_of((60, 0, 1), (64, 4, 1), (67, 8, 1), (72, 12, 4))


def notes_song(clip: dict[str, Any] | None = None, **more: Any) -> Song:
    return survey(trigger_of({"notes": FOUR, **(clip or {})}, **more))


# Tempo: the trigger's, the name's, the tags', the MIDI file's, heard, none.


def test_the_triggers_tempo_beats_the_name_and_the_midi_file(tmp_path: Path) -> None:
    path = midi(tmp_path / "Riff 100bpm.mid", SCALE, mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(90)))
    told = survey(trigger_of({"midi": {"path": path}}, music={"bpm": 77.5}))
    named = survey(trigger_of({"midi": {"path": path}}))
    assert (told.bpm, told.bpm_source) == (77.5, "trigger")
    assert (named.bpm, named.bpm_source) == (100.0, "name")


def test_a_midi_file_tells_its_tempo_and_metre_where_nobody_else_does(tmp_path: Path) -> None:
    path = midi(
        tmp_path / "riff.mid",
        [(60, 0, 7)],
        mido.MetaMessage("set_tempo", tempo=625_000),
        mido.MetaMessage("time_signature", numerator=7, denominator=8),
    )
    song = survey(trigger_of({"midi": {"path": path}}))
    assert (song.bpm, song.bpm_source, song.time_signature) == (96.0, "midi", (7, 8))
    assert (song.bars, song.beats, song.seconds) == (2, 7.0, 7 * 60 / 96)


def test_a_midi_file_without_a_tempo_gets_no_tempo_and_its_own_length(tmp_path: Path) -> None:
    song = survey(trigger_of({"midi": {"path": midi(tmp_path / "riff.mid", [(60, 0, 6)])}}))
    assert (song.bpm, song.bpm_source, song.bars, song.beats) == (None, "", None, None)
    assert song.seconds == pytest.approx(3.0)


def test_a_files_name_tells_its_tempo_and_is_not_stretched_by_its_play_rate(tmp_path: Path) -> None:
    path = wav(tmp_path / "Loop 96bpm.wav", tone(440, 10.0))
    assert survey(trigger_of({"audio": {"path": path}})).bpm == 96.0
    faster = survey(trigger_of({"audio": {"path": path, "play_rate": 1.25}}))
    assert (faster.bpm, faster.bpm_source, faster.bars) == (120.0, "name", 4)


def test_warp_markers_tell_the_tempo_when_the_trigger_does_not(tmp_path: Path) -> None:
    path = wav(tmp_path / "take.wav", tone(440, 10.0))
    markers = [{"beat": 0.0, "seconds": 0.0}, {"beat": 16.0, "seconds": 10.0}]
    song = survey(trigger_of({"audio": {"path": path, "warp_markers": markers}}))
    assert (song.bpm, song.bpm_source, song.beats) == (96.0, "trigger", 16.0)


def test_the_tempo_of_clicks_is_heard_and_the_forecast_does_not_listen(tmp_path: Path) -> None:
    path = wav(tmp_path / "take.wav", clicks([i * 60 / 104 for i in range(16)], 16 * 60 / 104))
    trigger = trigger_of({"audio": {"path": path}})
    song = survey(trigger)
    assert song.bpm == pytest.approx(104.0, abs=0.02)
    assert (song.bpm_source, song.bars) == ("heard", 4)
    assert forecast(trigger).bpm is None


def test_a_sound_without_beats_has_no_tempo_and_keeps_its_length(tmp_path: Path) -> None:
    song = survey(trigger_of({"audio": {"path": wav(tmp_path / "pad.wav", tone(220, 7.3))}}))
    assert (song.bpm, song.bars, song.beats, song.loops) == (None, None, None, False)
    assert song.seconds == pytest.approx(7.3)


# Length and maps.


def test_a_clip_is_rounded_up_to_whole_bars() -> None:
    assert notes_song(music={"bpm": 120}).bars == 4
    assert notes_song({"end_beats": 16.5}, music={"bpm": 120}).bars == 5
    assert notes_song({"end_beats": 9}, music={"bpm": 120, "time_signature": [3, 4]}).bars == 3


def test_asked_bars_win_over_clip_and_loop() -> None:
    song = notes_song({"loop": {"start_beats": 0, "end_beats": 8}}, music={"bpm": 96}, ask={"bars": 7})
    assert (song.bars, song.beats, song.seconds) == (7, 28.0, 17.5)


def test_asked_beats_are_kept_exactly_and_their_bars_counted_up() -> None:
    song = notes_song(music={"bpm": 96}, ask={"beats": 5.5})
    assert (song.bars, song.beats, song.seconds) == (2, 5.5, 5.5 * 60 / 96)
    assert song.tempo_map == (TempoPoint(beat=0.0, bpm=96.0),)


def test_what_goes_on_after_the_clip_has_the_tempo_and_metre_that_the_song_has_there() -> None:
    music = {
        "bpm": 100,
        "tempo_map": [{"beat": 0, "bpm": 100}, {"beat": 16, "bpm": 140}, {"beat": 23, "bpm": 70}],
        "metre_map": [{"beat": 0, "time_signature": [4, 4]}, {"beat": 16, "time_signature": [7, 8]}],
    }
    song = notes_song({"end_beats": 16}, music=music, ask={"mode": "continue", "bars": 4})
    assert (song.bpm, song.time_signature, song.bars, song.beats) == (140.0, (7, 8), 4, 14.0)
    assert song.tempo_map == (TempoPoint(beat=0.0, bpm=140.0), TempoPoint(beat=7.0, bpm=70.0))
    assert song.seconds == pytest.approx(7 * 60 / 140 + 7 * 60 / 70)


@pytest.mark.parametrize(
    ("loop", "metre", "bars"),
    [((0, 8), [4, 4], 4), ((0, 12), [4, 4], 6), ((4, 8), [4, 4], 4), ((0, 16), [4, 4], 4), ((0, 3.5), [7, 8], 4)],
)
def test_a_short_loop_gets_its_smallest_multiple_of_at_least_four_bars(
    loop: tuple[float, float], metre: list[int], bars: int
) -> None:
    clip = {"loop": {"start_beats": loop[0], "end_beats": loop[1]}}
    song = notes_song(clip, music={"bpm": 120, "time_signature": metre})
    assert (song.bars, song.loops) == (bars, True)


def test_decoders_padding_does_not_make_another_bar(tmp_path: Path) -> None:
    path = wav(tmp_path / "take.wav", tone(440, 10.03))
    song = survey(trigger_of({"audio": {"path": path}}, music={"bpm": 96}))
    assert (song.bars, song.loops) == (4, True)
    longer = wav(tmp_path / "tail.wav", tone(440, 11.0))
    assert survey(trigger_of({"audio": {"path": longer}}, music={"bpm": 96})).bars == 5


def test_maps_count_from_the_clips_zero_and_the_song_from_its_first_downbeat() -> None:
    song = notes_song(
        {"start_beats": 3.0, "pickup_beats": 1.0, "end_beats": 15.0},
        music={
            "tempo_map": [{"beat": 0, "bpm": 120}, {"beat": 8, "bpm": 60}, {"beat": 90, "bpm": 30}],
            "metre_map": [{"beat": 0, "time_signature": [4, 4]}, {"beat": 8, "time_signature": [7, 8]}],
        },
    )
    assert [(point.beat, point.bpm) for point in song.tempo_map] == [(0, 120), (4, 60)]
    assert [(point.beat, point.time_signature) for point in song.metre_map] == [(0, (4, 4)), (4, (7, 8))]
    assert (song.bars, song.beats, song.pickup_beats) == (3, 11.0, 1.0)
    assert song.seconds == pytest.approx(4 * 0.5 + 7 * 1.0)


def test_before_the_first_point_of_a_map_the_songs_own_tempo_and_metre_hold() -> None:
    song = notes_song(
        {"end_beats": 14.0},
        music={
            "bpm": 120,
            "time_signature": [4, 4],
            "tempo_map": [{"beat": 8, "bpm": 60}],
            "metre_map": [{"beat": 8, "time_signature": [3, 4]}],
        },
    )
    assert (song.bpm, song.time_signature) == (120, (4, 4))
    assert (song.bars, song.beats) == (4, 14.0)
    assert song.seconds == pytest.approx(8 * 0.5 + 6 * 1.0)


def test_bars_count_from_the_downbeat_of_a_clip_that_begins_before_its_zero() -> None:
    song = notes_song({"start_beats": -1.25, "end_beats": 14.75}, music={"bpm": 120, "time_signature": [4, 4]})
    assert (song.bars, song.beats) == (4, 16.0)
    assert [(point.beat, point.time_signature) for point in song.metre_map] == [(0, (4, 4))]


def test_what_loops_in_the_daw_or_fills_whole_bars_loops_and_endings_do_not() -> None:
    music = {"bpm": 120}
    assert notes_song(music=music).loops
    assert not notes_song({"end_beats": 13.5}, music=music).loops
    assert not notes_song(music=music, ask={"mode": "continue"}).loops
    assert not notes_song(music=music, ask={"prompt": "a huge riser"}).loops


def test_audio_beats_count_from_its_start_seconds_at_its_play_rate(tmp_path: Path) -> None:
    path = wav(tmp_path / "take.wav", tone(440, 30.0))
    audio = {"path": path, "start_seconds": 2.0, "end_seconds": 22.0}
    assert survey(trigger_of({"audio": audio}, music={"bpm": 96})).beats == 32.0
    assert survey(trigger_of({"audio": {**audio, "play_rate": 2.0}}, music={"bpm": 96})).beats == 16.0
    cut = survey(trigger_of({"audio": audio, "start_beats": 8, "end_beats": 20}, music={"bpm": 96}))
    assert cut.beats == 12.0


def test_an_hour_is_the_limit(tmp_path: Path) -> None:
    with pytest.raises(TooLarge, match="minutes"):
        notes_song({"end_beats": 10_000}, music={"bpm": 120})


# Key.


def test_the_users_key_keeps_its_spelling() -> None:
    song = notes_song(music={"bpm": 120, "key": "Abm"})
    assert (key_text(song.key), song.key_source, song.key_confidence) == ("Ab minor", "trigger", None)


def test_a_key_is_read_from_the_name_then_the_signature_then_the_notes(tmp_path: Path) -> None:
    meta = mido.MetaMessage("key_signature", key="Ebm")
    named = survey(trigger_of({"midi": {"path": midi(tmp_path / "Riff 96bpm G#m.mid", SCALE, meta)}}))
    signed = survey(trigger_of({"midi": {"path": midi(tmp_path / "riff.mid", SCALE, meta)}}))
    noted = survey(trigger_of({"midi": {"path": midi(tmp_path / "other.mid", SCALE)}}))
    assert [(key_text(song.key), song.key_source) for song in (named, signed, noted)] == [
        ("G# minor", "name"),
        ("Eb minor", "midi"),
        ("A minor", "notes"),
    ]
    assert noted.key_confidence is not None


def test_the_c_major_that_exporters_write_by_habit_gives_way_to_the_notes(tmp_path: Path) -> None:
    meta = mido.MetaMessage("key_signature", key="C")
    song = survey(trigger_of({"midi": {"path": midi(tmp_path / "riff.mid", SCALE, meta)}}))
    assert (key_text(song.key), song.key_source) == ("A minor", "notes")


def test_a_transposed_file_has_its_key_moved_with_it(tmp_path: Path) -> None:
    path = wav(tmp_path / "Riff Am 96bpm.wav", tone(440, 10))
    moved = survey(trigger_of({"audio": {"path": path, "pitch_semitones": 2}}))
    assert key_text(moved.key) == "B minor"
    assert survey(trigger_of({"audio": {"path": path, "pitch_semitones": 0.5}})).key is None


@pytest.mark.parametrize("drums", [{"track": {"drums": True}}, {"track": {"name": "Drums"}}])
def test_drums_never_yield_a_key(drums: dict[str, Any], tmp_path: Path) -> None:
    assert survey(trigger_of({"notes": notes_of(*SCALE)}, **drums)).key is None
    assert survey(trigger_of({"midi": {"path": midi(tmp_path / "a.mid", SCALE, channel=9)}})).key is None


def test_swing_and_grouping_are_the_triggers() -> None:
    song = notes_song(music={"bpm": 96, "time_signature": [7, 8], "grouping": [3, 2, 2], "swing": 0.6})
    assert (song.grouping, song.swing, song.time_signature) == ((3, 2, 2), 0.6, (7, 8))


# What cannot be used.


def test_silence_is_an_empty_clip(tmp_path: Path) -> None:
    path = wav(tmp_path / "quiet.wav", np.full((48_000, 1), 5e-5), subtype="FLOAT")
    with pytest.raises(EmptyClip, match=r"quiet\.wav"):
        survey(trigger_of({"audio": {"path": path}}))


def test_a_silent_cut_of_a_sounding_file_is_an_empty_clip(tmp_path: Path) -> None:
    path = wav(tmp_path / "late.wav", np.concatenate([np.zeros((96_000, 1)), tone(440, 1)]))
    with pytest.raises(EmptyClip, match=r"late\.wav"):
        survey(trigger_of({"audio": {"path": path, "end_seconds": 1.9}}))
    reverse = {"path": path, "reversed": True}
    assert survey(trigger_of({"audio": reverse, "end_beats": 2}, music={"bpm": 120})).bars == 1


def test_notes_outside_of_the_cut_are_an_empty_clip(tmp_path: Path) -> None:
    with pytest.raises(EmptyClip, match=r"clip\.notes"):
        notes_song({"start_beats": 20, "end_beats": 24}, music={"bpm": 120})
    path = midi(tmp_path / "riff.mid", SCALE)
    with pytest.raises(EmptyClip, match=r"riff\.mid"):
        survey(trigger_of({"midi": {"path": path}, "start_beats": 20, "end_beats": 24}))


def test_a_start_behind_the_end_and_an_upbeat_without_a_bar_are_refused(tmp_path: Path) -> None:
    path = wav(tmp_path / "short.wav", tone(440, 1))
    with pytest.raises(EmptyClip, match=r"short\.wav"):
        survey(trigger_of({"audio": {"path": path, "start_seconds": 3}}))
    with pytest.raises(BadTrigger, match="pickup_beats"):
        survey(trigger_of({"audio": {"path": path}, "pickup_beats": 2}, music={"bpm": 120}))


def test_a_file_that_has_gone_or_is_full_of_nan_fails_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(MissingFile, match=r"gone\.wav"):
        survey(trigger_of({"audio": {"path": str(tmp_path / "gone.wav")}}))
    path = wav(tmp_path / "nan.wav", np.full((48_000, 1), np.nan), subtype="FLOAT")
    with pytest.raises(UnreadableAudio, match=r"nan\.wav"):
        survey(trigger_of({"audio": {"path": path}}))
