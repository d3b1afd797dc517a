"""A clock that stands still until it is told to go on, or somebody waits."""

from __future__ import annotations


class FakeClock:
    """Seconds since the epoch, as far as a test says; `waits` keeps every wait that takes time."""

    def __init__(self, now: float = 1_790_000_000.0) -> None:
        self.now = now
        self.waits: list[float] = []

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds

    def wait(self, seconds: float) -> None:
        """Let time pass because somebody waits."""
        self.advance(seconds)
        if seconds:
            self.waits.append(round(seconds, 6))
