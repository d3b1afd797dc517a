"""One daemon a home: a lock that the system lets go of when its process ends, however it ends."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import BinaryIO

from bridge.errors import SetupError

_LOCKED_BYTE = 1 << 30


class HomeLock:
    """Holds `<home>/daemon.lock`, which also says whose it is."""

    def __init__(self, home: Path) -> None:
        self._path = home / "daemon.lock"
        self._file: BinaryIO | None = None

    def take(self) -> None:
        """Take the lock.

        Raises:
            SetupError: another daemon has it, or the home cannot be written.
        """
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as problem:
            raise SetupError(
                f"{self._path} cannot be written ({problem.strerror}); check the permissions of the home folder, "
                "or choose another with --home."
            ) from problem
        file = os.fdopen(descriptor, "r+b")
        if not _lock(file):
            pid = file.read(20).decode("ascii", "replace").strip() or "unknown"
            file.close()
            raise SetupError(
                f"Another daemon (process {pid}) works on {self._path.parent} already; stop it first, "
                "or choose another home with --home."
            )
        file.truncate()
        file.write(f"{os.getpid()}\n".encode())
        file.flush()
        self._file = file

    def release(self) -> None:
        """Let go of the lock; its file stays, for to remove it would let two daemons in."""
        if self._file is not None:
            self._file.close()
            self._file = None


if sys.platform == "win32":
    import msvcrt

    def _lock(file: BinaryIO) -> bool:
        """Lock a byte far behind the text: on Windows a locked byte cannot be read."""
        file.seek(_LOCKED_BYTE)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            file.seek(0)
        return True

else:
    import fcntl

    def _lock(file: BinaryIO) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
