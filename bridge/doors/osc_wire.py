"""OSC 1.0 on the wire: datagrams become messages whose arguments fit the table, and answers become datagrams.

Reading is our own because what arrives is hostile: python-osc's reader never returns from a bundle with a negative
element size, logs without limit, and walks long strings byte by byte. Writing is python-osc's.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass

from pythonosc.osc_message_builder import OscMessageBuilder

from bridge.errors import BadMessage
from bridge.protocol import FROM_DAEMON, Address, Argument

Value = str | int | float | bool | bytes | None

_BUNDLE = b"#bundle\0"
_MAX_BUNDLE_DEPTH = 16
_MAX_MESSAGES = 4096
_MAX_ARGUMENTS = 256
_NUMBERS = {"i": struct.Struct(">i"), "h": struct.Struct(">q"), "d": struct.Struct(">d"), "f": struct.Struct(">f")}
_CONSTANTS: dict[str, Value] = {"T": True, "F": False, "N": None, "I": math.inf}
_SKIPPED_BYTES = {"t": 8, "c": 4, "r": 4, "m": 4}
_ALSO_AS_NUMBER = frozenset({"version", "token", "prompt", "where"})
_MAX_TEXT_CHARACTERS = 1000
_KINDS = {"s": "text", "i": "a whole number", "f": "a number"}


@dataclass(frozen=True)
class Message:
    """One OSC message as far as it could be read; `problem` says where reading stopped."""

    address: str
    arguments: tuple[Value, ...]
    problem: str = ""


class NotOsc(ValueError):
    """A datagram, or a part of a bundle, that is no OSC."""


def read_packet(data: bytes) -> list[Message]:
    """All messages of a datagram, bundles opened (their time tags are ignored).

    Raises:
        NotOsc: it is no OSC at all, or a bundle is broken, too deep or too full.
    """
    messages: list[Message] = []
    _read_into(messages, data, 0)
    return messages


def arguments_of(message: Message, row: Address) -> tuple[str | int | float, ...]:
    """The message's arguments in the table's types; missing optional ones are "" and 0.

    A whole float serves as an int and an int as a float; numbers serve as text where people type freely,
    because Max makes numbers of words such as 808.

    Raises:
        BadMessage: an argument is missing, too many or of the wrong type; it is named.
    """
    if message.problem:
        raise BadMessage(f"{row.path}: {_named(message.problem, row, len(message.arguments))}")
    given = message.arguments
    if len(given) > len(row.arguments):
        raise BadMessage(f"{row.path} takes {_usage(row)}, but {len(given)} arguments came.")
    read: list[str | int | float] = []
    for place, argument in enumerate(row.arguments):
        value = given[place] if place < len(given) else None
        if value is None and argument.optional:
            read.append("" if argument.kind == "s" else 0)
        elif place >= len(given):
            raise BadMessage(f"{row.path}: argument {place + 1} ({argument.name}) is missing; it takes {_usage(row)}.")
        else:
            read.append(_fitted(value, argument, place, row.path))
    return tuple(read)


def write_message(path: str, *values: str | int | float) -> bytes:
    """One of the daemon's own messages as a datagram; texts for people are cut to a bounded length."""
    builder = OscMessageBuilder(path)
    for argument, value in zip(FROM_DAEMON[path].arguments, values, strict=True):
        builder.add_arg(_sendable(str(value), argument.name) if argument.kind == "s" else value, argument.kind)
    dgram: bytes = builder.build().dgram
    return dgram


def _read_into(messages: list[Message], data: bytes, depth: int) -> None:
    if data.startswith(b"/"):
        if len(messages) >= _MAX_MESSAGES:
            raise NotOsc(f"a bundle of more than {_MAX_MESSAGES} messages")
        messages.append(_read_message(data))
        return
    if not data.startswith(_BUNDLE) or len(data) < 16:
        raise NotOsc("neither a message nor a bundle")
    if depth >= _MAX_BUNDLE_DEPTH:
        raise NotOsc(f"bundles nested more than {_MAX_BUNDLE_DEPTH} deep")
    at = 16
    while at < len(data):
        if at + 4 > len(data):
            raise NotOsc("a bundle that is cut off")
        size = int.from_bytes(data[at : at + 4], "big")
        at += 4
        if size == 0 or at + size > len(data):
            raise NotOsc("a bundle whose sizes do not fit")
        _read_into(messages, data[at : at + size], depth + 1)
        at += size


