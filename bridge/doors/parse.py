"""The only parser: bytes from any door become a Trigger or a Command, or an error that names the key."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import Any, Literal, TypeVar

import msgspec
from msgspec import structs

from bridge.complaints import explain
from bridge.errors import BadMessage, BadTrigger, MissingFile, NotSupported, TooLarge
from bridge.files import check_root, path_forms
from bridge.model import Ask, AudioClip, Clip, MidiClip, RequestId, Strict, Text, Trigger
from bridge.protocol import AUDIO_SUFFIXES, MAX_SOURCE_BYTES, MAX_TRIGGER_BYTES, MIDI_SUFFIXES, CommandName
from bridge.sound.heads import suffix_of

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_BOM = b"\xef\xbb\xbf"
_HEAD_BYTES = 16
_MEDIA_SUFFIXES = AUDIO_SUFFIXES | MIDI_SUFFIXES
_MAX_SOURCE_DEPTH = 64
_MAX_PROMPT_CHARACTERS = 4000
_MEBIBYTE = 1024 * 1024

Read = TypeVar("Read", bound=msgspec.Struct)


class Command(Strict, frozen=True, kw_only=True):
    """A command file of the inbox; `force` is undo's, for takes that the DAW has imported."""

    schema: Literal[1]
    command: CommandName
    request_id: RequestId = ""
    job_id: Text = ""
    prompt: Text = ""
    take: int | None = None
    where: Text = ""
    force: bool = False


_TRIGGERS = msgspec.json.Decoder(Trigger)
_COMMANDS = msgspec.json.Decoder(Command)


def parse_trigger(data: bytes, *, request_id: str = "", fallback_id: str = "") -> Trigger:
    """Read a trigger's JSON; `request_id` is the door's and wins, `fallback_id` (a file's stem) serves where none is.

    Empty strings and null count as absent, whole numbers may be written as floats; `source` stays as it came.
    The trigger's `request_id` is empty when nobody gave one.

    Raises:
        BadTrigger: no JSON, or a key is unknown, missing, of the wrong type or out of range; the key is named.
        BadMessage: the door's request id is none.
        TooLarge: over 32 MB.
    """
    trigger = _read(data, _TRIGGERS, Trigger)
    return _checked(trigger, choose_id(request_id, trigger.request_id, fallback_id))


def trigger_beside(data: bytes, path: str, *, request_id: str = "", fallback_id: str = "") -> Trigger:
    """Read a sidecar, a trigger's JSON without `clip`, for the media file at `path`; else as parse_trigger."""
    fields = _builtins(data)
    fields["clip"] = msgspec.to_builtins(_clip_of_file(path))
    trigger = _convert(fields, Trigger)
    return _checked(trigger, choose_id(request_id, trigger.request_id, fallback_id))


def trigger_of_file(path: str, *, prompt: str = "", request_id: str = "", roots: Sequence[str] = ()) -> Trigger:
    """The trigger of a bare audio or MIDI file: the path, the prompt, and nothing else.

    The suffix decides which of the two it is, or the first bytes where the suffix is of neither. Nothing outside the
    roots is looked at, where there are any.

    Raises:
        BadMessage: the path is not absolute, the prompt is too long, or the request id is none.
        NotAllowed: it lies outside the roots.
        NotSupported: it is neither by its suffix nor by its first bytes.
    """
    try:
        forms = path_forms(path)
    except BadTrigger as problem:
        raise BadMessage(f"path: {problem.text}") from problem
    for form in forms:
        check_root(form, roots)
    if len(prompt) > _MAX_PROMPT_CHARACTERS:
        raise BadMessage(f"prompt: expected text of at most {_MAX_PROMPT_CHARACTERS} characters, got {len(prompt)}.")
    return Trigger(
        schema=1, clip=_clip_of_file(path), request_id=choose_id(request_id, "", ""), ask=Ask(prompt=prompt.strip())
    )


def parse_command(data: bytes, *, fallback_id: str = "") -> Command:
    """Read a command file of the inbox.

    Raises:
        BadTrigger: no JSON, or a key is unknown, missing or of the wrong type; the key is named.
    """
    command = _read(data, _COMMANDS, Command)
    if command.command == "imported" and (command.take is None or command.take < 1 or not command.job_id):
        raise BadTrigger("imported needs job_id and take, counted from 1.")
    return structs.replace(command, request_id=choose_id("", command.request_id, fallback_id))


def read_json_file(path: Path) -> bytes:
    """The bytes of a trigger's file, at most one more than a trigger may have.

    Raises:
        MissingFile: it cannot be read, or is no regular file.
    """
    try:
        if not path.is_file():
            raise MissingFile(f"{path} is no file; send the path of a trigger's JSON.")
        with path.open("rb") as file:
            return file.read(MAX_TRIGGER_BYTES + 1)
    except OSError as problem:
        raise MissingFile(f"{path} cannot be read ({problem.strerror}); check its permissions.") from problem


def peek(data: bytes) -> dict[str, Any]:
    """What can be read of a JSON object whatever else is wrong with it; empty when it is none."""
    try:
        return _builtins(data)
    except (BadTrigger, TooLarge):
        return {}


def is_cut_short(data: bytes) -> bool:
    """Whether a JSON ends before it is complete, as one that is still being written does."""
    try:
        msgspec.json.decode(data.removeprefix(_BOM))
    except msgspec.ValidationError:
        return False
    except msgspec.DecodeError as problem:
        return "truncated" in str(problem)
    except (UnicodeDecodeError, RecursionError):
        return False
    return False


