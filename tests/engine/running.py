"""An engine over real HTTP, with a player that the test holds in its hand."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import requests
import uvicorn

from bridge.engine.app import build_app
from bridge.engine.band.request import BandRequest
from bridge.sound.files import Sound

MUSIC_GEN = "/api/v1/enterprise/voice/music_gen"
FETCH = "/api/v1/enterprise/voice/fetch"


class Player:
    """Plays noise that depends on the seed, and remembers what it was asked; it can be made to wait, or to fail."""

    def __init__(self) -> None:
        self.may_play = threading.Event()
        self.reset()

    def reset(self) -> None:
        """Forget what was asked, and play at once."""
        self.asked: list[BandRequest] = []
        self.begun = threading.Semaphore(0)
        self.fails = False
        self.may_play.set()

    def __call__(self, ask: BandRequest) -> Sound:
        self.asked.append(ask)
        self.begun.release()
        assert self.may_play.wait(30)
        if self.fails:
            raise RuntimeError("a string broke")
        noise = np.random.default_rng(ask.seed).uniform(-0.5, 0.5, (ask.frames, 2))
        return Sound(noise.astype(np.float32), 32_000)


class Client:
    """Calls the engine as a client of the hosted service would."""

    def __init__(self, url: str) -> None:
        self.url = url

    def post(self, path: str, body: Any = None, headers: dict[str, str] | None = None) -> requests.Response:
        return requests.post(self.url + path, json=body, headers=headers, timeout=30)

    def generate(self, **fields: Any) -> requests.Response:
        return self.post(MUSIC_GEN, {"key": "any", "prompt": "piano", **fields})

    def fetch(self, order_id: object) -> dict[str, Any]:
        reply = self.post(f"{FETCH}/{order_id}", {"key": "any"})
        assert reply.status_code == 200
        return dict(reply.json())

    def until(self, order_id: object, done: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Fetch until the answer is the one that is waited for."""
        while True:
            answer = self.fetch(order_id)
            if done(answer):
                return answer


@contextmanager
def running_engine(player: Callable[[BandRequest], Sound], folder: Path, **options: Any) -> Iterator[Client]:
    """An engine on a free port of this machine."""
    listening = socket.create_server(("127.0.0.1", 0))
    app = build_app(player, folder, **options)
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None, ws="none", http="h11"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listening])))
    thread.start()
    try:
        yield Client(f"http://127.0.0.1:{listening.getsockname()[1]}")
    finally:
        server.should_exit = server.force_exit = True
        thread.join()
