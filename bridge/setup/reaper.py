"""Where REAPER keeps its resource path: the folder with its reaper.ini, in which it looks for scripts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from bridge.setup.machine import CHOSEN, Machine, Place, chosen_place, entries, is_folder
from bridge.setup.scripts import FOLDER_NAME

_SCRIPTS = "Scripts"
_INI = "reaper.ini"


def find_places(machine: Machine) -> tuple[Place, ...]:
    """Where REAPER looks for scripts: its own folder and portable installs, the one that was used last first."""
    named = [(_own_folder(machine), "REAPER's own folder"), *((folder, "portable") for folder in _portable(machine))]
    found: dict[str, tuple[float, Place]] = {}
    for resources, said_by in named:
        if (used := _last_used(resources)) is not None:
            place = Place(root=resources, folder=resources / _SCRIPTS / FOLDER_NAME, said_by=said_by)
            # The same folder may be met by several names.
            found.setdefault(os.path.realpath(resources), (used, place))
    return tuple(place for _, place in sorted(found.values(), key=lambda row: row[0], reverse=True))


def place_in(folder: Path) -> Place:
    """Where the scripts go when the user gave this folder with --to.

    A resource path takes them where REAPER looks; a folder that is named as ours is it; any other gets ours in it.

    Raises:
        SetupError: it is a file, or not there.
    """
    if folder.name == FOLDER_NAME and is_folder(folder.parent) and not folder.is_file():
        return Place(root=folder.parent, folder=folder, said_by=CHOSEN)
    folder = chosen_place(folder).folder
    is_resource_path = _last_used(folder) is not None or is_folder(folder / _SCRIPTS)
    within = (_SCRIPTS, FOLDER_NAME) if is_resource_path else (FOLDER_NAME,)
    return Place(root=folder, folder=folder.joinpath(*within), said_by=CHOSEN)


def why_nowhere(machine: Machine) -> str:
    """One sentence for a machine on which no place was found."""
    return (
        f"No REAPER was found (looked at {_own_folder(machine)} and for portable installs in the usual folders); start "
        "REAPER once, or give its resource path with --to DIR (in REAPER: Options, Show REAPER resource path)."
    )


def _own_folder(machine: Machine) -> Path:
    """The resource path of an install that is not portable."""
    if machine.platform == "win32":
        roaming = machine.environment.get("APPDATA")
        return (Path(roaming) if roaming else machine.home / "AppData" / "Roaming") / "REAPER"
    if machine.platform == "darwin":
        return machine.home / "Library" / "Application Support" / "REAPER"
    settings = machine.environment.get("XDG_CONFIG_HOME")
    return (Path(settings) if settings else machine.home / ".config") / "REAPER"


def _portable(machine: Machine) -> Iterator[Path]:
    """The folders in which the program lies beside a resource path of its own, in the order of the usual places."""
    for parent in _usual_parents(machine):
        for folder in entries(parent):
            if folder.name.lower().startswith("reaper"):
                # An archive for Linux unpacks to reaper_linux_x86_64/REAPER.
                yield from (one for one in (folder, folder / "REAPER") if any(map(_is_program, entries(one))))


def _usual_parents(machine: Machine) -> Iterator[Path]:
    home, disk = machine.home, machine.disk
    if machine.platform == "win32":
        variables = ("ProgramFiles", "ProgramW6432", "ProgramFiles(x86)")
        programs = (machine.environment.get(name) for name in variables)
        yield from (Path(folder) for folder in programs if folder)
        yield from (disk, home, home / "Desktop", machine.documents)
    elif machine.platform == "darwin":
        yield from (disk / "Applications", home / "Applications", home)
    else:
        yield from (disk / "opt", home / "opt", home, home / ".local" / "opt")


def _is_program(path: Path) -> bool:
    name = path.name.lower()
    return name in {"reaper", "reaper.exe"} or (name.startswith("reaper") and name.endswith(".app"))


def _last_used(resources: Path) -> float | None:
    """When REAPER last wrote its settings there; None where it has none."""
    try:
        return (resources / _INI).stat().st_mtime
    except (OSError, ValueError):
        return None
