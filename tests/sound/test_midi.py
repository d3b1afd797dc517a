"""Scores from MIDI files and from a trigger's notes."""

from __future__ import annotations

import random
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import mido
import pytest

from bridge.errors import BridgeError, EmptyClip, MissingFile, TooLarge, UnreadableMidi
from bridge.model import Note
from bridge.sound.midi import Score, read_midi, score_of


def on(note: int, time: int = 0, *, velocity: int = 80, channel: int = 0) -> mido.Message:
    return mido.Message("note_on", note=note, velocity=velocity, channel=channel, time=time)


def off(note: int, time: int = 0, *, channel: int = 0) -> mido.Message:
    return mido.Message("note_off", note=note, channel=channel, time=time)


def control(number: int, value: int, time: int = 0, *, channel: int = 0) -> mido.Message:
    return mido.Message("control_change", control=number, value=value, channel=channel, time=time)


def meta(kind: str, time: int = 0, **values: Any) -> mido.MetaMessage:
    return mido.MetaMessage(kind, time=time, **values)


def saved(folder: Path, *tracks: Sequence[Any], kind: int = 1, division: int = 480) -> Path:
    file = mido.MidiFile(type=kind, ticks_per_beat=division)
    for messages in tracks:
        file.tracks.append(mido.MidiTrack(messages))
    path = folder / "clip.mid"
    file.save(path)
    return path


def chunked(*tracks: bytes, kind: int = 1, division: int = 480, count: int | None = None) -> bytes:
    """A file written byte for byte, without any library's help."""
    header = struct.pack(">4sIHHH", b"MThd", 6, kind, len(tracks) if count is None else count, division)
    return header + b"".join(struct.pack(">4sI", b"MTrk", len(track)) + track for track in tracks)


END = b"\x00\xff\x2f\x00"


def score_of_bytes(folder: Path, data: bytes) -> Score:
    path = folder / "raw.mid"
    path.write_bytes(data)
    return read_midi(path)


def spans(score: Score) -> list[tuple[int, float, float]]:
    return [(note.pitch, note.start, note.duration) for note in score.notes]


def test_notes_come_in_beats_with_their_velocity_channel_and_program(tmp_path: Path) -> None:
    score = read_midi(
        saved(
            tmp_path,
            [
                mido.Message("program_change", program=73, channel=2),
                on(72, 480, velocity=99, channel=2),
                off(72, 240, channel=2),
            ],
            [on(38, 720, channel=9), off(38, 60, channel=9)],
        )
    )
    flute, snare = score.notes
    assert (flute.pitch, flute.start, flute.duration, flute.velocity) == (72, 1.0, 0.5, 99)
    assert (flute.channel, flute.program, flute.drums) == (2, 73, False)
    assert (snare.pitch, snare.start, snare.drums) == (38, 1.5, True)


def test_a_program_change_counts_for_the_notes_after_it(tmp_path: Path) -> None:
    change = mido.Message("program_change", program=40)
    score = read_midi(saved(tmp_path, [on(60), off(60, 480), change, on(62), off(62, 480)], kind=0))
    assert [note.program for note in score.notes] == [0, 40]


def test_tempo_and_metre_changes_are_where_the_file_has_them(tmp_path: Path) -> None:
    conductor = [
        meta("set_tempo", tempo=mido.bpm2tempo(96)),
        meta("time_signature", numerator=7, denominator=8),
        meta("set_tempo", 7 * 240, tempo=mido.bpm2tempo(82)),
        meta("time_signature", numerator=4, denominator=4),
    ]
    score = read_midi(saved(tmp_path, conductor, [on(60), off(60, 960)]))
    assert [(point.beat, point.bpm) for point in score.tempo_map] == [(0.0, 96.0), (3.5, 82.0)]
    assert [(point.beat, point.time_signature) for point in score.metre_map] == [(0.0, (7, 8)), (3.5, (4, 4))]


def test_before_the_first_tempo_a_file_plays_at_120(tmp_path: Path) -> None:
    score = read_midi(saved(tmp_path, [on(60), off(60, 480), meta("set_tempo", tempo=500_000 * 2)]))
    assert [(point.beat, point.bpm) for point in score.tempo_map] == [(0.0, 120.0), (1.0, 60.0)]


