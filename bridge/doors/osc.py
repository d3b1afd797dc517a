"""The OSC door: one thread receives, one works through what came and answers; events go out by the same queue."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from bridge.config import OscConfig, is_loopback
from bridge.doors import Clients, Clock, Jobs
from bridge.doors.addresses import Addresses
from bridge.doors.oddities import Oddities
from bridge.doors.osc_ask import Answerer, Asked, guarded
from bridge.doors.osc_port import IsLocal, OscPort
from bridge.doors.osc_tell import Teller
from bridge.doors.osc_wire import NotOsc, read_packet
from bridge.events import Event
from bridge.protocol import PROTOCOL_VERSION

log = logging.getLogger(__name__)

_WAITING_BYTES = 256 * 1024 * 1024
_WAITING_DATAGRAMS = 200_000
_BATCH = 256
_STOP: Final = None


class OscDoor:
    """Listens for OSC messages, hands triggers to the jobs, and tells clients what becomes of them."""

    def __init__(
        self,
        config: OscConfig,
        jobs: Jobs,
        clients: Clients,
        *,
        version: str,
        media_folder: Path,
        provider: str,
        clock: Clock,
        roots: Sequence[str] = (),
        is_local: IsLocal = is_loopback,
    ) -> None:
        self._version = version
        self._clock = clock
        self._queue: queue.SimpleQueue[tuple[bytes, str] | Event | None] = queue.SimpleQueue()
        self._received_bytes = 0
        self._worked_bytes = 0
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self.oddities = Oddities(log, clock)
        self._port = OscPort(config, self._deliver, self.oddities, is_local)
        self._addresses = Addresses(clients, config.reply_port, clock)
        self._teller = Teller(jobs, self._addresses, self._port.send)
        self._answerer = Answerer(
            config,
            jobs,
            self._addresses,
            self._teller,
            self._port,
            self.oddities,
            self._stopping,
            version=version,
            media_folder=media_folder,
            provider=provider,
            clock=clock,
            roots=roots,
            is_local=is_local,
        )

    @property
    def port(self) -> int:
        """The port that was opened."""
        return self._port.number

    def start(self) -> None:
        """Open the port, start listening, and tell every known client that the daemon is there.

        Raises:
            SetupError: the port is taken, or the host is not this machine's.
        """
        self._port.open()
        for address in self._addresses.all():
            self._port.send(address, "/bridge/startup", self._version, PROTOCOL_VERSION)
        self._thread = threading.Thread(target=self._work, name="osc-work", daemon=True)
        self._thread.start()
        self._port.listen()

    def stop(self) -> None:
        """Answer what has come, then close the port."""
        self._stopping.set()
        self._port.deafen()
        if self._thread is not None:
            self._queue.put(_STOP)
            self._thread.join(timeout=10.0)
            self._thread = None
        self._port.close()

    def tell(self, event: Event) -> None:
        """Send an event to whoever is told about its job; returns at once and never raises."""
        self._queue.put(event)

    def _deliver(self, data: bytes, host: str) -> bool:
        """Put a datagram into the queue, unless too much waits there already."""
        if self._received_bytes - self._worked_bytes > _WAITING_BYTES or self._queue.qsize() > _WAITING_DATAGRAMS:
            return False
        self._received_bytes += len(data)
        self._queue.put((data, host))
        return True

    def _work(self) -> None:
        while True:
            batch = self._next_batch()
            for item in batch:
                if isinstance(item, tuple):
                    self._worked_bytes += len(item[0])
                    guarded(self._datagram, *item)
            guarded(self._answerer.look_again)
            guarded(self._answerer.flush)
            for item in batch:
                if isinstance(item, msgspec.Struct):
                    guarded(self._teller.tell, item)
            if _STOP in batch:
                return

    def _next_batch(self) -> list[tuple[bytes, str] | Event | None]:
        """What waits, up to a few hundred; blocks until something comes or falls due."""
        batch: list[tuple[bytes, str] | Event | None] = []
        due = self._answerer.next_due()
        try:
            batch.append(self._queue.get(timeout=None if due is None else max(0.0, due - self._clock())))
            while len(batch) < _BATCH and batch[-1] is not _STOP:
                batch.append(self._queue.get_nowait())
        except queue.Empty:
            return batch
        return batch

    def _datagram(self, data: bytes, host: str) -> None:
        try:
            messages = read_packet(data)
        except NotOsc as problem:
            self.oddities.note("no OSC", f"{len(data)} bytes from {host}: {problem}")
            return
        for message in messages:
            self._answerer.answer(Asked(message, host))
