"""A music_gen service that answers at once and notes when requests came in whole and when files went out whole."""

from __future__ import annotations

import time
from typing import Any

from tests.fakes.music_gen_server import FakeMusicGen


class StampedMusicGen(FakeMusicGen):
    """The tests' fake, with the moments of time.perf_counter at which things were through."""

    def __init__(self) -> None:
        super().__init__()
        self.received: list[float] = []
        self.sent: list[float] = []

    def answer(self, handler: Any, kind: str, body: bytes | None) -> None:
        """Answer as the fake does; requests for music are noted when read, downloads when written."""
        if body is None:
            body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        if kind == "submit":
            self.received.append(time.perf_counter())
        super().answer(handler, kind, body)
        if kind == "download":
            self.sent.append(time.perf_counter())
