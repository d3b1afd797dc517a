"""The only parser: bytes from any door become a Trigger or a Command, or an error that names the key."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import Any, Literal, TypeVar

import msgspec
from msgspec import structs

from bridge.doors.complaints import explain
from bridge.errors import BadMessage, BadTrigger, EmptyClip, MissingFile, NotSupported, TooLarge
from bridge.model import Ask, AudioClip, Clip, MidiClip, RequestId, Strict, Text, Trigger
from bridge.protocol import AUDIO_SUFFIXES, MAX_SOURCE_BYTES, MAX_TRIGGER_BYTES, MIDI_SUFFIXES

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_BOM = b"\xef\xbb\xbf"
_AUDIO_MAGIC = (b"RIFF", b"RF64", b"FORM", b"fLaC", b"OggS", b"ID3")
_MIDI_MAGIC = b"MThd"
_MAX_SOURCE_DEPTH = 64
_MAX_PROMPT_CHARACTERS = 4000
_MEBIBYTE = 1024 * 1024

Read = TypeVar("Read", bound=msgspec.Struct)


class Command(Strict, frozen=True, kw_only=True):
    """A command file of the inbox; `force` is undo's, for takes that the DAW has imported."""

    schema: Literal[1]
    command: Literal["cancel", "retry", "again", "undo", "imported"]
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
        EmptyClip: the clip or its loop ends where it starts.
    """
    trigger = _read(data, _TRIGGERS, Trigger)
    return _checked(trigger, choose_id(request_id, trigger.request_id, fallback_id))


def trigger_beside(data: bytes, path: str, *, request_id: str = "", fallback_id: str = "") -> Trigger:
    """Read a sidecar, a trigger's JSON without `clip`, for the media file at `path`; else as parse_trigger."""
    fields = _builtins(data)
    fields["clip"] = msgspec.to_builtins(_clip_of_file(path))
    trigger = _convert(fields, Trigger)
    return _checked(trigger, choose_id(request_id, trigger.request_id, fallback_id))


def trigger_of_file(path: str, *, prompt: str = "", request_id: str = "") -> Trigger:
    """The trigger of a bare audio or MIDI file: the path, the prompt, and nothing else.

    The suffix decides which of the two it is, or the first bytes where the suffix is of neither.

    Raises:
        BadMessage: the path is not absolute, the prompt is too long, or the request id is none.
        NotSupported: it is neither by its suffix nor by its first bytes.
    """
    problem = _path_problem(path)
    if problem:
        raise BadMessage(f"path: {problem}")
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
    _check_clip(trigger.clip)
    music = trigger.music
    for name, beats in (
        ("tempo_map", [point.beat for point in music.tempo_map]),
        ("metre_map", [point.beat for point in music.metre_map]),
    ):
        if any(second <= first for first, second in pairwise(beats)):
            raise BadTrigger(f"music.{name}: the beats must rise from point to point.")
    for name, path in (("path", trigger.project.path), ("out", trigger.project.out)):
        if path and (problem := _path_problem(path)):
            raise BadTrigger(f"project.{name}: {problem}")
    if trigger.source:
        _check_source(trigger.source)
    if music.key == "":
        music = structs.replace(music, key=None)
    if request_id == trigger.request_id and music is trigger.music:
        return trigger
    return structs.replace(trigger, request_id=request_id, music=music)


def _check_clip(clip: Clip) -> None:
    given = [name for name in ("audio", "midi", "notes") if getattr(clip, name) is not None]
    if len(given) != 1:
        raise BadTrigger(f"clip: expected exactly one of audio, midi and notes, got {' and '.join(given) or 'none'}.")
    if given != ["notes"]:
        problem = _path_problem(clip.audio.path if clip.audio else clip.midi.path if clip.midi else "")
        if problem:
            raise BadTrigger(f"clip.{given[0]}.path: {problem}")
    if clip.audio:
        _check_order("clip.audio", "seconds", clip.audio.start_seconds, clip.audio.end_seconds)
        points = clip.audio.warp_markers
        if any(b.beat < a.beat or b.seconds < a.seconds for a, b in pairwise(points)):
            raise BadTrigger("clip.audio.warp_markers: beats and seconds must rise from marker to marker.")
    _check_order("clip", "beats", clip.start_beats, clip.end_beats)
    if clip.loop:
        _check_order("clip.loop", "beats", clip.loop.start_beats, clip.loop.end_beats)


def _check_order(place: str, unit: str, start: float | None, end: float | None) -> None:
    if start is None or end is None or end > start:
        return
    if end == start:
        raise EmptyClip(f"{place}: start_{unit} and end_{unit} are both {start:g}, so there is nothing to hear.")
    raise BadTrigger(f"{place}.end_{unit}: expected more than start_{unit} ({start:g}), got {end:g}.")


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
    suffix = PurePath(path).suffix.lower()
    if suffix in AUDIO_SUFFIXES:
        return Clip(audio=AudioClip(path=path))
    if suffix in MIDI_SUFFIXES:
        return Clip(midi=MidiClip(path=path))
    head = _head(path)
    if head is None or any(head.startswith(magic) for magic in _AUDIO_MAGIC):
        return Clip(audio=AudioClip(path=path))
    if head.startswith(_MIDI_MAGIC):
        return Clip(midi=MidiClip(path=path))
    known = " ".join(sorted(AUDIO_SUFFIXES | MIDI_SUFFIXES))
    raise NotSupported(f"{PurePath(path).name} is no audio or MIDI file by its name; supported are {known}.")


def _head(path: str) -> bytes | None:
    """The file's first bytes; None when it cannot be read, which is found and said where files are checked."""
    try:
        if not Path(path).is_file():
            return None
        with Path(path).open("rb") as file:
            return file.read(4)
    except (OSError, ValueError):
        return None


def _path_problem(path: str) -> str:
    if "\0" in path:
        return "a path cannot hold a NUL character."
    if not path:
        return "expected an absolute path, got none."
    if not PurePosixPath(path).is_absolute() and not PureWindowsPath(path).is_absolute():
        return f"expected an absolute path, got {path[:200]!r}."
    return ""
