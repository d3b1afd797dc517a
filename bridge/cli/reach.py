"""Reaching the daemon of a home, or being it for as long as a command lasts: commands go in as inbox files."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from bridge.config import Config
from bridge.errors import BridgeError, SetupError
from bridge.files import write_whole
from bridge.model import ErrorNote, JobView, Trigger
from bridge.protocol import ALIVE_INTERVAL_SECONDS

FINAL_STATES = frozenset({"delivered", "partial", "failed", "cancelled"})
_LOOK_SECONDS = 0.03


class Told(BridgeError):
    """What the daemon said, in its own words."""


class _Outbox(msgspec.Struct, frozen=True):
    """As much of an outbox file as decides what to do next."""

    state: str
    error: ErrorNote | None = None


def new_request_id() -> str:
    """A request id of the command line's own."""
    return f"cli.{secrets.token_hex(8)}"


def daemon_lives(home: Path) -> bool:
    """Whether a daemon has rewritten daemon.json lately."""
    try:
        alive = msgspec.json.decode((home / "daemon.json").read_bytes())
        return time.time() - float(alive["alive_at"]) < 3 * ALIVE_INTERVAL_SECONDS
    except (OSError, msgspec.DecodeError, KeyError, TypeError, ValueError):
        return False


@contextmanager
def some_daemon(home: Path, config: Config) -> Iterator[None]:
    """See that a daemon works on this home: the running one, else one of our own until the end of the block."""
    if daemon_lives(home):
        yield
        return
    from bridge.daemon import Daemon  # the daemon's rooms, only when none is running

    daemon = Daemon(home, config, with_osc=False)
    daemon.start()
    try:
        yield
    finally:
        daemon.stop()


def send_trigger(home: Path, trigger: Trigger, watch: Callable[[JobView], None]) -> JobView:
    """Hand in a trigger and follow its job to the end; `watch` hears each change.

    Raises:
        Told: the trigger was rejected.
        SetupError: the daemon went away; the job is kept.
    """
    _drop(home, trigger.request_id, msgspec.json.encode(trigger))
    return follow(home, trigger.request_id, watch)


def send_command(home: Path, command: str, **fields: Any) -> str:
    """Hand in a command and wait until it is taken; its request id.

    Raises:
        Told: it was refused.
    """
    request_id = new_request_id()
    body = {"schema": 1, "command": command, "request_id": request_id, **fields}
    path = _drop(home, request_id, msgspec.json.encode(body))
    refused = home / "refused" / f"{path.name}.error.json"
    for _ in _looks(home):
        if not path.exists():
            if refused.exists():
                note = msgspec.json.decode(refused.read_bytes(), type=ErrorNote)
                raise Told(note.text)
            return request_id
    return request_id


def follow(home: Path, request_id: str, watch: Callable[[JobView], None]) -> JobView:
    """Follow a job by its outbox file until it has ended."""
    path = home / "outbox" / f"{request_id}.json"
    last = b""
    for _ in _looks(home):
        try:
            text = path.read_bytes()
        except FileNotFoundError:
            continue
        if text == last:
            continue
        last = text
        told = msgspec.json.decode(text, type=_Outbox)
        if told.state == "rejected":
            raise Told(told.error.text if told.error else "The trigger was rejected.")
        view = msgspec.json.decode(text, type=JobView)
        watch(view)
        if view.state in FINAL_STATES:
            return view
    raise SetupError("The daemon has stopped; the job is kept and goes on when `daw-bridge run` is started again.")


def _drop(home: Path, request_id: str, body: bytes) -> Path:
    path = home / "inbox" / f"{request_id}.json"
    write_whole(path, body)
    return path


def _looks(home: Path) -> Iterator[None]:
    """One look after another, until the daemon no longer lives."""
    alive_until = time.monotonic() + 4 * ALIVE_INTERVAL_SECONDS
    while True:
        yield
        time.sleep(_LOOK_SECONDS)
        if time.monotonic() > alive_until:
            if not daemon_lives(home):
                return
            alive_until = time.monotonic() + ALIVE_INTERVAL_SECONDS
