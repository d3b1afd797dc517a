"""One TOML file becomes one frozen Config, passed in; every key has a default."""

from __future__ import annotations

import ipaddress
import os
import string
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlsplit

import msgspec
import platformdirs
from msgspec import Meta
from msgspec.structs import replace

from bridge.complaints import explain
from bridge.errors import SetupError
from bridge.protocol import OSC_PORT, REPLY_PORT, key_variable

LOCAL = "local"
TEMPLATE_FIELDS = ("words", "track", "key", "tempo", "metre")

Port = Annotated[int, Meta(ge=0, le=65_535)]
Read = TypeVar("Read", bound=msgspec.Struct)


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The base of the configuration's tables."""


class ProviderConfig(Table, frozen=True, kw_only=True):
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


class OscConfig(Table, frozen=True, kw_only=True):
    """The `[osc]` table."""

    host: str = "127.0.0.1"
    port: Port = OSC_PORT
    reply_port: Port = REPLY_PORT
    allow: tuple[str, ...] = ()
    allow_billable: bool = False


class WatchConfig(Table, frozen=True, kw_only=True):
    """One `[[watch]]` table: a folder whose new clips are taken, read in place."""

    path: str
    project: str = ""
    prompt: str = ""
    paid: bool = False


class FilesConfig(Table, frozen=True, kw_only=True):
    """The `[files]` table."""

    roots: tuple[str, ...] = ()
    max_clip_mb: Annotated[float, Meta(gt=0)] = 512.0


class PromptConfig(Table, frozen=True, kw_only=True):
    """The `[prompt]` table: a template that replaces the built-in way to write a prompt.

    Fields in braces: {words} {track} {key} {tempo} {metre}; an empty field takes its comma with it.
    """

    template: str = ""


class SoundConfig(Table, frozen=True, kw_only=True):
    """The `[sound]` table: how MIDI clips are played."""

    soundfont: str = ""


class QueueConfig(Table, frozen=True, kw_only=True):
    """The `[queue]` table."""

    max_waiting: Annotated[int, Meta(ge=1, le=1_000_000)] = 20_000


class Config(Table, frozen=True, kw_only=True):
    """Everything that can be set."""

    provider: str = LOCAL
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
        SetupError: it is no TOML, a key is unknown or misplaced, or a value cannot be used.
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
    config = _with_whole_paths(_read(table, path))
    check_provider(config)
    for name, provider in config.providers.items():
        _check_url(name, provider)
    _check_reach(config)
    _check_template(config.prompt.template)
    return config


def check_provider(config: Config) -> None:
    """See that the chosen provider is there.

    Raises:
        SetupError: it has no table, or a table bears the embedded engine's name.
    """
    if LOCAL in config.providers:
        raise SetupError("providers.local is the embedded engine and takes no section; give yours another name.")
    known = sorted({LOCAL, *config.providers})
    if config.provider not in known:
        raise SetupError(
            f"provider = {config.provider!r} is not configured; add [providers.{config.provider}] to config.toml, "
            f"or choose one of {', '.join(known)}."
        )


def is_loopback(host: str) -> bool:
    """Whether a host, by its address or as `localhost`, is this machine's own loopback."""
    if host.lower() == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback


def default_toml() -> str:
    """A commented configuration that says all the defaults."""
    return _DEFAULT_TOML


def _read(table: dict[str, Any], path: Path) -> Config:
    providers = table.get("providers")
    for name, provider in providers.items() if isinstance(providers, dict) else ():
        if isinstance(provider, dict) and "key" in provider:
            raise SetupError(
                f"{path}: providers.{name}.key does not belong here; run `daw-bridge login --provider {name}` "
                f"or set {key_variable(name)} instead."
            )
        # One by one, for msgspec does not say in which of them it found something.
        _convert(provider, ProviderConfig, path, f"providers.{name}")
    return _convert(table, Config, path)


def _convert(value: object, kind: type[Read], path: Path, under: str = "") -> Read:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as problem:
        raise SetupError(f"{path}: {explain(problem, value, kind, under)}") from problem


def _with_whole_paths(config: Config) -> Config:
    """The configuration with `~` written out in its paths, which must be absolute."""
    return replace(
        config,
        watch=tuple(
            replace(
                watch,
                path=_whole("watch.path", watch.path),
                project=watch.project and _whole("watch.project", watch.project),
            )
            for watch in config.watch
        ),
        files=replace(config.files, roots=tuple(_whole("files.roots", root) for root in config.files.roots)),
        sound=replace(
            config.sound, soundfont=config.sound.soundfont and _whole("sound.soundfont", config.sound.soundfont)
        ),
    )


def _whole(key: str, text: str) -> str:
    path = Path(os.path.expanduser(text))  # noqa: PTH111  Path.expanduser raises where a user is unknown
    if not path.is_absolute():
        raise SetupError(f"{key} = {text!r} in config.toml is not absolute; write the whole path, or begin it with ~/.")
    return str(path)


def _check_url(name: str, provider: ProviderConfig) -> None:
    """A key travels readably over http, so only within the own network."""
    try:
        url = urlsplit(provider.url)
        host = url.hostname or ""
    except ValueError:
        url, host = urlsplit(""), ""
    if not host or url.scheme not in {"http", "https"}:
        raise SetupError(f"providers.{name}.url = {provider.url!r} is no URL; it looks like https://modelslab.com.")
    if url.scheme == "http" and provider.billable and not _is_near(host):
        raise SetupError(
            f"providers.{name}.url would send your API key unencrypted; write https:// instead of http://."
        )


def _is_near(host: str) -> bool:
    """Whether a host is this machine or in its own network, as far as its name or address tells."""
    try:
        return not ipaddress.ip_address(host.partition("%")[0]).is_global
    except ValueError:
        return "." not in host or host.endswith(".local")


def _check_reach(config: Config) -> None:
    if is_loopback(config.osc.host):
        return
    for key, value in (("osc.allow", config.osc.allow), ("files.roots", config.files.roots)):
        if not value:
            raise SetupError(
                f"osc.host = {config.osc.host!r} opens the OSC door to other machines; say in config.toml "
                "which ones with osc.allow, and with files.roots which folders they may use "
                f"({key} is empty)."
            )


def _check_template(template: str) -> None:
    known = " ".join(f"{{{name}}}" for name in TEMPLATE_FIELDS)
    try:
        parts = list(string.Formatter().parse(template))
    except ValueError as problem:
        raise SetupError(f"prompt.template cannot be read ({problem}); its fields are {known}.") from problem
    for _, field, form, conversion in parts:
        if field is not None and (field not in TEMPLATE_FIELDS or form or conversion):
            raise SetupError(f"prompt.template has the unknown field {{{field}}}; the known ones are {known}.")


_DEFAULT_TOML = """\
# daw-bridge: every key, with its default. Remove the # of a line to change it.

# provider = "local"              # which of the providers below; "local" is the embedded engine and needs no section

# [providers.cloud]
# kind = "music_gen"
# url = "https://modelslab.com"   # base; the path follows from api; billable ones over http:// only in your own network
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