def test_a_file_that_says_nothing_of_tempo_metre_and_key_claims_nothing(tmp_path: Path) -> None:
    score = read_midi(saved(tmp_path, [on(60), off(60, 480)]))
    assert (score.tempo_map, score.metre_map, score.key) == ((), (), "")


@pytest.mark.parametrize(("written", "read"), [("G#m", "G# minor"), ("C", "C major"), ("Bb", "Bb major")])
def test_the_key_signature_is_told_in_words(tmp_path: Path, written: str, read: str) -> None:
    assert read_midi(saved(tmp_path, [meta("key_signature", key=written), on(60), off(60, 9)])).key == read


def test_a_key_signature_that_no_key_has_is_passed_over(tmp_path: Path) -> None:
    track = b"\x00\xff\x59\x02\x20\x00" + b"\x00\x90\x3c\x50\x60\x80\x3c\x00" + END
    score = score_of_bytes(tmp_path, chunked(track))
    assert (score.key, len(score.notes)) == ("", 1)


def test_the_end_is_the_end_of_the_file_not_of_the_last_note(tmp_path: Path) -> None:
    assert read_midi(saved(tmp_path, [on(60), off(60, 480), meta("end_of_track", 7 * 480)])).beats == 8.0


def test_the_sustain_pedal_holds_notes_until_it_is_lifted(tmp_path: Path) -> None:
    track = [control(64, 127), on(60), off(60, 240), on(64), off(64, 240), control(64, 0, 480), on(67), off(67, 240)]
    assert spans(read_midi(saved(tmp_path, track))) == [(60, 0.0, 2.0), (64, 0.5, 1.5), (67, 2.0, 0.5)]


def test_a_pedalled_note_ends_where_its_key_is_struck_again(tmp_path: Path) -> None:
    track = [control(64, 127), on(60), off(60, 240), on(60, 240), off(60, 240), control(64, 0, 240)]
    assert spans(read_midi(saved(tmp_path, track))) == [(60, 0.0, 1.0), (60, 1.0, 1.0)]


def test_the_pedal_counts_for_its_own_channel_only(tmp_path: Path) -> None:
    track = [control(64, 127, channel=1), on(60), off(60, 240), control(64, 0, 480, channel=1)]
    assert spans(read_midi(saved(tmp_path, track))) == [(60, 0.0, 0.5)]


def test_overlapping_equal_notes_end_in_the_order_they_began(tmp_path: Path) -> None:
    track = [on(60), on(60, 240), off(60, 240), off(60, 480)]
    assert spans(read_midi(saved(tmp_path, track))) == [(60, 0.0, 1.0), (60, 0.5, 1.5)]


def test_a_note_that_is_never_ended_lasts_to_the_end(tmp_path: Path) -> None:
    assert spans(read_midi(saved(tmp_path, [on(60), meta("end_of_track", 1920)]))) == [(60, 0.0, 4.0)]


def test_an_end_without_a_start_is_passed_over(tmp_path: Path) -> None:
    assert spans(read_midi(saved(tmp_path, [off(61, 10), on(60, 470), off(60, 480)]))) == [(60, 1.0, 1.0)]


def test_all_notes_off_ends_what_sounds(tmp_path: Path) -> None:
    track = [on(60), on(64), control(123, 0, 480), meta("end_of_track", 960)]
    assert spans(read_midi(saved(tmp_path, track))) == [(60, 0.0, 1.0), (64, 0.0, 1.0)]


def test_a_note_on_of_velocity_zero_ends_a_note_under_running_status(tmp_path: Path) -> None:
    track = b"\x00\x90\x3c\x50" + b"\x83\x60\x3c\x00" + b"\x00\x40\x50" + b"\x81\x70\x40\x00" + END
    assert spans(score_of_bytes(tmp_path, chunked(track, kind=0))) == [(60, 0.0, 1.0), (64, 1.0, 0.5)]


