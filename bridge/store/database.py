"""One SQLite file: opened, brought up to date, and shared by all threads under one lock."""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bridge.errors import DiskError, DiskFull, NotWritable, SetupError
from bridge.store.migrations import migrate

_log = logging.getLogger(__name__)

BUSY_SECONDS = 5.0


class Database:
    """One connection to write and one to read, each taken in turns.

    A connection a thread measured no faster, for SQLite lets only one write at a time; but a reader of its own does
    not wait while a writer waits for the disk.
    """

    def __init__(self, writer: sqlite3.Connection, reader: sqlite3.Connection) -> None:
        self._writer = writer
        self._reader = reader
        self._write_lock = threading.Lock()
        self._read_lock = threading.Lock()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Hold the reader: it sees what is committed."""
        with self._read_lock:
            yield self._reader

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Hold the connection for one transaction: on the disk at the end of the block, or not at all.

        Raises:
            DiskFull, NotWritable: SQLite could not write.
        """
        with self._write_lock:
            try:
                self._writer.execute("BEGIN IMMEDIATE")
                yield self._writer
                self._writer.execute("COMMIT")
            except sqlite3.OperationalError as problem:
                self._roll_back()
                raise _disk_error(problem) from problem
            except BaseException:
                self._roll_back()
                raise

    def _roll_back(self) -> None:
        if self._writer.in_transaction:
            self._writer.execute("ROLLBACK")

    def close(self) -> None:
        """Close the file; whoever comes later gets sqlite3.ProgrammingError."""
        with self._write_lock, self._read_lock:
            self._reader.close()
            self._writer.close()


def open_database(path: Path, clock: Callable[[], float]) -> Database:
    """Open the file, or make it; one that is no longer readable is set aside under another name, with a warning.

    Raises:
        SetupError: it cannot be opened or written, another program holds it, or a newer daw-bridge wrote it.
    """
    try:
        return _open(path, clock)
    except sqlite3.OperationalError as problem:
        raise SetupError(
            f"The job store {path} cannot be opened ({problem}); see that its folder can be written and that no other "
            "program holds it."
        ) from problem
    except sqlite3.DatabaseError as problem:
        aside = _set_aside(path)
        _log.warning(
            "The job store %s is damaged (%s). It lies now at %s, and a new one is begun; no clip and no take is lost.",
            path,
            problem,
            aside,
        )
        return _open(path, clock)


def _disk_error(problem: sqlite3.OperationalError) -> DiskError:
    if problem.sqlite_errorcode & 0xFF == sqlite3.SQLITE_FULL:
        return DiskFull("There is no room left for the job store; free some space, then try again.")
    return NotWritable(f"The job store cannot be written ({problem}); check the home folder's permissions.")


def _open(path: Path, clock: Callable[[], float]) -> Database:
    writer = _connect(path)
    try:
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("PRAGMA synchronous = FULL")
        writer.execute("PRAGMA foreign_keys = ON")
        migrate(writer, clock())
        finding = str(writer.execute("PRAGMA quick_check(1)").fetchone()[0])
        if finding != "ok":
            raise sqlite3.DatabaseError(finding)
        return Database(writer, _connect(path))
    except BaseException:
        writer.close()
        raise


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)


def _set_aside(path: Path) -> Path:
    """Rename the file and SQLite's companions of it, never over others."""
    count = 1
    while (aside := path.with_name(f"{path.name}.damaged-{count}")).exists():
        count += 1
    for suffix in ("-wal", "-shm", ""):
        if (companion := path.with_name(path.name + suffix)).exists():
            os.replace(companion, aside.with_name(aside.name + suffix))
    return aside
