"""Reads the events of a Standard MIDI File, and says in a sentence what is wrong with one that cannot be read."""

from __future__ import annotations

import io
import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mido

from bridge.errors import MissingFile, TooLarge, UnreadableMidi

MAX_BYTES = 8_000_000
MAX_NOTES = 200_000

_LATEST_TICK = 2**53
_SEARCHED_FOR_HEADER = 512
_ENDLESS_NUMBER = re.compile(rb"[\x80-\xff]{4096}")
_KEY_SIGNATURE = re.compile(rb"\xff\x59\x02(..)", re.DOTALL)
_FOREIGN_ERRORS = (
    OSError,
    EOFError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    struct.error,
    mido.KeySignatureError,
)


@dataclass(frozen=True)
class TimedEvent:
    """One message of a track at its tick from the start of the file."""

    tick: int
    track: int
    message: Any


@dataclass(frozen=True)
class MidiEvents:
    """All events of a file in the order they are played; `ticks_per_second` only where ticks are clock time."""

    events: tuple[TimedEvent, ...]
    ticks_per_beat: int
    ticks_per_second: float | None
    end_tick: int


def read_events(path: Path) -> MidiEvents:
    """Read a file of type 0, 1 or 2 (the patterns of type 2 follow one another).

    Raises:
        MissingFile: it is not there.
        UnreadableMidi: it is no MIDI file, is cut off, or lies about its lengths.
        TooLarge: over 8 MB, over 200,000 notes, or endlessly long.
    """
    data = _read_bytes(path)
    header = data.find(b"MThd", 0, _SEARCHED_FOR_HEADER)
    if header < 0 or len(data) < header + 14:
        raise UnreadableMidi(f"{path} is not a MIDI file: its header is missing.")
    if _ENDLESS_NUMBER.search(data):
        raise UnreadableMidi(f"{path} is damaged: it holds a number that does not end.")
    size, kind, track_count, division = struct.unpack(">IHHh", data[header + 4 : header + 14])
    if kind > 2 or division == 0 or size < 6:
        raise UnreadableMidi(f"{path} is damaged: its header makes no sense.")
    chunks = _track_chunks(path, data, header + 8 + size)
    if len(chunks) < track_count or not chunks:
        raise UnreadableMidi(f"{path} is cut off: it promises {track_count} tracks and holds {len(chunks)}.")

    events: list[TimedEvent] = []
    end_tick = notes = 0
    for track, chunk in enumerate(chunks):
        tick = end_tick if kind == 2 else 0
        for message in _messages(path, track, chunk):
            tick += message.time
            events.append(TimedEvent(tick, track, message))
            notes += message.type == "note_on" and message.velocity > 0
        if tick > _LATEST_TICK:
            raise TooLarge(f"{path} is endlessly long: track {track + 1} waits for {tick:.3g} ticks.")
        if notes > MAX_NOTES:
            raise TooLarge(f"{path} holds more than {MAX_NOTES:,} notes; export a shorter part.")
        end_tick = max(end_tick, tick)
    events.sort(key=lambda event: event.tick)
    return MidiEvents(tuple(events), max(division, 1), _ticks_per_second(division), end_tick)


def _read_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError as problem:
        raise MissingFile(f"{path} is not there.") from problem
    except OSError as problem:
        raise UnreadableMidi(f"{path} cannot be read: {problem.strerror}.") from problem
    if len(data) > MAX_BYTES:
        raise TooLarge(f"{path} is over {MAX_BYTES // 1_000_000} MB, the limit for MIDI files; export a shorter part.")
    return data


def _track_chunks(path: Path, data: bytes, position: int) -> list[bytes]:
    """The bodies of the file's track chunks; chunks of other kinds are passed over, as the standard asks."""
    chunks: list[bytes] = []
    while position + 8 <= len(data):
        name, size = struct.unpack(">4sI", data[position : position + 8])
        body = data[position + 8 : position + 8 + size]
        if name == b"MTrk":
            if len(body) < size:
                raise UnreadableMidi(
                    f"{path} is cut off: track {len(chunks) + 1} promises {size} bytes and holds {len(body)}."
                )
            chunks.append(body)
        position += 8 + size
    return chunks


def _messages(path: Path, track: int, chunk: bytes) -> list[Any]:
    """One track's messages, read alone so that an error names its track and memory holds one track at a time."""
    body = _KEY_SIGNATURE.sub(_known_key_signature, chunk)
    file = struct.pack(">4sIHHH4sI", b"MThd", 6, 0, 1, 96, b"MTrk", len(body)) + body
    try:
        return list(mido.MidiFile(file=io.BytesIO(file)).tracks[0])
    except _FOREIGN_ERRORS as problem:
        said = str(problem) or "it ends in the middle of an event"
        raise UnreadableMidi(f"{path} is damaged: track {track + 1} cannot be read ({said}).") from problem


def _known_key_signature(found: re.Match[bytes]) -> bytes:
    """Turn a key signature that no key has into a text of equal length: it is no reason to refuse a file."""
    sharps, minor = struct.unpack("bB", found.group(1))
    return found.group(0) if -7 <= sharps <= 7 and minor <= 1 else b"\xff\x01\x02  "


def _ticks_per_second(division: int) -> float | None:
    if division > 0:
        return None
    frames_per_second = 30_000 / 1001 if -(division >> 8) == 29 else -(division >> 8)
    return max(1.0, frames_per_second * (division & 0xFF))
