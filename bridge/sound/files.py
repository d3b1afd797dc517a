"""Sounds on the disk: what a file holds, any part of it, and WAV files written to the bit."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile

from bridge.errors import EmptyClip, MissingFile, TooLarge, UnreadableAudio
from bridge.sound.riff import chunk_bytes

Samples = npt.NDArray[np.float32]

_PCM = 1
_MAX_WAV_BYTES = 0xFFFFFFFF - 65_536
_BLOCK_FRAMES = 65_536
_LOUDEST = 1e6
# What a decoder adds at the front (529 frames) and LAME before it (576), where no header says how much to drop.
_MP3_DELAY_FRAMES = 1105
_MP3_LOOK_BYTES = 4096
# After a seek an MP3 is silent for up to 3,200 frames (what they need lies in frames before), and an OGG whose last
# page is cut short delivers that page late: both are read from so far before the part, or before the end.
_MP3_ROLL_FRAMES = 9216
_OGG_LAST_PAGE_SECONDS = 10


@dataclass(frozen=True, eq=False)
class Sound:
    """Samples as float32 of shape (frames, channels), full scale at 1, and their rate in frames a second."""

    samples: Samples
    rate: int

    @property
    def frames(self) -> int:
        """How many frames there are."""
        return int(self.samples.shape[0])

    @property
    def channels(self) -> int:
        """How many channels there are."""
        return int(self.samples.shape[1])

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.frames / self.rate


@dataclass(frozen=True)
class Probe:
    """What a file says of itself."""

    seconds: float
    rate: int
    channels: int
    frames: int


def probe(path: Path) -> Probe:
    """Look at an audio file without reading its samples.

    Raises:
        MissingFile, UnreadableAudio, EmptyClip: it is not there, no audio that we read, or has no frames.
    """
    with _opened(path) as (file, skipped):
        frames = file.frames - skipped
        return Probe(seconds=frames / file.samplerate, rate=file.samplerate, channels=file.channels, frames=frames)


def read_part(path: Path, start_seconds: float = 0.0, end_seconds: float | None = None) -> Sound:
    """Read only the part of an audio file between two times; what lies outside of the file is left out.

    An MP3 without a LAME header, which libsndfile delivers 1,105 frames late, is put right.

    Raises:
        MissingFile, UnreadableAudio: as `probe`; or a sample is no number.
        EmptyClip: nothing lies between the two times.
    """
    with _opened(path) as (file, skipped):
        blocks = [block for _, block in _blocks(path, file, skipped, start_seconds, end_seconds)]
        rate = file.samplerate
    if not blocks:
        raise EmptyClip(f"{path} holds nothing from second {start_seconds:g} on; check where the clip is cut.")
    return Sound(blocks[0] if len(blocks) == 1 else np.concatenate(blocks), rate)


def find_sound(path: Path, start_seconds: float, end_seconds: float | None, floor_dbfs: float) -> float | None:
    """About the second of the first sample over `floor_dbfs` in a part of a file; None when all is silent.

    Raises:
        MissingFile, UnreadableAudio, EmptyClip: the file.
    """
    floor = 10 ** (floor_dbfs / 20)
    with _opened(path) as (file, skipped):
        for frame, block in _blocks(path, file, skipped, start_seconds, end_seconds, _BLOCK_FRAMES):
            if np.abs(block).max() > floor:
                return float(frame / file.samplerate)
    return None


def write_wav(path: Path, sound: Sound, *, bits: int = 24, chunks: Sequence[tuple[bytes, bytes]] = ()) -> None:
    """Write a PCM WAV of 16 or 24 bits, with more chunks behind its samples."""
    path.write_bytes(wav_bytes(sound, bits=bits, chunks=chunks))


def wav_bytes(sound: Sound, *, bits: int = 24, chunks: Sequence[tuple[bytes, bytes]] = ()) -> bytes:
    """A PCM WAV of 16 or 24 bits as `write_wav` writes it; samples are rounded, and held within full scale.

    Raises:
        TooLarge: it would not fit a WAV's 4 GB.
    """
    block = sound.channels * bits // 8
    if sound.frames * block + sum(len(content) + 9 for _, content in chunks) > _MAX_WAV_BYTES:
        raise TooLarge(f"A sound of {sound.seconds:.0f} seconds does not fit into a WAV file; ask for fewer bars.")
    layout = struct.pack("<HHIIHH", _PCM, sound.channels, sound.rate, sound.rate * block, block, bits)
    body = b"".join(
        chunk_bytes(name, content)
        for name, content in ((b"fmt ", layout), (b"data", _pcm(sound.samples, bits)), *chunks)
    )
    return struct.pack("<4sI4s", b"RIFF", len(body) + 4, b"WAVE") + body


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Any, int]]:
    """The file opened by soundfile, and how many frames at its front are a decoder's delay."""
    if not path.exists():
        raise MissingFile(f"{path} is not there; check the path, or save the clip again.")
    try:
        file = soundfile.SoundFile(path)
    except (soundfile.LibsndfileError, OSError, TypeError) as problem:
        raise UnreadableAudio(
            f"{path} is no audio that can be read; export it as WAV, AIFF, FLAC, OGG or MP3."
        ) from problem
    with file:
        skipped = _MP3_DELAY_FRAMES if file.format == "MP3" and not _says_its_delay(path) else 0
        if file.frames <= skipped:
            raise EmptyClip(f"{path} holds no sound: it has no frames.")
        yield file, skipped


