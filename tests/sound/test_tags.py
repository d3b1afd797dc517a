"""Tags read from strangers' files, and those we write, read back by readers of their own."""

from __future__ import annotations

import json
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.music.keys import read_key
from bridge.sound.files import Sound, write_wav
from bridge.sound.tags import Tags, TakeFacts, read_tags, take_chunks

FACTS = TakeFacts(
    title="Marimba riff",
    prompt="marimba, tropical house, G# minor, 96 bpm",
    reference="01JABC-2",
    software="daw-bridge 0.1.0",
    created="2026-11-22T13:39:24Z",
    frames=480_000,
    rate=48_000,
    channels=1,
    bits=24,
    bpm=96.0,
    beats=16.0,
    time_signature=(4, 4),
    bars=(0, 120_000, 240_000, 360_000),
    key=read_key("G# minor"),
    loops=True,
    start_seconds=20.0,
    loudness_lufs=-18.25,
    true_peak_dbtp=-1.5,
)


def with_changes(**changes: Any) -> TakeFacts:
    return msgspec.structs.replace(FACTS, **changes)


def chunks_of(facts: TakeFacts) -> dict[str, bytes]:
    return {
        name.decode() + (content[:4].decode() if name == b"LIST" else ""): content
        for name, content in take_chunks(facts)
    }


def parts_of(content: bytes) -> Iterator[tuple[str, bytes]]:
    position = 4
    while position < len(content):
        size = int.from_bytes(content[position + 4 : position + 8], "little")
        yield content[position : position + 4].decode(), content[position + 8 : position + 8 + size]
        position += 8 + size + size % 2


def wav_with(path: Path, *chunks: tuple[bytes, bytes]) -> Path:
    write_wav(path, Sound(np.zeros((480, 1), np.float32), 48_000), chunks=chunks)
    return path


def id3(*frames: tuple[str, bytes], version: int = 3, flags: int = 0) -> bytes:
    def syncsafe(number: int) -> bytes:
        return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))

    body = b""
    for name, content in frames:
        size = syncsafe(len(content)) if version == 4 else len(content).to_bytes(3 if version == 2 else 4, "big")
        body += name.encode() + size + (b"" if version == 2 else b"\0\0") + content
    return b"ID3" + bytes([version, 0, flags]) + syncsafe(len(body)) + body


def test_a_loop_says_tempo_beats_metre_and_root_in_its_acid_chunk() -> None:
    flags, root, filler, zero, beats, denominator, numerator, bpm = struct.unpack("<IHHfIHHf", chunks_of(FACTS)["acid"])
    assert (flags, root, filler, zero) == (2 | 4, 68, 0x8000, 0.0)
    assert (beats, denominator, numerator, bpm) == (16, 4, 4, 96.0)


def test_a_one_shot_is_marked_as_one_and_has_no_loop() -> None:
    chunks = chunks_of(with_changes(loops=False, key=None))
    assert struct.unpack("<I", chunks["acid"][:4]) == (1,)
    assert "smpl" not in chunks


def test_a_loop_of_broken_beats_is_not_offered_for_stretching() -> None:
    odd = chunks_of(with_changes(beats=3.5, time_signature=(7, 8), bars=(0,)))["acid"]
    assert struct.unpack("<I", odd[:4]) == (1 | 2,)
    assert struct.unpack("<HH", odd[16:20]) == (8, 7)


def test_without_one_steady_tempo_there_is_no_acid_chunk() -> None:
    assert "acid" not in chunks_of(with_changes(bpm=None))


def test_a_loop_runs_from_the_first_frame_to_the_last() -> None:
    fields = struct.unpack("<9I6I", chunks_of(FACTS)["smpl"])
    assert fields[2] == 20_833
    assert fields[7:9] == (1, 0)
    assert fields[9:] == (0, 0, 0, 479_999, 0, 0)


def test_cues_stand_on_the_bar_lines_and_are_labelled() -> None:
    chunks = chunks_of(FACTS)
    points = list(struct.iter_unpack("<II4sIII", chunks["cue "][4:]))
    assert struct.unpack("<I", chunks["cue "][:4]) == (4,)
    assert [(point[0], point[2], point[5]) for point in points] == [
        (number, b"data", 120_000 * (number - 1)) for number in (1, 2, 3, 4)
    ]
    labels = [(int.from_bytes(content[:4], "little"), content[4:]) for _, content in parts_of(chunks["LISTadtl"])]
    assert labels == [(number, f"Bar {number}\0".encode()) for number in (1, 2, 3, 4)]


def test_bext_has_its_fields_where_the_standard_puts_them() -> None:
    bext = chunks_of(with_changes(prompt="Žižkov ☕ dub"))["bext"]
    assert bext[:256].rstrip(b"\0") == b"01JABC-2: ?i?kov ? dub"
    assert bext[256:288].rstrip(b"\0") == b"daw-bridge"
    assert bext[288:320].rstrip(b"\0") == b"01JABC-2"
    assert bext[320:338] == b"2026-11-2213:39:24"
    assert struct.unpack("<QH", bext[338:348]) == (960_000, 2)
    assert struct.unpack("<5h", bext[412:422]) == (-1825, 0x7FFF, -150, 0x7FFF, 0x7FFF)
    assert bext[602:].isascii()
    assert bext.endswith(b"\r\n")


def test_an_unknown_place_in_the_song_is_time_0() -> None:
    assert chunks_of(with_changes(start_seconds=None))["bext"][338:346] == bytes(8)
    assert chunks_of(with_changes(start_seconds=-3.0))["bext"][338:346] == bytes(8)


