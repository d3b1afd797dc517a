"""The conditioning is one whole WAV a section, with what the bridge knows for our own engine and only for it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import soundfile

from bridge.contract import HINTS_CHUNK, MAX_HINTS_BYTES, Hints
from bridge.errors import EmptyClip, NotWritable
from bridge.model import Conditioning, Trigger
from bridge.music.keys import key_text
from bridge.music.sections import plan_sections
from bridge.render.conditioning import render
from bridge.render.survey import survey
from bridge.sound.riff import list_chunks, read_chunk
from tests.render.makers import clicks, notes_of, onsets, pitch_of, tone, trigger_of, wav

AT_96 = {"bpm": 96.0, "key": "G# minor", "time_signature": [7, 8], "grouping": [3, 2, 2], "swing": 0.58}
RIFF = notes_of(*[(68 + step, i / 2, 0.5) for i, step in enumerate([0, 3, 7, 12, 10, 7, 3] * 2)])


def conditioning(trigger: Trigger, folder: Path, *, extensions: bool = True, max_seconds: float = 20.0) -> Conditioning:
    song = survey(trigger)
    sections = plan_sections(song, max_seconds)
    return render(trigger, song, sections, folder, extensions=extensions, soundfont="")


def hints_in(path: str) -> Hints:
    content = read_chunk(Path(path), HINTS_CHUNK, MAX_HINTS_BYTES)
    assert content is not None
    return msgspec.json.decode(content, type=Hints)


def test_a_clip_of_one_section_is_one_wav_of_16_bits_at_32_khz(tmp_path: Path) -> None:
    made = conditioning(trigger_of({"notes": RIFF}, music=AT_96), tmp_path)
    (file,) = made.files
    assert file is not None
    facts = soundfile.info(file.path)
    assert (facts.samplerate, facts.subtype, facts.channels, facts.frames) == (32_000, "PCM_16", 2, 4.375 * 32_000)
    assert file.seconds == 4.375
    assert file.sha256 == made.sha256 == hashlib.sha256(Path(file.path).read_bytes()).hexdigest()
    assert (made.loudness_lufs, made.channels) == (None, 2)
    assert [path.name for path in tmp_path.iterdir()] == [Path(file.path).name]


def test_more_sections_are_more_files_under_one_sum(tmp_path: Path) -> None:
    trigger = trigger_of({"notes": RIFF}, music=AT_96, ask={"bars": 8})
    made = conditioning(trigger, tmp_path, max_seconds=10.0)
    whole = b"".join(Path(file.path).read_bytes() for file in made.files if file is not None)
    assert len(made.files) == len(made.sections) == 2
    assert made.sha256 == hashlib.sha256(whole).hexdigest()


def test_the_same_clip_gives_the_same_bytes(tmp_path: Path) -> None:
    trigger = trigger_of({"notes": RIFF}, music=AT_96)
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert conditioning(trigger, tmp_path / "a").sha256 == conditioning(trigger, tmp_path / "b").sha256


def test_hints_say_what_is_known_of_the_section(tmp_path: Path) -> None:
    trigger = trigger_of(
        {"name": "Riff", "notes": RIFF},
        music=AT_96,
        track={"name": "Marimba", "program": 12},
        ask={"bars": 8, "mode": "accompany"},
    )
    made = conditioning(trigger, tmp_path, max_seconds=10.0)
    second = made.files[1]
    assert second is not None
    hints = hints_in(second.path)
    assert (hints.bpm, hints.beats, hints.time_signature, hints.grouping) == (96.0, 14.0, (7, 8), (3, 2, 2))
    assert (hints.swing, key_text(hints.key), hints.mode, hints.loops) == (0.58, "G# minor", "accompany", True)
    assert (hints.section, hints.sections, hints.drums, hints.source_seconds) == (1, 2, False, 0.0)
    assert hints.track == {"name": "Marimba", "clip": "Riff", "program": 12}
    assert [(note.pitch, note.start) for note in hints.notes[:8]] == [
        (68, 0), (71, 0.5), (75, 1), (80, 1.5), (78, 2), (75, 2.5), (71, 3), (68, 3.5),
    ]  # fmt: skip
    assert len(hints.notes) == 28


def test_maps_in_the_hints_count_from_the_section(tmp_path: Path) -> None:
    music = {
        "tempo_map": [{"beat": 0, "bpm": 120}, {"beat": 4, "bpm": 90}, {"beat": 12, "bpm": 60}],
        "metre_map": [{"beat": 0, "time_signature": [4, 4]}, {"beat": 8, "time_signature": [2, 4]}],
    }
    trigger = trigger_of({"notes": RIFF}, music=music, ask={"bars": 6})
    made = conditioning(trigger, tmp_path, max_seconds=8.0)
    last = made.sections[-1]
    file = made.files[-1]
    assert file is not None
    assert last.start_beats is not None
    assert last.start_beats > 4
    hints = hints_in(file.path)
    assert [(point.beat, point.bpm) for point in hints.tempo_map] == [(0, 90), (12 - last.start_beats, 60)]
    assert hints.metre_map[0].beat == 0
    assert hints.bpm == 90


def test_other_hosts_get_no_hints_and_without_a_tempo_nobody_does(tmp_path: Path) -> None:
    (hosted,) = conditioning(trigger_of({"notes": RIFF}, music=AT_96), tmp_path, extensions=False).files
    assert hosted is not None
    assert [chunk.id for chunk in list_chunks(Path(hosted.path))] == [b"fmt ", b"data"]
    (untimed,) = conditioning(trigger_of({"notes": RIFF}), tmp_path).files
    assert untimed is not None
    assert read_chunk(Path(untimed.path), HINTS_CHUNK, MAX_HINTS_BYTES) is None


def test_hints_stay_within_their_limit_by_leaving_notes_out(tmp_path: Path) -> None:
    many = [{"pitch": i % 128, "start": i * 4 / 56_000, "duration": 1 / 3000, "velocity": 1} for i in range(56_000)]
    (file,) = conditioning(trigger_of({"notes": many}, music={"bpm": 120}, track={"drums": True}), tmp_path).files
    assert file is not None
    chunk = next(chunk for chunk in list_chunks(Path(file.path)) if chunk.id == HINTS_CHUNK)
    assert MAX_HINTS_BYTES * 0.99 < chunk.size <= MAX_HINTS_BYTES
    assert 10_000 < len(hints_in(file.path).notes) < 56_000


@pytest.mark.parametrize("clip", ["audio", "notes"])
def test_drums_are_sent_to_our_engine_and_to_nobody_else(tmp_path: Path, clip: str) -> None:
    path = wav(tmp_path / "beat.wav", clicks([0, 0.5, 1, 1.5], 2))
    holds = {"audio": {"audio": {"path": path}}, "notes": {"notes": notes_of((36, 0, 1), (38, 1, 1))}}
    trigger = trigger_of(holds[clip], music={"bpm": 120}, track={"name": "Drums"})
    ours, other = conditioning(trigger, tmp_path), conditioning(trigger, tmp_path, extensions=False)
    assert ours.files[0] is not None
    assert hints_in(ours.files[0].path).drums
    assert other.files == (None,)
    assert "drums" in other.note
    assert other.sha256 == ""
    assert other.loudness_lufs == ours.loudness_lufs


def test_loudness_is_that_of_the_clip_as_heard(tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav", np.repeat(tone(997, 8.0, level=0.5), 2, axis=1))
    plain = conditioning(trigger_of({"audio": {"path": path}}, music={"bpm": 120}), tmp_path)
    softer = conditioning(trigger_of({"audio": {"path": path, "gain_db": -9}}, music={"bpm": 120}), tmp_path)
    assert plain.loudness_lufs == pytest.approx(-6.02, abs=0.15)
    assert softer.loudness_lufs == pytest.approx(-15.02, abs=0.15)


def test_mono_stays_mono_and_audio_carries_no_notes(tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav", tone(440, 2.0))
    made = conditioning(trigger_of({"audio": {"path": path}}, music={"bpm": 120}), tmp_path)
    (file,) = made.files
    assert file is not None
    assert (made.channels, soundfile.info(file.path).channels) == (1, 1)
    assert hints_in(file.path).notes == ()


def test_a_clip_over_full_scale_is_turned_down_not_clipped(tmp_path: Path) -> None:
    path = wav(tmp_path / "hot.wav", tone(440, 2.0, level=3.0), subtype="FLOAT")
    (file,) = conditioning(trigger_of({"audio": {"path": path}}, music={"bpm": 120}), tmp_path).files
    assert file is not None
    sent = soundfile.read(file.path, always_2d=True)[0][3200:-3200]
    assert 0.98 < np.abs(sent).max() < 1
    assert np.mean(np.abs(sent) > 0.97) < 0.17


def test_a_bass_is_sent_an_octave_up_to_a_model_that_hears_pitch_classes(tmp_path: Path) -> None:
    path = wav(tmp_path / "Bass.wav", tone(55, 4.0))
    trigger = trigger_of({"audio": {"path": path}}, music={"bpm": 120})
    for extensions, hz in ((True, 55.0), (False, 110.0)):
        made = conditioning(trigger, tmp_path, extensions=extensions)
        assert made.files[0] is not None
        sent = soundfile.read(made.files[0].path, always_2d=True)[0]
        assert pitch_of(sent) == pytest.approx(hz, rel=0.003)
        assert ("octave" in made.note) is not extensions


def test_only_the_first_thirty_seconds_of_a_long_section_are_sent(tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav", clicks([i * 2.0 for i in range(20)], 40.0))
    made = conditioning(trigger_of({"audio": {"path": path}}, music={"bpm": 120}), tmp_path, max_seconds=480)
    (file,) = made.files
    assert file is not None
    assert soundfile.info(file.path).frames == 30 * 32_000
    assert onsets(soundfile.read(file.path, always_2d=True)[0]) == pytest.approx(
        [i * 2.0 for i in range(15)], abs=0.001
    )
    assert hints_in(file.path).beats == 80.0


def test_a_clip_turned_down_to_nothing_is_empty(tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav", tone(440, 2.0))
    with pytest.raises(EmptyClip, match=r"a\.wav"):
        conditioning(trigger_of({"audio": {"path": path, "gain_db": -150}}, music={"bpm": 120}), tmp_path)


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotWritable):
        conditioning(trigger_of({"notes": RIFF}, music=AT_96), tmp_path / "gone")


def test_every_mode_and_source_makes_a_whole_wav(tmp_path: Path) -> None:
    sources: list[dict[str, Any]] = [
        {"notes": RIFF},
        {"audio": {"path": wav(tmp_path / "a.wav", tone(220, 3.1))}},
    ]
    for clip in sources:
        for mode in ("variation", "accompany", "continue"):
            made = conditioning(trigger_of(clip, music=AT_96, ask={"mode": mode}), tmp_path)
            assert made.files[0] is not None
            assert soundfile.info(made.files[0].path).frames == round(made.song.seconds * 32_000)
            assert made.song.loops is False or mode != "continue"
