"""Where an API key lies: in the environment, the system keyring, or a file that only its owner can read."""

from __future__ import annotations

import base64
import errno
import importlib
import json
import os
import re
import stat
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal, Protocol, cast
from urllib.parse import quote, quote_plus

from bridge.errors import BadKey, DiskFull, NotWritable
from bridge.protocol import key_variable

SERVICE = "daw-bridge"
FILE_NAME = "credentials.toml"
HIDDEN = "[key]"
_SHORTEST_SECRET = 5
_FULL = {errno.ENOSPC, errno.EDQUOT}


class ApiKey(str):
    """An API key: a text whose `repr` does not show it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "ApiKey(hidden)"


class Keyring(Protocol):
    """The part of the `keyring` package that is used."""

    def get_password(self, service: str, name: str) -> str | None:
        """The stored key, or None."""

    def set_password(self, service: str, name: str, key: str) -> None:
        """Store a key."""

    def delete_password(self, service: str, name: str) -> None:
        """Forget a key."""


def system_keyring() -> Keyring | None:
    """The `keyring` package where it is installed; whether it works shows when it is asked."""
    try:
        return cast("Keyring", importlib.import_module("keyring"))
    except ImportError:
        return None


def find_key(
    name: str,
    home: Path,
    *,
    environ: Mapping[str, str] = os.environ,
    keyring: Callable[[], Keyring | None] = system_keyring,
) -> ApiKey:
    """The API key of provider `name`: from the environment, else the keyring, else `<home>/credentials.toml`.

    Raises:
        BadKey: there is none, or others can read the file it lies in.
    """
    key = seek_key(name, home, environ=environ, keyring=keyring)
    if key is None:
        raise BadKey(
            f"There is no API key for provider {name}; "
            f"run `daw-bridge login --provider {name}` or set {key_variable(name)}."
        )
    return key


def seek_key(
    name: str,
    home: Path,
    *,
    environ: Mapping[str, str] = os.environ,
    keyring: Callable[[], Keyring | None] = system_keyring,
) -> ApiKey | None:
    """As find_key, but None where there is none."""
    for variable in _variables(name):
        if environ.get(variable, "").strip():
            return _checked(environ[variable], variable)
    key = _ask_keyring(keyring(), name) or _keys_in_file(home / FILE_NAME).get(name, "")
    return _checked(key, f"provider {name}") if key.strip() else None


def store_key(
    name: str, key: str, home: Path, *, keyring: Callable[[], Keyring | None] = system_keyring
) -> Literal["keyring", "file"]:
    """Keep a key in the system keyring, or in `<home>/credentials.toml` (mode 0600) where there is none.

    Raises:
        BadKey: the text cannot be a key, or others can read the file.
        DiskFull, NotWritable: the file cannot be written.
    """
    key = _checked(key, f"provider {name}")
    path = home / FILE_NAME
    if _tell_keyring(keyring(), name, key):
        _drop_from_file(name, path)
        return "keyring"
    _write_keys(path, {**_keys_in_file(path), name: key})
    return "file"


def forget_key(name: str, home: Path, *, keyring: Callable[[], Keyring | None] = system_keyring) -> bool:
    """Take a key out of the keyring and the file; False when neither had it."""
    ring = keyring()
    in_ring = _ask_keyring(ring, name) is not None and _drop_from_keyring(ring, name)
    in_file = _drop_from_file(name, home / FILE_NAME)
    return in_ring or in_file


def scrub(text: str, key: str) -> str:
    """The text with the key taken out, also where it stands in base64, in an URL or in JSON."""
    if len(key) < _SHORTEST_SECRET:
        return text
    for form in sorted(_forms(key), key=len, reverse=True):
        text = text.replace(form, HIDDEN)
    return text


def _variables(name: str) -> tuple[str, ...]:
    own = key_variable(name)
    return (own, "MODELSLAB_API_KEY") if name == "cloud" else (own,)


def _checked(key: str, where: str) -> ApiKey:
    key = key.strip()
    if not key or not re.fullmatch(r"[!-~]+", key):
        raise BadKey(f"The API key of {where} is empty or holds blanks or accents; copy it again from your account.")
    return ApiKey(key)


def _ask_keyring(ring: Keyring | None, name: str) -> str | None:
    """A keyring that is locked, missing or broken is the normal case on many machines: it has no key."""
    try:
        return ring.get_password(SERVICE, name) if ring else None
    except Exception:  # noqa: BLE001  backends raise whatever their system raises
        return None


def _tell_keyring(ring: Keyring | None, name: str, key: str) -> bool:
    try:
        if ring is None:
            return False
        ring.set_password(SERVICE, name, str(key))
        return ring.get_password(SERVICE, name) == key
    except Exception:  # noqa: BLE001  backends raise whatever their system raises
        return False


def _drop_from_keyring(ring: Keyring | None, name: str) -> bool:
    try:
        if ring is None:
            return False
        ring.delete_password(SERVICE, name)
    except Exception:  # noqa: BLE001  backends raise whatever their system raises
        return False
    return True


def _keys_in_file(path: Path) -> dict[str, str]:
    try:
        mode = path.stat().st_mode
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as problem:
        raise BadKey(f"{path} cannot be read ({type(problem).__name__}); check that it is yours.") from problem
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        raise BadKey(f"{path} can be read by others, so its keys are not used; run `chmod 600 {path}`.")
    try:
        keys = tomllib.loads(text).get("keys", {})
    except tomllib.TOMLDecodeError:
        keys = None
    if not isinstance(keys, dict) or not all(isinstance(key, str) for key in keys.values()):
        # What is wrong is not quoted, nor chained: the sentence could hold a key.
        raise BadKey(f'{path} is not valid; it is a [keys] table with lines such as cloud = "...".')
    return keys


def _drop_from_file(name: str, path: Path) -> bool:
    keys = _keys_in_file(path)
    if name not in keys:
        return False
    _write_keys(path, {other: key for other, key in keys.items() if other != name})
    return True


def _write_keys(path: Path, keys: Mapping[str, str]) -> None:
    """Write the file whole; it is never readable by others, not even while it is written."""
    lines = "".join(f"{json.dumps(name)} = {json.dumps(key)}\n" for name, key in sorted(keys.items()))
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(f"[keys]\n{lines}")
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except OSError as problem:
        part.unlink(missing_ok=True)
        if problem.errno in _FULL:
            raise DiskFull(f"There is no room left for {path}; free some space, then log in again.") from problem
        raise NotWritable(
            f"{path} cannot be written ({problem.strerror}); check its folder's permissions."
        ) from problem


def _forms(key: str) -> set[str]:
    forms = {key, quote(key, safe=""), quote_plus(key), json.dumps(key)[1:-1]}
    for lead in range(3):
        # In base64 of a longer text a key shows in one of three alignments; its edges mix with the neighbours.
        encoded = base64.b64encode(b"\0" * lead + key.encode()).decode().rstrip("=")
        whole = encoded[(0, 2, 3)[lead] : (lead + len(key.encode())) * 8 // 6]
        forms |= {whole, whole.replace("+", "-").replace("/", "_")}
    return {form for form in forms if len(form) >= _SHORTEST_SECRET}
