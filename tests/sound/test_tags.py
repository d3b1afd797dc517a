"""Tags read from strangers' files, and those we write, read back by readers of their own."""

from __future__ import annotations

import json
import re
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

from bridge.music.keys import key_text, read_key
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
    assert read_tags(path) == Tags(
        bpm=96.0,
        key_text="G# minor",
        beats=16.0,
        title="Marimba riff",
        time_signature=(4, 4),
        root_note=68,
        position_frames=960_000,
    )


def test_of_a_take_whose_tempo_changes_no_tempo_is_read_back(tmp_path: Path) -> None:
    tags = read_tags(wav_with(tmp_path / "take.wav", *take_chunks(with_changes(bpm=None))))
    assert (tags.bpm, tags.beats, tags.key_text) == (None, None, "G# minor")


def test_a_fractional_tempo_is_read_as_its_shortest_decimal(tmp_path: Path) -> None:
    path = wav_with(tmp_path / "take.wav", *take_chunks(with_changes(bpm=96.3)))
    assert read_tags(path).bpm == 96.3


@pytest.mark.parametrize("bpm", [0.0, 5.0, 5000.0, float("nan"), float("inf"), -96.0])
def test_a_tempo_that_cannot_be_meant_is_left_out(tmp_path: Path, bpm: float) -> None:
    acid = struct.pack("<IHHfIHHf", 0, 60, 0x8000, 0, 8, 4, 4, bpm)
    assert read_tags(wav_with(tmp_path / "x.wav", (b"acid", acid))) == Tags(beats=8.0, time_signature=(4, 4))


def test_what_a_one_shots_acid_chunk_says_is_a_programs_default(tmp_path: Path) -> None:
    acid = struct.pack("<IHHfIHHf", 1, 60, 0x8000, 0, 8, 4, 4, 120.0)
    assert read_tags(wav_with(tmp_path / "x.wav", (b"acid", acid))) == Tags(one_shot=True)


@pytest.mark.parametrize(("flags", "root"), [(2, 57), (3, 57), (0, None)])
def test_a_root_counts_where_acid_says_that_it_is_set(tmp_path: Path, flags: int, root: int | None) -> None:
    acid = struct.pack("<IHHfIHHf", flags, 57, 0x8000, 0, 7, 8, 7, 120.0)
    tags = read_tags(wav_with(tmp_path / "x.wav", (b"acid", acid)))
    assert (tags.root_note, tags.one_shot) == (root, flags & 1 == 1)
    assert tags.time_signature == (None if flags & 1 else (7, 8))


@pytest.mark.parametrize(("note", "root"), [(57, 57), (60, None), (0, None), (200, None)])
def test_the_samplers_note_is_a_root_unless_it_is_a_default(tmp_path: Path, note: int, root: int | None) -> None:
    smpl = struct.pack("<9I", 0, 0, 20_833, note, 0, 0, 0, 0, 0)
    assert read_tags(wav_with(tmp_path / "x.wav", (b"smpl", smpl))).root_note == root


def test_a_recorders_description_and_place_are_read(tmp_path: Path) -> None:
    bext = b"Rhodes take, 92 bpm F# minor".ljust(256, b"\0") + b"Recorder".ljust(82, b"\0")
    bext += struct.pack("<QH", 172_800_000, 1) + bytes(254)
    tags = read_tags(wav_with(tmp_path / "x.wav", (b"bext", bext)))
    assert tags == Tags(bpm=92.0, key_text="F# minor", position_frames=172_800_000)


def test_keywords_say_tempo_and_key_where_each_stands_alone(tmp_path: Path) -> None:
    info = b"INFO" + struct.pack("<4sI", b"IKEY", 40) + b"dub; 87.5 bpm; D dorian; C; demo 100".ljust(40, b"\0")
    tags = read_tags(wav_with(tmp_path / "x.wav", (b"LIST", info)))
    assert (tags.bpm, tags.key_text) == (87.5, "D dorian")


def test_ixml_is_read_as_steinberg_and_others_write_it(tmp_path: Path) -> None:
    def attribute(name: str, inside: str) -> str:
        return f"<ATTR><TYPE>string</TYPE><NAME>{name}</NAME>{inside}</ATTR>"

    attributes = attribute("MusicalTempo", "<VALUE>127.5</VALUE>") + attribute("MusicalBeats", "<VALUE>14</VALUE>")
    attributes += attribute("MusicalSignature", "<NUMERATOR>7</NUMERATOR><DENOMINATOR>8</DENOMINATOR>")
    steinberg = f"<BWFXML><STEINBERG><ATTR_LIST>{attributes}</ATTR_LIST></STEINBERG></BWFXML>".encode()
    tags = read_tags(wav_with(tmp_path / "x.wav", (b"iXML", steinberg)))
    assert tags == Tags(bpm=127.5, beats=14.0, time_signature=(7, 8))
    user = (
        b"<?xml version='1.0'?><BWFXML><SPEED><NOTE>25</NOTE></SPEED><USER><BPM>93</BPM><KEY>Ebm</KEY></USER></BWFXML>"
    )
    assert read_tags(wav_with(tmp_path / "y.wav", (b"iXML", user))) == Tags(bpm=93.0, key_text="Eb minor")


