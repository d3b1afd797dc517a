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
from bridge.events import ErrorNote, JobView
from bridge.files import write_whole
from bridge.model import Trigger
from bridge.protocol import ALIVE_INTERVAL_SECONDS, FINAL_STATES

if TYPE_CHECKING:
    from bridge.jobs import Jobs

_LOOK_SECONDS = 0.03
_SELDOM_SECONDS = 0.25
_STOPPED = "The daemon has stopped; the job is kept and goes on when `daw-bridge run` is started again."


class Refused(BridgeError):
    """The daemon did not do it, and says why in its own words."""


class _Alive(msgspec.Struct, frozen=True):
    """As much of daemon.json as tells whether it is fresh."""

    alive_at: float


class _Outbox(msgspec.Struct, frozen=True):
    """As much of an outbox file as decides what to do next."""

    state: str
    error: ErrorNote | None = None


def new_request_id() -> str:
    """A request id of the command line's own."""
    return f"cli.{secrets.token_hex(8)}"


def daemon_lives(home: Path) -> bool:
    """Whether a daemon has rewritten daemon.json lately and still holds the home: a killed one does not."""
    from bridge.homelock import HomeLock  # the daemon's floor, only for the commands that need one

    try:
        alive = msgspec.json.decode((home / "daemon.json").read_bytes(), type=_Alive)
    except (OSError, msgspec.DecodeError):
        return False
    if time.time() - alive.alive_at >= 3 * ALIVE_INTERVAL_SECONDS:
        return False
    lock = HomeLock(home)
    try:
        lock.take()
    except SetupError:
        return True
    lock.release()
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
    """The jobs of a home without doors and workers: to look at, or to change with no daemon about (`alone`).

    Raises:
        SetupError: a daemon is about, or the store cannot be opened.
    """
    from bridge.homelock import HomeLock  # the store's rooms, only for the commands that look into it
    from bridge.jobs import Jobs
    from bridge.rooms import door_survey
    from bridge.store.database import open_database, open_to_read
    from bridge.store.store import Store
    from bridge.telling import Telling

    with ExitStack() as opened:
        if alone:
            lock = HomeLock(home)
            lock.take()
            opened.callback(lock.release)
        path = home / "jobs.sqlite"
        database = open_database(path, time.time) if alone else open_to_read(path)
        opened.callback(database.close)
        store = Store(database, time.time)
        yield Jobs(
            store,
            Telling(store),
            threading.Condition(),
            first_look=door_survey(config.files, home),
            providers={},
            config=config,
            home=home,
            clock=time.time,
            chance=random.SystemRandom(),
        )


def send_trigger(home: Path, trigger: Trigger, watch: Callable[[JobView], None]) -> JobView:
    """Hand in a trigger and follow its job to the end; `watch` hears each change.

    Raises:
        Refused: the trigger was rejected.
        SetupError: the daemon went away; the job is kept.
    """
    _drop(home, trigger.request_id, msgspec.json.encode(trigger))
    return follow(home, trigger.request_id, watch)


def send_command(home: Path, command: str, **fields: Any) -> str:
    """Hand in a command and wait until it is done; its request id.

    Raises:
        Refused: it was refused.
        SetupError: the daemon went away; the command waits in the inbox.
    """
    request_id = new_request_id()
    body = {"schema": 1, "command": command, "request_id": request_id, **fields}
    path = _drop(home, request_id, msgspec.json.encode(body))
    refused = home / "refused" / f"{path.name}.error.json"
    for _ in _looks(home):
        if not path.exists():
            # The note is written before the command is moved beside it.
            if refused.exists():
                raise Refused(msgspec.json.decode(refused.read_bytes(), type=ErrorNote).text)
            return request_id
    raise SetupError("The daemon has stopped; the command waits in the inbox until `daw-bridge run` is started again.")


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
            raise Refused(told.error.text if told.error else "The trigger was rejected.")
        view = msgspec.json.decode(text, type=JobView)
        watch(view)
        if view.state in FINAL_STATES:
            return view
    raise SetupError(_STOPPED)


def follow_state(home: Path, look: Callable[[], JobView], watch: Callable[[JobView], None]) -> JobView:
    """Follow a job that existed before by its stored state, for its outbox file may still be the old one."""
    for _ in _looks(home, _SELDOM_SECONDS):
        view = look()
        watch(view)
        if view.state in FINAL_STATES:
            return view
    raise SetupError(_STOPPED)


def _drop(home: Path, request_id: str, body: bytes) -> Path:
    path = home / "inbox" / f"{request_id}.json"
    write_whole(path, body)
    return path


def _looks(home: Path, pause_seconds: float = _LOOK_SECONDS) -> Iterator[None]:
    """One look after another, until the daemon no longer lives."""
    alive_until = time.monotonic() + 4 * ALIVE_INTERVAL_SECONDS
    while True:
        yield
        time.sleep(pause_seconds)
        if time.monotonic() > alive_until:
            if not daemon_lives(home):
                return
            alive_until = time.monotonic() + ALIVE_INTERVAL_SECONDS
