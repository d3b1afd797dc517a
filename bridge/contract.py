"""The music_gen request and replies as they stand on the wire, both directions, and how long a request lasts."""

from __future__ import annotations

import math
from typing import Any

import msgspec

from bridge.model import Extra, Key, MetrePoint, Mode, Note, TempoPoint, TimeSignature

MODEL_RATE = 32_000
HOP_FRAMES = 640
TOKENS_LOST = 3
MIN_TOKENS = 256
MAX_TOKENS = 1024
MIN_SAMPLING_RATE = 10_000
MAX_CONDITIONING_SECONDS = 30.0
V6_MIN_SECONDS = 30
V6_MAX_SECONDS = 480


def tokens_for(seconds: float) -> int:
    """The smallest `max_new_token` whose music lasts at least `seconds`, within 256 to 1024."""
    frames = math.ceil(seconds * MODEL_RATE / HOP_FRAMES - 1e-6)
    return min(max(frames + TOKENS_LOST, MIN_TOKENS), MAX_TOKENS)


def frames_for(tokens: int) -> int:
    """How many frames at 32 kHz `max_new_token` makes: three tokens are lost to the codebooks' delay."""
    return HOP_FRAMES * (tokens - TOKENS_LOST)


def seconds_for(tokens: int) -> float:
    """How long the music of `max_new_token` lasts."""
    return frames_for(tokens) / MODEL_RATE


class MusicGenRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The body of POST music_gen in the order of the page; `seed` and `extras` are the engine's extensions."""

    key: str
    prompt: str
    init_audio: str | None = None
    sampling_rate: int = MODEL_RATE
    max_new_token: int = MIN_TOKENS
    base64: bool = False
    temp: bool = False
    webhook: str | None = None
    track_id: str | None = None
    output_format: str = "wav"
    bitrate: str = "128k"
    duration: int | None = None
    seed: int | None = None
    extras: tuple[Extra, ...] = ()


ENTERPRISE_PARAMETERS = (
    "key",
    "prompt",
    "init_audio",
    "sampling_rate",
    "max_new_token",
    "base64",
    "temp",
    "webhook",
    "track_id",
)
V6_PARAMETERS = (
    "key",
    "prompt",
    "init_audio",
    "duration",
    "output_format",
    "bitrate",
    "base64",
    "temp",
    "webhook",
    "track_id",
)


def write_request(request: MusicGenRequest) -> bytes:
    """The request's JSON body: the page's parameters and no other; a `duration` makes it the v6 flavour.

    `seed` and `extras` follow where they are set, for the hosts that understand them.
    """
    names = ENTERPRISE_PARAMETERS if request.duration is None else V6_PARAMETERS
    body: dict[str, Any] = {name: getattr(request, name) for name in names}
    body["key"] = str(request.key)
    if request.seed is not None:
        body["seed"] = request.seed
    if request.extras:
        body["extras"] = request.extras
    return msgspec.json.encode(body)


class Meta(msgspec.Struct, frozen=True, kw_only=True):
    """What a reply echoes of its request, key for key as documented; booleans are yes and no."""

    base64: str
    conditioning_melody: str | None
    filename: str
    input_text: str
    max_new_token: int
    sampling_rate: int
    temp: str


class Success(msgspec.Struct, frozen=True, kw_only=True, tag_field="status", tag="success"):
    """The music is there."""

    generationTime: float  # noqa: N815  the wire's own spelling
    id: int
    output: list[str]
    proxy_links: list[str]
    meta: Meta


class Processing(msgspec.Struct, frozen=True, kw_only=True, tag_field="status", tag="processing"):
    """The music is being made; ask again with fetch."""

    tip: str
    eta: float
    message: str
    fetch_result: str
    id: int
    output: list[str]
    future_links: list[str]
    proxy_links: list[str]
    meta: Meta


class Fetched(msgspec.Struct, frozen=True, kw_only=True, tag_field="status", tag="success"):
    """fetch's answer when the music is there: neither generationTime nor meta."""

    id: int
    output: list[str]
    proxy_links: list[str]


class StillProcessing(msgspec.Struct, frozen=True, kw_only=True, tag_field="status", tag="processing"):
    """fetch's answer while the music is being made."""

    id: int
    message: str
    output: list[str]
    tip: str


class NotFound(msgspec.Struct, frozen=True, kw_only=True, tag_field="status", tag="failed"):
    """fetch's answer for an id that nobody knows, or whose generation failed."""

    id: str = ""
    message: str = "Request not found"
    output: str = ""
    tip: str = ""


class ErrorReply(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="status", tag="error"):
    """An error: `message` is a text, or texts by field."""

    message: str | dict[str, list[str]]
    tip: str | None = None
    retry_after: int | None = None


class Hints(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The private chunk of a conditioning WAV for our own engine: what the bridge knows, so that nobody guesses.

    Beats count from the section's first downbeat, which is the music's first frame. `source_seconds` of the
    WAV before that downbeat are lead-in. `notes` are the clip's, looped and cut to the section.
    """

    version: int = 1
    bpm: float
    beats: float
    tempo_map: tuple[TempoPoint, ...] = ()
    time_signature: TimeSignature = (4, 4)
    metre_map: tuple[MetrePoint, ...] = ()
    grouping: tuple[int, ...] = ()
    swing: float | None = None
    key: Key | None = None
    mode: Mode = "variation"
    loops: bool = False
    drums: bool = False
    section: int = 0
    sections: int = 1
    notes: tuple[Note, ...] = ()
    track: dict[str, Any] = {}
    source_seconds: float = 0.0


HINTS_CHUNK = b"dawb"
MAX_HINTS_BYTES = 4 * 1024 * 1024
