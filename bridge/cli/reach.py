"""Reaching the daemon of a home, or being it for as long as a command lasts: commands go in as inbox files."""

from __future__ import annotations

import random
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from bridge.config import Config
from bridge.errors import BridgeError, SetupError
from bridge.files import write_whole
from bridge.model import ErrorNote, JobView, Trigger
from bridge.protocol import ALIVE_INTERVAL_SECONDS

if TYPE_CHECKING:
    from bridge.jobs import Jobs

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


@contextmanager
def opened_jobs(home: Path, config: Config, *, alone: bool = False) -> Iterator[Jobs]:
    """The jobs of a home without doors and workers; `alone` sees that no daemon works on it meanwhile.

    Raises:
        SetupError: a daemon does, or the store cannot be opened.
    """
    from bridge.homelock import HomeLock  # the store's rooms, only for the commands that look into it
    from bridge.jobs import Jobs
    from bridge.rooms import door_survey
    from bridge.store.database import open_database
    from bridge.store.store import Store
    from bridge.telling import Telling

    with ExitStack() as opened:
        if alone:
            lock = HomeLock(home)
            lock.take()
            opened.callback(lock.release)
        database = open_database(home / "jobs.sqlite", time.time)
        opened.callback(database.close)
        store = Store(database, time.time)
        yield Jobs(
            store,
            Telling(store),
            threading.Condition(),
            survey=door_survey(config.files),
            providers={},
            config=config,
            home=home,
            clock=time.time,
            chance=random.SystemRandom(),
        )


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


def follow_state(look: Callable[[], JobView], watch: Callable[[JobView], None]) -> JobView:
    """Follow a job that existed before by its stored state, for its outbox file may still be the old one."""
    while (view := look()).state not in FINAL_STATES:
        watch(view)
        time.sleep(10 * _LOOK_SECONDS)
    return view


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
