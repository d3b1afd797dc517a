"""The Live device's file: found in this copy of daw-bridge, known again by its content, put in and taken out."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from bridge import __version__
from bridge.errors import SetupError
from bridge.files import disk_errors, write_whole
from bridge.setup.machine import Lying

ROOM = Path(__file__).parent
FILE_NAME = "daw-bridge.amxd"
_MAX_DEVICE_BYTES = 16 * 1024 * 1024
_SCRIPT = re.compile(rb"daw-bridge-[0-9a-f]{12}\.js")
_QUOTED_SCRIPT = re.compile(rb'"' + _SCRIPT.pattern + rb'"')
_SCRIPT_VERSION = re.compile(rb'\bVERSION = "([0-9A-Za-z.+-]{1,40})"')


def read_device(room: Path) -> bytes:
    """The device of this version: packed into the installed package, else as `make device` builds it in a checkout.

    Raises:
        SetupError: neither is there, or it is no device of ours.
    """
    for path in (room / FILE_NAME, room.parent.parent / "max_for_live" / "dist" / FILE_NAME):
        try:
            device = path.read_bytes()
        except FileNotFoundError:
            continue
        except OSError as problem:
            raise SetupError(f"{path} cannot be read ({problem.strerror}); install daw-bridge again.") from problem
        if version_in(device) is None:
            raise SetupError(f"{path} is damaged; install daw-bridge again, or run `make device` in a checkout.")
        return device
    raise SetupError(
        "The Live device is not in this copy of daw-bridge; in a checkout run `make device` first, "
        "else install daw-bridge again."
    )


def device_at_hand(room: Path) -> bytes | None:
    """The device of this version, or None where a checkout has not built it."""
    try:
        return read_device(room)
    except SetupError:
        return None


def look(folder: Path, device: bytes | None = None) -> Lying:
    """What lies in a folder under our device's name; where the device is not at hand, its version number decides."""
    path = folder / FILE_NAME
    if not os.path.lexists(path):
        return Lying(there="nothing", version="")
    content = _read(path)
    version = version_in(content)
    if version is None:
        return Lying(there="not ours", version="")
    same = version == __version__ if device is None else content == device
    return Lying(there="this version" if same else "another version", version=version)


def put(device: bytes, folder: Path) -> Lying:
    """Write the device into a folder, whole, over nothing but another device of ours; what lay there before.

    Raises:
        SetupError: a file of that name is not ours.
        DiskFull, NotWritable: it could not be written; nothing changed.
    """
    before = look(folder, device)
    _refuse_others(folder, before)
    if before.there != "this version":
        with disk_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / FILE_NAME, device)
    return before


def take_out(folder: Path) -> None:
    """Delete our device from a folder.

    Raises:
        SetupError: the file of that name is not ours.
        NotWritable: it could not be deleted.
    """
    _refuse_others(folder, look(folder))
    path = folder / FILE_NAME
    with disk_errors(path):
        path.unlink(missing_ok=True)


def version_in(content: bytes) -> str | None:
    """The version of our device in a file's content: empty when it does not say it, None when the file is not ours.

    A device is a container of chunks (tag, length in little-endian, data). Frozen, it holds its script, whose name
    tells that it is ours; unfrozen, it only names it.
    """
    if not content.startswith(b"ampf"):
        return None
    patch = dict(_chunks(content, "little", counts_header=False)).get(b"ptch", b"")
    if not patch.startswith(b"mx@c"):
        return "" if _QUOTED_SCRIPT.search(patch) else None
    for name, text in _frozen_files(patch):
        if _SCRIPT.fullmatch(name):
            version = _SCRIPT_VERSION.search(text)
            return version[1].decode() if version else ""
    return None


def _refuse_others(folder: Path, lying: Lying) -> None:
    if lying.there == "not ours":
        raise SetupError(
            f"{folder / FILE_NAME} was not made by daw-bridge and is left alone; rename it, or give another folder "
            "with --to."
        )


def _frozen_files(patch: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The names and contents of a frozen device's files, whose directory stands at its end, in big-endian."""
    directory = patch[int.from_bytes(patch[8:16], "big") :]
    for _, entries in _chunks(directory, "big", counts_header=True):
        for _, entry in _chunks(entries, "big", counts_header=True):
            fields = dict(_chunks(entry, "big", counts_header=True))
            start, size = (int.from_bytes(fields.get(tag, b""), "big") for tag in (b"of32", b"sz32"))
            yield fields.get(b"fnam", b"").rstrip(b"\0"), patch[start : start + size]


def _chunks(data: bytes, order: Literal["little", "big"], *, counts_header: bool) -> Iterator[tuple[bytes, bytes]]:
    """Tag and data of each chunk, as far as they are whole."""
    place = 0
    while place + 8 <= len(data):
        size = int.from_bytes(data[place + 4 : place + 8], order) - (8 if counts_header else 0)
        end = place + 8 + size
        if size < 0 or end > len(data):
            return
        yield data[place : place + 4], data[place + 8 : end]
        place = end


def _read(path: Path) -> bytes:
    """A file's content; empty when it cannot be read or is far too large."""
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_DEVICE_BYTES + 1)
    except OSError:
        return b""
    return content if len(content) <= _MAX_DEVICE_BYTES else b""
