"""The chunks of a RIFF file, read without trusting what it says about itself."""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import BinaryIO, NamedTuple

_HEADS = {b"RIFF", b"RF64", b"BW64"}
_MAX_CHUNKS = 4096
_MAX_DS64_BYTES = 64 * 1024
_SIZE_IN_DS64 = 0xFFFFFFFF
_FORMAT_BYTES = 16
_BLOCKY_FORMATS = {0x0001, 0x0003, 0xFFFE}  # PCM, float and extensible: every frame has the same number of bytes


class Chunk(NamedTuple):
    """One chunk: its id, and where its content lies in the file, never past the file's end."""

    id: bytes
    offset: int
    size: int


def list_chunks(path: Path) -> tuple[Chunk, ...]:
    """The chunks of a RIFF, RF64 or BW64 file in their order; none for any other file.

    Sizes that reach past the end are cut to it, and at most 4096 chunks are listed.
    """
    with path.open("rb") as file:
        return _chunks(file)


def read_chunk(path: Path, chunk_id: bytes, max_bytes: int) -> bytes | None:
    """The content of the first chunk of that id; None where there is none, or where it is over `max_bytes`."""
    with path.open("rb") as file:
        found = next((chunk for chunk in _chunks(file) if chunk.id == chunk_id), None)
        return None if found is None or found.size > max_bytes else _content(file, found)


def wav_seconds(path: Path) -> float | None:
    """How long a WAV of PCM or float samples lasts; None for every other file."""
    with path.open("rb") as file:
        chunks = {chunk.id: chunk for chunk in reversed(_chunks(file))}
        if b"fmt " not in chunks or b"data" not in chunks or chunks[b"fmt "].size < _FORMAT_BYTES:
            return None
        tag, _, rate, _, block, _ = struct.unpack("<HHIIHH", _content(file, chunks[b"fmt "])[:_FORMAT_BYTES])
    if tag not in _BLOCKY_FORMATS or rate == 0 or block == 0:
        return None
    return float(chunks[b"data"].size // block / rate)


def chunk_bytes(chunk_id: bytes, content: bytes) -> bytes:
    """A chunk as it stands in a file: id, size, content, and a pad byte where the content is odd."""
    return struct.pack("<4sI", chunk_id, len(content)) + content + bytes(len(content) % 2)


def _chunks(file: BinaryIO) -> tuple[Chunk, ...]:
    end = os.fstat(file.fileno()).st_size
    if file.read(4) not in _HEADS:
        return ()
    found: list[Chunk] = []
    large: dict[bytes, int] = {}
    position = 12
    while position + 8 <= end and len(found) < _MAX_CHUNKS:
        file.seek(position)
        chunk_id, size = struct.unpack("<4sI", file.read(8))
        if size == _SIZE_IN_DS64:
            size = large.get(chunk_id, size)
        chunk = Chunk(chunk_id, position + 8, min(size, end - position - 8))
        found.append(chunk)
        if chunk_id == b"ds64" and not large:
            large = _large_sizes(_content(file, chunk)) if chunk.size <= _MAX_DS64_BYTES else {}
        position = chunk.offset + chunk.size
        position += _pad(file, position) if size % 2 else 0
    return tuple(found)


def _content(file: BinaryIO, chunk: Chunk) -> bytes:
    file.seek(chunk.offset)
    return file.read(chunk.size)


def _large_sizes(ds64: bytes) -> dict[bytes, int]:
    """The 64-bit sizes that RF64 keeps in its ds64 chunk: of data, then of a table of others."""
    if len(ds64) < 28:
        return {}
    _, data_size, _, count = struct.unpack("<QQQI", ds64[:28])
    table = (struct.unpack_from("<4sQ", ds64, 28 + 12 * i) for i in range(min(count, (len(ds64) - 28) // 12)))
    return {**dict(table), b"data": data_size}


def _pad(file: BinaryIO, position: int) -> int:
    """1 where an odd chunk is padded as it should be; 0 after a writer that forgot it."""
    file.seek(position)
    following = file.read(5)
    padded, bare = following[1:5], following[:4]
    return 0 if following[:1] != b"\0" and _is_id(bare) and not _is_id(padded[:4]) else 1


def _is_id(name: bytes) -> bool:
    return len(name) == 4 and all(32 <= letter < 127 for letter in name)
