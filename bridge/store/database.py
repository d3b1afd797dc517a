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
from bridge.store.migrations import migrate, missing_steps

log = logging.getLogger(__name__)

BUSY_SECONDS = 5.0
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


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
        """Hold the reader: it sees what is committed.

        Raises:
            NotWritable: SQLite could not read.
        """
        with self._read_lock:
            try:
                yield self._reader
            except sqlite3.OperationalError as problem:
                raise _disk_error(problem) from problem

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
    """Open the file, or make it; one that is damaged is set aside under another name, with a warning.

    Whoever opens it so holds the home's lock, for no other may be using what is set aside.

    Raises:
        SetupError: it cannot be opened or written, another program holds it, or a newer daw-bridge wrote it.
    """
    try:
        return _open(path, clock)
    except sqlite3.Error as problem:
        if getattr(problem, "sqlite_errorcode", 0) & 0xFF not in _DAMAGED:
            raise SetupError(
                f"The job store {path} cannot be opened ({problem}); see that its folder can be written and that no "
                "other program holds it."
            ) from problem
        aside = _set_aside(path)
        log.warning(
            "The job store %s is damaged (%s). It lies now at %s, and a new one is begun; no clip and no take is lost.",
            path,
            problem,
            aside,
        )
        return _open(path, clock)


def open_to_read(path: Path) -> Database:
    """Open the file as it is, beside whoever works with it: nothing is changed, made or set aside.

    Raises:
        SetupError: it is not there or cannot be read, or another version of daw-bridge wrote it.
    """
    try:
        reader = _connect(f"{path.absolute().as_uri()}?mode=ro")
        try:
            is_old = bool(missing_steps(reader))
        except BaseException:
            reader.close()
            raise
    except sqlite3.Error as problem:
        raise SetupError(
            f"The job store {path} cannot be read ({problem}); check its permissions, or start `daw-bridge run`, which "
            "sets a damaged one aside."
        ) from problem
    if is_old:
        reader.close()
        raise SetupError(f"The job store {path} is an older version's; start `daw-bridge run` once to update it.")
    return Database(reader, reader)


def _disk_error(problem: sqlite3.OperationalError) -> DiskError:
    if problem.sqlite_errorcode & 0xFF == sqlite3.SQLITE_FULL:
        return DiskFull("There is no room left for the job store; free some space, then try again.")
    return NotWritable(f"The job store cannot be used ({problem}); check the home folder's permissions and its disk.")


def _open(path: Path, clock: Callable[[], float]) -> Database:
    writer = _connect(path)
    try:
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("PRAGMA synchronous = FULL")
        writer.execute("PRAGMA foreign_keys = ON")
        migrate(writer, clock())
        finding = str(writer.execute("PRAGMA quick_check(1)").fetchone()[0])
        if finding != "ok":
            damage = sqlite3.DatabaseError(finding)
            damage.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
            raise damage
        return Database(writer, _connect(path))
    except BaseException:
        writer.close()
        raise


def _connect(place: Path | str) -> sqlite3.Connection:
    """A connection to a file by its path, or by its URI."""
    return sqlite3.connect(
        place, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, uri=isinstance(place, str)
    )


def _set_aside(path: Path) -> Path:
    """Rename the file and SQLite's companions of it, never over others."""
    count = 1
    while (aside := path.with_name(f"{path.name}.damaged-{count}")).exists():
        count += 1
    for suffix in ("-wal", "-shm", ""):
        if (companion := path.with_name(path.name + suffix)).exists():
            os.replace(companion, aside.with_name(aside.name + suffix))
    return aside
