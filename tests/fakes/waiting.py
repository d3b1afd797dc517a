"""Waits for what other threads or processes do, of which nobody tells: looks until it is there, or fails."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE_SECONDS = 40.0
_LOOK_SECONDS = 0.02


def wait_for(look: Callable[[], T | None], what: str) -> T:
    """What `look` sees, once there is something to see."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        found = look()
        if found:
            return found
        time.sleep(_LOOK_SECONDS)
    raise AssertionError(f"{what} did not come")
