"""RIFF chunks are found in honest files and in files that lie."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from bridge.sound.riff import chunk_bytes, list_chunks, read_chunk, wav_seconds

FORMAT = struct.pack("<HHIIHH", 1, 2, 48_000, 48_000 * 6, 6, 24)


def riff(*chunks: bytes, head: bytes = b"RIFF", size: int | None = None) -> bytes:
    body = b"".join(chunks)
    return head + struct.pack("<I", len(body) + 4 if size is None else size) + b"WAVE" + body


def test_chunks_are_listed_in_order_with_their_content_and_odd_ones_padded(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(riff(chunk_bytes(b"fmt ", FORMAT), chunk_bytes(b"odd ", b"abc"), chunk_bytes(b"dawb", b"{}")))
    assert [(chunk.id, chunk.size) for chunk in list_chunks(path)] == [(b"fmt ", 16), (b"odd ", 3), (b"dawb", 2)]
    assert read_chunk(path, b"odd ", 100) == b"abc"
    assert read_chunk(path, b"dawb", 100) == b"{}"


def test_a_writer_that_forgot_the_pad_byte_does_not_hide_the_next_chunk(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(riff(struct.pack("<4sI", b"odd ", 3) + b"abc", chunk_bytes(b"dawb", b"{}")))
    assert read_chunk(path, b"dawb", 100) == b"{}"


def test_a_chunk_over_the_limit_or_missing_is_none(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(riff(chunk_bytes(b"dawb", b"x" * 101)))
    assert read_chunk(path, b"dawb", 100) is None
    assert read_chunk(path, b"acid", 100) is None


def test_a_size_past_the_end_is_cut_to_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(riff(chunk_bytes(b"fmt ", FORMAT), struct.pack("<4sI", b"data", 0xFFFFFFF0) + bytes(600)))
    assert list_chunks(path)[-1].size == 600
    assert wav_seconds(path) == 100 / 48_000


def test_rf64_takes_large_sizes_from_ds64(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    ds64 = struct.pack("<QQQI4sQ", 0, 12, 2, 1, b"big ", 4)
    sized = [struct.pack("<4sI", name, 0xFFFFFFFF) for name in (b"data", b"big ")]
    path.write_bytes(
        riff(
            chunk_bytes(b"ds64", ds64),
            chunk_bytes(b"fmt ", FORMAT),
            sized[0] + bytes(12),
            sized[1] + b"wxyz",
            chunk_bytes(b"tail", b"ok"),
            head=b"RF64",
            size=0xFFFFFFFF,
        )
    )
    assert read_chunk(path, b"big ", 100) == b"wxyz"
    assert read_chunk(path, b"tail", 100) == b"ok"
    assert wav_seconds(path) == 2 / 48_000


@pytest.mark.parametrize(
    "content", [b"", b"RIFF", b"RIFF\0\0\0\0WAV", b"MThd" + bytes(20), riff() + b"abc", bytes(300), riff(b"da")]
)
def test_what_is_no_riff_or_breaks_off_has_no_chunks(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    assert list_chunks(path) == ()
    assert wav_seconds(path) is None


def test_endless_empty_chunks_are_not_all_walked(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(riff(*[chunk_bytes(b"junk", b"")] * 20_000))
    assert len(list_chunks(path)) == 4096


def test_compressed_wavs_have_no_seconds_to_read_off(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    adpcm = struct.pack("<HHIIHH", 2, 1, 44_100, 22_050, 1024, 4)
    path.write_bytes(riff(chunk_bytes(b"fmt ", adpcm), chunk_bytes(b"data", bytes(2048))))
    assert wav_seconds(path) is None
