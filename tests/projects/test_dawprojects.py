"""DAWprojects, as Bitwig and Studio One write them: transport, automation in beats or seconds, tracks and files."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.model import MetrePoint
from bridge.music.tempo import seconds_at
from bridge.projects import ProjectFacts, read_project
from tests.projects.sets import daw_clip, daw_project, daw_track, write_dawproject

TRANSPORT = (
    '<Tempo max="666.0" min="20.0" unit="bpm" value="149.000000" id="id0" name="Tempo"/>'
    '<TimeSignature denominator="8" numerator="7" id="id1"/>'
)


def read(folder: Path, xml: str, files: dict[str, bytes] | None = None, near: Path | None = None) -> ProjectFacts:
    write_dawproject(folder / "Song.dawproject", xml, files)
    facts = read_project(folder, near=near)
    assert facts is not None
    return facts


def lanes(track: str, *clips: str, unit: str = "beats") -> str:
    return f'<Lanes timeUnit="{unit}"><Lanes track="{track}"><Clips>{"".join(clips)}</Clips></Lanes></Lanes>'


def test_tempo_metre_and_tracks(tmp_path: Path) -> None:
    structure = daw_track("id2", "Drums", daw_track("id3", "Kick") + daw_track("id4", "Snare"))
    structure += daw_track("id5", "Hall", role="effect") + daw_track("id6", "Master", role="master")
    facts = read(tmp_path, daw_project(transport=TRANSPORT, structure=structure))
    assert (facts.daw, facts.bpm, facts.time_signature) == ("other", 149.0, (7, 8))
    assert (facts.tempo_map, facts.metre_map, facts.key, facts.sample_rate) == ((), (), None, None)
    assert facts.tracks == ("Drums", "Kick", "Snare")


def test_automation_holds_unless_it_says_linear(tmp_path: Path) -> None:
    arrangement = (
        '<TempoAutomation unit="bpm"><Target parameter="id0"/><RealPoint time="0" value="60" interpolation="hold"/>'
        '<RealPoint time="8" value="120"/><RealPoint time="16" value="120" interpolation="linear"/>'
        '<RealPoint time="24" value="60" interpolation="hold"/></TempoAutomation>'
        '<TimeSignatureAutomation><TimeSignaturePoint time="0" numerator="7" denominator="8"/>'
        '<TimeSignaturePoint time="21" numerator="4" denominator="4"/></TimeSignatureAutomation>'
    )
    facts = read(tmp_path, daw_project(transport=TRANSPORT, arrangement=arrangement))
    assert seconds_at(facts.tempo_map, 16) == pytest.approx(8 + 4)
    assert facts.tempo_map[1].beat == 8
    assert 80 < next(point.bpm for point in facts.tempo_map if point.beat == 20) < 95
    assert facts.metre_map[1] == MetrePoint(beat=21.0, time_signature=(4, 4))
    assert facts.bpm == 60


def test_automation_in_seconds_becomes_beats(tmp_path: Path) -> None:
    arrangement = (
        '<TempoAutomation timeUnit="seconds" unit="bpm"><RealPoint time="0" value="120"/>'
        '<RealPoint time="8" value="90"/></TempoAutomation>'
        '<TimeSignatureAutomation timeUnit="seconds"><TimeSignaturePoint time="8" numerator="3" denominator="4"/>'
        "</TimeSignatureAutomation>"
    )
    facts = read(tmp_path, daw_project(transport=TRANSPORT, arrangement=arrangement))
    assert [(point.beat, point.bpm) for point in facts.tempo_map] == [(0, 120), (16, 90)]
    assert facts.time_signature == (3, 4)


def test_a_file_outside_is_known_by_its_path(tmp_path: Path) -> None:
    near = tmp_path / "audio" / "loop.wav"
    xml = daw_project(
        transport=TRANSPORT,
        structure=daw_track("id2", "Bass") + daw_track("id3", "Drumloop"),
        arrangement=lanes("id3", daw_clip("audio/loop.wav", 16, external=True)),
    )
    facts = read(tmp_path, xml, near=near)
    assert (facts.track, facts.position_beats) == ("Drumloop", 16.0)


def test_a_file_inside_is_known_by_its_name_and_size(tmp_path: Path) -> None:
    near = tmp_path / "loop.wav"
    near.write_bytes(b"x" * 1234)
    xml = daw_project(
        transport=TRANSPORT,
        structure=daw_track("id3", "Drumloop"),
        arrangement=lanes("id3", daw_clip("audio/loop.wav", 4.0)),
    )
    same = read(tmp_path, xml, {"audio/loop.wav": b"y" * 1234}, near=near)
    assert (same.track, same.position_beats) == ("Drumloop", 4.0)
    other = read(tmp_path, xml, {"audio/loop.wav": b"y" * 999}, near=near)
    assert (other.track, other.position_beats) == ("", None)


def test_an_arrangement_in_seconds_is_told_in_beats(tmp_path: Path) -> None:
    near = tmp_path / "loop.wav"
    transport = TRANSPORT.replace("149.000000", "120")
    clip = daw_clip("loop.wav", 6, external=True)
    xml = daw_project(
        transport=transport, structure=daw_track("id3", "Vox"), arrangement=lanes("id3", clip, unit="seconds")
    )
    assert read(tmp_path, xml, near=near).position_beats == 12.0


def test_a_clip_of_a_scene_has_a_track_and_no_place(tmp_path: Path) -> None:
    near = tmp_path / "loop.wav"
    scenes = f'<Scene><Lanes><ClipSlot track="id3">{daw_clip("loop.wav", 0, external=True)}</ClipSlot></Lanes></Scene>'
    xml = daw_project(transport=TRANSPORT, structure=daw_track("id3", "Vox"), scenes=scenes)
    facts = read(tmp_path, xml, near=near)
    assert (facts.track, facts.position_beats) == ("Vox", None)


@pytest.mark.parametrize("value", ["NaN", "0", "INF", "", "1e400"])
def test_a_tempo_that_cannot_be_is_left_out(tmp_path: Path, value: str) -> None:
    facts = read(tmp_path, daw_project(transport=TRANSPORT.replace("149.000000", value)))
    assert (facts.bpm, facts.time_signature) == (None, (7, 8))
