"""A clip of notes is cut, looped and played with the instrument that it was meant for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mido
import numpy as np
import pytest

from bridge.model import Trigger
from bridge.render.midi import for_chroma, play_span, read_score, unrolled
from bridge.render.survey import survey
from tests.render.makers import midi, notes_of, onsets, trigger_of

RATE = 32_000
AT_120 = {"bpm": 120.0}
UP = notes_of((60, 0, 1), (62, 1, 1), (64, 2, 1), (65, 3, 1))


def take_of(trigger: Trigger) -> list[tuple[int, float, float]]:
    """(pitch, start, duration) of the whole take."""
    song = survey(trigger)
    assert song.beats is not None
    score, _ = read_score(trigger)
    return [(n.pitch, n.start, n.duration) for n in unrolled(trigger, song, score, 0.0, song.beats)]


def test_notes_before_and_behind_the_cut_are_left_out_and_long_ones_end_with_it() -> None:
    clip = {"notes": notes_of((50, -1, 2), (60, 0.5, 1), (62, 1, 9), (64, 4, 1)), "start_beats": 0, "end_beats": 4}
    assert take_of(trigger_of(clip, music=AT_120)) == [(60, 0.5, 1), (62, 1, 3)]


def test_a_loop_repeats_until_the_wanted_length_is_full_and_cuts_its_notes() -> None:
    clip = {"notes": [*UP, *notes_of((72, 1.5, 9))], "loop": {"start_beats": 1, "end_beats": 3}}
    take = take_of(trigger_of(clip, music=AT_120, ask={"bars": 2}))
    assert [(pitch, start) for pitch, start, _ in take] == [
        (60, 0), (62, 1), (72, 1.5), (64, 2),
        (62, 3), (72, 3.5), (64, 4), (62, 5), (72, 5.5), (64, 6), (62, 7), (72, 7.5),
    ]  # fmt: skip
    assert {duration for pitch, _, duration in take if pitch == 72} == {1.5, 0.5}


def test_without_a_loop_the_clip_repeats_in_whole_bars_unless_it_is_to_be_continued() -> None:
    clip = {"notes": UP[:2]}
    starts = [start for _, start, _ in take_of(trigger_of(clip, music=AT_120, ask={"bars": 2}))]
    assert starts == [0, 1, 4, 5]
    once = trigger_of(clip, music=AT_120, ask={"bars": 2, "mode": "continue"})
    assert [start for _, start, _ in take_of(once)] == [0, 1]


def test_an_upbeat_leads_to_the_next_repetition() -> None:
    clip = {"notes": UP, "pickup_beats": 1, "end_beats": 4}
    take = take_of(trigger_of(clip, music=AT_120, ask={"bars": 2}))
    assert [(pitch, start) for pitch, start, _ in take] == [
        (62, 0), (64, 1), (65, 2), (60, 3), (62, 4), (64, 5), (65, 6), (60, 7),
    ]  # fmt: skip


def test_a_section_takes_up_the_notes_that_still_sound() -> None:
    trigger = trigger_of({"notes": notes_of((40, 0, 8), (60, 3, 2), (62, 5, 1))}, music=AT_120)
    score, _ = read_score(trigger)
    notes = unrolled(trigger, survey(trigger), score, 4.0, 8.0)
    assert [(note.pitch, note.start, note.duration) for note in notes] == [(40, 0, 4), (60, 0, 1), (62, 1, 1)]


@pytest.mark.parametrize(
    ("track", "file_program", "wanted"),
    [
        ({"program": 73, "name": "Bass"}, 48, 73),
        ({"name": "Marimba"}, 48, 48),
        ({"name": "Marimba"}, None, 12),
        ({"instrument": "Marimba", "name": "Lead"}, 0, 12),
        ({}, None, 0),
    ],
)
def test_the_program_is_the_tracks_then_the_files_then_the_names_then_piano(
    tmp_path: Path, track: dict[str, Any], file_program: int | None, wanted: int
) -> None:
    path = midi(tmp_path / "thing.mid", [(60, 0, 4)], program=file_program)
    score, part = read_score(trigger_of({"midi": {"path": path}}, track=track))
    assert {note.program for note in score.notes} == {wanted}
    assert not part.drums


def test_drums_are_known_by_track_name_and_channel(tmp_path: Path) -> None:
    plain = midi(tmp_path / "a.mid", [(36, 0, 1)])
    ten = midi(tmp_path / "b.mid", [(36, 0, 1)], channel=9)
    for trigger in (
        trigger_of({"midi": {"path": plain}}, track={"drums": True}),
        trigger_of({"midi": {"path": plain}}, track={"name": "Drum Kit"}),
        trigger_of({"midi": {"path": ten}}),
        trigger_of({"notes": notes_of((36, 0, 1))}, track={"drums": True}),
    ):
        score, part = read_score(trigger)
        assert part.drums
        assert all(note.drums for note in score.notes)
    assert not read_score(trigger_of({"midi": {"path": plain}}))[1].drums


def test_notes_sound_where_the_tempo_map_puts_them() -> None:
    music = {"tempo_map": [{"beat": 0, "bpm": 120}, {"beat": 2, "bpm": 60}]}
    trigger = trigger_of({"notes": notes_of((60, 0, 0.25), (60, 2, 0.25), (60, 3, 0.25))}, music=music)
    song = survey(trigger)
    score, _ = read_score(trigger)
    sound = play_span(unrolled(trigger, song, score, 0, 4), song, 0.0, song.seconds, RATE, "")
    assert (sound.frames, sound.channels) == (3 * RATE, 2)
    mono = sound.samples.mean(axis=1, keepdims=True)
    assert onsets(mono / np.abs(mono).max(), gap_seconds=0.2, level=0.2) == pytest.approx([0, 1, 2], abs=0.02)


def test_bends_move_with_the_loop(tmp_path: Path) -> None:
    file = mido.MidiFile(ticks_per_beat=480)
    on, off = (mido.Message(kind, note=60, velocity=100, time=0) for kind in ("note_on", "note_off"))
    bends = [mido.Message("pitchwheel", pitch=pitch, time=time) for pitch, time in ((0, 0), (8191, 480))]
    file.tracks.append(mido.MidiTrack([bends[0], on, bends[1], off.copy(time=480)]))
    file.save(tmp_path / "bend.mid")
    clip = {"midi": {"path": str(tmp_path / "bend.mid")}, "loop": {"start_beats": 0, "end_beats": 4}}
    trigger = trigger_of(clip, music=AT_120)
    score, _ = read_score(trigger)
    second = unrolled(trigger, survey(trigger), score, 0, 16)[1]
    assert second.start == 4
    assert [beat for beat, _ in second.bends] == [4, 5]


def test_for_a_model_that_hears_pitch_classes_the_top_voice_leads_and_a_bass_rises() -> None:
    trigger = trigger_of({"notes": notes_of((40, 0, 1), (48, 0, 1), (43, 2, 1))}, music=AT_120)
    score, _ = read_score(trigger)
    made = for_chroma(score.notes, bass=True)
    assert [(note.pitch, note.gain_db) for note in made] == [(52, 0.0), (60, 6.0), (55, 6.0)]