def test_pitch_bend_spans_two_semitones_unless_the_file_says_more(tmp_path: Path) -> None:
    wheel = mido.Message("pitchwheel", pitch=4096, time=240)
    (note,) = read_midi(saved(tmp_path, [on(60), wheel, off(60, 240)])).notes
    assert note.bends == ((0.0, 0.0), (0.5, 1.0))
    wider = [control(101, 0), control(100, 0), control(6, 12)]
    (note,) = read_midi(saved(tmp_path, [*wider, on(60), wheel, off(60, 240)])).notes
    assert note.bends == ((0.0, 0.0), (0.5, 6.0))


def test_a_bend_before_a_note_counts_for_it_and_one_after_does_not(tmp_path: Path) -> None:
    up, home = mido.Message("pitchwheel", pitch=-8192), mido.Message("pitchwheel", pitch=0)
    first, second = read_midi(saved(tmp_path, [up, on(60, 480), off(60, 240), home, on(60, 240), off(60, 240)])).notes
    assert first.bends[0] == (1.0, -2.0)
    assert second.bends == ()


def test_volume_and_expression_become_gain_by_general_midis_law(tmp_path: Path) -> None:
    quiet = [control(7, 50), on(60), off(60, 480), control(7, 100), on(62), off(62, 480)]
    halved, full = read_midi(saved(tmp_path, quiet)).notes
    assert halved.gain_db == pytest.approx(-12.04, abs=0.01)
    assert full.gain_db == 0.0


def test_a_note_that_swells_from_nothing_is_as_loud_as_it_becomes(tmp_path: Path) -> None:
    swell = [control(11, 0), on(60), control(11, 127, 240), off(60, 240)]
    assert read_midi(saved(tmp_path, swell)).notes[0].gain_db == 0.0


def test_pan_runs_from_left_to_right(tmp_path: Path) -> None:
    pans = [message for value in (0, 64, 127) for message in (control(10, value), on(60), off(60, 480))]
    assert [note.pan for note in read_midi(saved(tmp_path, pans)).notes] == [-1.0, 0.0, 1.0]


def test_clock_time_becomes_beats_at_the_tempo_it_names(tmp_path: Path) -> None:
    track = b"\x00\x90\x3c\x50" + b"\x8f\x50\x80\x3c\x00" + END
    at_25_frames = (-25 & 0xFF) << 8 | 40
    score = score_of_bytes(tmp_path, chunked(track, division=at_25_frames))
    assert [(point.beat, point.bpm) for point in score.tempo_map] == [(0.0, 120.0)]
    assert spans(score) == [(60, 0.0, pytest.approx(2000 / 1000 * 2 * 1.0))]


def test_the_patterns_of_a_type_2_file_follow_one_another(tmp_path: Path) -> None:
    assert spans(read_midi(saved(tmp_path, [on(60), off(60, 480)], [on(62), off(62, 480)], kind=2))) == [
        (60, 0.0, 1.0),
        (62, 1.0, 1.0),
    ]


def test_chunks_of_other_kinds_and_a_wrapper_are_passed_over(tmp_path: Path) -> None:
    plain = chunked(b"\x00\x90\x3c\x50\x60\x80\x3c\x00" + END)
    alien = plain[:14] + struct.pack(">4sI", b"XFIH", 3) + b"abc" + plain[14:]
    wrapped = b"RIFF\x00\x00\x00\x00RMIDdata\x00\x00\x00\x00" + plain
    assert len(score_of_bytes(tmp_path, alien).notes) == 1
    assert len(score_of_bytes(tmp_path, wrapped).notes) == 1


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "header"),
        (b"RIFF....WAVEfmt ", "header"),
        (chunked(END)[:24], "cut off"),
        (chunked(END, count=3), "promises 3 tracks and holds 1"),
        (chunked(b"\x00\x90\x3c"), "track 1"),
        (chunked(b"\x00\x90\x3c\xff" + END), "track 1"),
        (chunked(b"\x00\xff\x58\x01\x04" + END), "track 1"),
        (chunked(b"\x00\x3c\x50" + END), "track 1"),
        (chunked(END, division=0), "header"),
        (chunked(b"\x00\xf0" + b"\xff" * 5000 + END), "does not end"),
    ],
    ids=["empty", "wave", "truncated", "tracks", "half event", "data byte", "meta", "status", "division", "number"],
)
def test_a_damaged_file_is_refused_with_its_name_and_what_is_wrong(tmp_path: Path, data: bytes, said: str) -> None:
    with pytest.raises(UnreadableMidi, match=rf"raw\.mid.*{said}"):
        score_of_bytes(tmp_path, data)


