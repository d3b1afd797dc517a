"""Texts that other programs leave in sound files: Vorbis comments of FLAC and Ogg, and iXML of WAVs."""

from __future__ import annotations

import re
import struct
from pathlib import Path
from typing import BinaryIO

from bridge.sound.riff import read_chunk

_MAX_BYTES = 1024 * 1024
_MAX_IXML_BYTES = 256 * 1024
_MAX_COMMENTS = 1000
_MAX_TEXT = 4000
_MAX_BLOCKS = 128
_MAX_PAGES = 64
_COMMENT_BLOCK, _LAST_BLOCK = 4, 0x80
_OGG_HEADS = (b"\x03vorbis", b"OpusTags")

# iXML is taken apart by its look alone: no parser, no entities. Steinberg keeps each value as a named attribute.
_FIELD = re.compile(r"<(\w{1,40})>([^<>]{1,200})</\1>")


def read_comments(path: Path) -> dict[str, str]:
    """The Vorbis comments of a FLAC or Ogg by their names in capitals; raises nothing but OSError."""
    with path.open("rb") as file:
        head = file.read(4)
        if head == b"fLaC":
            return _comments(_flac_block(file))
        if head == b"OggS":
            file.seek(0)
            return _comments(_ogg_packet(file))
    return {}


def read_ixml(path: Path) -> dict[str, str]:
    """The plain fields of a WAV's iXML by their names in capitals, Steinberg's attributes among them.

    A field of an attribute that has several stands under both names: `MUSICALSIGNATURE.NUMERATOR`.
    """
    content = read_chunk(path, b"iXML", _MAX_IXML_BYTES)
    text = (content or b"").decode("utf-8", errors="ignore")
    found: dict[str, str] = {}
    plain, *rest = text.split("<ATTR>")
    for part in rest:
        attribute, _, after = part.partition("</ATTR>")
        fields = {name.upper(): value.strip() for name, value in _FIELD.findall(attribute)}
        name = fields.pop("NAME", "").upper()
        found.update({name if field == "VALUE" else f"{name}.{field}": value for field, value in fields.items()})
        plain += after
    for name, value in _FIELD.findall(plain):
        found.setdefault(name.upper(), value.strip())
    return found


def _flac_block(file: BinaryIO) -> bytes:
    for _ in range(_MAX_BLOCKS):
        header = file.read(4)
        if len(header) < 4:
            break
        size = int.from_bytes(header[1:], "big")
        if header[0] & ~_LAST_BLOCK == _COMMENT_BLOCK:
            return file.read(min(size, _MAX_BYTES))
        if header[0] & _LAST_BLOCK:
            break
        file.seek(size, 1)
    return b""


def _ogg_packet(file: BinaryIO) -> bytes:
    """The second packet of the first stream, without what says that it is the comments."""
    packets = [b""]
    for _ in range(_MAX_PAGES):
        header = file.read(27)
        if len(header) < 27 or header[:4] != b"OggS":
            break
        lacing = file.read(header[26])
        body = file.read(sum(lacing))
        position = 0
        for size in lacing:
            packets[-1] += body[position : position + size]
            position += size
            if size < 255:
                packets.append(b"")
        if len(packets) > 2 or sum(map(len, packets)) > _MAX_BYTES:
            break
    comments = packets[1] if len(packets) > 2 else b""
    return next((comments.removeprefix(head) for head in _OGG_HEADS if comments.startswith(head)), b"")


def _comments(block: bytes) -> dict[str, str]:
    found: dict[str, str] = {}
    if len(block) < 4:
        return found
    position = 4 + int.from_bytes(block[:4], "little")
    if position + 4 > len(block):
        return found
    (count,) = struct.unpack_from("<I", block, position)
    position += 4
    for _ in range(min(count, _MAX_COMMENTS)):
        if position + 4 > len(block):
            break
        (size,) = struct.unpack_from("<I", block, position)
        name, _, value = block[position + 4 : position + 4 + size].decode("utf-8", errors="ignore").partition("=")
        found.setdefault(name.strip().upper(), value.strip()[:_MAX_TEXT])
        position += 4 + size
    return found
