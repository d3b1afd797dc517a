"""REAPER projects: tempo envelopes in seconds, packed metres, the rate, quoted names, items and their sources."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.model import MetrePoint
from bridge.music.tempo import beat_at, seconds_at
from bridge.projects import ProjectFacts, read_project
from tests.projects.sets import reaper_item, reaper_project, reaper_track


def read(folder: Path, text: str, near: Path | None = None) -> ProjectFacts:
    (folder / "Song.rpp").write_text(text)
    facts = read_project(folder, near=near)
    assert facts is not None
    return facts


def packed(numerator: int, denominator: int) -> int:
    return numerator + 65536 * denominator


def test_tempo_metre_rate_and_tracks(tmp_path: Path) -> None:
    tracks = [reaper_track('"Rhodes 2"'), reaper_track("Bass"), reaper_track('""'), reaper_track("'12\" kick'")]
    facts = read(tmp_path, reaper_project(tempo="97.5 7 8", rate="44100 1 0", tracks=tracks))
    assert (facts.daw, facts.bpm, facts.time_signature, facts.sample_rate) == ("reaper", 97.5, (7, 8), 44_100)
    assert (facts.tempo_map, facts.metre_map, facts.key) == ((), (), None)
    assert facts.tracks == ("Rhodes 2", "Bass", '12" kick')


@pytest.mark.parametrize("rate", ["48000 0 0", "0 1 0", "99999999 1 0", "x 1 0"])
def test_a_rate_that_is_not_set_is_not_the_projects(tmp_path: Path, rate: str) -> None:
    assert read(tmp_path, reaper_project(rate=rate)).sample_rate is None


def test_markers_in_seconds_become_beats(tmp_path: Path) -> None:
    points = [f"0 120 1 {packed(4, 4)}", "8 90 1", f"16 60 1 {packed(6, 8)} 0 1"]
    facts = read(tmp_path, reaper_project(points=points))
    assert [(point.beat, point.bpm) for point in facts.tempo_map] == [(0, 120), (16, 90), (28, 60)]
    assert facts.metre_map == (
        MetrePoint(beat=0.0, time_signature=(4, 4)),
        MetrePoint(beat=28.0, time_signature=(6, 8)),
    )


def test_a_ramp_is_straight_over_time(tmp_path: Path) -> None:
    tempo_map = read(tmp_path, reaper_project(points=["0 60 1", "2 60 0", "6 120 1"])).tempo_map
    # Over 4 s from 60 to 120 the mean is 90: 6 beats.
    assert seconds_at(tempo_map, 2) == pytest.approx(2)
    assert seconds_at(tempo_map, 8) == pytest.approx(6)
    assert seconds_at(tempo_map, 10) == pytest.approx(7)
    for after in (0.5, 1.7, 3.9):
        beats = (60 * after + (120 - 60) / 4 * after**2 / 2) / 60
        assert beat_at(tempo_map, 2 + after) == pytest.approx(2 + beats, abs=0.01)


def test_a_marker_that_sets_only_the_metre_leaves_the_tempo(tmp_path: Path) -> None:
    facts = read(tmp_path, reaper_project(points=["0 120 1", f"8 55 1 {packed(3, 4)} 0 3"]))
    assert (facts.bpm, facts.tempo_map) == (120, ())
    assert facts.metre_map[-1] == MetrePoint(beat=16.0, time_signature=(3, 4))


def test_what_the_project_settings_say_holds_before_the_first_marker(tmp_path: Path) -> None:
    facts = read(tmp_path, reaper_project(tempo="100 3 4", points=["6 150 1"]))
    assert [(point.beat, point.bpm) for point in facts.tempo_map] == [(0, 100), (10, 150)]
    assert facts.time_signature == (3, 4)


@pytest.mark.parametrize("wrapped", [False, True])
@pytest.mark.parametrize("relative", [False, True])
def test_the_track_that_plays_a_file_and_where_it_begins(tmp_path: Path, wrapped: bool, relative: bool) -> None:
    near = tmp_path / "Media" / "take 1.wav"
    file = '"Media/take 1.wav"' if relative else f'"{near}"'
    tracks = [
        reaper_track("Bass", reaper_item("Media/bass.wav", 1)),
        reaper_track('"Lead Vox"', reaper_item(file, 12, wrapped=wrapped)),
    ]
    facts = read(tmp_path, reaper_project(points=["0 120 1", "8 90 1"], tracks=tracks), near=near)
    assert (facts.track, facts.position_beats) == ("Lead Vox", 22.0)
    assert facts.bpm == 90


def test_windows_slashes_and_old_code_pages_are_read(tmp_path: Path) -> None:
    text = reaper_project(tracks=[reaper_track('"Größe"', reaper_item('"Media\\take 1.wav"', 2))])
    (tmp_path / "Song.RPP").write_bytes(text.replace("\n", "\r\n").encode("cp1252"))
    facts = read_project(tmp_path, near=tmp_path / "Media" / "take 1.wav")
    assert facts is not None
    assert (facts.track, facts.position_beats, facts.tracks) == ("Größe", 4.0, ("Größe",))


@pytest.mark.parametrize(
    "points", [["0 nan 1"], ["0 0 1"], ["nan 120 1"], ["0 120 1", "1e999 90 1"], ["0 120 0", "1 1e9 1"]]
)
def test_a_tempo_that_cannot_be_is_left_out(tmp_path: Path, points: list[str]) -> None:
    facts = read(tmp_path, reaper_project(points=points, tracks=[reaper_track("Bass")]))
    assert (facts.bpm, facts.tempo_map, facts.tracks) == (None, (), ("Bass",))


def test_an_impossible_metre_is_left_out(tmp_path: Path) -> None:
    facts = read(tmp_path, reaper_project(points=[f"0 120 1 {packed(4, 3)}"]))
    assert (facts.bpm, facts.time_signature) == (120, None)
