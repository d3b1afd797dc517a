"""A clock that goes on only when somebody waits."""

from __future__ import annotations


class FakeTime:
    """`clock` and `wait` belong together; `waits` keeps every wait that takes time."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.waits: list[float] = []

    def clock(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += seconds
        if seconds:
            self.waits.append(round(seconds, 6))
