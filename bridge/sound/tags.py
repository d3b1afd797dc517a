"""What a sound file says about its music: read from strangers' files without trust, written into ours by the book."""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from bridge.errors import BadTrigger
from bridge.model import FASTEST_BPM, SLOWEST_BPM, Key, TimeSignature, Value
from bridge.music.keys import key_of_root, key_text, read_key
from bridge.music.names import NameFacts, facts_in_name
from bridge.sound.aiff import AppleLoop, read_apple_loop
from bridge.sound.comments import read_comments, read_ixml
from bridge.sound.id3 import read_id3
from bridge.sound.riff import chunk_bytes, list_chunks, read_chunk

_MAX_BEATS = 100_000
_MAX_INFO_BYTES = 64 * 1024
_MAX_BEXT_BYTES = 1024 * 1024
_MAX_TEXT = 4000
_MAX_KEYWORDS = 50
_MAX_POSITION = 2**53

_ACID = struct.Struct("<IHHfIHHf")
_ONE_SHOT, _ROOT_IS_SET, _STRETCH = 1, 2, 4
_ACID_FILLER = 0x8000
_MIDDLE_C = 60
_BEXT_POSITION = 338
_ORIGINATOR = "daw-bridge"
_SMPL_NOTE = 12

_BPM = re.compile(r"\s*(\d{1,4}(?:[.,]\d{1,12})?)\s*(?:bpm)?\s*", re.IGNORECASE)
_NUMERATORS, _DENOMINATORS = range(1, 100), frozenset({1, 2, 4, 8, 16, 32, 64})
_TEMPO_NAMES = ("TBPM", "BPM", "TEMPO", "MUSICALTEMPO", "TXXX:BPM", "TXXX:TEMPO")
_KEY_NAMES = ("TKEY", "INITIALKEY", "INITIAL_KEY", "MUSICALKEY", "INKEY", "KEY", "TXXX:INITIALKEY", "TXXX:KEY")
_TITLE_NAMES = ("TIT2", "TITLE", "INAM")

_NO_LOUDNESS = 0x7FFF


class Tags(Value, frozen=True, kw_only=True):
    """What a file's tags say; `key_text` is a key that can be read, `root_note` a MIDI note.

    Many programs write 4/4 into `time_signature` without knowing. `position_frames` is where the file says that it
    begins: in the song, or for recordings of places in the day.
    """

    bpm: float | None = None
    key_text: str | None = None
    beats: float | None = None
    title: str = ""
    time_signature: TimeSignature | None = None
    root_note: int | None = None
    one_shot: bool = False
    position_frames: int | None = None


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
    """Read what a WAV, AIFF, MP3, FLAC or Ogg says of its music.

    In the order of trust: acid, an Apple Loop's own chunk, ID3, iXML, Vorbis comments, LIST INFO, smpl, and the
    description in bext. Values that cannot be meant are left out; garbage and missing files give empty tags, never
    an error.
    """
    try:
        told = (
            _of_acid(read_chunk(path, b"acid", _ACID.size + 64)),
            _of_apple_loop(read_apple_loop(path)),
            _of_texts(read_id3(path)),
            _of_texts(read_ixml(path)),
            _of_texts(read_comments(path)),
            _of_info(_read_info(path)),
            _of_smpl(read_chunk(path, b"smpl", _MAX_INFO_BYTES)),
            _of_bext(read_chunk(path, b"bext", _MAX_BEXT_BYTES)),
        )
    except OSError:
        return Tags()
    nothing = Tags()
    changes: dict[str, Any] = {}
    for field in Tags.__struct_fields__:
        for tags in told:
            if getattr(tags, field) != getattr(nothing, field):
                changes.setdefault(field, getattr(tags, field))
    return Tags(**changes)


def take_chunks(facts: TakeFacts) -> list[tuple[bytes, bytes]]:
    """The RIFF chunks of a delivered take: acid, smpl (loops only), cue and its labels, bext, LIST INFO."""
    chunks = [(b"acid", _acid(facts, facts.bpm, facts.beats))] if facts.bpm and facts.beats else []
    if facts.loops:
        chunks.append((b"smpl", _smpl(facts)))
    if facts.bars:
        chunks += [(b"cue ", _cue(facts.bars)), (b"LIST", _labels(len(facts.bars)))]
    return [*chunks, (b"bext", _bext(facts)), (b"LIST", _info(facts))]


def _of_acid(content: bytes | None) -> Tags:
    """A one-shot's tempo, beats and metre are a program's defaults, and nothing."""
    if content is None or len(content) < _ACID.size:
        return Tags()
    flags, root, _, _, beats, denominator, numerator, bpm = _ACID.unpack_from(content)
    note = root if flags & _ROOT_IS_SET and root < 128 else None
    if flags & _ONE_SHOT:
        return Tags(one_shot=True, root_note=note)
    return Tags(
        bpm=_in_range(bpm),
        beats=float(beats) if 0 < beats <= _MAX_BEATS else None,
        time_signature=_metre(numerator, denominator),
        root_note=note,
    )


