"""Live sets of both versions: tempo and its automation, metres, scale, tracks, and the track that plays a file."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from bridge.model import KeyNumbers, MetrePoint
from bridge.music.tempo import seconds_at
from bridge.projects import ProjectFacts, read_project
from tests.projects.sets import BEFORE_ALL, live_clip, live_set, live_track, metre_number, write_als


def read(folder: Path, xml: str, near: Path | None = None) -> ProjectFacts:
    write_als(folder / "Song.als", xml)
    facts = read_project(folder, near=near)
    assert facts is not None
    return facts


@pytest.mark.parametrize("version", [11, 12])
def test_tempo_metre_and_tracks_are_the_main_tracks_and_the_sets(tmp_path: Path, version: int) -> None:
    tracks = [live_track("Rhodes 2", kind="MidiTrack"), live_track("Drums", kind="GroupTrack"), live_track("Vox")]
    facts = read(tmp_path, live_set(version=version, bpm=96.5, metre=metre_number(7, 8), tracks=tracks))
    assert (facts.bpm, facts.time_signature) == (96.5, (7, 8))
    assert (facts.tempo_map, facts.metre_map, facts.key, facts.sample_rate) == ((), (), None, None)
    assert (facts.daw, facts.file) == ("live", str(tmp_path / "Song.als"))
    assert facts.tracks == ("Rhodes 2", "Drums", "Vox")


def test_a_set_saved_without_gzip_is_read_too(tmp_path: Path) -> None:
    (tmp_path / "Song.als").write_text(live_set(bpm=101))
    facts = read_project(tmp_path)
    assert facts is not None
    assert facts.bpm == 101


@pytest.mark.parametrize(
    ("number", "metre"), [(201, (4, 4)), (200, (3, 4)), (303, (7, 8)), (302, (6, 8)), (0, (1, 1)), (411, (16, 16))]
)
def test_a_metre_is_one_number(tmp_path: Path, number: int, metre: tuple[int, int]) -> None:
    assert read(tmp_path, live_set(metre=number)).time_signature == metre


def test_a_jump_of_tempo_is_two_events_at_one_beat(tmp_path: Path) -> None:
    events = [(BEFORE_ALL, 120), (16, 120), (16, 90), (32, 90), (32, 140)]
    facts = read(tmp_path, live_set(bpm=140, tempo=events))
    assert [(point.beat, point.bpm) for point in facts.tempo_map] == [(0, 120), (16, 90), (32, 140)]
    assert facts.bpm == 120


def test_a_ramp_takes_as_long_as_its_integral(tmp_path: Path) -> None:
    facts = read(tmp_path, live_set(tempo=[(BEFORE_ALL, 60), (4, 60), (12, 120)]))
    ramp = 60 * 8 / 60 * math.log(120 / 60)
    assert seconds_at(facts.tempo_map, 4) == pytest.approx(4)
    assert seconds_at(facts.tempo_map, 12) == pytest.approx(4 + ramp)
    assert seconds_at(facts.tempo_map, 14) == pytest.approx(4 + ramp + 1)
    for beat in (5.1, 8.6, 11.9):
        exact = 4 + 60 * 8 / 60 * math.log((60 + 60 * (beat - 4) / 8) / 60)
        assert seconds_at(facts.tempo_map, beat) == pytest.approx(exact, abs=0.002)


def test_a_bent_ramp_is_followed(tmp_path: Path) -> None:
    straight = read(tmp_path, live_set(tempo=[(0, 60), (8, 120)])).tempo_map
    late = read(tmp_path, live_set(tempo=[(0, 60, (1, 0, 1, 0)), (8, 120)])).tempo_map
    early = read(tmp_path, live_set(tempo=[(0, 60, (0, 1, 0, 1)), (8, 120)])).tempo_map
    assert seconds_at(late, 8) > seconds_at(straight, 8) + 0.5
    assert seconds_at(early, 8) < seconds_at(straight, 8) - 0.5
    # A cubic with both handles in the corner: across 1-(1-t)³ up t³, so halfway across it is up (1-∛½)³.
    at_half = next(point.bpm for point in late if point.beat == 4)
    assert at_half == pytest.approx(60 + 60 * (1 - 0.5 ** (1 / 3)) ** 3, rel=0.02)


def test_the_first_event_in_the_song_holds_before_it(tmp_path: Path) -> None:
    assert read(tmp_path, live_set(tempo=[(BEFORE_ALL, 120), (16, 100), (16, 140)])).bpm == 100


def test_long_ramps_stay_within_what_a_map_may_hold(tmp_path: Path) -> None:
    facts = read(tmp_path, live_set(tempo=[(beat, 60 + beat % 120) for beat in range(0, 60_000, 50)]))
    assert 1000 < len(facts.tempo_map) <= 20_000


def test_metres_change_where_their_events_stand(tmp_path: Path) -> None:
    events = [(BEFORE_ALL, metre_number(4, 4)), (16, metre_number(7, 8)), (30, metre_number(3, 4))]
    facts = read(tmp_path, live_set(metres=events))
    assert facts.metre_map == (
        MetrePoint(beat=0.0, time_signature=(4, 4)),
        MetrePoint(beat=16.0, time_signature=(7, 8)),
        MetrePoint(beat=30.0, time_signature=(3, 4)),
    )
    assert facts.time_signature == (4, 4)


@pytest.mark.parametrize(
    ("root", "scale", "named"),
    [(9, 1, "minor"), (8, "Minor", "minor"), (2, 2, "dorian"), (5, "Lydian", "lydian"), (0, 20, "super locrian")],
)
def test_a_scale_that_is_switched_on_is_the_key(tmp_path: Path, root: int, scale: object, named: str) -> None:
    key = read(tmp_path, live_set(scale=(root, scale), in_key=True)).key
    assert key is not None
    assert (key.root, key.scale) == (root, named)


@pytest.mark.parametrize(
    ("version", "scale", "in_key"),
    [
        (12, (9, 1), False),
        (11, (9, "Minor"), True),
        (12, (9, 22), True),
        (12, (12, 0), True),
        (12, ("x", 0), True),
        (12, (0, "Bogus"), True),
    ],
)
def test_a_scale_that_is_off_or_not_known_for_sure_is_no_key(
    tmp_path: Path, version: int, scale: tuple[object, object], in_key: bool
) -> None:
    clip = live_clip("/songs/a.wav")
    xml = live_set(version=version, scale=scale, in_key=in_key, tracks=[live_track("Vox", arranged=[clip])])
    assert read(tmp_path, xml).key is None


def test_minor_has_its_intervals(tmp_path: Path) -> None:
    key = read(tmp_path, live_set(scale=(9, 1), in_key=True)).key
    assert key == KeyNumbers(root=9, scale="minor", intervals=(0, 2, 3, 5, 7, 8, 10))


@pytest.mark.parametrize("elsewhere", [False, True])
def test_the_track_that_plays_a_file_and_where_it_begins(tmp_path: Path, elsewhere: bool) -> None:
    near = tmp_path / "Samples" / "Recorded" / "Größe 1.wav"
    near.parent.mkdir(parents=True)
    near.touch()
    path = "/Users/somebody/My Song Project/Samples/Recorded/Größe 1.wav" if elsewhere else str(near)
    relative = "Samples/Recorded/Größe 1.wav" if elsewhere else ""
    tracks = [
        live_track("Bass", arranged=[live_clip("/Users/somebody/bass.wav", "Samples/Recorded/bass.wav", 8)]),
        live_track("Vox", arranged=[live_clip(path, relative, 32)]),
    ]
    events = [(BEFORE_ALL, 120), (16, 120), (16, 90)]
    metres = [(BEFORE_ALL, 201), (32, metre_number(3, 4))]
    facts = read(tmp_path, live_set(tempo=events, metres=metres, tracks=tracks), near=near)
    assert (facts.track, facts.position_beats) == ("Vox", 32.0)
    assert (facts.bpm, facts.time_signature) == (90, (3, 4))


def test_a_clip_of_the_session_has_a_track_and_no_place(tmp_path: Path) -> None:
    near = tmp_path / "riff.wav"
    facts = read(tmp_path, live_set(tracks=[live_track("Lead", slots=[live_clip(str(near), at=3)])]), near=near)
    assert (facts.track, facts.position_beats) == ("Lead", None)


def test_a_file_that_plays_twice_has_no_one_place(tmp_path: Path) -> None:
    near = tmp_path / "riff.wav"
    clips = [live_clip(str(near), at=at) for at in (0, 16)]
    facts = read(tmp_path, live_set(tracks=[live_track("Lead", arranged=clips)]), near=near)
    assert (facts.track, facts.position_beats) == ("Lead", None)
    both = [live_track("Lead", arranged=clips[:1]), live_track("Pad", arranged=clips[:1])]
    facts = read(tmp_path, live_set(tracks=both), near=near)
    assert (facts.track, facts.position_beats) == ("", 0.0)


def test_a_file_of_the_same_name_elsewhere_is_another(tmp_path: Path) -> None:
    tracks = [live_track("Lead", arranged=[live_clip("/packs/riff.wav", "../packs/riff.wav", kind=1)])]
    assert read(tmp_path, live_set(tracks=tracks), near=tmp_path / "Samples" / "riff.wav").track == ""


@pytest.mark.parametrize("bpm", ["NaN", "0", "inf", "-120", "1e300", "1000", "", "fast"])
def test_a_tempo_that_cannot_be_is_left_out_and_the_rest_told(tmp_path: Path, bpm: str) -> None:
    facts = read(tmp_path, live_set(bpm=bpm, tracks=[live_track("Bass")]))
    assert (facts.bpm, facts.tempo_map, facts.time_signature, facts.tracks) == (None, (), (4, 4), ("Bass",))


def test_one_impossible_event_makes_the_whole_tempo_unknown(tmp_path: Path) -> None:
    facts = read(tmp_path, live_set(tempo=[(0, 120), (8, "NaN"), (16, 100)]))
    assert (facts.bpm, facts.tempo_map) == (None, ())


@pytest.mark.parametrize("metre", ["-1", "NaN", "201.5", "99999999999999999999999", "700"])
def test_a_metre_that_cannot_be_is_left_out(tmp_path: Path, metre: str) -> None:
    facts = read(tmp_path, live_set(metre=metre))
    assert (facts.time_signature, facts.metre_map, facts.bpm) == (None, (), 120)
