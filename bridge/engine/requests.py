"""Reading the body of a music_gen request: every usual spelling is taken, every fault is named by its field."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

import msgspec

from bridge.contract import (
    MAX_TOKENS,
    MIN_SAMPLING_RATE,
    MIN_TOKENS,
    MODEL_RATE,
    V6_MAX_SECONDS,
    V6_MIN_SECONDS,
    ErrorReply,
    MusicGenRequest,
    frames_for,
    tokens_for,
)
from bridge.model import Extra

Api = Literal["enterprise", "v6"]

MAX_FRAMES = 32_000_000
"""Frames of one answer that still fit into the memory of a usual machine, whatever the sampling rate."""

_MAX_PROMPT = 8000
_MAX_SHORT = 1000
_MAX_SEED = 2**53
_WHOLE = re.compile(r"[+-]?\d{1,18}")
_FLAGS = {
    "true": True, "1": True, "yes": True, "on": True,
    "false": False, "0": False, "no": False, "off": False,
}  # fmt: skip
_JSON_TIP = "Send the request as POST with Content-Type: application/json and one valid JSON object as its body."


class Refusal(Exception):
    """A request that is not taken: the reply that says why, and its HTTP status."""

    def __init__(self, reply: ErrorReply, status: int) -> None:
        super().__init__(str(reply.message))
        self.reply = reply
        self.status = status


class _Fault(Exception):
    """What is wrong with one field: the end of a sentence that begins with the field's name."""


def read_request(body: bytes, api: Api) -> MusicGenRequest:
    """Turn the body of POST music_gen into a request; for v6 its length may be said by `duration`.

    Raises:
        Refusal: it is no JSON object, or fields are missing or out of range (all are named).
    """
    table = read_object(body)
    values, faults = _read_fields(table, _FIELDS | (_V6_FIELDS if api == "v6" else {}))
    if not faults and frames_of(request := _with_length(values, api)) > MAX_FRAMES * MODEL_RATE / request.sampling_rate:
        faults["sampling_rate"] = ["The sampling rate field is too large for the memory of this machine."]
    if faults:
        raise _refusal(faults)
    return request


def read_key(body: bytes) -> str:
    """The key in the body of every other POST.

    Raises:
        Refusal: it is no JSON object, or has no key.
    """
    values, faults = _read_fields(read_object(body), {"key": _FIELDS["key"]})
    if faults:
        raise _refusal(faults)
    return str(values["key"])


def read_object(body: bytes) -> dict[str, Any]:
    """The JSON object of a body, or a Refusal with a tip."""
    try:
        table = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise bad_form() from problem
    if not isinstance(table, dict):
        raise bad_form()
    return table


def bad_form() -> Refusal:
    """The refusal of a body that is no JSON object."""
    return Refusal(ErrorReply(message="Invalid API request.", tip=_JSON_TIP), 400)


def bad_field(name: str, fault: str) -> Refusal:
    """The refusal of one field; `fault` ends the sentence that its name begins."""
    return _refusal({name: [_sentence(name, fault)]})


def frames_of(request: MusicGenRequest) -> int:
    """How many frames at 32 kHz the request asks for."""
    return request.duration * MODEL_RATE if request.duration else frames_for(request.max_new_token)


def _refusal(faults: dict[str, list[str]]) -> Refusal:
    return Refusal(ErrorReply(message=faults), 401 if "key" in faults else 400)


def _sentence(name: str, fault: str) -> str:
    return f"The {name.replace('_', ' ')} field {fault}."


def _read_fields(
    table: dict[str, Any], fields: dict[str, Callable[[Any], object]]
) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """The fields that are there, and by name the sentences about those that are wrong."""
    values: dict[str, Any] = {}
    faults: dict[str, list[str]] = {}
    for name, read in fields.items():
        raw = table.get(name)
        given = raw.strip() if isinstance(raw, str) and len(raw) < _MAX_SHORT else raw
        try:
            if given is not None and given != "":
                values[name] = read(raw)
            elif name in _REQUIRED:
                raise _Fault("is required")
        except _Fault as fault:
            faults[name] = [_sentence(name, str(fault))]
    return values, faults


def _with_length(values: dict[str, Any], api: Api) -> MusicGenRequest:
    if api == "v6" and "max_new_token" not in values:
        values = {"duration": V6_MIN_SECONDS, **values}
    if values.get("duration"):
        values = {**values, "max_new_token": tokens_for(values["duration"])}
    return MusicGenRequest(**values)


def _text(longest: int) -> Callable[[Any], str]:
    def read(raw: Any) -> str:
        if not isinstance(raw, str):
            raise _Fault("must be a string")
        if len(raw) > longest:
            raise _Fault(f"must not be greater than {longest} characters")
        return raw

    return read


def _any_text(raw: Any) -> str:
    if not isinstance(raw, str):
        raise _Fault("must be a string")
    return raw


def _scalar(raw: Any) -> str:
    if not isinstance(raw, str | bool | int | float):
        raise _Fault("must be a string or a number")
    return _text(_MAX_SHORT)(raw if isinstance(raw, str) else msgspec.json.encode(raw).decode())


def _flag(raw: Any) -> bool:
    text = f"{raw:g}" if isinstance(raw, float) else str(raw) if isinstance(raw, str | bool | int) else ""
    found = _FLAGS.get(text.strip().lower())
    if found is None:
        raise _Fault("must be true or false")
    return found


def _whole(low: int, high: int | None) -> Callable[[Any], int]:
    def read(raw: Any) -> int:
        if isinstance(raw, str) and _WHOLE.fullmatch(raw.strip()):
            raw = int(raw)
        if isinstance(raw, float) and raw.is_integer():
            raw = int(raw)
        if isinstance(raw, bool) or not isinstance(raw, int):
            raise _Fault("must be an integer")
        if high is not None and not low <= raw <= high:
            raise _Fault(f"must be between {low} and {high}")
        if raw < low:
            raise _Fault(f"must be at least {low}")
        return raw

    return read


def _url(raw: Any) -> str:
    text = _text(_MAX_SHORT)(raw).strip()
    try:
        parts = urlsplit(text)
    except ValueError as problem:
        raise _Fault("must be a valid URL") from problem
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise _Fault("must be a valid URL")
    return text


def _one_of(*choices: str) -> Callable[[Any], str]:
    def read(raw: Any) -> str:
        text = raw.strip().lower() if isinstance(raw, str) else ""
        if text not in choices:
            raise _Fault(f"must be {' or '.join(choices)}")
        return text

    return read


def _extras(raw: Any) -> tuple[Extra, ...]:
    known = get_args(Extra)
    if not isinstance(raw, list) or any(extra not in known for extra in raw):
        raise _Fault(f"must be a list of {' and '.join(known)}")
    return tuple(raw)


_REQUIRED = ("key", "prompt")
_FIELDS: dict[str, Callable[[Any], object]] = {
    "key": _text(_MAX_SHORT),
    "prompt": _text(_MAX_PROMPT),
    "init_audio": _any_text,
    "sampling_rate": _whole(MIN_SAMPLING_RATE, None),
    "max_new_token": _whole(MIN_TOKENS, MAX_TOKENS),
    "base64": _flag,
    "temp": _flag,
    "webhook": _url,
    "track_id": _scalar,
    "output_format": _one_of("wav"),
    "bitrate": _one_of("128k", "192k", "320k"),
    "seed": _whole(0, _MAX_SEED),
    "extras": _extras,
}
_V6_FIELDS: dict[str, Callable[[Any], object]] = {"duration": _whole(V6_MIN_SECONDS, V6_MAX_SECONDS)}
