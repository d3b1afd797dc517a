"""The UDP port: one thread that only receives, so that no burst is lost, and the sending of answers."""

from __future__ import annotations

import ipaddress
import logging
import socket
import sys
import threading
from collections.abc import Callable

from bridge.config import OscConfig
from bridge.doors.addresses import HostPort, same_host
from bridge.doors.oddities import Oddities
from bridge.doors.osc_wire import write_message
from bridge.errors import SetupError

log = logging.getLogger(__name__)

_RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024
_RECEIVE_BYTES = 65_536


IsLocal = Callable[[str], bool]
"""Whether a sender's address is this machine's own."""


class OscPort:
    """Hands every datagram of an allowed sender to `deliver`, which says False when there is no room for it."""

    def __init__(
        self, config: OscConfig, deliver: Callable[[bytes, str], bool], oddities: Oddities, is_local: IsLocal
    ) -> None:
        self._config = config
        self._is_local = is_local
        self._deliver = deliver
        self._oddities = oddities
        self._stopping = threading.Event()
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self.number = 0

    def open(self) -> None:
        """Open the port; nothing is received yet, but answers can be sent.

        Raises:
            SetupError: the port is taken, or the host is not this machine's.
        """
        self._socket = _open_socket(self._config.host, self._config.port)
        self.number = self._socket.getsockname()[1]

    def listen(self) -> None:
        """Begin to receive."""
        self._thread = threading.Thread(target=self._receive, args=(self._socket,), name="osc-receive", daemon=True)
        self._thread.start()

    def deafen(self) -> None:
        """Receive no more."""
        self._stopping.set()
        if self._socket is not None and self._thread is not None:
            self._wake_receiver(self._socket)
            self._thread.join(timeout=2.0)

    def close(self) -> None:
        """Close the port."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def send(self, to: HostPort, path: str, *values: str | int | float) -> None:
        """Send one of the daemon's messages; what cannot be sent is counted and never raises."""
        if self._socket is None or not self._may_speak(to[0]):
            return
        try:
            self._socket.sendto(write_message(path, *values), to)
        except OSError as problem:
            self._oddities.note("send", f"{path} to {to[0]}:{to[1]}: {problem}")

    def _receive(self, source: socket.socket) -> None:
        while not self._stopping.is_set():
            try:
                data, address = source.recvfrom(_RECEIVE_BYTES)
            except OSError as problem:
                # Windows reports here that an earlier answer reached nobody, or that a datagram was too long.
                if not self._stopping.is_set():
                    self._oddities.note("receive", str(problem))
                    self._stopping.wait(0.001)
                continue
            if self._stopping.is_set():
                return
            if not self._may_speak(address[0]):
                self._oddities.note(
                    "sender not allowed", f"{address[0]}; add it to osc.allow in config.toml to allow it"
                )
            elif not self._deliver(data, address[0]):
                self._oddities.note("overrun", "datagrams come faster than they can be worked through; some are lost")

    def _may_speak(self, host: str) -> bool:
        return self._is_local(host) or any(same_host(host, allowed) for allowed in self._config.allow)

    def _wake_receiver(self, target: socket.socket) -> None:
        host = ipaddress.ip_address(target.getsockname()[0].partition("%")[0])
        if host.is_unspecified:
            host = ipaddress.ip_address("127.0.0.1" if host.version == 4 else "::1")
        try:
            target.sendto(b"", (str(host), self.number))
        except OSError as problem:
            log.debug("the receiving thread could not be woken: %s", problem)
            target.close()


def _open_socket(host: str, port: int) -> socket.socket:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
        family, kind, protocol, _, address = min(found, key=lambda one: one[0] != socket.AF_INET)
        opened = socket.socket(family, kind, protocol)
    except OSError as problem:
        raise SetupError(f"osc.host = {host!r} is no address of this machine: {problem}.") from problem
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER_BYTES)
        if sys.platform == "win32":
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        opened.bind(address)
    except OSError as problem:
        opened.close()
        raise SetupError(
            f"UDP port {port} on {host} cannot be opened ({problem.strerror}); "
            "perhaps a daemon already runs: stop it, or choose another with --osc-port."
        ) from problem
    return opened
