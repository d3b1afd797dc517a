"""Builds the device from its sources: checked, then written frozen for users and unfrozen for work in Max."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from max_for_live.builder.bundle import Script, bundle
from max_for_live.builder.check import check
from max_for_live.builder.container import File, frozen, unfrozen
from max_for_live.builder.description import Patch, read_patch
from max_for_live.builder.objects import Objects, read_objects
from max_for_live.builder.patcher import device_json

SOURCES = Path(__file__).parent.parent
DIST = SOURCES / "dist"

_INLETS = 1
_OUTLETS = 4
# Lists and numbers that only the checks of the patch read.
_READ_BY_CHECKS = ("HEARD", "BARS", "DAEMON_PORT")


@dataclass(frozen=True)
class Device:
    """The built device: its file name, and the bytes of both forms with the script that they need."""

    file_name: str
    frozen: bytes
    unfrozen: bytes
    script: Script


def build_device(sources: Path = SOURCES) -> Device:
    """Build the device of a folder that holds patch.toml, objects.toml and code/main.js.

    Raises:
        BuildError: a source is wrong; the text says which and what to do.
    """
    script = bundle(sources / "code" / "main.js", inlets=_INLETS, outlets=_OUTLETS, read_elsewhere=_READ_BY_CHECKS)
    return assemble(read_patch(sources / "patch.toml"), read_objects(sources / "objects.toml"), script)


def assemble(patch: Patch, objects: Objects, script: Script) -> Device:
    """Check the patch against the objects and the script, and wrap them up.

    Raises:
        BuildError: what Max would not understand or Live not keep.
    """
    check(patch, objects, script)
    text = device_json(patch, objects, script)
    file_name = f"{patch.name}.amxd"
    files = [File(script.name, script.text.encode())]
    return Device(file_name, frozen(patch.kind, file_name, text, files), unfrozen(patch.kind, text), script)


def write_device(device: Device, dist: Path = DIST) -> Path:
    """Write both forms under `dist`, removing scripts of earlier builds; the path of the frozen one is returned."""
    beside = dist / "unfrozen"
    beside.mkdir(parents=True, exist_ok=True)
    for stale in beside.glob("*.js"):
        if stale.name != device.script.name:
            stale.unlink()
    (beside / device.script.name).write_bytes(device.script.text.encode())
    (beside / device.file_name).write_bytes(device.unfrozen)
    (dist / device.file_name).write_bytes(device.frozen)
    return dist / device.file_name
