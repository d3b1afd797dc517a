"""A DAW that notes the moment of what it says and hears, and does little else."""

from __future__ import annotations

import socket
import time
from types import TracebackType
from typing import Self

from bridge.doors.osc_wire import Message, read_packet
from bridge.protocol import MAX_DATAGRAM_BYTES
from tests.fakes.fake_daw import osc

BUFFER_BYTES = 4 * 1024 * 1024
_PATIENCE_SECONDS = 30.0
_BAD_NEWS = {"/bridge/rejected", "/bridge/failed"}


class Ears:
    """One socket that sends to a port of this machine and hears the answers; its client name is `bench`."""

    def __init__(self, port: int) -> None:
        self._to = ("127.0.0.1", port)
        self._socket = open_socket()
        self._socket.settimeout(_PATIENCE_SECONDS)
        self.port: int = self._socket.getsockname()[1]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, at: TracebackType | None
    ) -> None:
        self._socket.close()

    def hello(self) -> None:
        """Name oneself, and wait for the welcome."""
        self.send(osc("/bridge/hello", "bench", "0.1.0", self.port))
        self.wait("/bridge/welcome", "")

    def send(self, datagram: bytes) -> float:
        """Send a datagram; the moment just before."""
        moment = time.perf_counter()
        self._socket.sendto(datagram, self._to)
        return moment

    def receive(self) -> float:
        """Wait for a datagram, whatever it says; the moment just after."""
        self._socket.recv(MAX_DATAGRAM_BYTES)
        return time.perf_counter()

    def wait(self, address: str, request_id: str) -> float:
        """Wait for a message about a request (or about none); the moment when it came.

        Raises:
            RuntimeError: the daemon says that something went wrong.
            TimeoutError: it did not come.
        """
        until = time.perf_counter() + _PATIENCE_SECONDS
        while time.perf_counter() < until:
            data = self._socket.recv(MAX_DATAGRAM_BYTES)
            moment = time.perf_counter()
            for message in read_packet(data):
                if message.address == address and _is_about(message, request_id):
                    return moment
                if message.address in _BAD_NEWS and _is_about(message, request_id):
                    raise RuntimeError(f"{message.address}: {message.arguments}")
        raise TimeoutError(f"{address} {request_id} did not come")


def open_socket() -> socket.socket:
    """A socket on a free port with a buffer that holds a flood of answers."""
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
    opened.bind(("127.0.0.1", 0))
    return opened


def _is_about(message: Message, request_id: str) -> bool:
    return not request_id or message.arguments[:1] == (request_id,)
