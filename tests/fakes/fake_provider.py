"""A provider in memory that does as its script says, and remembers what it was asked."""

from __future__ import annotations

import hashlib
import threading
import wave
from collections.abc import Callable
from pathlib import Path

from bridge.model import Extra, GenerationRequest, GenerationResult, SoundFile, Ticket
from bridge.providers import ProviderFacts, Wait

Act = Exception | Callable[[GenerationRequest, Wait], None]
"""What a call does instead of succeeding at once: raise, or first do something (wait, block, look at the store)."""


class FakeProvider:
    """Makes a short WAV for each request; `on_submit` and `on_fetch` are worked off call by call, then all succeeds."""

    def __init__(
        self,
        *,
        name: str = "fake",
        billable: bool = False,
        extensions: bool = True,
        extras: tuple[Extra, ...] = (),
        parallel: int = 1,
        max_seconds: float = 20.0,
        on_submit: list[Act | None] | None = None,
        on_fetch: list[Act | None] | None = None,
    ) -> None:
        self.facts = ProviderFacts(
            name=name,
            billable=billable,
            extensions=extensions,
            extras=extras,
            max_seconds=max_seconds,
            tail_seconds=0.0,
            parallel=parallel,
        )
        self.on_submit = on_submit or []
        self.on_fetch = on_fetch or []
        self.submitted: list[GenerationRequest] = []
        self.fetched: list[Ticket] = []
        self._lock = threading.Lock()

    def submit(self, request: GenerationRequest, wait: Wait | None = None) -> Ticket:
        with self._lock:
            self.submitted.append(request)
            number = len(self.submitted)
            act = self.on_submit.pop(0) if self.on_submit else None
        if request.conditioning is not None:
            Path(request.conditioning.path).read_bytes()
        _do(act, request, wait or _no_wait)
        return Ticket(provider_id=f"{self.facts.name}-{number}", wait_seconds=1.0)

    def fetch(self, ticket: Ticket, request: GenerationRequest, folder: Path, wait: Wait) -> GenerationResult:
        with self._lock:
            self.fetched.append(ticket)
            act = self.on_fetch.pop(0) if self.on_fetch else None
        _do(act, request, wait)
        path = folder / f"{ticket.provider_id}.wav"
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(32_000)
            file.writeframes(b"\0\1" * 320)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        return GenerationResult(
            file=SoundFile(path=str(path), sha256=digest, seconds=0.01), provider_id=ticket.provider_id
        )


class Gate:
    """An act that says when a call has come in, and holds it until the test lets go or the call is interrupted."""

    def __init__(self, *, interruptible: bool = True) -> None:
        self.reached = threading.Event()
        self.open = threading.Event()
        self._interruptible = interruptible

    def __call__(self, _request: GenerationRequest, wait: Wait) -> None:
        self.reached.set()
        if not self._interruptible:
            assert self.open.wait(10.0)
            return
        for _ in range(1000):
            if self.open.is_set():
                return
            wait(0.01)
        raise AssertionError("the gate was never opened")


def _do(act: Act | None, request: GenerationRequest, wait: Wait) -> None:
    if isinstance(act, Exception):
        raise act
    if act is not None:
        act(request, wait)


def _no_wait(seconds: float) -> None:
    raise AssertionError(f"nobody may sleep {seconds} s here")
