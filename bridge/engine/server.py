"""The engine as a process of its own: it listens, says where, and ends with its parent."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import uvicorn

from bridge.engine.app import LOOPBACK_NAMES, build_app
from bridge.errors import SetupError

if TYPE_CHECKING:
    from bridge.engine.band.request import BandRequest
    from bridge.sound.files import Sound

_NICENESS = 5
_BACKLOG = 128


def serve(
    host: str,
    port: int,
    folder: Path,
    *,
    announce: Callable[[str], None],
    stop_when_stdin_closes: bool = False,
    allow_private: bool = False,
) -> None:
    """Serve the music_gen contract until SIGINT or SIGTERM, or until stdin ends where that is asked for.

    Port 0 takes a free one; `announce` is told the base URL once it listens. The process gives way to others (a DAW
    is playing beside it).

    Raises:
        SetupError: the port is taken, or the host is none of this machine's.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    listening = _bind(host, port)
    local = host.lower() in LOOPBACK_NAMES
    app = build_app(
        _band,
        folder,
        hosts=LOOPBACK_NAMES if local else LOOPBACK_NAMES | {host.lower(), socket.gethostname().lower()},
        any_address=not local,
        allow_private=allow_private,
    )
    config = uvicorn.Config(
        app,
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=1,
    )
    _Server(config, lambda: announce(_url(host, listening)), stop_when_stdin_closes).run([listening])


def _band(ask: BandRequest) -> Sound:
    from bridge.engine.band import play  # numpy and the instruments, only once there is something to play

    return play(ask)


def _bind(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
        if os.name == "posix":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(_BACKLOG)
    except OSError as problem:
        raise SetupError(
            f"The engine cannot listen on {host} port {port} ({problem.strerror}); choose another."
        ) from problem
    return listening


def _url(host: str, listening: socket.socket) -> str:
    return f"http://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}"


class _Server(uvicorn.Server):
    """uvicorn without its ten looks a second: it sleeps until a signal or the end of stdin wakes it."""

    def __init__(self, config: uvicorn.Config, listens: Callable[[], None], stop_when_stdin_closes: bool) -> None:
        super().__init__(config)
        self._listens = listens
        self._stop_when_stdin_closes = stop_when_stdin_closes
        self._wake: Callable[[], object] = lambda: None

    async def main_loop(self) -> None:
        """Say that it listens, then wait for the end."""
        loop = asyncio.get_running_loop()
        ended = asyncio.Event()
        self._wake = lambda: loop.call_soon_threadsafe(ended.set)
        if self._stop_when_stdin_closes:
            threading.Thread(target=_until_stdin_ends, args=(self._end,), name="stdin", daemon=True).start()
        self._listens()
        if not self.should_exit:
            await ended.wait()

    def handle_exit(self, _sig: int, _frame: FrameType | None) -> None:
        """End on the signals that uvicorn catches."""
        self._end()

    def _end(self) -> None:
        self.should_exit = self.force_exit = True
        self._wake()


def _until_stdin_ends(end: Callable[[], None]) -> None:
    try:
        while os.read(0, 4096):
            pass
    except OSError:
        pass
    end()
