"""Machines with REAPER on them, and small sets of scripts, made from nothing."""

from __future__ import annotations

import os
from pathlib import Path

from bridge.setup.machine import Machine

SCRIPTS = {
    "daw-bridge_Again.lua": b"-- @noindex\n-- Asks daw-bridge for the last job once more.\n",
    "daw-bridge_Watcher.lua": b"-- @description daw-bridge\n-- @version 0.1.0\n",
    "lib/json.lua": b"-- Reads and writes JSON.\nreturn {}\n",
    "lib/read/audio.lua": b"-- Reads the sound of items.\nreturn {}\n",
}


def install_reaper(resources: Path, used_at: float = 1_000_000.0) -> Path:
    """Let REAPER have been used with a resource path."""
    resources.mkdir(parents=True, exist_ok=True)
    (resources / "reaper.ini").write_text("[REAPER]\n")
    os.utime(resources / "reaper.ini", (used_at, used_at))
    return resources


def install_portable(folder: Path, program: str, used_at: float = 1_000_000.0) -> Path:
    """A portable REAPER: the program beside its own settings."""
    install_reaper(folder, used_at)
    if program.endswith(".app"):
        (folder / program).mkdir()
    else:
        (folder / program).write_bytes(b"program")
    return folder


def own_folder(machine: Machine) -> Path:
    """Where REAPER keeps its settings on a machine of that kind."""
    return {
        "win32": machine.home / "AppData" / "Roaming" / "REAPER",
        "darwin": machine.home / "Library" / "Application Support" / "REAPER",
        "linux": machine.home / ".config" / "REAPER",
    }[machine.platform]


def lay_out(folder: Path, scripts: dict[str, bytes]) -> Path:
    """Write scripts into a folder as they are, without a note."""
    for name, content in scripts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
