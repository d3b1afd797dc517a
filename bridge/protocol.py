"""Our own words (docs/protocol.md): OSC addresses and arguments, codes, folders and ports, in one table."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple, get_args

from bridge.errors import BridgeError, SetupError

PROTOCOL_VERSION = 1

OSC_PORT = 9130
REPLY_PORT = 9131
HTTP_PORT = 9140
ENGINE_PORT = 9150
DEFAULT_PORTS = {"http": 80, "https": 443}

MAX_DATAGRAM_BYTES = 65_507
MAX_TRIGGER_BYTES = 32 * 1024 * 1024
MAX_SOURCE_BYTES = 16 * 1024
MAX_PARTS = 4096
PARTS_TIMEOUT_SECONDS = 5.0
PROGRESS_INTERVAL_SECONDS = 2.0
ALIVE_INTERVAL_SECONDS = 5.0
CLIENT_FORGOTTEN_DAYS = 7
OUTBOX_KEPT_DAYS = 30
SIDECAR_WAIT_SECONDS = 10.0

AUDIO_SUFFIXES = frozenset({".wav", ".aif", ".aiff", ".flac", ".ogg", ".mp3"})
MIDI_SUFFIXES = frozenset({".mid", ".midi"})

Kind = Literal["s", "i", "f"]


class Argument(NamedTuple):
    """One argument of an OSC message."""

    kind: Kind
    name: str
    optional: bool = False


class Address(NamedTuple):
    """One row of the OSC table."""

    path: str
    arguments: tuple[Argument, ...]
    what: str


def _row(path: str, arguments: str, what: str) -> Address:
    """Read a row's arguments from words such as `s:request_id i:bytes?`."""
    parsed = tuple(
        Argument(kind, name.rstrip("?"), name.endswith("?"))  # type: ignore[arg-type]  # the table below is ours
        for kind, name in (word.split(":") for word in arguments.split())
    )
    return Address(path, parsed, what)


TO_DAEMON: dict[str, Address] = {
    row.path: row
    for row in (
        _row("/bridge/hello", "s:client s:version i:reply_port", "answered by /bridge/welcome"),
        _row("/bridge/ping", "s:token", "answered by /bridge/pong"),
        _row(
            "/bridge/trigger",
            "s:request_id s:path i:bytes?",
            "a trigger JSON on the disk: accepted or rejected, then the job's life",
        ),
        _row(
            "/bridge/trigger/part",
            "s:request_id i:index i:total s:piece",
            "a piece of a trigger's JSON, ASCII, index from 0, in any order; the same when all are there",
        ),
        _row("/bridge/file", "s:request_id s:path s:prompt?", "an audio or MIDI file: the same"),
        _row(
            "/bridge/again",
            "s:request_id s:job_id? s:prompt?",
            "a new job: the whole trigger copied, new seed; without a job id the last delivered one",
        ),
        _row("/bridge/cancel", "s:request_id s:job_id?", "the job as it then is"),
        _row("/bridge/retry", "s:request_id s:job_id?", "the job as it then is"),
        _row("/bridge/undo", "s:request_id s:job_id?", "the job as it then is"),
        _row("/bridge/status", "s:request_id s:job_id?", "the job as it is"),
        _row(
            "/bridge/imported",
            "s:request_id s:job_id i:take s:where?",
            "no answer: where the DAW has put a take is recorded",
        ),
    )
}

FROM_DAEMON: dict[str, Address] = {
    row.path: row
    for row in (
        _row("/bridge/welcome", "s:version i:protocol s:media_folder s:provider", "after hello"),
        _row("/bridge/pong", "s:token", "after ping"),
        _row(
            "/bridge/accepted",
            "s:request_id s:job_id i:billable_requests",
            "the job is stored on disk, and survives a crash from here on",
        ),
        _row("/bridge/rejected", "s:request_id s:code s:text", "nothing was stored"),
        _row(
            "/bridge/progress",
            "s:request_id s:job_id f:fraction s:stage",
            "at every stage, and each 2 s while the job is being worked on; never falls",
        ),
        _row(
            "/bridge/done",
            "s:request_id s:job_id i:take i:takes s:wav_path f:bpm f:beats s:key s:json_path",
            "once a take, as they come; bpm 0 and an empty key mean unknown",
        ),
        _row("/bridge/failed", "s:request_id s:job_id s:code s:text", "a job, or one take of it, failed"),
        _row(
            "/bridge/ended",
            "s:request_id s:job_id s:state i:delivered i:asked",
            "always the last word on a job; state is delivered, partial, failed or cancelled",
        ),
        _row("/bridge/startup", "s:version i:protocol", "to every known port, when the daemon has started"),
    )
}


FINAL_STATES = frozenset({"delivered", "partial", "failed", "cancelled"})

CommandName = Literal["cancel", "retry", "again", "undo", "imported"]
COMMANDS: tuple[str, ...] = get_args(CommandName)


def _leaves(kind: type[BridgeError]) -> list[type[BridgeError]]:
    """The errors under `kind` that have none under them, in the order of bridge/errors.py."""
    below = [child for child in kind.__subclasses__() if child.__module__ == kind.__module__]
    return [leaf for child in below for leaf in _leaves(child)] or [kind]


CODES: dict[str, str] = {
    leaf.code: (leaf.__doc__ or "").partition("\n")[0] for leaf in _leaves(BridgeError) if leaf is not SetupError
}


def key_variable(provider: str) -> str:
    """The environment variable that may hold a provider's API key."""
    return "DAW_BRIDGE_KEY_" + re.sub(r"[^A-Z0-9]", "_", provider.upper())
