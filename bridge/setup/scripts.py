"""The REAPER scripts: found in this copy of daw-bridge, known again by their note, put in and taken out."""

from __future__ import annotations

import hashlib
import os
import re
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Literal

import msgspec

from bridge import __version__
from bridge.errors import SetupError
from bridge.files import add_whole, disk_errors, write_whole
from bridge.model import Value
from bridge.setup.machine import Lying

ROOM = Path(__file__).parent
FOLDER_NAME = "daw-bridge"
NOTE_NAME = "installed.json"
STARTUP_NAME = "__startup.lua"
# As lib/startup.lua writes it.
_OUR_LINE = re.compile(rb"\Areaper\.Main_OnCommand\(reaper\.NamedCommandLookup\([^\r\n]*-- daw-bridge\s*\Z")
_OUR_NAME = b"daw-bridge"
_FIRST_LINES_BYTES = 1024
_MAX_FILE_BYTES = 4 * 1024 * 1024
_KEPT_SUFFIX = ".bak"

Standing = Literal["absent", "as we wrote it", "changed", "not ours"]


class Note(Value, frozen=True, kw_only=True):
    """What `installed.json` says beside the scripts: they read `home`; `files` is what we wrote, by SHA-256."""

    version: str
    home: str
    files: dict[str, str]


class Done(Value, frozen=True, kw_only=True):
    """What putting in or taking out did: what lay there before, whether anything changed, the files kept aside."""

    before: Lying
    changed: bool
    kept: tuple[Path, ...] = ()


def read_scripts(room: Path) -> dict[str, bytes]:
    """The scripts of this version by their names below the folder: packed into the package, else beside it.

    Raises:
        SetupError: they are not there, or cannot be read.
    """
    for source in (room / FOLDER_NAME, room.parent.parent / "reaper_scripts" / FOLDER_NAME):
        try:
            scripts = {
                path.relative_to(source).as_posix(): path.read_bytes()
                for path in sorted(source.rglob("*"))
                if path.is_file() and not any(part.startswith(".") for part in path.relative_to(source).parts)
            }
        except OSError as problem:
            raise SetupError(f"{source} cannot be read ({problem.strerror}); install daw-bridge again.") from problem
        scripts.pop(NOTE_NAME, None)
        if scripts:
            return scripts
    raise SetupError("The REAPER scripts are not in this copy of daw-bridge; install daw-bridge again.")


def scripts_at_hand(room: Path) -> dict[str, bytes]:
    """The scripts of this version, or none where this copy of daw-bridge has none."""
    try:
        return read_scripts(room)
    except SetupError:
        return {}


def ascii_home(home: Path, platform: str, short_path: Callable[[Path], str]) -> str:
    """The daemon's home as the scripts can open it: on Windows, Lua's files take ASCII paths only.

    Raises:
        SetupError: the home has no name in ASCII.
        DiskFull, NotWritable: it had to be made to learn its short name, and could not.
    """
    text = str(home)
    if platform != "win32" or text.isascii():
        return text
    with disk_errors(home):
        home.mkdir(parents=True, exist_ok=True)
    short = short_path(home)
    if short and short.isascii():
        return short
    raise SetupError(
        f"REAPER's scripts cannot open {home}, for its name has more than plain letters and this disk keeps no short "
        r"names; choose another home, such as C:\daw-bridge, and give it to every command: "
        r"daw-bridge --home C:\daw-bridge install reaper."
    )


def look(folder: Path, scripts: Mapping[str, bytes]) -> Lying:
    """What lies in a folder for our scripts; where they are not at hand (empty), the note's version decides."""
    note = read_note(folder)
    names = _names(note, scripts)
    standings = {name: _standing(folder, name, note, scripts) for name in names}
    if note is None and "changed" not in standings.values() and "as we wrote it" not in standings.values():
        return Lying(there="not ours" if "not ours" in standings.values() else "nothing", version="")
    version = note.version if note else ""
    whole = all(standing == "as we wrote it" for standing in standings.values())
    same = version == __version__ and whole and (not scripts or (note and note.files == _hashes(scripts)))
    return Lying(there="this version" if same else "another version", version=version)


def put(scripts: Mapping[str, bytes], folder: Path, home: str) -> Done:
    """Write the scripts into a folder, each whole, and the note last; over nothing but scripts of ours.

    Files of an older version that are no longer part go. One of ours that was changed is first kept under another name.

    Raises:
        SetupError: a file in the way is not ours, or the folder is a link; nothing changed.
        DiskFull, NotWritable: it could not be written; what was written so far stays, and the next time goes on.
    """
    _refuse_links(folder)
    before, note = look(folder, scripts), read_note(folder)
    standings = {name: _standing(folder, name, note, scripts) for name in _names(note, scripts)}
    for name, standing in standings.items():
        if name in scripts and standing == "not ours":
            raise SetupError(
                f"{folder / name} is not what daw-bridge put there and is left alone; move it away, then install again."
            )
    wanted = Note(version=__version__, home=home, files=_hashes(scripts))
    if note == wanted and before.there == "this version":
        return Done(before=before, changed=False)
    kept = _keep_changed(folder, standings)
    # Before the new ones, for on some disks an old name may differ from a new one by its capitals only.
    _delete(folder, (name for name, standing in standings.items() if name not in scripts and standing != "not ours"))
    for name, content in scripts.items():
        with disk_errors(folder / name):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if _read(folder / name) != content:
            write_whole(folder / name, content)
    write_whole(folder / NOTE_NAME, msgspec.json.format(msgspec.json.encode(wanted), indent=2) + b"\n")
    return Done(before=before, changed=True, kept=kept)


