"""A DAW over real UDP: says what a DAW says, and keeps all that it hears."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass

from pythonosc.osc_message_builder import OscMessageBuilder
from pythonosc.osc_packet import OscPacket

Value = str | int | float | bool


@dataclass(frozen=True)
class Heard:
    """One message from the daemon."""

    address: str
    arguments: tuple[Value, ...]


def osc(address: str, *values: Value) -> bytes:
    """A message as python-osc builds it: text is `s`, whole numbers are `i`, others `f`."""
    builder = OscMessageBuilder(address)
    for value in values:
        builder.add_arg(value)
    dgram: bytes = builder.build().dgram
    return dgram


class FakeDaw:
    """Listens on a port of its own and sends from another, as Max's udpsend and udpreceive do."""

    def __init__(self, daemon_port: int, host: str = "127.0.0.1", port: int = 0) -> None:
        self._daemon = (host, daemon_port)
        self._ears = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._ears.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 1024 * 1024)
        self._ears.bind((host, port))
        self._mouth = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._mouth.bind((host, 0))
        self.port: int = self._ears.getsockname()[1]
        self.heard: list[Heard] = []
        self._news = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._closing = True
        self._mouth.sendto(b"", self._ears.getsockname())
        self._thread.join(timeout=5)
        self._ears.close()
        self._mouth.close()

    def __enter__(self) -> FakeDaw:
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()

    def send(self, address: str, *values: Value) -> None:
        """Say something in one message."""
        self.send_bytes(osc(address, *values))

    def send_bytes(self, data: bytes) -> None:
        """Send a datagram as it is."""
        self._mouth.sendto(data, self._daemon)

    def hello(self, client: str) -> Heard:
        """Name oneself, and wait for the welcome."""
        self.send("/bridge/hello", client, "0.1.0", self.port)
        return self.wait_for("/bridge/welcome")

    def ping(self, token: str = "now") -> None:
        """Wait until the daemon has worked through all that was sent before."""
        self.send("/bridge/ping", token)
        self.wait_for("/bridge/pong", token)

    def wait_for(self, address: str, *beginning: Value, timeout: float = 10.0) -> Heard:
        """The first message of this address whose arguments begin so."""
        return self.wait_until(lambda daw: daw.all(address, *beginning), f"{address} {beginning}", timeout)[0]

    def wait_until(
        self, found: Callable[[FakeDaw], list[Heard]], what: str = "it", timeout: float = 10.0
    ) -> list[Heard]:
        """Wait until something is found among what was heard."""
        with self._news:
            assert self._news.wait_for(lambda: bool(found(self)), timeout), f"{what} was not heard: {self.heard[-20:]}"
            return found(self)

    def all(self, address: str, *beginning: Value) -> list[Heard]:
        """All messages of this address whose arguments begin so."""
        return [one for one in self.heard if one.address == address and one.arguments[: len(beginning)] == beginning]

    def about(self, request_id: str) -> list[Heard]:
        """All that was heard about a request, in order."""
        return [one for one in self.heard if one.arguments[:1] == (request_id,)]

    def _listen(self) -> None:
        while True:
            data, _ = self._ears.recvfrom(65_536)
            if self._closing:
                return
            messages = [timed.message for timed in OscPacket(data).messages]
            with self._news:
                self.heard.extend(Heard(message.address, tuple(message.params)) for message in messages)
                self._news.notify_all()
