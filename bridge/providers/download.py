"""Loads a result from its link into the job's folder, and looks at its bytes rather than at its name."""

from __future__ import annotations

import base64
import binascii
import os
import re
import struct
from collections.abc import Callable
from pathlib import Path

from bridge.errors import BadResult, EmptyClip, UnreadableAudio
from bridge.files import disk_errors, sha256_of
from bridge.model import SoundFile
from bridge.net import guarded_get
from bridge.protocol import MIDI_SUFFIXES
from bridge.sound.heads import suffix_of

MAX_TEXT_BYTES = 128 * 1024 * 1024
_HEAD_BYTES = 4096
_UNKNOWN_SIZES = {0, 0x7FFFFFFF, 0xFFFFFFFF}
_DATA_URI = re.compile(rb"data:[\w.+/;=-]*;base64,")


def download(
    link: str,
    folder: Path,
    stem: str,
    *,
    private_network: bool,
    allow_host: str | None,
    between: Callable[[], object],
) -> SoundFile:
    """Load what the link holds as `<stem>.<ext>`, whole; audio may also come as base64 text or a data URI.

    Raises:
        BadResult, ProviderUnreachable, NotAllowed: as guarded_get; or the bytes are no audio, or end too early.
        DiskFull, NotWritable: it could not be kept.
    """
    part = folder / f"{stem}.part"
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        if "://" not in link[:10]:
            part.write_bytes(link.encode())
        else:
            guarded_get(link, part, private_network=private_network, allow_host=allow_host, between=between)
        try:
            return _keep(part, stem)
        finally:
            part.unlink(missing_ok=True)


def _keep(part: Path, stem: str) -> SoundFile:
    """Give a loaded file its name when it is audio, unpacking text that stands for audio."""
    with part.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    suffix = _audio_suffix(head)
    if suffix is None:
        suffix = _unpack_text(part, head)
    _check_length(part, head if suffix == ".wav" else b"")
    seconds = _seconds(part)
    target = part.with_name(f"{stem}{suffix}")
    with part.open("rb+") as file:
        os.fsync(file.fileno())
    os.replace(part, target)
    return SoundFile(path=str(target), sha256=sha256_of(target), seconds=seconds)


def _audio_suffix(head: bytes) -> str | None:
    suffix = suffix_of(head)
    return None if suffix in MIDI_SUFFIXES else suffix


def _unpack_text(part: Path, head: bytes) -> str:
    """Replace a file of base64 text, or of a data URI, by the audio it stands for."""
    start = head.lstrip(b'\xef\xbb\xbf \t\r\n"')
    if start[:1] in {b"<", b"{"}:
        raise BadResult("The link to the result holds a page instead of audio; retry looks again.")
    if not re.match(rb"data:|[A-Za-z0-9+/_-]{16}", start) or part.stat().st_size > MAX_TEXT_BYTES:
        raise BadResult("The link to the result holds no audio; retry looks again.")
    text = _DATA_URI.sub(b"", part.read_bytes().lstrip(b'\xef\xbb\xbf \t\r\n"'), count=1)
    packed = re.sub(rb'[\s"=]+', b"", text).translate(bytes.maketrans(b"-_", b"+/"))
    try:
        audio = base64.b64decode(packed + b"=" * (-len(packed) % 4), validate=True)
    except binascii.Error as problem:
        raise BadResult("The link to the result holds a text instead of audio; retry looks again.") from problem
    suffix = _audio_suffix(audio[:_HEAD_BYTES])
    if suffix is None:
        raise BadResult("The link to the result holds a text that stands for no audio; retry looks again.")
    part.write_bytes(audio)
    return suffix


def _check_length(part: Path, head: bytes) -> None:
    """A WAV that is shorter than it says was cut off on its way; streamed ones say nothing."""
    if head[:4] != b"RIFF":
        return
    announced = struct.unpack("<I", head[4:8])[0]
    if announced not in _UNKNOWN_SIZES and part.stat().st_size < announced + 8:
        raise BadResult("The result ends before the length that it announces; retry loads it again.")


def _seconds(part: Path) -> float:
    # Reading sound loads numpy, which an idle daemon does without.
    from bridge.sound.files import probe

    try:
        return probe(part).seconds
    except (UnreadableAudio, EmptyClip) as problem:
        raise BadResult("The result is no audio that can be read, or it is empty; retry loads it again.") from problem