def test_entities_in_ixml_are_not_even_looked_at(tmp_path: Path) -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "120"><!ENTITY b "&a;&a;">]><BWFXML><BPM>&b;</BPM><BPM' + b"<" * 200_000
    assert read_tags(wav_with(tmp_path / "x.wav", (b"iXML", bomb))) == Tags()


def vorbis(**texts: str) -> bytes:
    comments = [f"{name}={text}".encode() for name, text in texts.items()]
    body = b"".join(struct.pack("<I", len(comment)) + comment for comment in comments)
    return struct.pack("<I", 4) + b"us  " + struct.pack("<I", len(comments)) + body


def flac(comments: bytes) -> bytes:
    return b"fLaC" + b"\0\0\0\x22" + bytes(34) + b"\x84" + len(comments).to_bytes(3, "big") + comments


def ogg(*packets: bytes) -> bytes:
    lacing = b"".join(b"\xff" * (len(packet) // 255) + bytes([len(packet) % 255]) for packet in packets)
    head = b"OggS\0\2" + bytes(8) + struct.pack("<III", 1, 0, 0) + bytes([len(lacing)]) + lacing
    return head + b"".join(packets)


@pytest.mark.parametrize(
    "content",
    [
        flac(vorbis(TITLE="Größe", bpm="128", InitialKey="G#m")),
        ogg(b"\x01vorbis" + bytes(23), b"\x03vorbis" + vorbis(TITLE="Größe", TEMPO="128.0 BPM", KEY="G# minor")),
        ogg(b"OpusHead" + bytes(11), b"OpusTags" + vorbis(FILL="x" * 700, TITLE="Größe", BPM="128", KEY="1A")),
    ],
)
def test_vorbis_comments_are_read_in_flac_and_ogg(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.ogg"
    path.write_bytes(content)
    assert read_tags(path) == Tags(bpm=128.0, key_text="G# minor", title="Größe")


def apple_loop(*, kind: int = 1, root: int = 57, scale: int = 1, beats: int = 14) -> bytes:
    """An AIFF of 480,000 frames at 48 kHz, with none of them in it."""
    common = struct.pack(">HIH", 1, 480_000, 16) + struct.pack(">HQ", 16383 + 15, 48_000 << 48)
    basc = struct.pack(">IIHHHHH", 1, beats, root, scale, 7, 8, kind) + bytes(66)
    chunks = b"".join(
        struct.pack(">4sI", name, len(body)) + body for name, body in ((b"COMM", common), (b"basc", basc))
    )
    return struct.pack(">4sI4s", b"FORM", len(chunks) + 4, b"AIFF") + chunks


def test_an_apple_loop_says_beats_metre_and_key_and_so_its_tempo(tmp_path: Path) -> None:
    path = tmp_path / "loop.aif"
    path.write_bytes(apple_loop())
    assert read_tags(path) == Tags(bpm=84.0, key_text="A minor", beats=14.0, time_signature=(7, 8), root_note=57)
    path.write_bytes(apple_loop(kind=2, scale=3))
    assert read_tags(path) == Tags(one_shot=True, root_note=57)
    path.write_bytes(apple_loop(root=0, beats=0))
    assert read_tags(path) == Tags(time_signature=(7, 8))


@pytest.mark.parametrize(
    ("version", "frames"),
    [
        (2, (("TBP", b"\x00128"), ("TKE", b"\x00G#m"), ("TT2", b"\x00Riff"))),
        (3, (("TXXX", b"\x00a\0b"), ("TBPM", b"\x00128.00"), ("TKEY", b"\x00G#m"), ("TIT2", b"\x00Riff\0"))),
        (4, (("TBPM", b"\x03128"), ("TKEY", b"\x031A"), ("TIT2", b"\x03Riff"))),
        (4, (("TXXX", b"\x03bpm\x00128"), ("TXXX", b"\x03initialkey\x00G#m"), ("TIT2", b"\x03Riff"))),
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


HEADS = (
    b"",
    b"RIFF\x10\0\0\0WAVE",
    b"ID3\x04\x00\x00\x00\x00\x0f\x7f",
    b"FORM\0\0\0\x10AIFF",
    b"FORM\0\0\1\0AIFFbasc\0\0\0\x12",
    b"fLaC\x04\0\0\x40",
    b"OggS\0\2" + bytes(20) + b"\x03\x01\xff",
    b"RIFF\0\1\0\0WAVEiXML\xf0\0\0\0",
    b"RIFF\0\4\0\0WAVEbext\xf0\3\0\0",
)


@pytest.mark.parametrize("head", HEADS)
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


KINDS = {
    "loop": with_changes(),
    "one-shot": with_changes(loops=False, key=None, start_seconds=None),
    "odd metre": with_changes(
        time_signature=(7, 8), beats=14.0, bpm=84.0, bars=(0, 120_000, 240_000, 360_000), key=read_key("D dorian")
    ),
    "broken beats": with_changes(time_signature=(7, 8), beats=3.5, bpm=21.0, bars=(0,)),
    "changing tempo": with_changes(bpm=None, bars=(0, 110_000, 260_000, 333_333)),
}


@pytest.fixture(params=list(KINDS))
def take(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[TakeFacts, str]:
    """A take as it is delivered, of each kind, on the disk."""
    facts = KINDS[request.param]
    path = tmp_path / "take.wav"
    write_wav(path, Sound(np.zeros((480_000, 1), np.float32), 48_000), chunks=take_chunks(facts))
    return facts, str(path)


def is_loop(facts: TakeFacts) -> bool:
    return facts.loops and facts.beats == round(facts.beats or 0)


@pytest.mark.debian
def test_sndfile_reads_what_we_wrote(take: tuple[TakeFacts, str]) -> None:
    facts, path = take
    said = _said("sndfile-info", path)
    assert "Frames      : 480000" in said
    assert ("End : 479999" in said) == facts.loops
    assert [int(frame) for frame in re.findall(r"Cue ID : +\d+  Pos : +(\d+)  Chunk : data", said)] == list(facts.bars)
    assert re.findall(r"labl : \d+ : (Bar \d+)", said) == [f"Bar {bar + 1}" for bar in range(len(facts.bars))]
    if facts.bpm is None:
        assert "Tempo" not in said
        return
    above, below = facts.time_signature
    for name, value in (("Beats", f"{facts.beats:.0f}"), ("Meter", f"{above}/{below}"), ("Tempo", f"{facts.bpm:f}")):
        assert f"{name:10}: {value}\n" in said
    assert ("(Loop,RootNote" if is_loop(facts) else "(OneShot,RootNote") in said
    assert ("RootNoteValid" in said) == (facts.key is not None)


@pytest.mark.debian
def test_exiftool_reads_what_we_wrote(take: tuple[TakeFacts, str]) -> None:
    facts, path = take
    exif = json.loads(_said("exiftool", "-json", path))[0]
    assert "Warning" not in exif
    assert (exif["Title"], exif["OriginatorReference"]) == ("Marimba riff", "01JABC-2")
    assert (exif["Comment"], exif["Software"]) == (facts.prompt, facts.software)
    assert exif["TimeReference"] == round((facts.start_seconds or 0) * 48_000)
    assert exif["DateTimeOriginal"] == "2026:11:22 13:39:24"
    assert exif.get("Tempo") == facts.bpm
    assert ("NumSampleLoops" in exif) == facts.loops
    if facts.bpm is not None:
        assert exif["Beats"] == round(facts.beats or 0)
        assert exif["Meter"] == "{}/{}".format(*facts.time_signature)
    if facts.bpm is not None and facts.key is not None:
        assert exif["RootNote"] == {8: "High G#", 2: "High D"}[facts.key.root]


@pytest.mark.debian
def test_mediainfo_reads_what_we_wrote(take: tuple[TakeFacts, str]) -> None:
    facts, path = take
    general, audio = json.loads(_said("mediainfo", "--Output=JSON", path))["media"]["track"][:2]
    assert (general["Title"], general["Encoded_Application"]) == ("Marimba riff", facts.software)
    assert audio["SamplingCount"] == "480000"
    assert (audio["extra"]["LoudnessValue"], audio["extra"]["MaxTruePeakLevel"]) == ("-18.25", "-1.50")
    assert float(audio.get("Delay", 0)) == (facts.start_seconds or 0)
    assert general["extra"]["Producer_Reference"] == "01JABC-2"


def test_we_read_what_we_wrote(take: tuple[TakeFacts, str]) -> None:
    facts, path = take
    tags = read_tags(Path(path))
    assert tags.bpm == facts.bpm
    assert tags.key_text == (key_text(facts.key) if facts.key is not None else None)
    assert (tags.beats, tags.time_signature) == (
        (facts.beats, facts.time_signature) if facts.bpm and is_loop(facts) else (None, None)
    )
    assert tags.one_shot == (facts.bpm is not None and not is_loop(facts))
    assert tags.position_frames == (None if facts.start_seconds is None else 960_000)


def _said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