def test_info_texts_end_in_nul_and_are_utf_8_where_they_must_be() -> None:
    texts = dict(parts_of(chunks_of(with_changes(title="Žižkov"))["LISTINFO"]))
    assert texts["INAM"] == "Žižkov\0".encode()
    assert texts["ICMT"] == FACTS.prompt.encode() + b"\0"
    assert texts["ISFT"] == b"daw-bridge 0.1.0\0"
    assert texts["ICRD"] == b"2026-11-22\0"
    assert texts["IKEY"] == b"G# minor; 96 bpm\0"


def test_our_own_tags_are_read_back(tmp_path: Path) -> None:
    path = wav_with(tmp_path / "take.wav", *take_chunks(FACTS))
    assert read_tags(path) == Tags(bpm=96.0, beats=16.0, title="Marimba riff")


def test_a_fractional_tempo_is_read_as_its_shortest_decimal(tmp_path: Path) -> None:
    path = wav_with(tmp_path / "take.wav", *take_chunks(with_changes(bpm=96.3)))
    assert read_tags(path).bpm == 96.3


@pytest.mark.parametrize("bpm", [0.0, 5.0, 5000.0, float("nan"), float("inf"), -96.0])
def test_a_tempo_that_cannot_be_meant_is_left_out(tmp_path: Path, bpm: float) -> None:
    acid = struct.pack("<IHHfIHHf", 0, 60, 0x8000, 0, 8, 4, 4, bpm)
    assert read_tags(wav_with(tmp_path / "x.wav", (b"acid", acid))) == Tags(beats=8.0)


def test_what_a_one_shots_acid_chunk_says_is_a_programs_default(tmp_path: Path) -> None:
    acid = struct.pack("<IHHfIHHf", 1, 60, 0x8000, 0, 8, 4, 4, 120.0)
    assert read_tags(wav_with(tmp_path / "x.wav", (b"acid", acid))) == Tags()


@pytest.mark.parametrize(
    ("version", "frames"),
    [
        (2, (("TBP", b"\x00128"), ("TKE", b"\x00G#m"), ("TT2", b"\x00Riff"))),
        (3, (("TXXX", b"\x00a\0b"), ("TBPM", b"\x00128.00"), ("TKEY", b"\x00G#m"), ("TIT2", b"\x00Riff\0"))),
        (4, (("TBPM", b"\x03128"), ("TKEY", b"\x031A"), ("TIT2", b"\x03Riff"))),
        (3, (("TBPM", b"\x01" + "128".encode("utf-16")), ("TKEY", b"\x00G# minor"), ("TIT2", b"\x00Riff"))),
    ],
)
def test_id3_is_read_at_the_front_and_in_a_wavs_chunk(
    tmp_path: Path, version: int, frames: tuple[tuple[str, bytes], ...]
) -> None:
    tag = id3(*frames, version=version)
    mp3 = tmp_path / "a.mp3"
    mp3.write_bytes(tag + b"\xff\xfb\x90\x00" + bytes(400))
    aiff = tmp_path / "a.aiff"
    chunk = struct.pack(">4sI", b"COMM", 3) + bytes(4) + struct.pack(">4sI", b"ID3 ", len(tag)) + tag
    aiff.write_bytes(struct.pack(">4sI4s", b"FORM", len(chunk) + 4, b"AIFF") + chunk)
    for path in (mp3, aiff, wav_with(tmp_path / "a.wav", (b"id3 ", tag))):
        assert read_tags(path) == Tags(bpm=128.0, key_text="G# minor", title="Riff")


def test_a_key_tag_that_is_no_key_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(id3(("TKEY", b"\x00o"), ("TBPM", b"\x00fast")))
    assert read_tags(path) == Tags()


@pytest.mark.parametrize(
    "head", [b"", b"RIFF\x10\0\0\0WAVE", b"ID3\x04\x00\x00\x00\x00\x0f\x7f", b"FORM\0\0\0\x10AIFF"]
)
@given(garbage=st.binary(max_size=400))
def test_garbage_gives_no_error(tmp_path_factory: pytest.TempPathFactory, head: bytes, garbage: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "garbage.wav"
    path.write_bytes(head + garbage)
    tags = read_tags(path)
    assert tags.bpm is None or 20 <= tags.bpm <= 999


@given(cut=st.integers(0, 400))
def test_a_tag_that_breaks_off_gives_no_error(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    path = tmp_path_factory.getbasetemp() / "broken.mp3"
    path.write_bytes(id3(("TIT2", b"\x00" + b"x" * 300), ("TBPM", b"\x00128"))[:cut])
    assert read_tags(path).bpm in (None, 128.0)


def test_a_missing_file_and_a_folder_have_no_tags(tmp_path: Path) -> None:
    assert read_tags(tmp_path / "none.wav") == read_tags(tmp_path) == Tags()


@pytest.mark.debian
def test_three_strangers_read_what_we_wrote(tmp_path: Path) -> None:
    path = tmp_path / "take.wav"
    write_wav(path, Sound(np.zeros((480_000, 1), np.float32), 48_000), chunks=take_chunks(FACTS))
    sndfile = _said("sndfile-info", str(path))
    for line in ("Beats     : 16", "Meter     : 4/4", "Tempo     : 96.000000", "Loop,RootNoteValid", "End : 479999"):
        assert line in sndfile
    assert "Frames      : 480000" in sndfile
    exif = json.loads(_said("exiftool", "-json", str(path)))[0]
    assert (exif["Tempo"], exif["Beats"], exif["RootNote"]) == (96, 16, "High G#")
    assert (exif["Title"], exif["OriginatorReference"], exif["TimeReference"]) == ("Marimba riff", "01JABC-2", 960_000)
    assert "Warning" not in exif
    media = json.loads(_said("mediainfo", "--Output=JSON", str(path)))["media"]["track"]
    assert media[0]["Title"] == "Marimba riff"
    assert media[1]["SamplingCount"] == "480000"


def _said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