def take_out(folder: Path, scripts: Mapping[str, bytes]) -> Done:
    """Delete our scripts, their note and folders of ours that are empty then, and our line beside them at the start.

    One of ours that was changed is first kept under another name.

    Raises:
        SetupError: the folder is a link, or the files there are not ours.
        NotWritable: something could not be deleted.
    """
    before, note = look(folder, scripts), read_note(folder)
    if before.there == "not ours":
        raise SetupError(f"What lies in {folder} is not what daw-bridge put there and is left alone.")
    changed = _forget_start(folder.parent / STARTUP_NAME)
    if before.there == "nothing":
        return Done(before=before, changed=changed)
    _refuse_links(folder)
    standings = {name: _standing(folder, name, note, scripts) for name in _names(note, scripts)}
    kept = _keep_changed(folder, standings)
    _delete(folder, (name for name, standing in standings.items() if standing != "not ours"))
    if note:
        _delete(folder, (NOTE_NAME,))
    with suppress(OSError):
        folder.rmdir()
    return Done(before=before, changed=True, kept=kept)


def read_note(folder: Path) -> Note | None:
    """The note that we left in a folder, or None when there is none that could be ours."""
    try:
        note = msgspec.json.decode(_read(folder / NOTE_NAME) or b"", type=Note)
    except msgspec.MsgspecError:
        return None
    return note if all(map(_stays_within, note.files)) else None


def _stays_within(name: str) -> bool:
    """Whether a name from a note leads to a file below its folder on every system."""
    parts = name.split("/")
    return name != NOTE_NAME and not any(part in {"", ".", ".."} or set(part) & set("\\:\0") for part in parts)


def _names(note: Note | None, scripts: Mapping[str, bytes]) -> list[str]:
    return list(dict.fromkeys((*scripts, *(note.files if note else ()))))


def _hashes(scripts: Mapping[str, bytes]) -> dict[str, str]:
    return {name: _sha256(content) for name, content in scripts.items()}


def _standing(folder: Path, name: str, note: Note | None, scripts: Mapping[str, bytes]) -> Standing:
    """Whose file it is that lies under a name of ours."""
    # A file where a folder of ours goes is in the way as well.
    for path in (folder.joinpath(*PurePosixPath(name).parts[:count]) for count in range(1, name.count("/") + 1)):
        if os.path.lexists(path) and not path.is_dir():
            return "not ours"
    if not os.path.lexists(folder / name):
        return "absent"
    content = _read(folder / name)
    if content is None:
        return "not ours"
    written = note.files.get(name) if note else None
    if content == scripts.get(name) or _sha256(content) == written:
        return "as we wrote it"
    return "changed" if written or _OUR_NAME in content[:_FIRST_LINES_BYTES] else "not ours"


def _keep_changed(folder: Path, standings: Mapping[str, Standing]) -> tuple[Path, ...]:
    """Copy what somebody changed in our files to a free name beside each."""
    changed = [folder / name for name, standing in standings.items() if standing == "changed"]
    return tuple(add_whole(_read(path) or b"", path.parent, path.name + _KEPT_SUFFIX) for path in changed)


def _delete(folder: Path, names: Iterable[str]) -> None:
    """Delete files, then the folders below ours that are empty without them."""
    for name in names:
        path = folder / name
        with disk_errors(path):
            path.unlink(missing_ok=True)
        for parent in list(path.parents)[: name.count("/")]:
            with suppress(OSError):
                parent.rmdir()


def _forget_start(startup: Path) -> bool:
    """Take our line out of the file that REAPER runs at its start; whether it was there."""
    # Through a link, so that the link stays.
    path = Path(os.path.realpath(startup))
    content = _read(path) or b""
    mark = BOM_UTF8 if content.startswith(BOM_UTF8) else b""
    lines = content.removeprefix(mark).splitlines(keepends=True)
    rest = [line for line in lines if not _OUR_LINE.search(line)]
    if len(rest) == len(lines):
        return False
    if rest or mark:
        write_whole(path, mark + b"".join(rest))
    else:
        with disk_errors(path):
            path.unlink()
    return True


def _refuse_links(folder: Path) -> None:
    try:
        target = folder.readlink()
    except OSError:
        return
    raise SetupError(f"{folder} is a link to {target} and is left alone; remove the link, then try again.")


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _read(path: Path) -> bytes | None:
    """A file's content; None when it cannot be read or is far too large."""
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_FILE_BYTES + 1)
    except OSError:
        return None
    return content if len(content) <= _MAX_FILE_BYTES else None
