"""At the door a trigger's files are looked at, and refused with a sentence that names them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from bridge.config import FilesConfig
from bridge.errors import (
    BadTrigger,
    BridgeError,
    EmptyClip,
    MissingFile,
    NotAllowed,
    TooLarge,
    UnreadableAudio,
    UnreadableMidi,
)
from bridge.render.door import inspect
from tests.render.makers import midi, notes_of, tone, trigger_of, wav

ANY = FilesConfig()


@pytest.mark.parametrize(
    "clip",
    [
        {},
        {"audio": {"path": "/a.wav"}, "midi": {"path": "/a.mid"}},
        {"midi": {"path": "/a.mid"}, "notes": []},
    ],
)
def test_a_clip_is_exactly_one_of_audio_midi_and_notes(clip: dict[str, Any]) -> None:
    with pytest.raises(BadTrigger, match="exactly one of audio, midi and notes"):
        inspect(trigger_of(clip), ANY)


@pytest.mark.parametrize("name", ["a.wav", "a.aiff", "a.flac", "a.ogg", "a.mp3", "a.rf64", "a.w64", "a.caf"])
def test_every_kind_of_audio_passes(tmp_path: Path, name: str) -> None:
    soundfile.write(tmp_path / name, tone(440, 0.2), 48_000)
    checked = inspect(trigger_of({"audio": {"path": str(tmp_path / name)}}), ANY)
    assert checked.clip.audio is not None
    assert checked.clip.audio.path == str(tmp_path / name)


def test_content_beats_the_suffix_and_the_field(tmp_path: Path) -> None:
    song = midi(tmp_path / "song.wav", [(60, 0, 1)])
    take = wav(tmp_path / "take.wav", tone(440, 0.2))
    as_midi = inspect(trigger_of({"name": "Riff", "audio": {"path": song}}), ANY).clip
    assert (as_midi.name, as_midi.audio, as_midi.midi and as_midi.midi.path) == ("Riff", None, song)
    as_audio = inspect(trigger_of({"midi": {"path": take}}), ANY).clip
    assert (as_audio.midi, as_audio.audio and as_audio.audio.path) == (None, take)


def test_a_path_in_the_other_unicode_form_is_told_back_as_it_is_on_the_disk(tmp_path: Path) -> None:
    on_disk = tmp_path / "Ka\u0308fer.wav"
    wav(on_disk, tone(440, 0.2))
    checked = inspect(trigger_of({"audio": {"path": str(tmp_path / "K\u00e4fer.wav")}}), ANY)
    assert checked.clip.audio is not None
    assert checked.clip.audio.path == str(on_disk)


@pytest.mark.parametrize(("field", "error"), [("audio", UnreadableAudio), ("midi", UnreadableMidi)])
def test_unknown_content_and_folders_are_unreadable(tmp_path: Path, field: str, error: type[BridgeError]) -> None:
    (tmp_path / "thing.bin").write_bytes(b"\0\0\0\x20ftypM4A " + bytes(100))
    with pytest.raises(error, match=r"thing\.bin"):
        inspect(trigger_of({field: {"path": str(tmp_path / "thing.bin")}}), ANY)
    with pytest.raises(error, match="folder"):
        inspect(trigger_of({field: {"path": str(tmp_path)}}), ANY)


def test_missing_empty_and_enormous_files_have_their_own_errors(tmp_path: Path) -> None:
    (tmp_path / "empty.wav").touch()
    with pytest.raises(MissingFile, match=r"gone\.wav"):
        inspect(trigger_of({"audio": {"path": str(tmp_path / "gone.wav")}}), ANY)
    with pytest.raises(EmptyClip, match=r"empty\.wav"):
        inspect(trigger_of({"audio": {"path": str(tmp_path / "empty.wav")}}), ANY)
    large = wav(tmp_path / "large.wav", tone(440, 1))
    with pytest.raises(TooLarge, match=r"large\.wav.*max_clip_mb"):
        inspect(trigger_of({"audio": {"path": large}}), FilesConfig(max_clip_mb=0.1))


@pytest.mark.parametrize(
    "clip", [{"audio": {"path": "take.wav"}}, {"midi": {"path": "../riff.mid"}}, {"midi": {"path": "/a\0b.mid"}}]
)
def test_a_path_that_is_none_is_refused_by_the_name_of_its_field(clip: dict[str, Any]) -> None:
    with pytest.raises(BadTrigger, match=r"clip\.(audio|midi)\.path"):
        inspect(trigger_of(clip), ANY)


@pytest.mark.parametrize("key", ["H wibble", {"root": 3, "scale": "wibble"}])
def test_a_key_that_nobody_can_read_is_refused_at_the_door(key: object) -> None:
    with pytest.raises(BadTrigger, match=r"music\.key"):
        inspect(trigger_of({"notes": notes_of((60, 0, 1))}, music={"key": key}), FilesConfig())


def test_a_clip_outside_of_the_roots_is_not_allowed_not_even_by_a_link(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    take = wav(outside / "take.wav", tone(440, 0.2))
    (inside / "link.wav").symlink_to(take)
    roots = FilesConfig(roots=(str(inside),))
    for path in (take, str(inside / "link.wav")):
        with pytest.raises(NotAllowed):
            inspect(trigger_of({"audio": {"path": path}}), roots)


def test_a_clip_may_also_lie_where_the_doors_keep_files_but_a_project_may_not(tmp_path: Path) -> None:
    song, media = tmp_path / "song", tmp_path / "media"
    song.mkdir()
    media.mkdir()
    take = wav(media / "take.wav", tone(440, 0.2))
    roots, clip = FilesConfig(roots=(str(song),)), {"audio": {"path": take}}
    checked = inspect(trigger_of(clip, project={"path": str(song)}), roots, clip_roots=(str(media),))
    assert checked.clip.audio is not None
    assert checked.clip.audio.path == take
    for field in ("path", "out"):
        with pytest.raises(NotAllowed):
            inspect(trigger_of(clip, project={field: str(media)}), roots, clip_roots=(str(media),))
    outside = trigger_of({"audio": {"path": wav(tmp_path / "take.wav", tone(440, 0.2))}})
    with pytest.raises(NotAllowed):
        inspect(outside, roots, clip_roots=(str(media),))
    assert inspect(outside, ANY, clip_roots=(str(media),)).clip == outside.clip


def test_outside_of_the_roots_nobody_can_feel_out_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "there").touch()
    roots, notes = FilesConfig(roots=(str(tmp_path / "in"),)), {"notes": notes_of((60, 0, 1))}
    for name in ("there", "not there"):
        path = str(tmp_path / name)
        for trigger in (
            trigger_of({"audio": {"path": path}}),
            trigger_of({"midi": {"path": path}}),
            trigger_of(notes, project={"path": path}),
            trigger_of(notes, project={"out": path}),
        ):
            with pytest.raises(NotAllowed):
                inspect(trigger, roots)


def test_the_project_must_be_a_folder_that_exists_under_the_roots(tmp_path: Path) -> None:
    clip = {"notes": notes_of((60, 0, 1))}
    (tmp_path / "file").touch()
    for wrong in ("gone", "file"):
        with pytest.raises(MissingFile, match=r"project\.path"):
            inspect(trigger_of(clip, project={"path": str(tmp_path / wrong)}), ANY)
    for field, wrong in (("path", "My Song"), ("out", "My Song"), ("out", str(tmp_path / "file"))):
        with pytest.raises(BadTrigger, match=rf"project\.{field}"):
            inspect(trigger_of(clip, project={field: wrong}), ANY)
    for field in ("path", "out"):
        with pytest.raises(NotAllowed):
            inspect(trigger_of(clip, project={field: str(tmp_path)}), FilesConfig(roots=(str(tmp_path / "in"),)))
    new = str(tmp_path / "to be made")
    assert inspect(trigger_of(clip, project={"out": new}), ANY).project.out == new


@pytest.mark.parametrize(
    ("clip", "error", "field"),
    [
        ({"start_beats": 8, "end_beats": 4}, BadTrigger, "clip.end_beats"),
        ({"start_beats": 4, "end_beats": 4}, EmptyClip, "clip.end_beats"),
        ({"loop": {"start_beats": 4, "end_beats": 0}}, BadTrigger, "clip.loop.end_beats"),
        ({"end_beats": 4, "pickup_beats": 4}, BadTrigger, "clip.pickup_beats"),
    ],
)
def test_a_cut_that_leaves_nothing_is_refused(clip: dict[str, Any], error: type[BridgeError], field: str) -> None:
    with pytest.raises(error, match=field):
        inspect(trigger_of({"notes": notes_of((60, 0, 1)), **clip}), ANY)


def test_warp_markers_must_rise(tmp_path: Path) -> None:
    markers = [{"beat": 0, "seconds": 0}, {"beat": 4, "seconds": 2}, {"beat": 3, "seconds": 3}]
    take = wav(tmp_path / "take.wav", tone(440, 0.2))
    with pytest.raises(BadTrigger, match="warp_markers"):
        inspect(trigger_of({"audio": {"path": take, "warp_markers": markers}}), ANY)


@pytest.mark.parametrize("name", ["tempo_map", "metre_map"])
def test_maps_must_rise(name: str) -> None:
    points = [{"beat": beat, "bpm": 90, "time_signature": [4, 4]} for beat in (4, 4)]
    for point in points:
        del point["time_signature" if name == "tempo_map" else "bpm"]
    with pytest.raises(BadTrigger, match=rf"music\.{name}"):
        inspect(trigger_of({"notes": notes_of((60, 0, 1))}, music={name: points}), ANY)


def test_notes_that_are_all_muted_or_none_at_all_are_an_empty_clip() -> None:
    for notes in ([], [{**note, "muted": True} for note in notes_of((60, 0, 1))]):
        with pytest.raises(EmptyClip, match=r"clip\.notes"):
            inspect(trigger_of({"notes": notes}), ANY)


@pytest.mark.parametrize("seed", range(20))
def test_garbage_is_refused_and_never_breaks_the_door(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "garbage.wav"
    path.write_bytes(b"\1" + np.random.default_rng(seed).bytes(seed * 3))
    with pytest.raises(UnreadableAudio, match=r"garbage\.wav"):
        inspect(trigger_of({"audio": {"path": str(path)}}), ANY)


def test_the_door_and_a_forecast_of_a_told_clip_stay_light(tmp_path: Path) -> None:
    path = wav(tmp_path / "Riff 96bpm.wav", tone(440, 0.2))
    program = (
        "import sys, msgspec\n"
        "from bridge.config import FilesConfig\n"
        "from bridge.model import Trigger\n"
        "from bridge.render.door import inspect\n"
        "from bridge.render.survey import forecast\n"
        "trigger = msgspec.json.decode(sys.argv[1], type=Trigger)\n"
        "song = forecast(inspect(trigger, FilesConfig()))\n"
        "print(song.bpm, sorted({'numpy', 'soundfile', 'soxr', 'mido'} & set(sys.modules)))"
    )
    trigger = json.dumps({"schema": 1, "clip": {"audio": {"path": path}}})
    said = subprocess.run([sys.executable, "-c", program, trigger], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "96.0 []"
