"""Device files as Max writes them, made from nothing, and what Live keeps about its User Library."""

from __future__ import annotations

import os
import struct
from pathlib import Path

from bridge import __version__
from bridge.setup.machine import Machine

SCRIPT = "daw-bridge-0123456789ab.js"


def frozen(script: str = SCRIPT, version: str = __version__, note: str = "") -> bytes:
    """A device with its script inside; `note` makes a build of its own."""
    code = f'const OTHER_VERSION = "9.9";\nconst VERSION = "{version}";\n// {note}\n'.encode()
    return _device(_frozen({"Device.amxd": b'{"patcher": {}}\n\0', script: code}), meta=7)


def plain(script: str = SCRIPT) -> bytes:
    """A device that only names its script."""
    return _device(b'{"patcher": {"dependency_cache": [{"name": "' + script.encode() + b'"}]}}\n\0', meta=1)


def library_cfg(parent: str, name: str = "User Library") -> str:
    """A Library.cfg as Live writes it."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Ableton MajorVersion="5">\n<ContentLibrary>\n'
        '<UserLibrary><LibraryProject Id="0"><ProjectLocation />'
        f'<ProjectName Value="{name}" /><ProjectPath Value="{parent}" /></LibraryProject></UserLibrary>\n'
        '<SliceInfoList><LibrarySliceInfo Path="/elsewhere/Pack" DisplayName="Pack" /></SliceInfoList>\n'
        '<PreferredFactoryPacksInstallationPath Value="" />\n</ContentLibrary>\n</Ableton>\n'
    )


def mac(home: Path) -> Machine:
    return Machine(platform="darwin", home=home, documents=home / "Documents", environment={}, disk=home / "disk")


def windows(home: Path, documents: Path | None = None, **environment: str) -> Machine:
    documents = documents or home / "Documents"
    return Machine(platform="win32", home=home, documents=documents, environment=environment, disk=home / "disk")


def linux(home: Path) -> Machine:
    return Machine(platform="linux", home=home, documents=home / "Documents", environment={}, disk=home / "disk")


def live_here(home: Path) -> Machine:
    """A machine with Live whose paths have the form of the one that the tests run on."""
    return windows(home) if os.name == "nt" else mac(home)


def live_says(machine: Machine, version: str, cfg: str) -> None:
    """Let a version of Live write its Library.cfg."""
    if machine.platform == "win32":
        roaming = Path(machine.environment.get("APPDATA", machine.home / "AppData" / "Roaming"))
        folder = roaming / "Ableton" / f"Live {version}" / "Preferences"
    else:
        folder = machine.home / "Library" / "Preferences" / "Ableton" / f"Live {version}"
    folder.mkdir(parents=True)
    (folder / "Library.cfg").write_text(cfg, encoding="utf-8")


def library(parent: Path) -> Path:
    """Make a User Library in a folder."""
    made = parent / "User Library"
    made.mkdir(parents=True)
    return made


def _device(patch: bytes, meta: int) -> bytes:
    def chunk(tag: bytes, data: bytes) -> bytes:
        return tag + struct.pack("<I", len(data)) + data

    return chunk(b"ampf", b"aaaa") + chunk(b"meta", struct.pack("<I", meta)) + chunk(b"ptch", patch)


def _frozen(files: dict[str, bytes]) -> bytes:
    def field(tag: bytes, data: bytes) -> bytes:
        return tag + struct.pack(">I", 8 + len(data)) + data

    entries, start = b"", 16
    for name, data in files.items():
        text = name.encode() + b"\0"
        entries += field(
            b"dire",
            field(b"type", b"TEXT")
            + field(b"fnam", text + b"\0" * (-len(text) % 4))
            + field(b"sz32", struct.pack(">I", len(data)))
            + field(b"of32", struct.pack(">I", start)),
        )
        start += len(data)
    return b"mx@c" + struct.pack(">IQ", 16, start) + b"".join(files.values()) + field(b"dlst", entries)
