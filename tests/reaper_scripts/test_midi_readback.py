"""MIDI files of the Lua side read back as they were meant, in mido and in the daemon."""

from __future__ import annotations

import json
from collections import defaultdict, deque
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import mido
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.sound.midi import Score, read_midi
from tests.reaper_scripts.lua import VERSIONS, LuaTests

DRIVER = Path(__file__).with_name("midi_of_take.lua")
TICKS = 960
BPM = 120
SIXTY_FOURTH = TICKS // 16


@pytest.fixture(params=VERSIONS, scope="module")
def lua(request: pytest.FixtureRequest) -> LuaTests:
    """The driver under each Lua."""
    return LuaTests(DRIVER, request.param)


def write(lua: LuaTests, folder: Path, take: dict[str, Any], tempo: list[dict[str, Any]] | None = None) -> Path:
    """The `.mid` that the Lua makes of a take, at 120 bpm unless tempo markers say otherwise."""
    markers = tempo or [{"at": 0, "bpm": BPM, "num": 4, "den": 4}]
    wanted = {"take": take, "track": "Marimba", "tempo": markers}
    (folder / "take.json").write_text(json.dumps(wanted), encoding="utf-8")
    lua.run(lua.sentences[0], folder)
    return folder / "clip.mid"


def note(pitch: int, start: int, duration: int, velocity: int = 100, channel: int = 0) -> dict[str, Any]:
    """A note of the fake's; start and duration in ticks."""
    return {
        "pitch": pitch,
        "start": start / TICKS,
        "duration": duration / TICKS,
        "velocity": velocity,
        "channel": channel,
    }


def notes_in(path: Path) -> list[tuple[int, int, int, int, int]]:
    """Start, end, pitch, velocity and channel of all notes, by mido; every note must end."""
    notes = []
    for track in mido.MidiFile(path).tracks:
        tick = 0
        sounding: dict[tuple[int, int], deque[tuple[int, int]]] = defaultdict(deque)
        for message in track:
            tick += message.time
            if message.type == "note_on" and message.velocity > 0:
                sounding[message.channel, message.note].append((tick, message.velocity))
            elif message.type in ("note_on", "note_off"):
                start, velocity = sounding[message.channel, message.note].popleft()
                notes.append((start, tick, message.note, velocity, message.channel))
        assert not any(sounding.values())
    return sorted(notes)


def score_notes(score: Score) -> list[tuple[int, int, int, int, int]]:
    """The same of what the daemon reads."""
    return sorted(
        (
            round(one.start * TICKS),
            round((one.start + one.duration) * TICKS),
            one.pitch,
            round(one.velocity),
            one.channel,
        )
        for one in score.notes
    )


def test_notes_texts_and_programs_read_back(lua: LuaTests, tmp_path: Path) -> None:
    take = {
        "at": 2,
        "length": 2,
        "source_beats": 4,
        "notes": [note(60, 0, 960, 99, 3), note(64, 1440, 7, 1, 3), note(127, 3839, 1, 127, 15)],
        "events": [
            {"at": 0, "message": [0xB3, 0, 1]},
            {"at": 0, "message": [0xC3, 12]},
            {"at": 1, "text": "la", "type": 5},
            {"at": 2, "message": [0xE3, 0, 96]},
            {"at": 2, "message": [0xD3, 55]},
            {"at": 3, "message": [0xC3, 13]},
        ],
    }

    path = write(lua, tmp_path, take)

    file = mido.MidiFile(path)
    assert (file.type, file.ticks_per_beat, len(file.tracks)) == (1, TICKS, 2)
    assert file.tracks[1].name == "Marimba"
    assert notes_in(path) == [(0, 960, 60, 99, 3), (1440, 1447, 64, 1, 3), (3839, 3840, 127, 127, 15)]
    assert score_notes(read_midi(path)) == notes_in(path)
    others = [(one.type, one.dict()) for one in file.tracks[1] if one.type not in ("note_on", "note_off", "track_name")]
    assert [(kind, fields.get("program", fields.get("text"))) for kind, fields in others] == [
        ("control_change", None),
        ("program_change", 12),
        ("lyrics", "la"),
        ("pitchwheel", None),
        ("aftertouch", None),
        ("program_change", 13),
        ("end_of_track", None),
    ]
    assert {(one.start, one.program) for one in read_midi(path).notes if one.channel == 3} == {(0.0, 12), (1.5, 12)}


