"""The short name that Windows keeps beside a path's own, in plain letters that every program can open."""

from __future__ import annotations

import sys
from pathlib import Path

_MOST_CHARACTERS = 32_768

if sys.platform == "win32":
    import ctypes

    def short_path(path: Path) -> str:
        """The short form of a path that is there; its own where the disk keeps none, empty when it cannot be told."""
        text = ctypes.create_unicode_buffer(_MOST_CHARACTERS)
        length = ctypes.windll.kernel32.GetShortPathNameW(str(path), text, _MOST_CHARACTERS)
        return text.value if 0 < length < _MOST_CHARACTERS else ""

else:

    def short_path(path: Path) -> str:
        """The path's own name: no other system keeps a second one."""
        return str(path)