def _blocks(
    path: Path, file: Any, skipped: int, start_seconds: float, end_seconds: float | None, block_frames: int = -1
) -> Iterator[tuple[int, Samples]]:
    """Read from start to end in blocks (-1: in one), each with its first frame's place."""
    total = file.frames - skipped
    end = total if end_seconds is None else min(round(end_seconds * file.samplerate), total)
    position = max(round(start_seconds * file.samplerate), 0)
    roll = _roll_in(file, position + skipped)
    try:
        if position < end:
            file.seek(position + skipped - roll)
        while position < end:
            wanted = end - position if block_frames < 0 else min(block_frames, end - position)
            block = file.read(wanted + roll, dtype="float32", always_2d=True)[roll:]
            if block.shape[0] == 0:
                return
            yield position, _checked(path, block)
            position, roll = position + block.shape[0], 0
    except (soundfile.LibsndfileError, OSError) as problem:
        raise UnreadableAudio(f"{path} breaks off or is damaged; export it again.") from problem


def _roll_in(file: Any, place: int) -> int:
    """How many frames before a place reading has to begin, so that the place itself is right."""
    if file.format == "MP3":
        return min(_MP3_ROLL_FRAMES, place)
    if file.format == "OGG":
        return int(min(max(place - file.frames + _OGG_LAST_PAGE_SECONDS * file.samplerate, 0), place))
    return 0


def _checked(path: Path, block: Samples) -> Samples:
    # NaN fails every comparison, so one pass finds it, infinity and numbers that were never samples.
    if not np.abs(block).max() <= _LOUDEST:
        raise UnreadableAudio(f"{path} holds samples that are no numbers (NaN or infinite); export it again.")
    return block


def _says_its_delay(path: Path) -> bool:
    """Whether an MP3's first frame is a Xing or Info header that says how much silence the encoder added."""
    with path.open("rb") as file:
        head = file.read(10)
        size = 0
        if head[:3] == b"ID3" and len(head) == 10:
            size = 10 + sum((byte & 0x7F) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
        file.seek(size)
        frame = file.read(_MP3_LOOK_BYTES)
    places = [place for place in (frame.find(b"Xing"), frame.find(b"Info")) if 0 <= place <= 64]
    if not places:
        return False
    tag = places[0]
    flags = int.from_bytes(frame[tag + 4 : tag + 8], "big")
    fields = 4 * (flags & 1) + 4 * (flags >> 1 & 1) + 100 * (flags >> 2 & 1) + 4 * (flags >> 3 & 1)
    delay = frame[tag + 8 + fields + 21 : tag + 8 + fields + 24]
    return delay not in (b"", b"\0\0\0")


def _pcm(samples: Samples, bits: int) -> bytes:
    scale = 1 << (bits - 1)
    whole = np.clip(np.rint(samples * np.float32(scale)), -scale, scale - 1)
    if bits == 16:
        return bytes(whole.astype("<i2").data)
    return np.ascontiguousarray(whole.astype("<i4")).view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
