"""Which files of a folder are complete, and which are still being written."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bridge.doors.parse import is_cut_short, read_json_file
from bridge.errors import MissingFile

REST_SECONDS = 0.3
PATIENCE_SECONDS = 5.0

_IGNORED_SUFFIXES = frozenset({".part", ".tmp", ".asd", ".reapeaks", ".crdownload"})
_IGNORED_NAMES = frozenset({"desktop.ini", "thumbs.db"})
_UNKNOWN_LENGTH = 0xFFFFFFFF


@dataclass(frozen=True)
class Found:
    """A file as it lies in a folder."""

    path: Path
    size: int
    mtime_ns: int

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name

    @property
    def suffix(self) -> str:
        """The name's suffix, in lower case."""
        return self.path.suffix.lower()


def scan(folder: Path) -> list[Found]:
    """The files of a folder, oldest first, without hidden, temporary and DAW-made ones.

    Raises:
        OSError: the folder cannot be read.
    """
    found: list[Found] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if _is_ignored(entry.name):
                continue
            try:
                if entry.is_file():
                    status = entry.stat()
                    found.append(Found(Path(entry.path), status.st_size, status.st_mtime_ns))
            except OSError:
                continue
    return sorted(found, key=lambda one: (one.mtime_ns, one.name))


class Stillness:
    """How long each file of a folder has been as it is."""

    def __init__(self) -> None:
        self._since: dict[Path, tuple[int, int, float]] = {}

    def look(self, found: list[Found], now: float) -> None:
        """Note a look at the folder; files that are gone are forgotten."""
        before = self._since
        self._since = {}
        for one in found:
            size, mtime_ns, since = before.get(one.path, (-1, -1, now))
            unchanged = (size, mtime_ns) == (one.size, one.mtime_ns)
            self._since[one.path] = (one.size, one.mtime_ns, since if unchanged and since <= now else now)

    def is_whole(self, one: Found, now: float, *, rest_seconds: float = REST_SECONDS) -> bool:
        """Whether a file has been left alone long enough; a visibly unfinished one is given some seconds more."""
        rested = now - self._since[one.path][2]
        if rested < rest_seconds:
            return False
        return rested >= PATIENCE_SECONDS or not is_unfinished(one.path, one.size)


def is_unfinished(path: Path, size: int) -> bool:
    """Whether a file ends before its own structure says."""
    if size == 0:
        return True
    check = _CHECKS.get(path.suffix.lower())
    try:
        return check is not None and check(path)
    except (OSError, MissingFile):
        return True


def _is_ignored(name: str) -> bool:
    lower = name.lower()
    return name.startswith((".", "~$")) or os.path.splitext(lower)[1] in _IGNORED_SUFFIXES or lower in _IGNORED_NAMES


def _is_json_cut(path: Path) -> bool:
    return is_cut_short(read_json_file(path))


def _is_riff_cut(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(12)
    if head[:4] != b"RIFF":
        return False
    said = int.from_bytes(head[4:8], "little")
    return said != _UNKNOWN_LENGTH and (said == 0 or said + 8 > path.stat().st_size)


def _is_form_cut(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(12)
    return head[:4] == b"FORM" and int.from_bytes(head[4:8], "big") + 8 > path.stat().st_size


def _is_midi_cut(path: Path) -> bool:
    """Walk the chunks that the header promises."""
    with path.open("rb") as file:
        head = file.read(14)
        if head[:4] != b"MThd":
            return False
        tracks = int.from_bytes(head[10:12], "big")
        at = 8 + int.from_bytes(head[4:8], "big")
        for _ in range(tracks):
            file.seek(at)
            chunk = file.read(8)
            if len(chunk) < 8:
                return True
            at += 8 + int.from_bytes(chunk[4:8], "big")
    return at > path.stat().st_size


_CHECKS: dict[str, Callable[[Path], bool]] = {
    ".json": _is_json_cut,
    ".wav": _is_riff_cut,
    ".aif": _is_form_cut,
    ".aiff": _is_form_cut,
    ".mid": _is_midi_cut,
    ".midi": _is_midi_cut,
}
