"""One TOML file becomes one frozen Config, passed in; every key has a default."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import platformdirs
from msgspec import Meta

from bridge.errors import SetupError
from bridge.protocol import OSC_PORT, REPLY_PORT

Port = Annotated[int, Meta(ge=0, le=65_535)]


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The base of the configuration's tables."""


class ProviderConfig(Section, frozen=True, kw_only=True):
    """One `[providers.NAME]` table."""

    kind: Literal["music_gen"] = "music_gen"
    url: str = "https://modelslab.com"
    api: Literal["enterprise", "v6"] = "enterprise"
    billable: bool = True
    extensions: bool = False
    private_network: bool = False
    max_requests_per_job: Annotated[int, Meta(ge=1)] = 20
    max_requests_per_day: Annotated[int, Meta(ge=1)] = 100
    price: Annotated[float, Meta(ge=0)] = 0.0
    parallel: Annotated[int, Meta(ge=1, le=32)] = 2
    timeout_seconds: Annotated[float, Meta(gt=0)] = 600.0


class OscConfig(Section, frozen=True, kw_only=True):
    """The `[osc]` table."""

    host: str = "127.0.0.1"
    port: Port = OSC_PORT
    reply_port: Port = REPLY_PORT
    allow: tuple[str, ...] = ()
    allow_billable: bool = False


class WatchConfig(Section, frozen=True, kw_only=True):
    """One `[[watch]]` table: a folder whose new clips are taken, read in place."""

    path: str
    project: str = ""
    prompt: str = ""
    paid: bool = False


class FilesConfig(Section, frozen=True, kw_only=True):
    """The `[files]` table."""

    roots: tuple[str, ...] = ()
    max_clip_mb: Annotated[float, Meta(gt=0)] = 512.0


class PromptConfig(Section, frozen=True, kw_only=True):
    """The `[prompt]` table: a template that replaces the built-in way to write a prompt.

    Fields in braces: {words} {track} {key} {tempo} {metre}; an empty field takes its comma with it.
    """

    template: str = ""


class SoundConfig(Section, frozen=True, kw_only=True):
    """The `[sound]` table: how MIDI clips are played."""

    soundfont: str = ""


class QueueConfig(Section, frozen=True, kw_only=True):
    """The `[queue]` table."""

    max_waiting: Annotated[int, Meta(ge=1, le=1_000_000)] = 20_000


class Config(Section, frozen=True, kw_only=True):
    """Everything that can be set."""

    provider: str = "local"
    providers: dict[str, ProviderConfig] = {}
    osc: OscConfig = OscConfig()
    watch: tuple[WatchConfig, ...] = ()
    files: FilesConfig = FilesConfig()
    prompt: PromptConfig = PromptConfig()
    sound: SoundConfig = SoundConfig()
    queue: QueueConfig = QueueConfig()


def find_home(flag: str | None) -> Path:
    """The daemon's folder: `--home`, else DAW_BRIDGE_HOME, else the platform's user-data folder."""
    chosen = flag or os.environ.get("DAW_BRIDGE_HOME")
    return (
        Path(chosen).expanduser().absolute() if chosen else platformdirs.user_data_path("daw-bridge", appauthor=False)
    )


def load_config(home: Path) -> Config:
    """Read `<home>/config.toml`, or the defaults where there is none.

    Raises:
        SetupError: it is no TOML, a key is unknown or misplaced, or a value is out of range.
    """
    path = home / "config.toml"
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return Config()
    except (OSError, UnicodeDecodeError) as problem:
        raise SetupError(f"{path} cannot be read: {problem}.") from problem
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise SetupError(f"{path} is not valid TOML: {problem}.") from problem
    return _checked(read_config(table, path), path)


def read_config(table: dict[str, Any], path: Path) -> Config:
    """Turn a parsed TOML table into a Config; `path` is named in the errors."""
    for name, provider in _tables(table.get("providers")):
        if "key" in provider:
            raise SetupError(
                f"{path}: providers.{name}.key does not belong here; run `daw-bridge login --provider {name}` "
                f"or set DAW_BRIDGE_KEY_{name.upper()} instead."
            )
    try:
        return msgspec.convert(table, type=Config)
    except msgspec.ValidationError as problem:
        raise SetupError(f"{path}: {_sentence(str(problem))}") from problem


def default_toml() -> str:
    """A commented configuration that says all the defaults."""
    return _DEFAULT_TOML


def _checked(config: Config, path: Path) -> Config:
    if config.provider != "local" and config.provider not in config.providers:
        raise SetupError(f'{path}: provider = "{config.provider}" has no [providers.{config.provider}] table.')
    return config


def _tables(value: object) -> list[tuple[str, dict[str, Any]]]:
    return (
        [(name, table) for name, table in value.items() if isinstance(table, dict)] if isinstance(value, dict) else []
    )


def _sentence(problem: str) -> str:
    """Say msgspec's finding with the key's dotted name, and the nearest known key for an unknown one."""
    what, _, where = problem.partition(" - at ")
    place = where.strip("`").removeprefix("$").removeprefix(".")
    unknown = re.search(r"unknown field `(.+)`", what)
    if unknown is None:
        return f"{place}: {what[0].lower()}{what[1:]}."
    name = unknown.group(1)
    near = difflib.get_close_matches(name, _known_keys(place), n=1, cutoff=0.4)
    dotted = f"{place}.{name}" if place else name
    return f"unknown key {dotted}" + (f"; did you mean {near[0]}?" if near else ".")


def _known_keys(place: str) -> list[str]:
    table: type[msgspec.Struct] = Config
    for word, struct in (
        ("providers", ProviderConfig),
        ("osc", OscConfig),
        ("watch", WatchConfig),
        ("files", FilesConfig),
        ("prompt", PromptConfig),
        ("sound", SoundConfig),
        ("queue", QueueConfig),
    ):
        if place.startswith(word):
            table = struct
    return [field.encode_name for field in msgspec.structs.fields(table)]


_DEFAULT_TOML = """\
# daw-bridge: every key, with its default. Remove the # of a line to change it.

# provider = "local"              # which of the providers below; "local" is the embedded engine and needs no section

# [providers.cloud]
# kind = "music_gen"
# url = "https://modelslab.com"   # base; the path follows from api
# api = "enterprise"              # or "v6"
# billable = true                 # false: a lost submission is sent again by itself
# extensions = false              # true: understands seed, extras and the private chunk
# private_network = false         # true: its results may lie on loopback or private addresses
# max_requests_per_job = 20       # billable requests; more is budget_reached, and nothing is sent
# max_requests_per_day = 100
# price = 0.0                     # per request, for the report, in the currency of your account
# parallel = 2                    # requests at once
# timeout_seconds = 600.0         # from submit
# The API key is not written here: run `daw-bridge login --provider cloud`, or set DAW_BRIDGE_KEY_CLOUD.

# [osc]
# host = "127.0.0.1"
# port = 9130
# reply_port = 9131
# allow = []                      # other hosts' addresses, needed when host is not loopback
# allow_billable = false          # other hosts may spend money

# [[watch]]
# path = "/abs/folder"
# project = ""                    # where takes go; the folder itself when left out
# prompt = ""
# paid = false                    # true: a billable provider may be used for what falls in here

# [files]
# roots = []                      # where clips may be read and takes written; empty: whatever you may, on loopback only
# max_clip_mb = 512.0

# [prompt]
# template = ""                   # for example "{words}, {track}, {key}, {tempo}"

# [sound]
# soundfont = ""                  # a SoundFont for FluidSynth; empty: looked for in the usual folders

# [queue]
# max_waiting = 20000             # jobs; more is queue_full
"""