def test_tempo_and_metre_read_back(lua: LuaTests, tmp_path: Path) -> None:
    tempo = [
        {"at": 0, "bpm": 96.3, "num": 7, "den": 8},
        {"at": 3.5 * 60 / 96.3 * 2, "bpm": 120, "num": 5, "den": 4},
    ]
    take = {"at": 0, "length": 8, "source_beats": 16, "notes": [note(60, 0, 960)]}

    path = write(lua, tmp_path, take, tempo)

    score = read_midi(path)
    assert [(point.beat, point.bpm) for point in score.tempo_map] == [(0.0, 96.3), (7.0, 120.0)]
    assert [(point.beat, point.time_signature) for point in score.metre_map] == [(0.0, (7, 8)), (7.0, (5, 4))]
    assert score.key == ""
    seconds = 7 * 60 / 96.3 + (score.beats - 7) * 60 / 120
    assert abs(seconds - 8) < 60 / 120 / TICKS
    assert abs(mido.MidiFile(path).length - 8) < 60 / 120 / TICKS


def test_the_file_is_as_long_as_the_item_whatever_sounds_in_it(lua: LuaTests, tmp_path: Path) -> None:
    path = write(lua, tmp_path, {"at": 1, "length": 3.25, "source_beats": 2, "notes": [note(60, 0, 480)]})

    assert read_midi(path).beats == 6.5


def test_a_pedal_that_is_held_over_the_end_is_let_go(lua: LuaTests, tmp_path: Path) -> None:
    events = [{"at": 0, "message": [0xB0, 64, 127]}]
    path = write(
        lua, tmp_path, {"at": 0, "length": 1, "source_beats": 8, "notes": [note(60, 0, 480)], "events": events}
    )

    assert score_notes(read_midi(path)) == [(0, 2 * TICKS, 60, 100, 0)]


@st.composite
def takes(draw: st.DrawFn) -> dict[str, Any]:
    """A take as an item shows it: cut at both ends, looped or not; ticks throughout, so that nothing is rounded."""
    notes = []
    for key in draw(st.lists(st.tuples(st.integers(0, 127), st.integers(0, 15)), min_size=1, max_size=6, unique=True)):
        tick = 0
        for gap, duration in draw(
            st.lists(st.tuples(st.integers(0, 3000), st.integers(1, 2500)), min_size=1, max_size=8)
        ):
            notes.append(note(key[0], tick + gap, duration, draw(st.integers(1, 127)), key[1]))
            tick += gap + duration
    return {
        "notes": notes,
        "source_ticks": draw(st.integers(500, 12_000)),
        "offset_ticks": draw(st.integers(0, 6_000)),
        "length_ticks": draw(st.integers(400, 20_000)),
        "loop": draw(st.booleans()),
    }


def sounding(take: dict[str, Any]) -> list[tuple[int, int, int, int, int]]:
    """What is heard of a take, worked out note by note."""
    first, last, source = take["offset_ticks"], take["offset_ticks"] + take["length_ticks"], take["source_ticks"]
    rounds = range(first // source, -(-last // source)) if take["loop"] else range(1)
    heard = []
    for number in rounds:
        for one in take["notes"]:
            start, length = round(one["start"] * TICKS), round(one["duration"] * TICKS)
            if take["loop"] and start >= source:
                continue
            end = min(start + length, source) if take["loop"] else start + length
            start, end = start + number * source, min(end + number * source, last)
            if start >= last or end <= first or (start < first and end - first <= SIXTY_FOURTH):
                continue
            heard.append((max(start, first) - first, end - first, one["pitch"], one["velocity"], one["channel"]))
    return sorted(heard)


@settings(max_examples=25, deadline=None)
@given(take=takes())
def test_any_take_reads_back_as_it_sounds(lua: LuaTests, take: dict[str, Any]) -> None:
    wanted = sounding(take)
    seconds_a_tick = 60 / BPM / TICKS
    item = {
        "at": 7,
        "offset": take["offset_ticks"] * seconds_a_tick,
        "length": take["length_ticks"] * seconds_a_tick,
        "source_beats": take["source_ticks"] / TICKS,
        "loop": take["loop"],
        "notes": take["notes"],
    }
    with TemporaryDirectory() as folder:
        path = write(lua, Path(folder), item)
        if not wanted:
            assert (Path(folder) / "problem.txt").read_text(encoding="utf-8").startswith("No note of the MIDI item")
            return
        assert notes_in(path) == wanted
        score = read_midi(path)
        assert score_notes(score) == wanted
        assert round(score.beats * TICKS) == take["length_ticks"]