def _in_range(bpm: float) -> float | None:
    # A float of 32 bits is read as the shortest decimal that it stands for.
    return float(f"{bpm:.6g}") if math.isfinite(bpm) and SLOWEST_BPM <= bpm <= FASTEST_BPM else None


def _metre(numerator: int, denominator: int) -> TimeSignature | None:
    if numerator not in _NUMERATORS or denominator not in _DENOMINATORS:
        return None
    return cast("TimeSignature", (numerator, denominator))


def _of_apple_loop(loop: AppleLoop | None) -> Tags:
    if loop is None:
        return Tags()
    key = key_of_root(loop.root_note, loop.scale) if loop.root_note is not None and loop.scale else None
    if loop.one_shot:
        return Tags(one_shot=True, key_text=key_text(key), root_note=loop.root_note)
    return Tags(
        bpm=_in_range(loop.bpm) if loop.bpm is not None and loop.beats <= _MAX_BEATS else None,
        beats=float(loop.beats) if 0 < loop.beats <= _MAX_BEATS else None,
        time_signature=_metre(loop.numerator, loop.denominator),
        key_text=key_text(key),
        root_note=loop.root_note,
    )


def _of_texts(texts: Mapping[str, str]) -> Tags:
    """Tempo, key and title under the names that programs give them; Steinberg's metre and beats."""
    above, below = (_whole(texts.get(f"MUSICALSIGNATURE.{part}", "")) for part in ("NUMERATOR", "DENOMINATOR"))
    beats = _whole(texts.get("MUSICALBEATS", ""))
    return Tags(
        bpm=next((bpm for name in _TEMPO_NAMES if (bpm := _bpm_of(texts.get(name, "")))), None),
        key_text=next((key for name in _KEY_NAMES if (key := _key_of(texts.get(name, "")))), None),
        title=next((title for name in _TITLE_NAMES if (title := texts.get(name, ""))), ""),
        time_signature=_metre(above, below),
        beats=float(beats) if 0 < beats <= _MAX_BEATS else None,
    )


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _bpm_of(text: str) -> float | None:
    found = _BPM.fullmatch(text)
    return _in_range(float(found[1].replace(",", "."))) if found else None


def _key_of(text: str) -> str | None:
    try:
        return key_text(read_key(text)) if text else None
    except BadTrigger:
        return None


def _read_info(path: Path) -> dict[str, str]:
    """The texts of LIST INFO."""
    with path.open("rb") as file:
        for chunk in list_chunks(path):
            if chunk.id == b"LIST" and chunk.size <= _MAX_INFO_BYTES:
                file.seek(chunk.offset)
                content = file.read(chunk.size)
                if content[:4] == b"INFO":
                    return {name.decode("latin-1"): _plain(text) for name, text in _subchunks(content[4:])}
    return {}


def _subchunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    position = 0
    while position + 8 <= len(content):
        name, size = struct.unpack_from("<4sI", content, position)
        yield name, content[position + 8 : position + 8 + size]
        position += 8 + size + size % 2


def _plain(text: bytes) -> str:
    plain = text.split(b"\0")[0]
    try:
        return plain.decode().strip()[:_MAX_TEXT]
    except UnicodeDecodeError:
        return plain.decode("latin-1").strip()[:_MAX_TEXT]


def _of_info(texts: Mapping[str, str]) -> Tags:
    """The title; tempo and key from the keywords, where each stands alone."""
    words = [word.strip() for word in re.split(r"[;,]", texts.get("IKEY", ""))[:_MAX_KEYWORDS]]
    return Tags(
        title=texts.get("INAM", ""),
        bpm=next((bpm for word in words if word.lower().endswith("bpm") and (bpm := _bpm_of(word))), None),
        key_text=next((key for word in words if " " in word and (key := _key_of(word))), None),
    )


def _of_smpl(content: bytes | None) -> Tags:
    """The note at which it sounds as recorded; 0 and middle C are what programs write who do not know."""
    note = int.from_bytes(content[_SMPL_NOTE : _SMPL_NOTE + 4], "little") if content is not None else 0
    return Tags(root_note=note if 0 < note < 128 and note != _MIDDLE_C else None)


def _of_bext(content: bytes | None) -> Tags:
    """Where it begins, and what its description says by the way; a key in prose counts only with a tempo.

    Our own descriptions are prompts: what they say of a tempo need not hold throughout.
    """
    if content is None or len(content) < _BEXT_POSITION + 8:
        return Tags()
    position = int.from_bytes(content[_BEXT_POSITION : _BEXT_POSITION + 8], "little")
    ours = _plain(content[256:288]) == _ORIGINATOR
    words = NameFacts() if ours else facts_in_name(_plain(content[:256]))
    return Tags(
        bpm=words.bpm,
        key_text=key_text(words.key) if words.bpm is not None else None,
        position_frames=position if 0 < position <= _MAX_POSITION else None,
    )


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
            _ascii(_ORIGINATOR, 32),
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
