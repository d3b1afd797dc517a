"""What the project file beside a clip says of the song, read without the DAW and without trust."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from bridge.projects.als import read_als
from bridge.projects.dawproject import read_dawproject
from bridge.projects.facts import Project, ProjectFacts, facts_of
from bridge.projects.rpp import read_rpp
from bridge.projects.strange import STRANGE

__all__ = ["ProjectFacts", "read_project"]

_log = logging.getLogger(__name__)

_READERS = {".als": read_als, ".rpp": read_rpp, ".dawproject": read_dawproject}
_MAX_PARENTS = 3
_MAX_ENTRIES = 10_000
_MAX_TRIED = 4
_BACKUPS = "backup"


def read_project(folder: Path, *, near: Path | None = None) -> ProjectFacts | None:
    """Read the newest .als, .rpp or .dawproject in `folder`, else in up to 3 folders above it; None where none is.

    `near` is the clip's file, whose track and place in the arrangement are looked for. Nothing is written and nothing
    is raised: a file that cannot be understood is passed over for the next older one. Live's backups do not count, and
    the search ends below the home folder and the root of the disk.
    """
    for place in _places(folder):
        for path, size, changed in _newest_first(place):
            project = _read(path, size, changed)
            if project is not None:
                _log.info("the project is %s", path)
                return facts_of(project, Path(path), near)
    return None


def _places(folder: Path) -> Iterator[Path]:
    start = Path(os.path.normpath(folder.absolute()))
    yield start
    try:
        home = Path.home()
    except RuntimeError:
        home = start
    for parent in list(start.parents)[:_MAX_PARENTS]:
        if home in (start, parent) or parent == parent.parent:
            return
        yield parent


def _newest_first(folder: Path) -> list[tuple[str, int, int]]:
    """Path, bytes and time of the folder's project files."""
    if folder.name.casefold() == _BACKUPS:
        return []
    found: list[tuple[str, int, int]] = []
    try:
        with os.scandir(folder) as entries:
            for entry, _ in zip(entries, range(_MAX_ENTRIES), strict=False):
                if os.path.splitext(entry.name)[1].lower() in _READERS and not entry.name.startswith("."):
                    found += _looked_at(entry)
    except (OSError, ValueError):
        _log.debug("%s cannot be looked through", folder)
    return sorted(found, key=lambda file: (-file[2], file[0]))[:_MAX_TRIED]


def _looked_at(entry: os.DirEntry[str]) -> list[tuple[str, int, int]]:
    try:
        what = entry.stat()
    except OSError:
        return []
    return [(entry.path, what.st_size, what.st_mtime_ns)] if stat.S_ISREG(what.st_mode) else []


@lru_cache(maxsize=8)
def _read(path: str, size: int, changed: int) -> Project | None:
    """A project file as it was at that size and time; None where it cannot be understood."""
    try:
        return _READERS[os.path.splitext(path)[1].lower()](Path(path))
    except STRANGE as problem:
        _log.info("%s (%d bytes, %d) is no project that can be read: %s", path, size, changed, problem)
        return None
