"""What a sound file says about its music: read from strangers' files without trust, written into ours by the book."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path

from bridge.errors import BadTrigger
from bridge.model import FASTEST_BPM, SLOWEST_BPM, Key, TimeSignature, Value
from bridge.music.keys import key_text, read_key
from bridge.sound.riff import chunk_bytes, list_chunks, read_chunk

_MAX_BEATS = 100_000
_MAX_INFO_BYTES = 64 * 1024
_MAX_ID3_BYTES = 1024 * 1024
_MAX_TEXT = 4000
_MAX_AIFF_CHUNKS = 4096

_ACID = struct.Struct("<IHHfIHHf")
_ONE_SHOT, _ROOT_IS_SET, _STRETCH = 1, 2, 4
_ACID_FILLER = 0x8000
_MIDDLE_C = 60

_ID3_FRAMES = {"TBP": "TBPM", "TKE": "TKEY", "TT2": "TIT2"}
_ID3_ENCODINGS = ("latin-1", "utf-16", "utf-16-be", "utf-8")
_ID3_UNSYNCHRONISED, _ID3_EXTENDED = 0x80, 0x40

_NO_LOUDNESS = 0x7FFF


class Tags(Value, frozen=True, kw_only=True):
    """What a file's tags say; `key_text` is a key that can be read."""

    bpm: float | None = None
    key_text: str | None = None
    beats: float | None = None
    title: str = ""


class TakeFacts(Value, frozen=True, kw_only=True):
    """What is written into a take: `bars` are its bars' first frames; `bpm` is None where it is unknown or changes."""

    title: str
    prompt: str
    reference: str
    software: str
    created: str
    frames: int
    rate: int
    channels: int
    bits: int
    bpm: float | None = None
    beats: float | None = None
    time_signature: TimeSignature = (4, 4)
    bars: tuple[int, ...] = ()
    key: Key | None = None
    loops: bool = False
    start_seconds: float | None = None
    loudness_lufs: float | None = None
    true_peak_dbtp: float | None = None


def read_tags(path: Path) -> Tags:
    """Read tempo, key, beats and title from the acid, LIST INFO and ID3 tags of a WAV, AIFF or MP3.

    Values that cannot be meant are left out; garbage and missing files give empty tags, never an error.
    """
    try:
        bpm, beats = _read_acid(read_chunk(path, b"acid", _ACID.size + 64))
        title = _read_info(path).get(b"INAM", "")
        frames = _read_id3(_id3_of(path))
    except OSError:
        return Tags()
    return Tags(
        bpm=bpm or _bpm_of(frames.get("TBPM", "")),
        key_text=_key_of(frames.get("TKEY", "")),
        beats=beats,
        title=title or frames.get("TIT2", ""),
    )


def take_chunks(facts: TakeFacts) -> list[tuple[bytes, bytes]]:
    """The RIFF chunks of a delivered take: acid, smpl (loops only), cue and its labels, bext, LIST INFO."""
    chunks = [(b"acid", _acid(facts, facts.bpm, facts.beats))] if facts.bpm and facts.beats else []
    if facts.loops:
        chunks.append((b"smpl", _smpl(facts)))
    if facts.bars:
        chunks += [(b"cue ", _cue(facts.bars)), (b"LIST", _labels(len(facts.bars)))]
    return [*chunks, (b"bext", _bext(facts)), (b"LIST", _info(facts))]


def _read_acid(content: bytes | None) -> tuple[float | None, float | None]:
    """Tempo and beats; a one-shot's are a program's defaults, and nothing."""
    if content is None or len(content) < _ACID.size:
        return None, None
    flags, _, _, _, beats, _, _, bpm = _ACID.unpack_from(content)
    if flags & _ONE_SHOT:
        return None, None
    return _in_range(bpm), float(beats) if 0 < beats <= _MAX_BEATS else None


def _in_range(bpm: float) -> float | None:
    # A float of 32 bits is read as the shortest decimal that it stands for.
    return float(f"{bpm:.6g}") if math.isfinite(bpm) and SLOWEST_BPM <= bpm <= FASTEST_BPM else None


def _read_info(path: Path) -> dict[bytes, str]:
    """The texts of LIST INFO."""
    with path.open("rb") as file:
        for chunk in list_chunks(path):
            if chunk.id == b"LIST" and chunk.size <= _MAX_INFO_BYTES:
                file.seek(chunk.offset)
                content = file.read(chunk.size)
                if content[:4] == b"INFO":
                    return {name: _info_text(text) for name, text in _subchunks(content[4:])}
    return {}


def _subchunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    position = 0
    while position + 8 <= len(content):
        name, size = struct.unpack_from("<4sI", content, position)
        yield name, content[position + 8 : position + 8 + size]
        position += 8 + size + size % 2


def _info_text(text: bytes) -> str:
    plain = text.split(b"\0")[0]
    try:
        return plain.decode().strip()[:_MAX_TEXT]
    except UnicodeDecodeError:
        return plain.decode("latin-1").strip()[:_MAX_TEXT]


