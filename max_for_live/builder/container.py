"""Wraps a device's JSON, alone or with its files, into the bytes of an .amxd file."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

KINDS = {"audio effect": b"aaaa"}
FIXED_TIME = 3_818_534_400  # 1 January 2025 in seconds since 1904: the same sources give the same bytes

_UNFROZEN, _FROZEN = 1, 7
_DEVICE_FLAG, _FILE_FLAG = 0x11, 0
_HEADER_BYTES = 16


@dataclass(frozen=True)
class File:
    """A text file that travels inside a frozen device."""

    name: str
    data: bytes


def unfrozen(kind: str, device_json: str) -> bytes:
    """The device by itself: its files lie beside it."""
    return _outer(kind, _UNFROZEN, _terminated(device_json))


def frozen(kind: str, file_name: str, device_json: str, files: Sequence[File]) -> bytes:
    """The device and its files as one: a header, the files one after the other, and a list of them at the end."""
    entries = [(b"JSON", file_name, _terminated(device_json), _DEVICE_FLAG)]
    entries += [(b"TEXT", file.name, file.data, _FILE_FLAG) for file in files]
    offset = _HEADER_BYTES
    listed = []
    for type_code, name, data, flag in entries:
        listed.append(_entry(type_code, name, len(data), offset, flag))
        offset += len(data)
    head = b"mx@c" + struct.pack(">IQ", _HEADER_BYTES, offset)
    body = b"".join(data for _, _, data, _ in entries)
    return _outer(kind, _FROZEN, head + body + _inner(b"dlst", b"".join(listed)))


def _outer(kind: str, state: int, patcher: bytes) -> bytes:
    """The chunks around every device; their lengths are little-endian and do not count their own 8 bytes."""
    chunks = ((b"ampf", KINDS[kind]), (b"meta", struct.pack("<I", state)), (b"ptch", patcher))
    return b"".join(tag + struct.pack("<I", len(data)) + data for tag, data in chunks)


def _terminated(device_json: str) -> bytes:
    """Max ends a device's JSON with a NUL."""
    return device_json.encode() + b"\0"


def _entry(type_code: bytes, name: str, size: int, offset: int, flag: int) -> bytes:
    """One file in the list: type, name, size, offset from the header's start, version, flag, time."""
    fields = _inner(b"type", type_code) + _inner(b"fnam", _padded(name))
    numbers = ((b"sz32", size), (b"of32", offset), (b"vers", 0), (b"flag", flag), (b"mdat", FIXED_TIME))
    return _inner(b"dire", fields + b"".join(_inner(tag, struct.pack(">I", number)) for tag, number in numbers))


def _padded(name: str) -> bytes:
    """A name with its NUL, filled up to whole words of 4 bytes."""
    ended = name.encode() + b"\0"
    return ended + b"\0" * (-len(ended) % 4)


def _inner(tag: bytes, data: bytes) -> bytes:
    """A chunk of a frozen device; its length is big-endian and counts its own 8 bytes."""
    return tag + struct.pack(">I", 8 + len(data)) + data
