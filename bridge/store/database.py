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
    """A connection that threads take in turns.

    One connection under one lock measured as fast as a connection a thread: SQLite lets only one write at a time.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._lock = threading.RLock()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Hold the connection to read."""
        with self._lock:
            yield self._connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Hold the connection for one transaction: on the disk at the end of the block, or not at all.

        Raises:
            DiskFull, NotWritable: SQLite could not write.
        """
        with self._lock:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                yield self._connection
                self._connection.execute("COMMIT")
            except sqlite3.OperationalError as problem:
                self._roll_back()
                raise _disk_error(problem) from problem
            except BaseException:
                self._roll_back()
                raise

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def close(self) -> None:
        """Close the file; whoever comes later gets sqlite3.ProgrammingError."""
        with self._lock:
            self._connection.close()


def open_database(path: Path, clock: Callable[[], float]) -> Database:
    """Open the file, or make it; one that is no longer readable is set aside under another name, with a warning.

    Raises:
        SetupError: it cannot be opened or written, another program holds it, or a newer daw-bridge wrote it.
    """
    try:
        return Database(_open(path, clock))
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
        return Database(_open(path, clock))


def _disk_error(problem: sqlite3.OperationalError) -> DiskError:
    if problem.sqlite_errorcode & 0xFF == sqlite3.SQLITE_FULL:
        return DiskFull("There is no room left for the job store; free some space, then try again.")
    return NotWritable(f"The job store cannot be written ({problem}); check the home folder's permissions.")


def _open(path: Path, clock: Callable[[], float]) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        migrate(connection, clock())
        finding = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
        if finding != "ok":
            raise sqlite3.DatabaseError(finding)
    except BaseException:
        connection.close()
        raise
    return connection


def _set_aside(path: Path) -> Path:
    """Rename the file and SQLite's companions of it, never over others."""
    count = 1
    while (aside := path.with_name(f"{path.name}.damaged-{count}")).exists():
        count += 1
    for suffix in ("-wal", "-shm", ""):
        if (companion := path.with_name(path.name + suffix)).exists():
            os.replace(companion, aside.with_name(aside.name + suffix))
    return aside
