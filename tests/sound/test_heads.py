"""What a file holds is told by its first bytes."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bridge.sound.heads import suffix_of

SILENCE = np.zeros(4800, np.float32)


@pytest.mark.parametrize(
    ("suffix", "kind"),
    [
        *((".wav", "WAV"), (".wav", "RF64"), (".wav", "WAVEX"), (".aiff", "AIFF"), (".flac", "FLAC"), (".ogg", "OGG")),
        *((".mp3", "MP3"), (".w64", "W64"), (".caf", "CAF"), (".au", "AU")),
    ],
)
def test_what_libsndfile_writes_is_known_for_what_it_is(tmp_path: Path, suffix: str, kind: str) -> None:
    path = tmp_path / "a"
    soundfile.write(path, SILENCE, 48_000, format=kind)
    assert suffix_of(path.read_bytes()[:16]) == suffix


@pytest.mark.parametrize(
    ("head", "suffix"),
    [
        (b"BW64" + struct.pack("<I", 0xFFFFFFFF) + b"WAVEds64", ".wav"),
        (b"ID3\x04" + bytes(12), ".mp3"),
        (b"MThd" + struct.pack(">IHHH", 6, 1, 1, 480), ".mid"),
        (b"RIFF" + struct.pack("<I", 100) + b"RMIDdata", ".mid"),
    ],
)
def test_rarer_heads_are_known_too(head: bytes, suffix: str) -> None:
    assert suffix_of(head) == suffix


@pytest.mark.parametrize(
    "head",
    [
        *(b"", b"R", b"RIFF", b"RIFF\0\0\0\0AVI LIST", b"FORM\0\0\0\0ILBMBMHD", b"<!DOCTYPE html>"),
        *(b'{"schema": 1, "x"', b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0"),
        *(b"\xff\xfeh\0e\0l\0l\0o\0 \0", b"\xff\xff\xff\xff" * 4),
    ],
)
def test_what_is_no_audio_and_no_midi_is_none(head: bytes) -> None:
    assert suffix_of(head) is None