def is_request_id(text: object) -> bool:
    """Whether this may be a request id or a client's name."""
    return isinstance(text, str) and _REQUEST_ID.fullmatch(text) is not None


def choose_id(of_door: str, of_json: object, of_file: str) -> str:
    """The door's request id beats the JSON's, the JSON's beats the file's stem; empty when there is none.

    Raises:
        BadMessage: the door's is no request id.
        BadTrigger: the JSON's is none.
    """
    if of_door:
        if not is_request_id(of_door):
            raise BadMessage(f"request_id: expected 1 to 64 characters of A-Z a-z 0-9 . _ -, got {of_door[:80]!r}.")
        return of_door
    if isinstance(of_json, str) and of_json:
        if not is_request_id(of_json):
            raise BadTrigger(f"request_id: expected 1 to 64 characters of A-Z a-z 0-9 . _ -, got {of_json[:80]!r}.")
        return of_json
    return of_file if is_request_id(of_file) else ""


def _read(data: bytes, decoder: msgspec.json.Decoder[Read], kind: type[Read]) -> Read:
    """Decode straight into the type; where that fails, once more by way of what the text means."""
    text = _text(data)
    try:
        return decoder.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return _convert(_builtins(data), kind)


def _text(data: bytes) -> str:
    if len(data) > MAX_TRIGGER_BYTES:
        raise TooLarge(
            f"The JSON has {len(data) / _MEBIBYTE:.0f} MB, more than {MAX_TRIGGER_BYTES // _MEBIBYTE} MB; "
            "put long clips into a file and send its path."
        )
    try:
        return data.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError as problem:
        raise BadTrigger(f"The JSON is not UTF-8 (byte {problem.start}); save it as UTF-8.") from problem


def _builtins(data: bytes) -> dict[str, Any]:
    try:
        value = msgspec.json.decode(_text(data))
    except msgspec.ValidationError as problem:
        raise BadTrigger(f"The JSON holds a number that is out of range: {problem}.") from problem
    except msgspec.DecodeError as problem:
        raise BadTrigger(f"This is no valid JSON: {problem}.") from problem
    except RecursionError as problem:
        raise BadTrigger("The JSON is nested too deeply.") from problem
    if not isinstance(value, dict):
        raise BadTrigger("The JSON is no object; a trigger begins with { and has schema and clip.")
    return value


def _convert(fields: dict[str, Any], kind: type[Read]) -> Read:
    try:
        meant = {key: value if key == "source" and value else _meant(value) for key, value in fields.items()}
        present = {key: value for key, value in meant.items() if value is not None}
        return msgspec.convert(present, kind)
    except msgspec.ValidationError as problem:
        raise BadTrigger(explain(problem, present, kind)) from problem
    except RecursionError as problem:
        raise BadTrigger("The JSON is nested too deeply.") from problem


def _meant(value: Any) -> Any:
    """Absent for empty strings and null inside objects, whole numbers for floats that are whole."""
    if isinstance(value, dict):
        return {key: kept for key, one in value.items() if (kept := _meant(one)) is not None}
    if isinstance(value, list):
        return [one if one is None or one == "" else _meant(one) for one in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return None if value == "" else value


def _checked(trigger: Trigger, request_id: str) -> Trigger:
    """What the types alone cannot say."""
    if trigger.source:
        _check_source(trigger.source)
    if trigger.ask.bars is not None and trigger.ask.beats is not None:
        raise BadTrigger("ask: give the length as bars or as beats, not both.")
    music = trigger.music if trigger.music.key != "" else structs.replace(trigger.music, key=None)
    if request_id == trigger.request_id and music is trigger.music:
        return trigger
    return structs.replace(trigger, request_id=request_id, music=music)


def _check_source(source: dict[str, Any]) -> None:
    if not _is_shallow(source):
        raise BadTrigger(f"source: expected at most {_MAX_SOURCE_DEPTH} levels, got more.")
    size = len(msgspec.json.encode(source))
    if size > MAX_SOURCE_BYTES:
        raise BadTrigger(f"source: expected at most {MAX_SOURCE_BYTES} bytes, got {size}.")


def _is_shallow(value: object) -> bool:
    level: list[object] = [value]
    for _ in range(_MAX_SOURCE_DEPTH):
        level = [
            one
            for outer in level
            if isinstance(outer, dict | list)
            for one in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return True
    return False


def _clip_of_file(path: str) -> Clip:
    suffix: str | None = PurePath(path).suffix.lower()
    if suffix not in _MEDIA_SUFFIXES:
        suffix = _suffix_by_content(path)
    return Clip(midi=MidiClip(path=path)) if suffix in MIDI_SUFFIXES else Clip(audio=AudioClip(path=path))


def _suffix_by_content(path: str) -> str | None:
    """The suffix that a file should have; None when it cannot be read, which is found where files are checked."""
    try:
        if not Path(path).is_file():
            return None
        with Path(path).open("rb") as file:
            suffix = suffix_of(file.read(_HEAD_BYTES))
    except (OSError, ValueError):
        return None
    if suffix is None:
        known = " ".join(sorted(_MEDIA_SUFFIXES))
        raise NotSupported(f"{PurePath(path).name} is no audio or MIDI file by its name; supported are {known}.")
    return suffix
