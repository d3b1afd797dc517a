"""The engine's files: what was generated, by the name in its link and by its id, and how long it is kept."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable
from pathlib import Path

from bridge.files import disk_errors

KEEP_SECONDS = 24 * 3600.0
MAX_BYTES = 2 * 1024**3

_NAME = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.wav")


class Storage:
    """Files lie as `<id>-<uuid>.wav`, so that name and id lead to them without a list, after a restart too."""

    def __init__(
        self,
        folder: Path,
        clock: Callable[[], float],
        keep_seconds: float = KEEP_SECONDS,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._generations = folder / "generations"
        self._clips = folder / "clips"
        self._clock = clock
        self._keep_seconds = keep_seconds
        self._max_bytes = max_bytes

    def clip_path(self, order_id: int) -> Path:
        """Where the conditioning of a request waits for its turn."""
        with disk_errors(self._clips):
            self._clips.mkdir(parents=True, exist_ok=True)
        return self._clips / str(order_id)

    def keep(self, order_id: int, name: str, write: Callable[[Path], None]) -> None:
        """Let `write` fill a file, then make it appear whole under its name.

        Raises:
            DiskFull, NotWritable: the folder does not take it.
        """
        place = self._generations / f"{order_id}-{name}"
        part = place.with_suffix(".part")
        with disk_errors(place):
            self._generations.mkdir(parents=True, exist_ok=True)
            try:
                write(part)
                os.replace(part, place)
            finally:
                part.unlink(missing_ok=True)

    def find(self, name: str) -> Path | None:
        """The file behind a link; None until it is there, and after its time."""
        return self._fresh(f"*-{name}") if _NAME.fullmatch(name) else None

    def name_of(self, order_id: int) -> str | None:
        """The name in the link of what was generated for an id; None when there is nothing (any more)."""
        found = self._fresh(f"{order_id}-*.wav")
        return None if found is None else found.name.partition("-")[2]

    def sweep(self) -> None:
        """Remove what is older than it may be, then the oldest until the rest fits."""
        files = []
        for path in [*self._generations.glob("*"), *self._clips.glob("*")]:
            try:
                status = path.stat()
            except FileNotFoundError:
                continue
            files.append((status.st_mtime, status.st_size, path))
        total = sum(size for _, size, _ in files)
        for modified, size, path in sorted(files):
            if self._clock() - modified <= self._keep_seconds and total <= self._max_bytes:
                break
            with contextlib.suppress(OSError):  # some systems keep a file that is being read; the next sweep gets it
                path.unlink()
                total -= size

    def _fresh(self, pattern: str) -> Path | None:
        for path in self._generations.glob(pattern):
            try:
                age = self._clock() - path.stat().st_mtime
            except FileNotFoundError:
                continue
            if age <= self._keep_seconds:
                return path
        return None
