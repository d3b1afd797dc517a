"""The chunks of an AIFF, and what an Apple Loop says in its own; read without trusting what the file says of itself."""

from __future__ import annotations

import math
import struct
from pathlib import Path
from typing import NamedTuple

_MAX_CHUNKS = 4096
_MAX_BYTES = 64 * 1024
_FORMS = (b"AIFF", b"AIFC")

# libsndfile and JUCE agree on these fields: a version, beats, root, scale, metre, and whether it is a loop.
_BASC = struct.Struct(">IIHHHHH")
_COMM = struct.Struct(">HIH10s")
_SCALES = {1: "minor", 2: "major"}
_ONE_SHOT = 2


class AppleLoop(NamedTuple):
    """What an Apple Loop says: `root_note` is a MIDI note and None where unset, `scale` minor, major or empty."""

    beats: int
    bpm: float | None
    root_note: int | None
    scale: str
    numerator: int
    denominator: int
    one_shot: bool


def read_apple_loop(path: Path) -> AppleLoop | None:
    """Read the `basc` chunk of an AIFF; None where there is none. Its tempo is its beats over the file's length.

    Raises nothing but OSError.
    """
    content = read_aiff_chunk(path, b"basc", _MAX_BYTES)
    if content is None or len(content) < _BASC.size:
        return None
    _, beats, root, scale, numerator, denominator, kind = _BASC.unpack_from(content)
    seconds = _seconds(read_aiff_chunk(path, b"COMM", _MAX_BYTES))
    return AppleLoop(
        beats=beats,
        bpm=beats * 60 / seconds if seconds else None,
        root_note=root if 0 < root < 128 else None,
        scale=_SCALES.get(scale, ""),
        numerator=numerator,
        denominator=denominator,
        one_shot=kind == _ONE_SHOT,
    )


def read_aiff_chunk(path: Path, chunk_id: bytes, max_bytes: int) -> bytes | None:
    """The content of the first chunk of that id; None where there is none, or where it is over `max_bytes`."""
    with path.open("rb") as file:
        head = file.read(12)
        if head[:4] != b"FORM" or head[8:12] not in _FORMS:
            return None
        for _ in range(_MAX_CHUNKS):
            header = file.read(8)
            if len(header) < 8:
                return None
            name, size = struct.unpack(">4sI", header)
            if name == chunk_id:
                return file.read(size) if size <= max_bytes else None
            file.seek(size + size % 2, 1)
    return None


def _seconds(common: bytes | None) -> float | None:
    if common is None or len(common) < _COMM.size:
        return None
    _, frames, _, rate = _COMM.unpack_from(common)
    # The rate is an 80-bit float: sign and exponent, then a mantissa with its 1 before the point written out.
    exponent, mantissa = struct.unpack(">HQ", rate)
    hertz = math.ldexp(mantissa, (exponent & 0x7FFF) - 16383 - 63) if exponent & 0x7FFF < 16383 + 64 else 0.0
    return frames / hertz if hertz >= 1 and frames else None
