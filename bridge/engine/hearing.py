"""The conditioning clip of a request: brought in from wherever it is, and what our own bridge wrote into it."""

from __future__ import annotations

import binascii
import re
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from bridge.contract import HINTS_CHUNK, MAX_CONDITIONING_SECONDS, MAX_HINTS_BYTES, Hints
from bridge.engine.requests import bad_field
from bridge.errors import ClipError, NotAllowed, ProviderError
from bridge.model import FASTEST_BPM, SLOWEST_BPM
from bridge.sound.riff import read_chunk

if TYPE_CHECKING:
    from bridge.sound.files import Sound

MAX_CLIP_BYTES = 64 * 1024 * 1024
FETCH_SECONDS = 60.0

_FIELD = "init_audio"
_URL = re.compile(r"https?://", re.I)
_DATA_URI = re.compile(r"data:[^,]{0,200};\s*base64\s*,", re.I)
_MAX_SAMPLES = 100_000_000
_MAX_BEATS = 20_000.0


def clip_url(init_audio: str) -> str | None:
    """The clip's address where `init_audio` is one; it is decided by the text, whatever the base64 flag says."""
    text = init_audio[:4096].strip()
    return init_audio.strip() if _URL.match(text) else None


def save_clip(init_audio: str, into: Path, allow_private: bool) -> None:
    """Write the clip that `init_audio` holds or names (base64 in any spelling, data URI, http(s) URL) into a file.

    Raises:
        Refusal: it is none of them, cannot be loaded, or is too large.
        OSError: the file cannot be written.
    """
    url = clip_url(init_audio)
    if url is None:
        into.write_bytes(_decoded(init_audio))
        return
    from bridge.net import guarded_get  # TLS comes with it, and few requests name a URL

    try:
        guarded_get(url, into, private_network=allow_private, max_bytes=MAX_CLIP_BYTES, total_seconds=FETCH_SECONDS)
    except NotAllowed as problem:
        raise bad_field(_FIELD, "must be a URL on the public internet") from problem
    except ProviderError as problem:
        raise bad_field(_FIELD, "must be a URL that can be loaded directly, of at most 64 MB") from problem


def hear(clip: Path) -> tuple[Sound, Hints | None]:
    """The clip's first 30 seconds, and its private chunk where it has a sound one.

    Raises:
        Refusal: it is no audio that can be read.
    """
    from bridge.sound.files import probe, read_part  # numpy and libsndfile, only once somebody sends a clip

    try:
        facts = probe(clip)
        if min(facts.frames, MAX_CONDITIONING_SECONDS * facts.rate) * facts.channels > _MAX_SAMPLES:
            raise bad_field(_FIELD, "has too many channels or too high a rate")
        return read_part(clip, 0.0, MAX_CONDITIONING_SECONDS), read_hints(clip)
    except ClipError as problem:
        raise bad_field(_FIELD, "must be audio: a WAV, AIFF, FLAC, OGG or MP3 file that is not empty") from problem


def read_hints(clip: Path) -> Hints | None:
    """What our own bridge knows of the clip, from its private RIFF chunk; None where it is missing or malformed."""
    content = read_chunk(clip, HINTS_CHUNK, MAX_HINTS_BYTES)
    if content is None:
        return None
    try:
        hints = msgspec.json.decode(content, type=Hints)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    sensible = (
        hints.version == 1
        and SLOWEST_BPM <= hints.bpm <= FASTEST_BPM
        and 0 < hints.beats <= _MAX_BEATS
        and 0 <= hints.source_seconds <= MAX_CONDITIONING_SECONDS
        and 0 <= hints.section < hints.sections
    )
    return hints if sensible else None


def _decoded(init_audio: str) -> bytes:
    """The bytes of base64 in standard or URL spelling, with or without line breaks, padding and data-URI head."""
    head = _DATA_URI.match(init_audio.lstrip()[:256])
    text = init_audio.lstrip()[head.end() :] if head else init_audio
    plain = "".join(text.split()).translate(str.maketrans("-_", "+/")).rstrip("=")
    try:
        found = binascii.a2b_base64(plain + "=" * (-len(plain) % 4), strict_mode=True)
    except (binascii.Error, ValueError) as problem:
        raise bad_field(_FIELD, "must be base64 or a URL of an audio file") from problem
    if not found:
        raise bad_field(_FIELD, "must be base64 or a URL of an audio file")
    return found
