"""Says at once that something happens in a folder; the regular look finds what no notice told."""

from __future__ import annotations

import logging
import os
import threading
from pathlib import Path

from watchdog.events import (
    FileClosedEvent,
    FileCreatedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

log = logging.getLogger(__name__)

_PARTIAL_SUFFIXES = (".part", ".tmp")
_EVENTS: list[type[FileSystemEvent]] = [FileCreatedEvent, FileModifiedEvent, FileMovedEvent, FileClosedEvent]


class Notices:
    """Wakes a thread when files come into its folder, and knows which of them were renamed from a partial name."""

    def __init__(self, folder: Path, wake: threading.Event) -> None:
        self._folder = folder
        self._handler = _Handler(wake)
        self._observer: BaseObserver | None = None
        self._identity: tuple[int, int] | None = None
        self._refused = False

    def check(self) -> None:
        """See that the folder is being watched: at first, and again when it was removed and made anew."""
        identity = _identity(self._folder)
        alive = self._observer is not None and all(emitter.is_alive() for emitter in self._observer.emitters)
        if identity == self._identity and (alive or identity is None or self._refused):
            return
        self.stop()
        self._identity = identity
        if identity is not None:
            self._begin()

    def stop(self) -> None:
        """Watch no more."""
        if self._observer is not None:
            self._observer.stop()
            self._observer.join(timeout=2.0)
            self._observer = None

    def renamed(self) -> set[Path]:
        """The files that were renamed from a partial name since the last call."""
        return self._handler.take_renamed()

    def _begin(self) -> None:
        observer = Observer()
        try:
            observer.schedule(self._handler, str(self._folder), event_filter=_EVENTS)
            observer.start()
        except OSError as problem:
            # No notices, for example where the system's limit of watches is reached: the regular look serves.
            log.warning("%s cannot be watched (%s); it is looked at each second instead", self._folder, problem)
            self._refused = True
            return
        self._refused = False
        self._observer = observer


class _Handler(FileSystemEventHandler):
    def __init__(self, wake: threading.Event) -> None:
        self._wake = wake
        self._lock = threading.Lock()
        self._renamed: set[Path] = set()

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.is_directory:
            return
        source, target = os.fsdecode(event.src_path), os.fsdecode(event.dest_path)
        if isinstance(event, FileMovedEvent) and source.lower().endswith(_PARTIAL_SUFFIXES):
            with self._lock:
                self._renamed.add(Path(target))
        self._wake.set()

    def take_renamed(self) -> set[Path]:
        with self._lock:
            taken, self._renamed = self._renamed, set()
        return taken


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        status = folder.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
