"""The threads that do the pipeline's steps: a studio, wires to each provider, and a ticker that tells progress."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial

from bridge.pipeline import Pipeline
from bridge.protocol import PROGRESS_INTERVAL_SECONDS
from bridge.providers import Interrupted, ProviderFacts, Wait
from bridge.store.rows import JobState, RequestKey
from bridge.store.store import Store
from bridge.telling import Telling

log = logging.getLogger(__name__)

RENDERED_AHEAD = 4
_AFTER_DEFECT_SECONDS = 1.0
_STOP_SECONDS = 5.0
_ON_THE_WIRE: frozenset[JobState] = frozenset({"composed", "submitting", "submitted"})

WireStep = Callable[[RequestKey, Wait], None]
Step = tuple[str, Callable[[], None]]
"""A step to do: the job it is for, and what does it."""


class Workers:
    """The store is the queue: each thread asks it for the next step, and sleeps on `work` while there is none.

    What a thread holds is known only here: after a crash everything that was held is simply next again.
    """

    def __init__(
        self,
        store: Store,
        pipeline: Pipeline,
        telling: Telling,
        work: threading.Condition,
        *,
        providers: Mapping[str, ProviderFacts],
        progress_interval_seconds: float = PROGRESS_INTERVAL_SECONDS,
    ) -> None:
        self._store = store
        self._pipeline = pipeline
        self._telling = telling
        self._work = work
        self._providers = providers
        self._progress_interval_seconds = progress_interval_seconds
        self._stopping = False
        self._held: set[RequestKey] = set()
        self._busy: dict[str, str] = {}
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Start all threads."""
        self._add("studio", lambda: self._loop("studio", self._next_in_studio))
        for name, facts in self._providers.items():
            for number in range(1, facts.parallel + 1):
                self._add_wire(f"{name}-{number}", name)
        self._add("ticker", self._tick)
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Interrupt what waits, and let each thread finish the step it is in; one that hangs is left behind."""
        with self._work:
            self._stopping = True
            self._work.notify_all()
        until = time.monotonic() + _STOP_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _add(self, name: str, loop: Callable[[], None]) -> None:
        self._threads.append(threading.Thread(target=loop, name=name, daemon=True))

    def _add_wire(self, name: str, provider: str) -> None:
        self._add(name, lambda: self._loop(name, lambda: self._next_on_wire(provider)))

    def _loop(self, name: str, find: Callable[[], Step | None]) -> None:
        """Do one step after another; the job's id stands in the thread's name, and so on each log record."""
        thread = threading.current_thread()
        while not self._stopping:
            pause = 0.0
            try:
                step = self._take(name, find)
                if step is None:
                    return
                job_id, do = step
                thread.name = f"{name} {job_id}"
                do()
            except Exception:
                log.exception("A step could not be found, done or stored; it is tried again")
                pause = _AFTER_DEFECT_SECONDS
            thread.name = name
            with self._work:
                self._busy.pop(name, None)
                self._work.notify_all()
                self._work.wait_for(lambda: self._stopping, pause)

    def _take(self, name: str, find: Callable[[], Step | None]) -> Step | None:
        """Wait for a step to do; None when all stops."""
        with self._work:
            while not self._stopping:
                step = find()
                if step is not None:
                    self._busy[name] = step[0]
                    self._work.notify_all()
                    return step
                self._work.wait()
            return None

    def _next_in_studio(self) -> Step | None:
        """What is begun comes before what is new, and only a few jobs are rendered ahead of their provider."""
        ready = self._store.next_take()
        if ready is not None:
            job_id, take = ready
            return job_id, partial(self._pipeline.deliver, job_id, take)
        for provider in self._providers:
            rendered = self._store.next_job("rendered", provider)
            if rendered is not None:
                return rendered, partial(self._pipeline.compose, rendered)
        for provider in self._providers:
            if self._store.count_composed(provider) < RENDERED_AHEAD:
                accepted = self._store.next_job("accepted", provider)
                if accepted is not None:
                    return accepted, partial(self._pipeline.render, accepted)
        return None

    def _next_on_wire(self, provider: str) -> Step | None:
        """What is submitted is fetched before more is submitted."""
        steps: tuple[tuple[JobState, WireStep], ...] = (
            ("submitted", self._pipeline.fetch),
            ("composed", self._pipeline.submit),
        )
        for state, do in steps:
            for key in self._store.next_requests(state, provider, len(self._held) + 1):
                if key not in self._held:
                    self._held.add(key)
                    return key.job_id, partial(self._hold, key, do)
        return None

    def _hold(self, key: RequestKey, do: WireStep) -> None:
        try:
            do(key, partial(self._wait, key))
        finally:
            with self._work:
                self._held.discard(key)

    def _wait(self, key: RequestKey, seconds: float) -> None:
        """Sleep, unless the request is cancelled or all stops."""
        until = time.monotonic() + seconds
        with self._work:
            while True:
                request = self._store.request(key)
                if self._stopping or request is None or request.state not in _ON_THE_WIRE:
                    raise Interrupted
                left = until - time.monotonic()
                if left <= 0:
                    return
                self._work.wait(left)

    def _tick(self) -> None:
        """Tell how far jobs are for as long as any is worked on; sleep while none is."""
        while True:
            with self._work:
                while not (self._stopping or self._busy):
                    self._work.wait()
                self._work.wait_for(lambda: self._stopping, self._progress_interval_seconds)
                if self._stopping:
                    return
                jobs = sorted(set(self._busy.values()))
            try:
                self._telling.tick(jobs)
            except Exception:
                log.exception("Progress could not be told")
