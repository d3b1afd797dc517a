from __future__ import annotations

import time
from pathlib import Path

import pytest

from bridge.contract import MusicGenRequest
from bridge.engine.queue import Order, Queue


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip"
    path.write_bytes(b"a clip")
    return path


def order(number: int, clip: Path | None = None) -> Order:
    request = MusicGenRequest(key="k", prompt="rock")
    return Order(id=number, name=f"{number}.wav", request=request, seed=1, clip=clip)


def test_a_clip_that_cannot_be_removed_stops_neither_its_order_nor_the_next(clip: Path) -> None:
    def make(_: Order) -> None:
        if clip.is_file():
            clip.unlink()
            clip.mkdir()

    queue = Queue(make, time.perf_counter, 4)
    outcomes = [queue.submit(order(1, clip)), queue.submit(order(2))]
    assert [outcome.result(10).error for outcome in outcomes] == [None, None]
