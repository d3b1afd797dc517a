"""The folder door: the inbox and the watched folders are listened to, the outbox and `daemon.json` tell."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from bridge.config import WatchConfig
from bridge.doors import Clock, Jobs, Seen
from bridge.doors.inbox import Inbox, prepare
from bridge.doors.intents import forget_intent, left_intents
from bridge.doors.notices import Notices
from bridge.doors.oddities import Oddities
from bridge.doors.outbox import Outbox
from bridge.doors.watches import WatchedFolder
from bridge.errors import BridgeError
from bridge.events import Event
from bridge.files import write_whole
from bridge.protocol import ALIVE_INTERVAL_SECONDS, PROTOCOL_VERSION

log = logging.getLogger(__name__)

_LOOK_SECONDS = 1.0
_SOON_SECONDS = 0.1
_BREATH_SECONDS = 0.02
_MISSED_SECONDS = 30.0


class FolderDoor:
    """Takes what is dropped into folders, and keeps the files by which clients without sockets are told."""

    def __init__(
        self,
        home: Path,
        watches: Sequence[WatchConfig],
        jobs: Jobs,
        seen: Seen,
        *,
        knows_job: Callable[[str], bool],
        version: str,
        osc_port: int,
        clock: Clock,
    ) -> None:
        self._home = home
        self._seen = seen
        self._knows_job = knows_job
        self._clock = clock
        self._outbox = Outbox(home / "outbox", jobs, clock)
        self._inbox = Inbox(home, jobs, self._outbox, clock)
        self._watched = [WatchedFolder(watch, home / "taken", jobs, seen, clock) for watch in watches]
        self._alive = _Alive(home / "daemon.json", version, osc_port, clock)
        self._oddities = Oddities(log, clock)
        self._stopping = threading.Event()
        self._wakes: list[threading.Event] = []
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Make the folders, repair what a kill left, and begin to look.

        Raises:
            DiskFull, NotWritable: the home folder cannot be used.
        """
        prepare(self._home)
        self._repair()
        self._outbox.start()
        self._alive.write()
        self._spawn("inbox", self._home / "inbox", self._watch_inbox)
        for watched in self._watched:
            self._spawn(f"watch-{watched.folder.name}", watched.folder, self._watch_folder, watched)

    def stop(self) -> None:
        """Finish the look that is under way, write the last outbox files, and take `daemon.json` away."""
        self._stopping.set()
        for wake in self._wakes:
            wake.set()
        for thread in self._threads:
            thread.join(timeout=10.0)
        self._outbox.stop()
        self._alive.remove()

    def tell(self, event: Event) -> None:
        """Have a job's outbox file rewritten; returns at once."""
        self._outbox.tell(event)

    def _repair(self) -> None:
        """After a kill: a watched file whose job was stored counts as seen, and what has no job is taken anew."""
        for folder, intent in left_intents(self._home / "taken"):
            if not self._knows_job(folder.name):
                self._inbox.put_back(folder)
            elif intent.path:
                self._seen.remember_seen(intent.path, intent.sha256)
            forget_intent(folder)

    def _spawn(self, name: str, folder: Path, work: Callable[..., None], *values: object) -> None:
        wake = threading.Event()
        notices = Notices(folder, wake)
        notices.check()
        thread = threading.Thread(target=work, args=(wake, notices, *values), name=name, daemon=True)
        self._wakes.append(wake)
        self._threads.append(thread)
        thread.start()

    def _watch_inbox(self, wake: threading.Event, notices: Notices) -> None:
        missed_since: float | None = None
        while not self._stopping.is_set():
            wake.clear()
            pause = _LOOK_SECONDS
            try:
                notices.check()
                pending = self._inbox.look(notices.renamed())
                missed_since = None
                pause = 0.0 if pending.more else _SOON_SECONDS if pending.waiting else _LOOK_SECONDS
            except FileNotFoundError:
                # Whoever removed the folder may be about to make it anew; only if not, we do.
                missed_since = self._clock() if missed_since is None else missed_since
                if self._clock() - missed_since >= _MISSED_SECONDS:
                    prepare(self._home)
            except (OSError, BridgeError) as problem:
                self._oddities.note("inbox", str(problem))
            except Exception:
                log.exception("a defect in the inbox; it goes on")
            self._alive.write_when_due()
            self._rest(wake, min(pause, self._alive.due_in()))
        notices.stop()

    def _watch_folder(self, wake: threading.Event, notices: Notices, watched: WatchedFolder) -> None:
        while not self._stopping.is_set():
            noticed = wake.is_set()
            wake.clear()
            pause = _LOOK_SECONDS
            try:
                notices.check()
                if watched.look(noticed=noticed):
                    pause = _SOON_SECONDS
            except (OSError, BridgeError) as problem:
                self._oddities.note("watch", f"{watched.folder} cannot be looked at: {problem}")
            except Exception:
                log.exception("a defect in the watch of %s; it goes on", watched.folder)
            self._rest(wake, pause)
        notices.stop()

    def _rest(self, wake: threading.Event, seconds: float) -> None:
        """Wait for a notice or the next regular look; a stream of notices wakes no more than 50 times a second."""
        if seconds > 0 and not self._stopping.wait(_BREATH_SECONDS):
            wake.wait(seconds)


class _Alive:
    """`daemon.json`: how a client without sockets knows that the daemon lives."""

    def __init__(self, path: Path, version: str, osc_port: int, clock: Clock) -> None:
        self._path = path
        self._version = version
        self._osc_port = osc_port
        self._clock = clock
        self._written_at = 0.0
        self._oddities = Oddities(log, clock)

    def write(self) -> None:
        self._written_at = self._clock()
        says = {
            "pid": os.getpid(),
            "version": self._version,
            "protocol": PROTOCOL_VERSION,
            "osc_port": self._osc_port,
            "alive_at": round(self._written_at, 3),
        }
        try:
            write_whole(self._path, msgspec.json.encode(says), sync=False)
        except BridgeError as problem:
            self._oddities.note("daemon.json", problem.text)

    def write_when_due(self) -> None:
        if self.due_in() <= 0:
            self.write()

    def due_in(self) -> float:
        """Seconds until the next writing; a clock that was set back makes it due."""
        age = self._clock() - self._written_at
        return ALIVE_INTERVAL_SECONDS - age if age >= 0 else 0.0

    def remove(self) -> None:
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)
