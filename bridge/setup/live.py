"""Where Ableton Live keeps its User Library: the folders that Max for Live devices go to.

Each version of Live writes a Library.cfg, which names the library by the folder it lies in (`ProjectPath`) and its own
name (`ProjectName`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from xml.parsers.expat import ExpatError, ParserCreate

from bridge.setup.machine import Machine, Place, is_folder

DEVICE_FOLDER = ("Presets", "Audio Effects", "Max Audio Effect")
_LIBRARY = "User Library"
_VERSION = re.compile(r"Live (\d{1,5}(?:\.\d{1,5})*)(?:b(\d{1,5}))?")
_MAX_CFG_BYTES = 8 * 1024 * 1024


def find_places(machine: Machine) -> tuple[Place, ...]:
    """Where Live looks for devices: as the newest Live says, then older ones, then the usual place if it is there.

    A library that a Live names is listed even when it is not there: its disk may be away.
    """
    named = [(library, version.name) for version in _versions(machine) if (library := _library_of(version, machine))]
    usual = [(library, "the usual place") for library in _usual_libraries(machine) if is_folder(library)]
    found: dict[Path, Place] = {}
    for library, said_by in (*named, *usual):
        found.setdefault(library, Place(root=library, folder=library.joinpath(*DEVICE_FOLDER), said_by=said_by))
    return tuple(found.values())


def why_nowhere(machine: Machine) -> str:
    """One sentence for a machine on which no place was found."""
    if machine.platform not in {"darwin", "win32"}:
        return "Ableton Live does not run on this system; say with --to DIR where the device shall go."
    preferences = _preferences(machine) / "Live *" / "Library.cfg"
    looked_at = ", ".join(str(place) for place in (preferences, *_usual_libraries(machine)))
    return (
        f"No User Library of Ableton Live was found (looked at {looked_at}); start Live once, "
        "or give the device's folder with --to DIR."
    )


def user_library_in(text: bytes, platform: str) -> PurePath | None:
    """The User Library that the text of a Library.cfg names, or None when it names none that can be meant."""
    values: dict[str, str] = {}
    within: list[str] = []

    def begin(name: str, attributes: dict[str, str]) -> None:
        if within[-2:] == ["UserLibrary", "LibraryProject"]:
            values.setdefault(name, attributes.get("Value", ""))
        within.append(name)

    def refuse(*_: object) -> None:
        # Entities are declared in a document type, which Live never writes.
        raise ValueError

    parser = ParserCreate()
    parser.StartElementHandler = begin
    parser.EndElementHandler = lambda _: within.pop()
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(text, True)
    except (ExpatError, ValueError, LookupError):
        return None
    kind = PureWindowsPath if platform == "win32" else PurePosixPath
    parent, name = kind(values.get("ProjectPath", "")), values.get("ProjectName") or _LIBRARY
    if not parent.root or name == ".." or kind(name).name != name:
        return None
    return parent / name


def _versions(machine: Machine) -> list[Path]:
    """The folders of Live's preferences, the newest version first; a release is newer than its betas."""
    try:
        folders = list(_preferences(machine).iterdir())
    except OSError:
        return []
    dated = [(match, folder) for folder in folders if (match := _VERSION.fullmatch(folder.name))]

    def age(row: tuple[re.Match[str], Path]) -> tuple[tuple[int, ...], float]:
        numbers, beta = row[0].groups()
        return tuple(int(number) for number in numbers.split(".")), float(beta) if beta else math.inf

    return [folder for _, folder in sorted(dated, key=age, reverse=True)]


def _preferences(machine: Machine) -> Path:
    if machine.platform == "win32":
        roaming = machine.environment.get("APPDATA")
        return (Path(roaming) if roaming else machine.home / "AppData" / "Roaming") / "Ableton"
    return machine.home / "Library" / "Preferences" / "Ableton"


def _library_of(version: Path, machine: Machine) -> Path | None:
    for path in (version / "Library.cfg", version / "Preferences" / "Library.cfg"):
        try:
            with path.open("rb") as file:
                text = file.read(_MAX_CFG_BYTES + 1)
        except OSError:
            continue
        if len(text) <= _MAX_CFG_BYTES and (library := user_library_in(text, machine.platform)):
            return Path(library.as_posix())
    return None


def _usual_libraries(machine: Machine) -> Iterator[Path]:
    """Where Live makes a library when it is first started."""
    if machine.platform == "darwin":
        yield machine.home / "Music" / "Ableton" / _LIBRARY
    elif machine.platform == "win32":
        folders = dict.fromkeys((machine.documents, machine.home / "Documents"))
        yield from (documents / "Ableton" / _LIBRARY for documents in folders)