def _read_message(data: bytes) -> Message:
    try:
        address, at = _read_string(data, 0)
        tags, at = _read_string(data, at) if at < len(data) else (",", at)
    except (NotOsc, UnicodeDecodeError) as problem:
        raise NotOsc("a message whose address or types cannot be read") from problem
    values: list[Value] = []
    if not tags.startswith(","):
        return Message(address, (), "the list of types is missing")
    for tag in tags[1 : _MAX_ARGUMENTS + 1]:
        try:
            value, at = _read_value(tag, data, at)
        except UnicodeDecodeError:
            return Message(address, tuple(values), "is not UTF-8")
        except NotOsc as problem:
            return Message(address, tuple(values), str(problem))
        values.append(value)
    return Message(address, tuple(values))


def _read_value(tag: str, data: bytes, at: int) -> tuple[Value, int]:
    if tag in "sS":
        return _read_string(data, at)
    if tag in _CONSTANTS:
        return _CONSTANTS[tag], at
    if number := _NUMBERS.get(tag):
        if at + number.size > len(data):
            raise NotOsc("is cut off")
        (value,) = number.unpack_from(data, at)
        return (_shortest(value) if tag == "f" else value), at + number.size
    size = _SKIPPED_BYTES.get(tag)
    if size is None and tag == "b" and at + 4 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        size = 4 + size + -size % 4
    if size is None:
        raise NotOsc(f"has the unknown type {tag!r}")
    if at + size > len(data):
        raise NotOsc("is cut off")
    return data[at : at + size], at + size


def _read_string(data: bytes, at: int) -> tuple[str, int]:
    end = data.find(b"\0", at)
    if end < 0:
        raise NotOsc("is cut off")
    return data[at:end].decode("utf-8"), end + 4 - (end - at) % 4


def _shortest(value: float) -> float:
    """The shortest decimal that is this 32-bit float: 96.3, not 96.30000305175781."""
    if not math.isfinite(value):
        return value
    wanted = struct.pack(">f", value)
    for digits in range(6, 9):
        short = float(f"{value:.{digits}g}")
        if struct.pack(">f", short) == wanted:
            return short
    return float(f"{value:.9g}")


def _fitted(value: Value, argument: Argument, place: int, path: str) -> str | int | float:
    if argument.kind == "s":
        if isinstance(value, str):
            return value
        if argument.name in _ALSO_AS_NUMBER and isinstance(value, int | float) and not isinstance(value, bool):
            return repr(value)
    elif isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        if argument.kind == "f":
            return float(value)
        if float(value).is_integer():
            return int(value)
    raise BadMessage(
        f"{path}: argument {place + 1} ({argument.name}) should be {_KINDS[argument.kind]}, got {_shown(value)}."
    )


def _shown(value: Value) -> str:
    if isinstance(value, bytes):
        return "binary data"
    return "nothing" if value is None else repr(value)[:80]


def _named(problem: str, row: Address, place: int) -> str:
    if place >= len(row.arguments) or not problem.startswith(("is ", "has ")):
        return f"{problem}; it takes {_usage(row)}."
    return f"argument {place + 1} ({row.arguments[place].name}) {problem}."


def _usage(row: Address) -> str:
    return ", ".join(f"{argument.name}{' (optional)' if argument.optional else ''}" for argument in row.arguments)


def _sendable(text: str, name: str) -> str:
    """Text that an OSC string can hold; paths are never cut, for half a path is wrong."""
    clean = text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    return clean[: _MAX_TEXT_CHARACTERS - 1] + "…" if name == "text" and len(clean) > _MAX_TEXT_CHARACTERS else clean
