"""From results to a take in the project: the file, its note, its place."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bridge.errors import BadResult, NotAllowed, NotWritable
from bridge.files import sha256_of
from bridge.model import Ask, Clip, MetrePoint, Position, Project, Song, TempoPoint, Track, Trigger
from bridge.music.sections import plan_sections
from bridge.sound.files import Sound
from bridge.sound.riff import list_chunks, read_chunk
from tests.deliver.makers import CREATED, Desk, clip_trigger, make_song, play


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_take_is_a_24_bit_wav_of_exactly_its_bars_with_its_note_beside_it(desk: Desk) -> None:
    song = make_song()
    delivery, note = desk.deliver(desk.result(play(song, 10.5)), song=song)
    info = soundfile.info(delivery.file)
    assert (info.frames, info.samplerate, info.subtype, info.channels) == (480_000, 48_000, "PCM_24", 1)
    assert note == Path(delivery.file).with_suffix(".json")
    assert Path(delivery.file).name == "Marimba riff 96bpm G# minor 01JABCDE-1.wav"


def test_the_note_says_all_that_the_protocol_asks_for(desk: Desk) -> None:
    song = make_song()
    trigger = clip_trigger(source={"client": "live-3"}, position=Position(beats=32, seconds=20), ask=Ask(takes=3))
    delivery, note = desk.deliver(desk.result(play(song, 10.5), seed=7), song=song, trigger=trigger, take=2)
    told = json.loads(note.read_text(encoding="utf-8"))
    assert told.pop("fit")["level"]["target_lufs"] == -20.0
    assert told == {
        "schema": 1,
        "job_id": "01JABCDE",
        "request_id": "live-3.1",
        "take": 2,
        "takes": 3,
        "file": delivery.file,
        "sha256": sha256_of(Path(delivery.file)),
        "bpm": 96.0,
        "bpm_source": "trigger",
        "beats": 16.0,
        "time_signature": [4, 4],
        "key": "G# minor",
        "key_source": "trigger",
        "seconds": 10.0,
        "sample_rate": 48_000,
        "prompt": "marimba, G# minor, 96 bpm",
        "mode": "variation",
        "seed": 7,
        "provider": "local",
        "provider_ids": ["id-result"],
        "conditioning_sha256": "c" * 64,
        "source": {"client": "live-3"},
        "position": {"beats": 32, "seconds": 20},
        "created": CREATED,
    }


@pytest.mark.parametrize(
    ("song", "rate", "frames"),
    [
        (make_song(4, 96), 44_100, 441_000),
        (make_song(3, 137.3), 48_000, round(12 * 60 / 137.3 * 48_000)),
        (make_song(4, 96, (7, 8)), 48_000, 420_000),
        (make_song(2, 96, tempo_map=(TempoPoint(beat=0, bpm=120), TempoPoint(beat=4, bpm=60))), 48_000, 288_000),
        (
            make_song(
                2, 60, metre_map=(MetrePoint(beat=0, time_signature=(4, 4)), MetrePoint(beat=4, time_signature=(5, 8)))
            ),
            96_000,
            624_000,
        ),
        (Song(seconds=3.3333), 48_000, 159_998),
    ],
)
def test_every_tempo_metre_and_rate_comes_out_to_the_frame(desk: Desk, song: Song, rate: int, frames: int) -> None:
    trigger = clip_trigger(project=Project(sample_rate=rate))
    delivery, _ = desk.deliver(desk.result(play(song, song.seconds + 0.3)), song=song, trigger=trigger)
    info = soundfile.info(delivery.file)
    assert (info.frames, info.samplerate, delivery.sample_rate) == (frames, rate, rate)


@pytest.mark.parametrize(
    ("project", "folder"),
    [
        (Project(), "home/results"),
        (Project(path="{}/Song", daw="live"), "Song/Samples/Generated"),
        (Project(path="{}/Song", daw="reaper"), "Song/Generated"),
        (Project(path="{}/Song", daw="other"), "Song/Generated"),
        (Project(path="{}/Song", out="{}/exactly here", daw="live"), "exactly here"),
    ],
)
def test_takes_go_where_the_daw_looks_for_them(desk: Desk, tmp_path: Path, project: Project, folder: str) -> None:
    placed = Project(path=project.path.format(tmp_path), out=project.out.format(tmp_path), daw=project.daw)
    delivery, note = desk.deliver(desk.result(play(make_song(), 10.5)), trigger=clip_trigger(project=placed))
    assert Path(delivery.file).parent == note.parent == tmp_path / folder
    assert set(note.parent.iterdir()) == {Path(delivery.file), note}


def test_takes_outside_the_allowed_roots_are_refused_but_not_in_our_own_results(desk: Desk, tmp_path: Path) -> None:
    result = desk.result(play(make_song(), 10.5))
    roots = (str(tmp_path / "songs"),)
    with pytest.raises(NotAllowed):
        desk.deliver(result, trigger=clip_trigger(project=Project(path=str(tmp_path / "elsewhere"))), roots=roots)
    assert not (tmp_path / "elsewhere").exists()
    desk.deliver(result, roots=roots)


@pytest.mark.parametrize(
    ("trigger", "song", "name"),
    [
        (clip_trigger(""), make_song(key=""), "Mallets 96bpm 01JABCDE-1.wav"),
        (clip_trigger("Žluťoučký / kůň: 🎹"), Song(seconds=10), "Zlutoucky _ kun_ 01JABCDE-1.wav"),
        (Trigger(schema=1, clip=Clip(notes=())), Song(seconds=10), "01JABCDE-1.wav"),
        (Trigger(schema=1, clip=Clip(notes=()), track=Track(name="CON")), make_song(bpm=96.5), None),
    ],
)
def test_names_are_plain_and_leave_out_what_nobody_knows(
    desk: Desk, trigger: Trigger, song: Song, name: str | None
) -> None:
    delivery, _ = desk.deliver(desk.result(play(song, 10.5)), song=song, trigger=trigger)
    found = Path(delivery.file).name
    assert found.isascii()
    assert name is None or found == name
    assert not found.upper().startswith("CON ")


def test_an_endless_name_is_cut_but_never_its_id_and_take(desk: Desk) -> None:
    trigger = clip_trigger("Ein sehr langer Name " * 20, ask=Ask(takes=10))
    delivery, note = desk.deliver(desk.result(play(make_song(), 10.5)), trigger=trigger, job_id="j" * 80, take=10)
    assert len(note.name) <= 120
    assert Path(delivery.file).name.endswith(f"{'j' * 80}-10.wav")


def test_a_file_that_stands_there_is_never_written_over(desk: Desk) -> None:
    desk.results_folder.mkdir(parents=True)
    stranger = desk.results_folder / "Marimba riff 96bpm G# minor 01JABCDE-1.wav"
    stranger.write_bytes(b"my own")
    delivery, note = desk.deliver(desk.result(play(make_song(), 10.5)))
    assert stranger.read_bytes() == b"my own"
    assert Path(delivery.file).name == "Marimba riff 96bpm G# minor 01JABCDE-1-2.wav"
    assert note.stem == Path(delivery.file).stem


def test_a_note_that_stands_there_is_never_written_over(desk: Desk) -> None:
    desk.results_folder.mkdir(parents=True)
    stranger = desk.results_folder / "Marimba riff 96bpm G# minor 01JABCDE-1.json"
    stranger.write_text("{}")
    _, note = desk.deliver(desk.result(play(make_song(), 10.5)))
    assert stranger.read_text() == "{}"
    assert note != stranger


def test_a_take_that_was_placed_before_a_crash_is_told_again_and_not_placed_twice(desk: Desk) -> None:
    result = desk.result(play(make_song(), 10.5))
    first = desk.deliver(result)
    before = sorted(desk.results_folder.iterdir())
    assert desk.deliver(result) == first
    assert sorted(desk.results_folder.iterdir()) == before


def test_a_wav_that_was_placed_without_its_note_gets_it(desk: Desk) -> None:
    result = desk.result(play(make_song(), 10.5))
    delivery, note = desk.deliver(result)
    note.unlink()
    again, new_note = desk.deliver(result)
    assert (again, new_note) == (delivery, note)
    assert len(list(desk.results_folder.iterdir())) == 2


def test_a_take_whose_wav_was_changed_or_removed_is_placed_anew(desk: Desk) -> None:
    result = desk.result(play(make_song(), 10.5))
    delivery, _ = desk.deliver(result)
    Path(delivery.file).write_bytes(b"edited")
    again, _ = desk.deliver(result)
    assert again.file != delivery.file
    assert sha256_of(Path(again.file)) == again.sha256


def test_a_strangers_file_of_a_like_name_is_no_hindrance(desk: Desk) -> None:
    desk.results_folder.mkdir(parents=True)
    for number, content in enumerate((b'{"job_id": "\xff"}', b'{"source": ' + b'{"a": ' * 9_000, b"[]")):
        (desk.results_folder / f"x 01JABCDE-1-{number}.json").write_bytes(content)
    assert Path(desk.deliver(desk.result(play(make_song(), 10.5)))[0].file).exists()


def test_what_was_special_about_the_conditioning_stands_in_the_note(desk: Desk) -> None:
    result = desk.result(play(make_song(), 10.5))
    assert desk.deliver(result, note="drums: no conditioning is sent")[0].fit["conditioning"].startswith("drums")
    assert desk.deliver(result, take=2)[0].fit["conditioning"] == ""


def test_takes_of_other_jobs_are_not_taken_for_this_one(desk: Desk) -> None:
    result = desk.result(play(make_song(), 10.5))
    files = {desk.deliver(result, job_id=job, take=take)[0].file for job in ("a1", "ba1", "a") for take in (1, 11)}
    assert len(files) == 6


def test_a_folder_that_cannot_be_written_is_named_and_nothing_is_left(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    trigger = clip_trigger(project=Project(out=str(tmp_path / "file" / "takes")))
    with pytest.raises(NotWritable, match="takes"):
        desk.deliver(desk.result(play(make_song(), 10.5)), trigger=trigger)
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize("level", [0.0, 1e-5])
def test_silence_is_a_bad_result(desk: Desk, level: float) -> None:
    quiet = Sound(np.full((320_000, 1), level, np.float32), 32_000)
    with pytest.raises(BadResult, match="silence"):
        desk.deliver(desk.result(quiet, bits=24))


def test_numbers_that_are_none_and_files_that_are_no_audio_are_bad_results(desk: Desk, tmp_path: Path) -> None:
    result = desk.result(play(make_song(), 10.5))
    samples = np.full(320_000, 0.1, np.float32)
    samples[5] = np.nan
    soundfile.write(result.file.path, samples, 32_000, subtype="FLOAT")
    with pytest.raises(BadResult):
        desk.deliver(result)
    Path(result.file.path).write_bytes(b"<html>no such key</html>")
    with pytest.raises(BadResult, match="id-result"):
        desk.deliver(result)
    assert not desk.results_folder.exists()


def test_a_loop_carries_its_chunks_and_a_continuation_none_of_a_loop(desk: Desk) -> None:
    song = make_song()
    result = desk.result(play(song, 10.5))
    trigger = clip_trigger(position=Position(beats=32, seconds=20))
    loop = Path(desk.deliver(result, song=song, trigger=trigger)[0].file)
    assert [chunk.id for chunk in list_chunks(loop)] == [
        b"fmt ", b"data", b"acid", b"smpl", b"cue ", b"LIST", b"bext", b"LIST",
    ]  # fmt: skip
    bext = read_chunk(loop, b"bext", 10_000)
    assert bext is not None
    assert int.from_bytes(bext[338:346], "little") == 20 * 48_000
    goes_on = clip_trigger(ask=Ask(mode="continue"))
    after = Path(desk.deliver(result, song=song, trigger=goes_on, job_id="after")[0].file)
    assert b"smpl" not in [chunk.id for chunk in list_chunks(after)]


def test_the_place_in_the_song_is_that_of_the_downbeat(desk: Desk) -> None:
    song = make_song(pickup_beats=0.8)
    trigger = clip_trigger(position=Position(beats=32, seconds=20))
    delivery, _ = desk.deliver(desk.result(play(song, 10.5)), song=song, trigger=trigger)
    bext = read_chunk(Path(delivery.file), b"bext", 10_000)
    assert bext is not None
    assert int.from_bytes(bext[338:346], "little") == round(20.5 * 48_000)


def test_sections_are_joined_in_their_order_to_the_frame(desk: Desk) -> None:
    song = make_song(bars=16)
    sections = plan_sections(song, 20.42, 0.5)
    assert len(sections) == 3
    results = [
        desk.result(play(song, section.seconds + 0.5, seed=place), name=f"part{place}", seed=5)
        for place, section in enumerate(sections)
    ]
    delivery, _ = desk.deliver(*results, song=song, sections=sections)
    assert soundfile.info(delivery.file).frames == 40 * 48_000
    assert delivery.provider_ids == ("id-part0", "id-part1", "id-part2")
    assert [join["frame"] for join in delivery.fit["joins"]] == [12.5 * 48_000, 27.5 * 48_000]


def test_the_requests_seed_stands_where_the_result_tells_none(desk: Desk) -> None:
    delivery, _ = desk.deliver(desk.result(play(make_song(), 10.5)), seed=99)
    assert delivery.seed == 99
