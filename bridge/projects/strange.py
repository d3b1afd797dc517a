"""Project files that are refused: what they raise, and how much of them is read at all."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from xml.parsers.expat import ExpatError
from zipfile import BadZipFile

MAX_UNPACKED_BYTES = 256 * 1024 * 1024
MAX_EVENTS = 16_000
MAX_PLACEMENTS = 20_000
MAX_TRACKS = 2_000
MAX_NAME = 500
MAX_PATH = 4096


class StrangeFile(Exception):
    """A project file that is broken, or over a limit."""


# What gzip, zip, expat and the codecs raise on broken content: encrypted and unknown kinds of zip among it.
STRANGE = (StrangeFile, OSError, EOFError, ValueError, LookupError, RuntimeError, zlib.error, BadZipFile, ExpatError)


class Counted:
    """Reads on from a source, and refuses it when it gives more than `limit` bytes."""

    def __init__(self, read: Callable[[int], bytes], limit: int) -> None:
        self._read = read
        self._left = limit

    def read(self, size: int) -> bytes:
        """Up to `size` further bytes; empty at the end."""
        data = self._read(size)
        self._left -= len(data)
        if self._left < 0:
            raise StrangeFile("it unpacks to more than a project can be")
        return data
