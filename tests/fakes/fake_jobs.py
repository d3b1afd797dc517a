"""Jobs in memory: the whole port that doors are handed, and what a test needs to let a job live its life."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from msgspec import structs

from bridge.errors import AlreadyImported, BadMessage, BridgeError, UnknownJob
from bridge.events import (
    Accepted,
    Changed,
    Done,
    Ended,
    ErrorNote,
    Event,
    Failed,
    JobView,
    Progress,
    Rejected,
    ToldTake,
)
from bridge.model import Delivery, Offer, Trigger


@dataclass
class FakeJob:
    """One job as it stands."""

    id: str
    trigger: Trigger
    offer: Offer
    reply_tos: list[str]
    state: str = "accepted"
    fraction: float = 0.0
    takes: list[ToldTake] = field(default_factory=list)
    error: ErrorNote | None = None


class FakeJobs:
    """Keeps jobs in a dictionary; `refuse` may reject offers, `billable` is what each accepted job says."""

    def __init__(self) -> None:
        self.jobs: dict[str, FakeJob] = {}
        self.batches: list[int] = []
        self.calls: list[tuple[str, ...]] = []
        self.refuse: Callable[[Offer], BridgeError | None] = lambda offer: None
        self.when_accepted: Callable[[str], None] = lambda job_id: None
        self.billable = 0
        self.take_hashes: set[str] = set()
        self._listeners: list[Callable[[Event], None]] = []
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._drawn = 0

    # The port

    def new_id(self) -> str:
        with self._lock:
            self._drawn += 1
            while f"job{self._drawn:05d}" in self.jobs:
                self._drawn += 1
            return f"job{self._drawn:05d}"

    def accept(self, offers: Sequence[Offer]) -> list[Accepted | Rejected]:
        with self._lock:
            self.batches.append(len(offers))
            outcomes = [self._consider(offer) for offer in offers]
            self._changed.notify_all()
        return outcomes

    def again(
        self,
        job_id: str,
        *,
        request_id: str,
        prompt: str,
        door: Literal["osc", "inbox", "watch", "command"],
        reply_to: str,
        may_spend: bool = True,
    ) -> Accepted:
        with self._lock:
            copied = self.job(job_id) if job_id else self._last_delivered()
            ask = structs.replace(copied.trigger.ask, seed=None, prompt=prompt or copied.trigger.ask.prompt)
            trigger = structs.replace(copied.trigger, request_id=request_id, ask=ask)
            outcome = self._consider(Offer(trigger=trigger, door=door, reply_to=reply_to, may_spend=may_spend))
            if isinstance(outcome, Rejected):
                raise BadMessage(outcome.text)
            job = self.jobs[outcome.job_id]
            job.reply_tos = list(dict.fromkeys(filter(None, (reply_to, *copied.reply_tos))))
            self._changed.notify_all()
        return outcome

    def find(self, job_id: str, request_id: str) -> str:
        with self._lock:
            if job_id:
                return self.job(job_id).id
            found = self._known(request_id)
            if found is None:
                raise UnknownJob(f"No job goes by the request id {request_id}.")
            return found.id

    def cancel(self, job_id: str) -> None:
        self._called("cancel", job_id)
        if self.job(job_id).state not in ("delivered", "failed", "partial", "cancelled"):
            self.end(job_id, "cancelled")

    def retry(self, job_id: str) -> None:
        self._called("retry", job_id)
        job = self.job(job_id)
        job.state, job.error = "accepted", None

    def undo(self, job_id: str, *, force: bool = False) -> None:
        self._called("undo", job_id, str(force))
        job = self.job(job_id)
        if any(take.imported is not None for take in job.takes) and not force:
            raise AlreadyImported("Take 1 is in the song; undo with --force.")
        job.takes = [structs.replace(take, undone=True) for take in job.takes]
        self._tell(Changed(request_id=job.trigger.request_id, job_id=job_id))

    def imported(self, job_id: str, take: int, where: str) -> None:
        job = self.job(job_id)
        if take > len(job.takes):
            raise BadMessage(f"Job {job_id} has no take {take}.")
        job.takes[take - 1] = structs.replace(job.takes[take - 1], imported=where)
        self._called("imported", job_id, str(take), where)
        self._tell(Changed(request_id=job.trigger.request_id, job_id=job_id))

    def view(self, job_id: str) -> JobView:
        with self._lock:
            job = self.job(job_id)
            return JobView(
                request_id=job.trigger.request_id,
                job_id=job_id,
                state=job.state,
                progress=job.fraction,
                stage=job.state,
                error=job.error,
                takes=tuple(job.takes),
                asked=job.trigger.ask.takes,
                position=job.trigger.position,
                source=job.trigger.source,
            )

    def replay(self, job_id: str, request_id: str) -> list[Event]:
        with self._lock:
            job = self.job(job_id)
            told: list[Event] = [Accepted(request_id=request_id, job_id=job_id, billable_requests=self.billable)]
            told += [_done(request_id, take) for take in job.takes if not take.undone]
            if job.state not in ("delivered", "failed", "partial", "cancelled"):
                progress = Progress(request_id=request_id, job_id=job_id, fraction=job.fraction, stage=job.state)
                return [*told, progress]
            return [*told, self._ended(job, request_id)]

    def listeners_of(self, job_id: str) -> tuple[str, ...]:
        with self._lock:
            return tuple(self.jobs[job_id].reply_tos) if job_id in self.jobs else ()

    def delivered(self, sha256: str) -> bool:
        return sha256 in self.take_hashes

    def subscribe(self, listener: Callable[[Event], None]) -> None:
        self._listeners.append(listener)

    def knows_job(self, job_id: str) -> bool:
        return job_id in self.jobs

    # What a test does

    def job(self, job_id: str) -> FakeJob:
        if job_id not in self.jobs:
            raise UnknownJob(f"No job goes by the id {job_id}.")
        return self.jobs[job_id]

    def by_request(self, request_id: str) -> FakeJob:
        return self.jobs[self.find("", request_id)]

    def wait_for_jobs(self, count: int, timeout: float = 10.0) -> list[FakeJob]:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.jobs) >= count, timeout), f"{len(self.jobs)} of {count} jobs"
            return list(self.jobs.values())

    def wait_for_call(self, *call: str, timeout: float = 10.0) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: call in self.calls, timeout), f"{call} is not in {self.calls}"

    def progress(self, job_id: str, fraction: float, stage: str = "rendered") -> None:
        job = self.job(job_id)
        job.fraction, job.state = fraction, stage
        self._tell(Progress(request_id=job.trigger.request_id, job_id=job_id, fraction=fraction, stage=stage))

    def deliver(self, job_id: str, **changes: object) -> ToldTake:
        """Deliver the next take; `changes` replace what a take usually says."""
        job = self.job(job_id)
        take = _take(job, len(job.takes) + 1)
        take = structs.replace(take, **changes)
        job.takes.append(take)
        self.take_hashes.add(take.sha256)
        self._tell(_done(job.trigger.request_id, take))
        return take

    def fail(self, job_id: str, code: str, text: str) -> None:
        job = self.job(job_id)
        job.error = ErrorNote(code=code, text=text)
        self._tell(Failed(request_id=job.trigger.request_id, job_id=job_id, code=code, text=text))

    def end(self, job_id: str, state: str = "delivered") -> None:
        job = self.job(job_id)
        job.state, job.fraction = state, 1.0 if state == "delivered" else job.fraction
        self._tell(self._ended(job, job.trigger.request_id))

    def _called(self, *call: str) -> None:
        with self._changed:
            self.calls.append(call)
            self._changed.notify_all()

    def _consider(self, offer: Offer) -> Accepted | Rejected:
        job_id = offer.job_id or self.new_id()
        trigger = offer.trigger
        known = self._known(trigger.request_id)
        if known is not None:
            if structs.replace(known.offer.trigger, request_id="") != structs.replace(trigger, request_id=""):
                text = f"The request id {trigger.request_id} belongs to another job."
                return Rejected(request_id=trigger.request_id, code="bad_message", text=text)
            return Accepted(request_id=trigger.request_id, job_id=known.id, billable_requests=self.billable)
        problem = self.refuse(offer)
        if problem is not None:
            return Rejected(request_id=trigger.request_id, code=problem.code, text=problem.text)
        self.jobs[job_id] = FakeJob(job_id, trigger, offer, [offer.reply_to] if offer.reply_to else [])
        accepted = Accepted(request_id=trigger.request_id, job_id=job_id, billable_requests=self.billable)
        self._tell(accepted)
        self.when_accepted(job_id)
        return accepted

    def _known(self, request_id: str) -> FakeJob | None:
        wanted = request_id.lower()
        return next((job for job in self.jobs.values() if job.trigger.request_id.lower() == wanted), None)

    def _last_delivered(self) -> FakeJob:
        delivered = [job for job in self.jobs.values() if job.takes]
        if not delivered:
            raise UnknownJob("Nothing was delivered yet.")
        return delivered[-1]

    def _ended(self, job: FakeJob, request_id: str) -> Ended:
        return Ended(
            request_id=request_id,
            job_id=job.id,
            state=job.state,
            delivered=len(job.takes),
            asked=job.trigger.ask.takes,
        )

    def _tell(self, event: Event) -> None:
        for listener in self._listeners:
            listener(event)


def _done(request_id: str, take: Delivery) -> Done:
    return Done(request_id=request_id, job_id=take.job_id, delivery=take, json_path=f"{take.file}.json")


def _take(job: FakeJob, number: int) -> ToldTake:
    return ToldTake(
        job_id=job.id,
        request_id=job.trigger.request_id,
        take=number,
        takes=job.trigger.ask.takes,
        file=f"/song/Generated/{job.id}-{number}.wav",
        sha256=f"{job.id}-{number}",
        bpm=96.0,
        bpm_source="trigger",
        beats=16.0,
        time_signature=(4, 4),
        key="G# minor",
        key_source="trigger",
        seconds=10.0,
        sample_rate=48_000,
        prompt="marimba",
        mode="variation",
        seed=None,
        provider="local",
        provider_ids=("1",),
        conditioning_sha256="",
        source=job.trigger.source,
        position=job.trigger.position,
        fit={},
        created="2026-01-01T00:00:00Z",
    )
