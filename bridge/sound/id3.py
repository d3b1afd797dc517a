"""The text frames of ID3v2 tags, wherever a file has its tag; read without trust."""

from __future__ import annotations

from pathlib import Path

from bridge.sound.aiff import read_aiff_chunk
from bridge.sound.riff import read_chunk

_MAX_BYTES = 1024 * 1024
_MAX_TEXT = 4000
_FRAMES = {"TBP": "TBPM", "TKE": "TKEY", "TT2": "TIT2", "TXX": "TXXX"}
_ENCODINGS = ("latin-1", "utf-16", "utf-16-be", "utf-8")
_UNSYNCHRONISED, _EXTENDED = 0x80, 0x40
_OWN = "TXXX"


def read_id3(path: Path) -> dict[str, str]:
    """The texts of the file's ID3v2.2, 2.3 or 2.4 tag by frame, its users' own frames as `TXXX:` and their name.

    The tag stands at the file's front, or in a chunk of a WAV or AIFF. Raises nothing but OSError.
    """
    with path.open("rb") as file:
        head = file.read(10)
        if head[:3] == b"ID3":
            file.seek(0)
            return _texts(file.read(min(10 + _syncsafe(head[6:10]), _MAX_BYTES)))
    in_wav = read_chunk(path, b"id3 ", _MAX_BYTES) or read_chunk(path, b"ID3 ", _MAX_BYTES)
    return _texts(in_wav or read_aiff_chunk(path, b"ID3 ", _MAX_BYTES) or b"")


def _texts(tag: bytes) -> dict[str, str]:
    if len(tag) < 10 or tag[:3] != b"ID3" or tag[3] not in (2, 3, 4):
        return {}
    version, flags = tag[3], tag[5]
    body = tag[10 : 10 + _syncsafe(tag[6:10])]
    if flags & _UNSYNCHRONISED and version < 4:
        body = body.replace(b"\xff\0", b"\xff")
    position = 0
    if flags & _EXTENDED and version > 2 and len(body) >= 4:
        position = _syncsafe(body[:4]) if version == 4 else 4 + int.from_bytes(body[:4], "big")
    name_bytes, head_bytes = (3, 6) if version == 2 else (4, 10)
    frames: dict[str, str] = {}
    while position + head_bytes <= len(body):
        name = body[position : position + name_bytes].decode("latin-1")
        size_bytes = body[position + name_bytes : position + 2 * name_bytes]
        size = _syncsafe(size_bytes) if version == 4 else int.from_bytes(size_bytes, "big")
        if not name.isalnum() or size == 0:
            break
        content = body[position + head_bytes : position + head_bytes + size]
        if name.startswith("T"):
            frame, text = _frame(_FRAMES.get(name, name), _parts(content))
            frames.setdefault(frame, text)
        position += head_bytes + size
    return frames


def _syncsafe(four: bytes) -> int:
    number = 0
    for byte in four:
        number = number << 7 | byte & 0x7F
    return number


def _parts(content: bytes) -> list[str]:
    if not content or content[0] >= len(_ENCODINGS):
        return [""]
    text = content[1 : 1 + 2 * _MAX_TEXT].decode(_ENCODINGS[content[0]], errors="ignore")
    return [part.strip("\ufeff \t\r\n")[:_MAX_TEXT] for part in text.split("\0")]


def _frame(name: str, parts: list[str]) -> tuple[str, str]:
    if name == _OWN:
        return f"{_OWN}:{parts[0].upper()}", parts[1] if len(parts) > 1 else ""
    return name, parts[0]
