"""Telling what became of jobs: whoever listens hears what was stored, in the order in which it was stored."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable

from bridge.events import Done, Ended, Event, Failed, Progress
from bridge.protocol import FINAL_STATES
from bridge.store.rows import Job, JobState, Take
from bridge.store.store import Store

log = logging.getLogger(__name__)

Listener = Callable[[Event], None]


class Telling:
    """Events upward, for which nobody waits; `order` is held while something is stored and told.

    What was told is noted in the store, so that a restart tells the rest, and a job's end is told once.
    """

    def __init__(self, store: Store) -> None:
        self.order = threading.RLock()
        self._store = store
        self._listeners: list[Listener] = []

    def subscribe(self, listener: Listener) -> None:
        """Hear every event from now on."""
        self._listeners.append(listener)

    def follow(self, job_id: str) -> None:
        """Tell what is stored of a job and not told yet: its progress, new takes, failures, and its end."""
        with self.order:
            job = self._store.job(job_id)
            if job is None or job.ended:
                return
            state = self._store.state(job_id)
            takes = self._store.takes(job_id)
            failures = self._store.untold_failures(job_id)
            ended = state in FINAL_STATES
            if not ended:
                self.tell(progress_of(job, state))
            new = [take for take in takes if not take.told]
            for take in new:
                self.tell(done_of(job.request_id, take))
            for number, note in failures:
                log.info("Job %s: take %d failed, %s: %s", job_id, number, note.code, note.text)
                self.tell(Failed(request_id=job.request_id, job_id=job_id, code=note.code, text=note.text))
            if ended:
                if state == "failed" and job.error is not None:
                    log.info("Job %s failed, %s: %s", job_id, job.error.code, job.error.text)
                    self.tell(
                        Failed(request_id=job.request_id, job_id=job_id, code=job.error.code, text=job.error.text)
                    )
                log.info("Job %s ended: %s", job_id, state)
                self.tell(ended_of(job.request_id, job, state, takes))
            if new or failures or ended:
                told = [take.take for take in new]
                self._store.mark_told(job_id, takes=told, failures=[take for take, _ in failures], ended=ended)

    def tick(self, job_ids: Iterable[str]) -> None:
        """Tell how far these jobs are."""
        with self.order:
            for job_id, request_id, fraction, state in self._store.progress(job_ids):
                if state not in FINAL_STATES:
                    self.tell(Progress(request_id=request_id, job_id=job_id, fraction=fraction, stage=state))

    def tell(self, event: Event) -> None:
        """Hand an event to every listener; one that raises is logged, and the others hear it all the same."""
        for listener in self._listeners:
            try:
                listener(event)
            except Exception:
                log.exception("A listener could not be told %r", event)


def progress_of(job: Job, state: JobState) -> Progress:
    """How far a job is."""
    return Progress(request_id=job.request_id, job_id=job.id, fraction=job.progress, stage=state)


def done_of(request_id: str, take: Take) -> Done:
    """That a take is in the project."""
    return Done(request_id=request_id, job_id=take.job_id, delivery=take.delivery, json_path=take.json_path)


def ended_of(request_id: str, job: Job, state: JobState, takes: Iterable[Take]) -> Ended:
    """The last word on a job; takes that were undone no longer count."""
    delivered = sum(not take.undone for take in takes)
    return Ended(request_id=request_id, job_id=job.id, state=state, delivered=delivered, asked=job.asked)