def test_a_file_broken_anywhere_is_read_or_refused_but_never_more(tmp_path: Path) -> None:
    whole = saved(
        tmp_path,
        [
            meta("set_tempo", tempo=400_000),
            meta("time_signature", numerator=3, denominator=4),
            meta("key_signature", key="D"),
        ],
        [
            control(64, 127),
            on(60),
            mido.Message("pitchwheel", pitch=99),
            off(60, 99),
            control(64, 0),
            on(50, 9),
            off(50, 7),
        ],
    ).read_bytes()
    chance = random.Random(2)
    broken = [whole[:length] for length in range(len(whole))]
    for _ in range(400):
        changed = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        broken.append(bytes(changed))
    refusals = []
    for data in broken:
        try:
            score_of_bytes(tmp_path, data)
        except BridgeError as problem:
            refusals.append(problem.text)
    assert len(refusals) > len(whole) / 2
    assert all("raw.mid" in text for text in refusals)


def test_a_file_without_notes_is_empty(tmp_path: Path) -> None:
    with pytest.raises(EmptyClip, match=r"clip\.mid"):
        read_midi(saved(tmp_path, [meta("set_tempo", tempo=500_000)]))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingFile, match=r"nothing\.mid"):
        read_midi(tmp_path / "nothing.mid")


def test_more_than_200_000_notes_are_too_many(tmp_path: Path) -> None:
    with pytest.raises(TooLarge, match="200,000 notes"):
        score_of_bytes(tmp_path, chunked(b"\x00\x90\x3c\x50" + b"\x00\x3c\x50" * 200_000 + END))


def test_a_file_over_the_limit_of_bytes_is_too_large(tmp_path: Path) -> None:
    with pytest.raises(TooLarge, match="8 MB"):
        score_of_bytes(tmp_path, chunked(b"\x00" * 8_000_001))


@pytest.mark.parametrize("delta", [b"\xff\xff\xff\x7f", b"\xff" * 12 + b"\x7f"])
def test_a_note_that_waits_for_ever_is_too_large(tmp_path: Path, delta: bytes) -> None:
    track = b"\x00\x90\x3c\x50" + delta + b"\x80\x3c\x00" + END
    with pytest.raises(TooLarge):
        score_of_bytes(tmp_path, chunked(track, division=1))


def test_bends_of_many_long_notes_stay_bounded(tmp_path: Path) -> None:
    wheels = b"".join(b"\x00\xe0" + bytes((step % 128, step // 128)) for step in range(1, 4000))
    starts = b"".join(b"\x00\x90" + bytes((pitch, 80)) for pitch in range(100))
    score = score_of_bytes(tmp_path, chunked(starts + b"\x60" + wheels[1:] + b"\x60\x90\x00\x00" + END))
    assert len(score.notes) == 100
    assert max(len(note.bends) for note in score.notes) <= 300


def test_a_triggers_notes_become_a_score_without_the_muted(tmp_path: Path) -> None:
    notes = [Note(pitch=64, start=1.0, duration=0.5, velocity=90), Note(pitch=60, start=0.0, duration=3.0)]
    score = score_of([*notes, Note(pitch=1, start=0.0, duration=9.0, muted=True)], program=33, drums=False)
    assert spans(score) == [(60, 0.0, 3.0), (64, 1.0, 0.5)]
    assert (score.beats, score.notes[1].velocity, score.notes[1].program) == (3.0, 90, 33)


def test_drum_notes_lie_on_the_drum_channel() -> None:
    (note,) = score_of([Note(pitch=36, start=0.0, duration=0.1)], program=0, drums=True).notes
    assert (note.drums, note.channel) == (True, 9)


def test_only_muted_notes_are_an_empty_clip() -> None:
    with pytest.raises(EmptyClip):
        score_of([Note(pitch=60, start=0.0, duration=1.0, muted=True)], program=0, drums=False)
