"""Lua as the tests of REAPER's scripts need it: a fresh state for each test, and what plain Lua cannot do by itself."""

from __future__ import annotations

import importlib
import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import soundfile

import bridge
from bridge.doors.parse import parse_command, parse_trigger
from bridge.errors import BridgeError
from bridge.events import JobView, ToldTake

VERSIONS = {"Lua 5.3": "lupa.lua53", "Lua 5.4": "lupa.lua54"}
HERE = Path(__file__).parent

_READ_TEST_FILE = """
local run, folder = ...
package.path = folder .. "/?.lua"
return function(code, name, host) return require("fakes.check").open(host).read(code, name) end
"""


class LuaFailure(Exception):
    """A test written in Lua failed; the message is Lua's own, with file and line."""


class LuaTests:
    """One `*.test.lua` file in a Lua state of its own; `more` is what it may ask of Python beside what all may."""

    def __init__(self, path: Path, version: str, more: Mapping[str, Callable[..., Any]] | None = None) -> None:
        self._lua = importlib.import_module(VERSIONS[version])
        self._state = self._lua.LuaRuntime(encoding="latin-1", unpack_returned_tuples=True, register_eval=False)
        host = self._state.table_from({**_host(self._state), **(more or {})})
        read = self._state.execute(_READ_TEST_FILE.encode(), None, _as_lua(HERE))
        self._tests = self._called(read, path.read_bytes().decode("latin-1"), f"@{_as_lua(path)}", host)

    @property
    def sentences(self) -> list[str]:
        """The tests' names, sorted: a file may make tests in an order that is another each time."""
        return sorted(_as_text(name) for name in self._tests.names.values())

    def run(self, sentence: str, folder: Path) -> None:
        """Run one test with a folder of its own.

        Raises:
            LuaFailure: it failed.
        """
        problem = self._called(self._tests.run, sentence.encode().decode("latin-1"), _as_lua(folder))
        if problem is not None:
            raise LuaFailure(_as_text(problem))

    def _called(self, function: Any, *arguments: Any) -> Any:
        try:
            return function(*arguments)
        except self._lua.LuaError as problem:
            raise LuaFailure(_as_text(str(problem))) from problem


def _host(state: Any) -> dict[str, Any]:
    """What Lua may ask of Python; paths and texts are byte strings on Lua's side."""

    def table(value: Any) -> Any:
        if isinstance(value, dict):
            return state.table_from({table(key): table(item) for key, item in value.items() if item is not None})
        if isinstance(value, list | tuple):
            return state.table_from([table(item) for item in value])
        return value.encode().decode("latin-1") if isinstance(value, str) else value

    def names(path: str) -> tuple[Any, Any]:
        folder = _as_path(path)
        entries = sorted(folder.iterdir()) if folder.is_dir() else []
        return table([entry.name for entry in entries if not entry.is_dir()]), table(
            [entry.name for entry in entries if entry.is_dir()]
        )

    def make_folder(path: str) -> bool:
        try:
            _as_path(path).mkdir(parents=True, exist_ok=True)
        except OSError:
            return False
        return True

    def copy_folder(source: str, target: str) -> None:
        shutil.copytree(_as_path(source), _as_path(target), copy_function=shutil.copyfile, dirs_exist_ok=True)

    def decode(text: str) -> Any:
        return table(json.loads(text.encode("latin-1")))

    def read_sound(path: str, start: int, frames: int) -> Any:
        with soundfile.SoundFile(_as_path(path)) as file:
            file.seek(min(start, file.frames))
            return state.table_from(file.read(frames, always_2d=True).ravel().tolist())

    def sound_facts(path: str) -> Any:
        try:
            with soundfile.SoundFile(_as_path(path)) as file:
                return table({"frames": file.frames, "rate": file.samplerate, "channels": file.channels})
        except (soundfile.LibsndfileError, OSError):
            return None

    return {
        "names": names,
        "make_folder": make_folder,
        "copy_folder": copy_folder,
        "is_file": lambda path: _as_path(path).is_file(),
        "is_folder": lambda path: _as_path(path).is_dir(),
        "decode": decode,
        "encode_view": lambda view: msgspec.json.encode(_view(_from_lua(view))).decode("latin-1"),
        "encode": lambda value: json.dumps(_from_lua(value), ensure_ascii=True, sort_keys=True),
        "write_sound": _write_sound,
        "read_sound": read_sound,
        "sound_facts": sound_facts,
        "parse": _parse_problem,
        "version": bridge.__version__,
    }


def _write_sound(path: str, options: Any) -> None:
    """A WAV of `frames` or `seconds`, of a sine of `hz`, of `clicks` a second, noise from a `seed`, or `samples`."""
    rate, channels = int(options.rate or 48_000), int(options.channels or 1)
    frames = int(options.frames if options.frames is not None else round((options.seconds or 1.0) * rate))
    if options.samples is not None:
        sound = np.array(list(options.samples.values()), dtype=np.float64).reshape(-1, channels)
    elif options.noise:
        sound = np.random.default_rng(int(options.seed or 0)).uniform(-0.5, 0.5, (frames, channels))
    elif options.clicks:
        sound = np.zeros((frames, channels))
        sound[:: max(1, round(rate / options.clicks))] = 0.9
    else:
        wave_form = (options.level or 0.5) * np.sin(2 * np.pi * (options.hz or 440.0) * np.arange(frames) / rate)
        sound = np.repeat(wave_form[:, None], channels, axis=1)
    file = _as_path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    subtype = {16: "PCM_16", 24: "PCM_24", "float": "FLOAT"}[options.bits or 16]
    soundfile.write(file, sound, rate, subtype=subtype, format=options.format or "WAV")


def _parse_problem(text: str) -> str | None:
    """What the daemon's own parser has against an inbox file."""
    data = text.encode("latin-1")
    try:
        if "command" in json.loads(data):
            parse_command(data)
        else:
            parse_trigger(data)
    except (BridgeError, ValueError) as problem:
        return f"the daemon refuses this: {problem}".encode().decode("latin-1")
    return None


def _view(told: dict[str, Any]) -> JobView:
    """A job as the daemon's outbox tells it; what a test left out is null, anything else must be of its type."""
    takes = [{field: take.get(field) for field in ToldTake.__struct_fields__} for take in told["takes"]]
    return msgspec.convert({field: told.get(field) for field in JobView.__struct_fields__} | {"takes": takes}, JobView)


def _from_lua(value: Any) -> Any:
    """A Lua table as JSON's: a list when its keys count from 1 or it says `is_list`."""
    if isinstance(value, str):
        return value.encode("latin-1").decode()
    if not hasattr(value, "items"):
        return value
    pairs = dict(value.items())
    is_list = pairs.pop("is_list", False)
    if is_list or (pairs and set(pairs) == set(range(1, len(pairs) + 1))):
        return [_from_lua(pairs[index]) for index in sorted(pairs)]
    return {_from_lua(key): _from_lua(item) for key, item in pairs.items()}


def _as_path(text: str) -> Path:
    return Path(text.encode("latin-1").decode("utf-8", "surrogateescape"))


def _as_lua(path: Path) -> str:
    return path.as_posix().encode("utf-8", "surrogateescape").decode("latin-1")


def _as_text(text: str) -> str:
    return text.encode("latin-1", "replace").decode("utf-8", "replace")