def _id3_of(path: Path) -> bytes:
    """The file's ID3v2 tag: at its front, or in a chunk of a WAV or AIFF."""
    with path.open("rb") as file:
        head = file.read(12)
        if head[:3] == b"ID3":
            file.seek(0)
            return file.read(min(10 + _syncsafe(head[6:10]), _MAX_ID3_BYTES))
        if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
            for _ in range(_MAX_AIFF_CHUNKS):
                header = file.read(8)
                if len(header) < 8:
                    break
                name, size = struct.unpack(">4sI", header)
                if name == b"ID3 ":
                    return file.read(min(size, _MAX_ID3_BYTES))
                file.seek(size + size % 2, 1)
            return b""
    return read_chunk(path, b"id3 ", _MAX_ID3_BYTES) or read_chunk(path, b"ID3 ", _MAX_ID3_BYTES) or b""


def _read_id3(tag: bytes) -> dict[str, str]:
    """The text frames of an ID3v2.2, 2.3 or 2.4 tag."""
    if len(tag) < 10 or tag[:3] != b"ID3" or tag[3] not in (2, 3, 4):
        return {}
    version, flags = tag[3], tag[5]
    body = tag[10 : 10 + _syncsafe(tag[6:10])]
    if flags & _ID3_UNSYNCHRONISED and version < 4:
        body = body.replace(b"\xff\0", b"\xff")
    position = 0
    if flags & _ID3_EXTENDED and version > 2 and len(body) >= 4:
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
            frames.setdefault(_ID3_FRAMES.get(name, name), _id3_text(content))
        position += head_bytes + size
    return frames


def _syncsafe(four: bytes) -> int:
    number = 0
    for byte in four:
        number = number << 7 | byte & 0x7F
    return number


def _id3_text(content: bytes) -> str:
    if not content or content[0] >= len(_ID3_ENCODINGS):
        return ""
    text = content[1 : 1 + 2 * _MAX_TEXT].decode(_ID3_ENCODINGS[content[0]], errors="ignore")
    return text.split("\0")[0].strip()[:_MAX_TEXT]


def _bpm_of(text: str) -> float | None:
    try:
        return _in_range(float(text.replace(",", ".")))
    except ValueError:
        return None


def _key_of(text: str) -> str | None:
    try:
        return key_text(read_key(text)) if text else None
    except BadTrigger:
        return None


def _acid(facts: TakeFacts, bpm: float, beats: float) -> bytes:
    """A loop only where its beats are whole: readers divide them by its length to get the tempo."""
    loop = facts.loops and abs(beats - round(beats)) < 1e-3
    flags = (_STRETCH if loop else _ONE_SHOT) | (_ROOT_IS_SET if facts.key else 0)
    root = _MIDDLE_C + (facts.key.root if facts.key else 0)
    numerator, denominator = facts.time_signature
    return _ACID.pack(flags, root, _ACID_FILLER, 0.0, round(beats), denominator, numerator, bpm)


def _smpl(facts: TakeFacts) -> bytes:
    period_nanoseconds = round(1e9 / facts.rate)
    head = struct.pack("<9I", 0, 0, period_nanoseconds, _MIDDLE_C, 0, 0, 0, 1, 0)
    return head + struct.pack("<6I", 0, 0, 0, facts.frames - 1, 0, 0)


def _cue(bars: Sequence[int]) -> bytes:
    points = (struct.pack("<II4sIII", bar, frame, b"data", 0, 0, frame) for bar, frame in enumerate(bars, 1))
    return struct.pack("<I", len(bars)) + b"".join(points)


def _labels(bars: int) -> bytes:
    names = (chunk_bytes(b"labl", struct.pack("<I", bar) + f"Bar {bar}\0".encode()) for bar in range(1, bars + 1))
    return b"adtl" + b"".join(names)


def _bext(facts: TakeFacts) -> bytes:
    """EBU Tech 3285, version 2: ASCII in fields of fixed size, loudness in hundredths, unknown ones 0x7FFF."""
    reference = round((facts.start_seconds or 0.0) * facts.rate)
    levels = (facts.loudness_lufs, None, facts.true_peak_dbtp, None, None)
    history = f"A=PCM,F={facts.rate},W={facts.bits},M={'mono' if facts.channels == 1 else 'stereo'},T={facts.software}"
    return b"".join(
        (
            _ascii(f"{facts.reference}: {facts.prompt}", 256),
            _ascii("daw-bridge", 32),
            _ascii(facts.reference, 32),
            _ascii(facts.created[:10], 10),
            _ascii(facts.created[11:19], 8),
            struct.pack("<QH64x", max(reference, 0), 2),
            struct.pack("<5h", *(_hundredths(level) for level in levels)),
            bytes(180),
            history.encode("ascii", "replace") + b"\r\n",
        )
    )


def _ascii(text: str, size: int) -> bytes:
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    return plain.encode("ascii", "replace")[:size].ljust(size, b"\0")


def _hundredths(level: float | None) -> int:
    return _NO_LOUDNESS if level is None else round(max(min(level, 99.0), -99.0) * 100)


def _info(facts: TakeFacts) -> bytes:
    """Texts end in NUL, in UTF-8, which is ASCII where the words are."""
    keywords = (key_text(facts.key), f"{facts.bpm:g} bpm" if facts.bpm else None)
    texts = {
        b"INAM": facts.title,
        b"ICMT": facts.prompt,
        b"ISFT": facts.software,
        b"ICRD": facts.created[:10],
        b"IKEY": "; ".join(word for word in keywords if word),
    }
    kept = ((name, text.replace("\0", " ")[:_MAX_TEXT].encode()) for name, text in texts.items() if text)
    return b"INFO" + b"".join(chunk_bytes(name, text + b"\0") for name, text in kept)
