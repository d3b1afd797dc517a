"""The engine's queue: bounded, first in first out, worked off by one thread."""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from bridge.contract import ErrorReply, MusicGenRequest
from bridge.engine.requests import Refusal
from bridge.errors import BridgeError

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Order:
    """One request on its way: its id, the name its file will have, and where its conditioning waits."""

    id: int
    name: str
    request: MusicGenRequest
    seed: int
    clip: Path | None = None
    clip_url: str | None = None


@dataclass(frozen=True)
class Outcome:
    """How an order ended: the seconds it took, or the error and its HTTP status."""

    seconds: float = 0.0
    error: ErrorReply | None = None
    status: int = 200


class Queue:
    """Calls `make` for one order after the other; the thread starts with the first one and waits without polling."""

    def __init__(self, make: Callable[[Order], None], clock: Callable[[], float], limit: int) -> None:
        self._make = make
        self._clock = clock
        self._limit = limit
        self._lock = threading.Lock()
        self._orders: queue.SimpleQueue[tuple[Order, Future[Outcome]]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    @property
    def waiting(self) -> int:
        """How many orders have not begun."""
        return self._orders.qsize()

    def submit(self, order: Order) -> Future[Outcome]:
        """Put an order at the end of the queue; the future always ends in an outcome, never in an exception.

        Raises:
            Refusal: the queue is full.
        """
        future: Future[Outcome] = Future()
        with self._lock:
            if self.waiting >= self._limit:
                text = f"Rate limit exceeded: {self._limit} requests are waiting already."
                raise Refusal(ErrorReply(message=text, retry_after=5), 429)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="engine", daemon=True)
                self._thread.start()
            self._orders.put((order, future))
        return future

    def clear(self) -> None:
        """Give up every order that has not begun."""
        while True:
            try:
                order, future = self._orders.get_nowait()
            except queue.Empty:
                return
            _drop_clip(order)
            future.set_result(Outcome(error=ErrorReply(message="The queue was cleared before this began."), status=503))

    def _work(self) -> None:
        while True:
            order, future = self._orders.get()
            future.set_result(self._outcome(order))

    def _outcome(self, order: Order) -> Outcome:
        started = self._clock()
        try:
            self._make(order)
        except Refusal as refusal:
            return Outcome(error=refusal.reply, status=refusal.status)
        except BridgeError as problem:
            log.warning("request %d failed: %s", order.id, problem.text)
            return Outcome(error=ErrorReply(message=problem.text), status=500)
        except Exception:
            log.exception("request %d failed", order.id)
            return Outcome(error=ErrorReply(message="The engine failed on this request; its log says why."), status=500)
        finally:
            _drop_clip(order)
        return Outcome(seconds=self._clock() - started)


def _drop_clip(order: Order) -> None:
    """Remove an order's clip; where the system does not let go of it yet, the storage's sweep does later."""
    if order.clip is not None:
        with contextlib.suppress(OSError):
            order.clip.unlink()
